"""Intervals of the headline table: against derivatives by the weight of each cell, and plain loops."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import FloatArray
from readalike.files.contracts.resemblance import SCORES
from readalike.files.contracts.tables import HEADLINE, INTERVALS
from readalike.files.sums import Sums, SumsOf
from readalike.tables.headline import headline, printed_headline
from tests.skewed import by_hand

STEP, SLOPE = 1e-5, 1e-6  # of central differences, and what they are good to
RNG = np.random.default_rng(7)
READERS, SENTENCES, LAYERS = tuple("abcd"), 9, 2
BEST = 1
KEPT = ("r2", "r2_cv", "r2_unique_b0", "r2_unique_b1", "r2_unique_b2")


def sums(layers: int, shape: tuple[int, int] = (SENTENCES, len(READERS))) -> Sums:
    return Sums(RNG.uniform(0.2, 0.9, (layers, *shape)), RNG.uniform(0.9, 1.1, shape), READERS)


OF_MODEL = {name: sums(LAYERS) for name in KEPT}
AT_ONCE = sums(1)
OF_READERS = {name: sums(1) for name in ("group_mean", "leave_one_out_cv")}
NULLS = dict(zip(("r2_null", "r2_unique_b2_null"), RNG.uniform(-0.1, 0.1, (2, len(READERS))), strict=True))


def r2(own: Sums, layer: int) -> FloatArray:
    return np.asarray(1 - own.sse[layer].sum(axis=0) / own.sst.sum(axis=0))


def table(*, beyond: bool = True, human: bool = True, ceiling: float | None = None) -> pd.DataFrame:
    """The headline of one model and group, its scores those of the sums."""
    rows = [
        {
            **{
                "model": "m",
                "group": "L1",
                "readers_are": "measured",
                "signal": "number",
                "layer": layer,
                "reader": name,
            },
            **{score.name: 0.0 for score in SCORES},
            **{kept: r2(own, layer)[k] for kept, own in OF_MODEL.items()},
            **{null: own[k] for null, own in NULLS.items()},
        }
        for layer in range(LAYERS)
        for k, name in enumerate(READERS)
    ]
    best = pd.DataFrame(
        [("m", "L1", "number", "maximum", "r2", str(BEST))],
        columns=["model", "group", "signal", "rule", "column", "layer"],
    )
    ceilings = pd.DataFrame(
        [
            ("L1", "number", kind, name, r2(own, 0)[k] if ceiling is None else ceiling)
            for kind, own in OF_READERS.items()
            for k, name in enumerate(READERS)
        ],
        columns=["group", "signal", "ceiling", "reader", "value"],
    )
    baseline = pd.DataFrame(columns=["group", "signal", "baseline", "reader", "r2_cv"])
    files = [{name: own for name, own in OF_MODEL.items() if ("unique" in name) == there} for there in (False, True)]
    of_model = [SumsOf({f"number/{name}": own for name, own in file.items()}, {}, (0, 1)) for file in files]
    of_model.append(SumsOf({"number/r2_unique_b2_all_layers": AT_ONCE}, {}))
    of_readers = SumsOf({f"number/{name}": own for name, own in OF_READERS.items()}, {})
    labels = {"model": "m", "group": "L1", "readers_are": "measured", "signal": "number", "heads": 2, "penalty": 1.0}
    at_once = pd.DataFrame({"reader": READERS, "r2_unique_b2_all_layers": r2(AT_ONCE, 0)}).assign(**labels)
    return headline(
        pd.DataFrame(rows), best, ceilings, baseline, "number", {},
        {("m", "L1"): of_model if beyond else of_model[:1]}, {"L1": of_readers} if human else {}, at_once,
    )  # fmt: skip


def mean(own: Sums, layer: int, weights: FloatArray, less: FloatArray) -> float:
    """R2 over the sentences, then its mean over readers, each as often as its sentences count on average."""
    each = 1 - (weights * own.sse[layer]).sum(axis=0) / (weights * own.sst).sum(axis=0) - less
    return float((weights.mean(axis=0) * each).sum() / weights.mean(axis=0).sum())


def interval(estimate: Callable[[FloatArray], float]) -> tuple[float, float]:
    """Cameron, Gelbach and Miller, and Hall, on what each cell does to the estimate, by loops."""
    shape = S, R = SENTENCES, len(READERS)
    e = np.zeros(shape)
    for s in range(S):
        for r in range(R):
            moved = [np.ones(shape), np.ones(shape)]
            moved[0][s, r] += STEP
            moved[1][s, r] -= STEP
            e[s, r] = (estimate(moved[0]) - estimate(moved[1])) / (2 * STEP)
    sentences = S / (S - 1) * sum(sum(e[s, r] for r in range(R)) ** 2 for s in range(S))
    readers = R / (R - 1) * sum(sum(e[s, r] for s in range(S)) ** 2 for r in range(R))
    cells = S * R / (S * R - 1) * sum(e[s, r] ** 2 for s in range(S) for r in range(R))
    variance = sentences + readers - cells
    kept = max(variance, min(sentences, readers)) if variance > 0 else max(sentences, readers)
    e += (estimate(np.ones(shape)) - e.sum()) / e.size
    return by_hand(e, math.sqrt(kept), min(S, R) - 1).interval


def estimate(name: str) -> Callable[[FloatArray], float]:
    null = {"r2_cv_above_null": "r2_null", "r2_unique_b2_above_null": "r2_unique_b2_null"}.get(name, "")
    less = NULLS[null] if null else np.zeros(len(READERS))
    shares = {"percent_of_ceiling": ("r2", "group_mean"), "percent_held_out": ("r2_cv", "leave_one_out_cv")}
    if name in shares:
        score, ceiling = OF_MODEL[shares[name][0]], OF_READERS[shares[name][1]]
        return lambda w: 100 * mean(score, BEST, w, less) / mean(ceiling, 0, w, less)
    if name == "r2_unique_b2_all_layers":
        return lambda w: mean(AT_ONCE, 0, w, less)
    own = OF_MODEL[name.removesuffix("_above_null")]
    return lambda w: mean(own, BEST, w, less)


@pytest.mark.parametrize("name", list(INTERVALS))
def test_an_interval_counts_what_readers_and_sentences_do_to_the_score(name: str) -> None:
    row = table().iloc[0]
    own = estimate(name)
    assert row[name] == pytest.approx(own(np.ones((SENTENCES, len(READERS)))))
    found = row[f"{name}_ci_low"], row[f"{name}_ci_high"]
    assert found == pytest.approx(interval(own), rel=10 * SLOPE)


def test_there_is_no_interval_where_no_sums_are_kept_and_no_share_of_no_ceiling() -> None:
    row = table(beyond=False, human=False).iloc[0]
    there = [name for name in INTERVALS if not np.isnan(row[f"{name}_ci_low"])]
    assert there == ["r2", "r2_cv", "r2_cv_above_null"]
    row = table(ceiling=-0.1).iloc[0]
    there = [name for name in INTERVALS if not np.isnan(row[f"{name}_ci_low"])]
    assert there == [name for name in INTERVALS if not name.startswith("percent")]


def test_the_contract_has_the_columns_and_a_person_reads_intervals_in_brackets() -> None:
    found = table(beyond=False)
    assert set(found) == set(HEADLINE.names)
    cells, row = printed_headline(found), found.iloc[0]
    assert cells["r2"][0] == f"{row['r2']:.4g} [{row['r2_ci_low']:.4g}, {row['r2_ci_high']:.4g}]"
    assert cells["r2 unique b0"][0] == f"{row['r2_unique_b0']:.4g}"
    assert not [name for name in cells if " ci " in name]
