"""Every test that a verdict rests on, run on one simulated world.

The tests are the functions that the workflow calls, on sums of squares made as it makes them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from readalike.calibration.worlds import KEPT, READERS, World
from readalike.corpus import FloatArray
from readalike.measures.held_out import Split, left_out
from readalike.measures.human import others_mean
from readalike.measures.regression import orthonormal, r2_resampled, sentence_draws
from readalike.measures.regressors import trivial_patterns
from readalike.measures.sums import held_out, in_sample, mean_of_thinnings
from readalike.statistics.clustered import (
    Scores,
    clustered,
    clustered_t,
    max_t_flips,
    minus,
    over,
    parts,
    r2_scores,
    ratio_parts,
)
from readalike.statistics.differences import Side, independent_t, paired_t

FLIPS = 399  # (1 + k) / 400 below 0.05 for 19 of 400 ranks
THINNINGS = 2
DRAWS = 200  # of sentences, for intervals of the change of reliance
NAMES_A = tuple(f"a{k}" for k in range(READERS))
NAMES_B = tuple(f"b{k}" for k in range(READERS))
Groups = tuple[FloatArray, ...]


class Trial(NamedTuple):
    """p of one test, or of the smallest of a family; with an estimate and its standard error where it has them."""

    p: float
    estimate: float = float("nan")
    error: float = float("nan")
    df: float = float("nan")


Trials = dict[str, Trial]


def trials(of: World, seed: int) -> Trials:
    """Name of each test -> what it gives; the names are the rows of docs/calibration.md."""
    return {**tuning(of, seed), **groups(of, seed), **reliance(of, seed)}


def tuning(of: World, seed: int) -> Trials:
    """Tuned above base, for the readers of the first group."""
    offsets, article = of.corpus.offsets, of.corpus.articles[of.corpus.pairs.sentence]
    split = Split(of.a, article)
    layers, by_layer = [], []
    for X, Z in zip(of.tuned, of.base, strict=True):
        scores = [r2_scores(*in_sample(orthonormal(x), of.a, offsets), NAMES_A) for x in (X, Z)]
        layers.append((parts(minus(*scores)),))
        by_layer.append((scores[0].value, scores[1].value))
    outside = []
    for x in (of.tuned[0], of.base[0]):
        predicted = split.held_out(orthonormal(x), predict=True).predicted
        assert predicted is not None
        outside.append(r2_scores(*held_out(predicted, of.a, article, offsets), NAMES_A))
    family = max_t_flips(layers, FLIPS, seed, ("greater", "less"))
    of_t = [paired_t(a, b, side)["p"] for a, b in by_layer for side in ("greater", "less")]
    return {
        "tuning, paired t over readers": _over_readers(paired_t(*by_layer[0], "greater")),
        "tuning, clustered t": _clustered(layers[0], "greater"),
        "tuning held out, clustered t": _clustered((parts(minus(*outside)),), "greater"),
        "tuning, all layers both ways: paired t, Bonferroni": Trial(min(of_t) * len(of_t)),
        "tuning, all layers both ways: flips, largest t": Trial(min(p.min() for p in family.values())),
    }


def groups(of: World, seed: int) -> Trials:
    """Resemblance of the base model to the first group above the second, on every scale that can be had."""
    offsets, article = of.corpus.offsets, of.corpus.articles[of.corpus.pairs.sentence]
    rng = np.random.default_rng([seed, 0x7417])
    thin = [rng.binomial(of.more.astype(np.int64), KEPT).astype(np.float64) for _ in range(THINNINGS)]
    found: dict[str, list[Groups]] = {"raw": [], "percent of ceiling": [], "own ceiling": [], "thinned": []}
    ceilings = [_mean_ceiling(Y, offsets, names) for Y, names in ((of.a, NAMES_A), (of.b, NAMES_B))]
    by_reader = []
    for X in of.base:
        basis = orthonormal(X)
        a, b = (r2_scores(*in_sample(basis, Y, offsets), n) for Y, n in ((of.a, NAMES_A), (of.b, NAMES_B)))
        by_reader.append((a.value, b.value))
        kept = r2_scores(*mean_of_thinnings(*in_sample(basis, np.hstack(thin), offsets), THINNINGS), NAMES_A)
        found["raw"].append((parts(a), -parts(b)))
        found["thinned"].append((parts(kept), -parts(b)))
        found["percent of ceiling"].append((ratio_parts(a, ceilings[0]), -ratio_parts(b, ceilings[1])))
        found["own ceiling"].append((parts(over(a, ceilings[0])), -parts(over(b, ceilings[1]))))
    result: Trials = {
        "groups, t over readers": _over_readers(independent_t(*by_reader[0], "greater")),
        "groups, Welch t over readers": _over_readers(independent_t(*by_reader[0], "greater", welch=True)),
    }
    for scale, tests in found.items():
        result[f"groups {scale}, clustered t"] = _clustered(tests[0], "greater")
    outside = [_held_out_share(of, Y, names, article) for Y, names in ((of.a, NAMES_A), (of.b, NAMES_B))]
    if all(part is not None for part in outside):
        of_a, of_b = (part for part in outside if part is not None)
        result["groups percent held out, clustered t"] = _clustered((of_a, -of_b), "greater")
    for scale in ("raw", "percent of ceiling"):
        p = max_t_flips(found[scale], FLIPS, seed, ("greater",))["greater"].min()
        result[f"groups {scale}, all layers: flips, largest t"] = Trial(float(p))
    return result


def _mean_ceiling(Y: FloatArray, offsets: np.ndarray, names: tuple[str, ...]) -> Scores:
    return r2_scores(*in_sample(orthonormal(Y.mean(axis=1)[:, None]), Y, offsets), names)


def _held_out_share(of: World, Y: FloatArray, names: tuple[str, ...], article: np.ndarray) -> FloatArray | None:
    """Held-out score over the held-out ceiling; None where the ceiling is not above zero, as the workflow has it."""
    offsets = of.corpus.offsets
    ceiling = r2_scores(*held_out(from_others(Y, article), Y, article, offsets), names)
    if not ceiling.value.mean() > 0:
        return None
    predicted = Split(Y, article).held_out(orthonormal(of.base[0]), predict=True).predicted
    assert predicted is not None
    return ratio_parts(r2_scores(*held_out(predicted, Y, article, offsets), names), ceiling)


def from_others(Y: FloatArray, article: np.ndarray) -> FloatArray:
    """What `human.on_others` predicts, (pairs, readers): a line on one regressor needs no basis and no solver."""
    X, result = others_mean(Y.T).T, np.empty(Y.shape)
    for inside in left_out(article):
        x, y = X[~inside], Y[~inside]
        mean = x.mean(axis=0)
        slope = ((x - mean) * y).sum(axis=0) / ((x - mean) ** 2).sum(axis=0)
        result[inside] = y.mean(axis=0) + slope * (X[inside] - mean)
    return result


def reliance(of: World, seed: int) -> Trials:
    """Readers' reliance on the trivial patterns, and the change of the models' between base and tuned."""
    offsets, basis = of.corpus.offsets, orthonormal(trivial_patterns(of.corpus))
    a, b = (r2_scores(*in_sample(basis, Y, offsets), n) for Y, n in ((of.a, NAMES_A), (of.b, NAMES_B)))
    both = (parts(a), -parts(b))
    p = max_t_flips([both], FLIPS, seed, ("two-sided",))["two-sided"][0]
    draws = np.vstack([np.ones((1, len(of.corpus.sentences))), sentence_draws(of.corpus, seed, DRAWS)])
    # The first row is every sentence once; a first layer stands for a quarter.
    change = _mean_reliance(of.tuned[0], basis, offsets, draws) / _mean_reliance(of.base[0], basis, offsets, draws) - 1
    low, high = np.quantile(change[1:], [0.025, 0.975])
    outside = Trial(0.0 if not low <= 0 <= high else 1.0, float(change[0]), float(change[1:].std(ddof=1)))
    return {
        "readers' reliance, t over readers": _over_readers(independent_t(a.value, b.value, "two-sided")),
        "readers' reliance, clustered t": _clustered(both, "two-sided"),
        "readers' reliance, flips": Trial(float(p)),
        "models' reliance, interval over sentences": outside,
    }


def _mean_reliance(X: FloatArray, basis: FloatArray, offsets: np.ndarray, draws: FloatArray) -> FloatArray:
    mean: FloatArray = r2_resampled(basis, X, offsets, draws).mean(axis=1)
    return mean


def _clustered(groups: Sequence[FloatArray], side: Side) -> Trial:
    found = clustered(groups)
    return Trial(float(clustered_t(groups, side)["p"]), found.estimate, found.error, found.df)


def _over_readers(row: dict[str, object]) -> Trial:
    t, difference = float(str(row["statistic"])), float(str(row["difference"]))
    return Trial(float(str(row["p"])), difference, difference / t)
