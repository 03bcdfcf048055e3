"""How often the tests over readers and sentences are wrong where the truth is known -> docs/calibration.md.

    .venv/bin/python -m tests.benchmarks.calibration --table build/calibration.csv --truth build/known-truth.csv

Readers, texts and attention are made anew for every seed; readers share what the text does to them. The tests are the
workflow's own (`statistics.clustered`, on sums of squares by `measures.sums`). Beside them stand those that take the
sentences as fixed, and flips of sentences alone, to show that they fail. `DESIGNS` says what is true in each design.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from readalike.corpus import FloatArray, IntArray
from readalike.measures import sums
from readalike.measures.held_out import Split, left_out
from readalike.measures.human import others_mean
from readalike.measures.regression import orthonormal, r2_resampled
from readalike.statistics import clustered, skewness
from readalike.statistics.clustered import EQUIVALENT, Scores, max_t_flips, minus, over, parts, r2_scores, ratio_parts
from readalike.statistics.corrections import max_t_paired
from readalike.statistics.scored import AT_ONCE
from tests.benchmarks.calibration_beyond import articles_differ, at_once_scores, beyond_scores, differences
from tests.benchmarks.calibration_counts import Answers, Found, counted
from tests.benchmarks.calibration_interactions import shared_interactions
from tests.benchmarks.calibration_models import of_models
from tests.benchmarks.calibration_page import (
    ADJUSTED,
    AT_BOUND,
    BOUNDS,
    COLUMNS,
    DIFFER,
    DIFFER_NOT,
    GROUPS,
    LEVEL,
    MODELS,
    MODELS_ALIKE,
    NO_DIFFERENCE,
    NOT_ADJUSTED,
    NOTHING,
    OF_SENTENCES_TOO,
    TIMES,
    TIMES_NOTHING,
    TUNING,
    page,
)
from tests.benchmarks.calibration_reading import reading
from tests.benchmarks.calibration_worlds import ARTICLES, DESIGNS, LAYERS, PLANTED, Design, World, world
from tests.benchmarks.known_truth import best_layer, bias, position_and_length

ROOT = Path(__file__).parents[2]
FLIPS, THINNINGS, DRAWS = 199, 2, 200
SEEDS = 1000
Groups = Sequence[FloatArray]


Question = Callable[[World, int], Answers]


def _names(Y: FloatArray) -> tuple[str, ...]:
    return tuple(map(str, range(Y.shape[1])))


def in_sample(made: World, X: FloatArray, Y: FloatArray) -> Scores:
    return r2_scores(*sums.in_sample(orthonormal(X), Y, made.offsets), _names(Y))


def held_out(made: World, X: FloatArray, Y: FloatArray) -> Scores:
    predicted = Split(Y, made.article).held_out(orthonormal(X), predict=True).predicted
    assert predicted is not None  # asked for
    return r2_scores(*sums.held_out(predicted, Y, made.article, made.offsets), _names(Y))


def both_drawn(groups: Groups) -> Found:
    row, found = clustered.clustered_t(groups, "two-sided"), clustered.clustered(groups)
    low, high = (float(row.get(end, np.nan)) for end in ("ci_low", "ci_high"))
    return Found(bool(row.get("p", 1) < LEVEL), found.estimate, found.error, low, high)


def by_skewness(groups: Groups, *, readers: bool = False, sentences: bool = False) -> Found:
    """The clustered t adjusted as the workflow does not do it: not at all, of two groups, for that of sentences too."""
    found, third = clustered.clustered(groups), 0.0
    if readers:
        third += sum(_third(group.sum(axis=0)) - _third(group.ravel()) for group in groups)
    if sentences:
        third += _third(np.sum([group.sum(axis=1) for group in groups], axis=0))
    if not found.error > 0:
        return Found(False, found.estimate)
    most = skewness.STEEP / float(stats.t.ppf(1 - LEVEL / 2, found.df))
    low, high = skewness.interval(found._replace(skewness=float(np.clip(third / found.error**3, -most, most))))
    return Found(not low <= 0 <= high, found.estimate, found.error, low, high)


def _third(values: FloatArray) -> float:
    return len(values) * float(stats.kstat(values - values.mean(), 3))


def over_readers(a: FloatArray, b: FloatArray, *, paired: bool) -> Found:
    """What is in the paper: t over readers, sentences fixed."""
    test = (stats.ttest_rel if paired else stats.ttest_ind)(a, b)
    estimate, ends = float(a.mean() - b.mean()), test.confidence_interval()
    error = estimate / float(test.statistic)
    return Found(bool(test.pvalue < LEVEL), estimate, error, float(ends.low), float(ends.high))


def flips_of_sentences(groups: Groups, seed: int) -> Found:
    """Signs of sentences times all that is in them, readers left as they are; t clustered anew in each flip."""
    S = len(groups[0])
    signs = np.random.default_rng([seed, 1]).choice([-1.0, 1.0], size=(FLIPS, S))
    by_sentence = np.sum([group.sum(axis=1) for group in groups], axis=0)
    estimate = signs @ by_sentence
    sentences = S / (S - 1) * ((by_sentence**2).sum() - estimate**2 / S)
    readers, cells = np.zeros(FLIPS), np.zeros(FLIPS)
    for group in groups:
        R, own = group.shape[1], signs @ group
        readers += R / (R - 1) * ((own**2).sum(axis=1) - own.sum(axis=1) ** 2 / R)
        cells += S * R / (S * R - 1) * ((group**2).sum() - own.sum(axis=1) ** 2 / (S * R))
    null = estimate / np.sqrt(clustered.positive(sentences, readers, cells))
    found = clustered.clustered(groups)
    return Found((1 + (np.abs(null) >= abs(found.estimate / found.error)).sum()) / (1 + FLIPS) <= LEVEL)


def family(tests: Sequence[Groups], seed: int) -> Found:
    p = max_t_flips(tests, FLIPS, seed, ("greater", "less"))
    # Both sides are in the family, so that the smaller p of the two is the test's.
    return Found(bool(np.minimum(p["greater"], p["less"]).min() <= LEVEL))


def from_others(Y: FloatArray, article: IntArray) -> FloatArray:
    """What `human.on_others` predicts, (pairs, readers), faster: a line on one regressor needs no basis."""
    X, result = others_mean(Y.T).T, np.empty(Y.shape)
    for inside in left_out(article):
        x, y = X[~inside], Y[~inside]
        about = x - x.mean(axis=0)
        slope = (about * y).sum(axis=0) / (about**2).sum(axis=0)
        result[inside] = y.mean(axis=0) + slope * (X[inside] - x.mean(axis=0))
    return result


def patterns(made: World) -> FloatArray:
    """First word, previous word, self: (pairs, 3)."""
    return np.stack([made.j == 0, made.i - made.j == 1, made.i == made.j], axis=1).astype(np.float64)


def tuning(made: World, seed: int) -> Answers:
    Y, found = made.groups[0], {}
    pairs = [(in_sample(made, t, Y), in_sample(made, b, Y)) for t, b in zip(made.tuned, made.base, strict=True)]
    outside = [(held_out(made, t, Y), held_out(made, b, Y)) for t, b in zip(made.tuned, made.base, strict=True)]
    for scale, (tuned, base) in (("r2", pairs[0]), ("r2_cv", outside[0])):
        found[f"{scale}: t over readers"] = over_readers(tuned.value, base.value, paired=True)
        found[f"{scale}: clustered t"] = both_drawn((parts(minus(tuned, base)),))
    of_readers = max_t_paired(np.stack([t.value - b.value for t, b in pairs]), FLIPS, seed, "two-sided")
    found[f"r2: largest t of {LAYERS} layers, flips of readers"] = Found(bool(of_readers.min() <= LEVEL))
    for scale, scored in (("r2", pairs), ("r2_cv", outside)):
        both = [(parts(minus(*pair)),) for pair in scored]
        found[f"{scale}: largest t of {LAYERS} layers, flips of sentences and readers"] = family(both, seed)
    found["r2: clustered t less interactions of sentences"] = less_interactions(made)
    found["models' reliance: interval over sentences"] = reliance_change(made, seed)
    return {(TUNING, test): one for test, one in found.items()}


def less_interactions(made: World) -> Found:
    """The clustered t in sample with what two sentences do together counted once; not in the workflow."""
    Y = made.groups[0]
    found = clustered.clustered((parts(minus(in_sample(made, made.tuned[0], Y), in_sample(made, made.base[0], Y))),))
    twice = shared_interactions(made.tuned[0], made.base[0], Y, made.offsets)
    error = np.sqrt(max(found.error**2 - twice, found.error**2 / 2))
    low, high = skewness.interval(found._replace(error=float(error)))
    return Found(not low <= 0 <= high, found.estimate, float(error), low, high)


def reliance_change(made: World, seed: int) -> Found:
    """As `statistics.reliance_change`: of the mean over heads of one layer, sentences drawn within articles."""
    rng, article = np.random.default_rng([seed, 3]), made.article[made.offsets[:-1]]
    draws = np.ones((1 + DRAWS, len(article)))  # the first has every sentence once
    for own in (np.flatnonzero(article == name) for name in range(ARTICLES)):
        draws[1:, own] = rng.multinomial(len(own), np.full(len(own), 1 / len(own)), size=DRAWS)
    basis = orthonormal(patterns(made))
    tuned, base = (r2_resampled(basis, model[0], made.offsets, draws).mean(axis=1) for model in (made.tuned, made.base))
    change = tuned / base - 1
    low, high = np.quantile(change[1:], [0.025, 0.975])
    return Found(not low <= 0 <= high, float(change[0]), float(change[1:].std(ddof=1)))


def groups(made: World, seed: int) -> Answers:
    sides: dict[str, list[Scores]] = {"r2": [], "ceiling": [], "r2_cv": [], "ceiling_cv": [], "patterns": []}
    agree = made.shuffle != "own"
    for Y in made.groups:
        sides["r2"].append(in_sample(made, made.base[0], Y))
        sides["patterns"].append(in_sample(made, patterns(made), Y))
        if not agree:
            continue  # there is no ceiling, and the workflow withholds what is over one
        sides["r2_cv"].append(held_out(made, made.base[0], Y))
        found_ = sums.in_sample(orthonormal(Y.mean(axis=1, keepdims=True)), Y, made.offsets)
        sides["ceiling"].append(r2_scores(*found_, _names(Y), sums.through_the_mean(Y.T, itself=True)))
        found_ = sums.held_out(from_others(Y, made.article), Y, made.article, made.offsets)
        sides["ceiling_cv"].append(r2_scores(*found_, _names(Y), sums.through_the_mean(Y.T, itself=False)))
    scaled: dict[str, list[FloatArray]] = {
        "r2": [parts(one) for one in sides["r2"]],
        "thinned": [_thinned(made, seed), parts(sides["r2"][1])],
        "reliance": [parts(one) for one in sides["patterns"]],
    }
    if agree:
        over_ceiling = list(zip(sides["r2"], sides["ceiling"], strict=True))
        scaled["percent_of_ceiling"] = [ratio_parts(*pair) for pair in over_ceiling]
        scaled["own_ceiling"] = [parts(over(*pair)) for pair in over_ceiling]
        held = zip(sides["r2_cv"], sides["ceiling_cv"], strict=True)
        scaled["percent_cv"] = [ratio_parts(*pair) for pair in held]
    a, b = sides["r2"]
    found = {"r2: t over readers": over_readers(a.value, b.value, paired=False)}
    a, b = sides["patterns"]
    found["reliance: t over readers"] = over_readers(a.value, b.value, paired=False)
    for scale, (high, low) in scaled.items():
        found[f"{scale}: clustered t"] = both_drawn((high, -low))
    pair = scaled["r2"][0], -scaled["r2"][1]
    found[f"r2: clustered t, {ADJUSTED}"] = by_skewness(pair, readers=True)
    found["r2: flips of sentences"] = flips_of_sentences(pair, seed)
    found["r2: flips of sentences and readers"] = family([pair], seed)
    return {(GROUPS, test): one for test, one in found.items()}


def beyond(made: World, seed: int) -> Answers:
    """By the score of the verdict: what attention adds to baseline b2, held out, above shuffled attention."""
    asked = differences(beyond_scores(made, seed))
    found = {(question, "beyond b2: clustered t"): both_drawn(own) for question, own in asked.items()}
    for question in (NOTHING, TUNING):
        found[question, f"beyond b2: clustered t, {NOT_ADJUSTED}"] = by_skewness(asked[question])
        both = by_skewness(asked[question], readers=True, sentences=True)
        found[question, f"beyond b2: clustered t, {OF_SENTENCES_TOO}"] = both
    return found


def at_once(made: World, seed: int) -> Answers:
    """By the score that stands beside it, of all layers."""
    asked = differences(at_once_scores(made, seed))
    found = {(question, f"{AT_ONCE}: clustered t"): both_drawn(own) for question, own in asked.items()}
    # A penalty that is not infinite by chance costs a little, so that without anything to find the truth is below zero.
    own = found.pop((NOTHING, f"{AT_ONCE}: clustered t"))
    above = own._replace(rejected=own.rejected and own.estimate > 0)
    both = by_skewness(asked[TUNING], readers=True, sentences=True)
    found[TUNING, f"{AT_ONCE}: clustered t, {OF_SENTENCES_TOO}"] = both
    return {**found, (NOTHING, f"{AT_ONCE}: clustered t, above zero"): above}


def _thinned(made: World, seed: int) -> FloatArray:
    """The first group as it would be with twice the saccades, thinned to the number of the second."""
    keep = min(1.0, made.groups[1].sum(axis=0).mean() / made.many.sum(axis=0).mean())
    rng = np.random.default_rng([seed, 2])
    Y = np.concatenate([rng.binomial(made.many.astype(np.int64), keep) for _ in range(THINNINGS)], axis=1)
    thinned = sums.in_sample(orthonormal(made.base[0]), Y.astype(np.float64), made.offsets)
    return parts(r2_scores(*sums.mean_of_thinnings(*thinned, THINNINGS), _names(made.many)))


def equivalence(difference: Design, design: Design, seeds: Sequence[int]) -> dict[str, list[Found]]:
    """Is it 'equivalent' in `design`, with the mean difference over the seeds in `difference` as the bound?"""
    found = {}
    for scale, pair in PAIRS.items():
        known = [pair(world(difference, seed), seed) for seed in seeds]
        bound = float(np.mean([(a.value - b.value).mean() for a, b in known]))
        pairs = known if design == difference else [pair(world(design, seed), seed) for seed in seeds]
        rows = [clustered.equivalence((parts(minus(*own)),), bound) for own in pairs]
        fixed = [ttost_paired(a.value, b.value, -bound, bound)[0] for a, b in pairs]
        found[f"{scale}: equivalence over readers"] = [Found(bool(p < LEVEL), bound) for p in fixed]
        found[f"{scale}: equivalence, clustered"] = [Found(row.get("outcome") == EQUIVALENT, bound) for row in rows]
    return found


def _in_sample_pair(made: World, seed: int) -> tuple[Scores, Scores]:
    return in_sample(made, made.tuned[0], made.groups[0]), in_sample(made, made.base[0], made.groups[0])


def _beyond_pair(made: World, seed: int) -> tuple[Scores, Scores]:
    found = beyond_scores(made, seed)
    return found["tuned, first"], found["base, first"]


# Scale -> tuned and base.
PAIRS = {"r2": _in_sample_pair, "beyond b2": _beyond_pair}
QUESTIONS: tuple[Question, ...] = (tuning, groups, beyond, at_once)


def rates(name: str, design: Design, seeds: Sequence[int], questions: Sequence[Question] = QUESTIONS) -> pd.DataFrame:
    """A row a test, of COLUMNS."""
    answers: list[Answers] = []
    for seed in seeds:
        made = world(design, seed)
        answers.append({key: one for ask in questions for key, one in ask(made, seed).items()})
    return counted(name, answers)


def bounds(seeds: Sequence[int]) -> pd.DataFrame:
    """Equivalence where the true difference is the bound, which is as wrong as it can be, and where there is none."""
    planted, alike = replace(DESIGNS["alike"], tuned=DESIGNS[PLANTED].tuned), DESIGNS["alike"]
    rows = [
        (name, "equivalence", test, len(seeds), sum(one.rejected for one in own), np.nan, own[0].estimate)
        for name, design in ((AT_BOUND, planted), (NO_DIFFERENCE, alike))
        for test, own in equivalence(planted, design, seeds).items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS[:7]).reindex(columns=COLUMNS)


def known_truth(seeds: int) -> pd.DataFrame:
    """The scores, by a tenth of the seeds where each costs much."""
    few = range(max(2, seeds // 10))
    return pd.concat([bias(few), best_layer(range(seeds)), position_and_length(few)], ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--designs", nargs="+", default=list(DESIGNS), choices=list(DESIGNS))
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "calibration.md")
    parser.add_argument("--table", type=Path, required=True, help="CSV of the counts; designs that are in it are kept")
    parser.add_argument("--truth", type=Path, required=True, help="CSV of scores where the truth is known; kept")
    arguments = parser.parse_args()
    # What is counted, and a design of it that tells whether it was.
    counts = {name: (name, DESIGNS[name].seeds, partial(rates, name, DESIGNS[name])) for name in arguments.designs}
    counts |= {BOUNDS: (AT_BOUND, 1.0, bounds), TIMES: (TIMES_NOTHING, 1.0, reading)}
    counts |= {DIFFER: (DIFFER_NOT, 0.2, articles_differ), MODELS: (MODELS_ALIKE, 1.0, of_models)}
    for there, share, count in counts.values():
        done = pd.read_csv(arguments.table) if arguments.table.exists() else pd.DataFrame(columns=COLUMNS)
        if there in set(done["design"]):
            continue
        started = time.monotonic()
        found = count(range(round(arguments.seeds * share)))
        print(found.to_string(), f"{time.monotonic() - started:.0f} s", flush=True)
        (found if done.empty else pd.concat([done, found])).to_csv(arguments.table, index=False)
    if not arguments.truth.exists():
        found = known_truth(arguments.seeds)
        print(found.to_string(), flush=True)
        found.to_csv(arguments.truth, index=False)
    text = page(
        pd.read_csv(arguments.table), pd.read_csv(arguments.truth), date.fromtimestamp(arguments.table.stat().st_mtime)
    )
    arguments.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
