"""Corrections over tests and models whose exact values are known: by going through all orders, or by hand."""

from itertools import permutations
from math import factorial

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.corpus import FloatArray
from readalike.statistics.best_layer import best_layers
from readalike.statistics.ceilings import percent_of
from readalike.statistics.comparisons import (
    models_of_size,
    reference_index,
    same_sizes,
    sizes,
    tuned_of_size,
)
from readalike.statistics.scaling import correlations, permutation_p

MONTE_CARLO = 0.015  # four standard errors of a share of 20,000 draws
SIDES = ("greater", "less", "two-sided")


def in_direction(t: FloatArray, side: str) -> FloatArray:
    return {"greater": t, "less": -t, "two-sided": np.abs(t)}[side]


def test_orders_are_gone_through_for_nine_models_and_drawn_for_ten() -> None:
    # Two orders in 9! reach a perfect correlation; of 12! none of the 100,000 drawn is likely to be one of the two.
    nine, twelve = np.arange(9.0), np.arange(12.0)
    assert permutation_p(nine, nine, 1) == (2 / factorial(9), factorial(9))
    assert permutation_p(twelve, twelve, 1) == (1 / 100_001, 100_000)
    assert permutation_p(np.append(nine, 9), np.append(nine, 9), 1)[1] == 100_000


def test_p_over_drawn_orders_counts_those_that_reach_the_observed_r() -> None:
    """One x differs: r depends on which y stands there, and four of ten are as far from their mean or farther."""
    x = np.append(np.zeros(9), 1.0)
    y = np.array([1, 2, 3, 4, 5, 6, 7, 8, 10, 9.0])
    p, orders = permutation_p(x, y, 1)
    assert orders == 100_000
    assert p == pytest.approx(4 / 10, abs=0.007)
    assert permutation_p(x, y, 1) == (p, orders)
    assert permutation_p(x, y, 2) != (p, orders)


def of_models(parameters: list[float], losses: list[float], scores: list[float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Best layers and losses of models m0, m1, ..."""
    models = [f"m{k}" for k in range(len(scores))]
    loss = pd.DataFrame(
        {"model": models, "corpus": "c", "condition": "plain", "parameters": parameters, "loss_per_token": losses}
    )
    best = pd.DataFrame({"model": models, "readers_are": "measured", "signal": "number", "rule": "maximum"})
    parts = [
        best.assign(group=group, column=column, score=scores, percent=percent)
        for group, percent in (("L2", np.nan), ("L1", [10 * score for score in scores]))
        for column in ("r2", "r2_cv - r2_null")
    ]
    return pd.concat(parts, ignore_index=True), loss


def test_a_correlation_pairs_models_by_name_and_one_without_scores_hides_no_other() -> None:
    parameters, losses, scores = [1e6, 8e6, 2e6, 5e6], [3.0, 1.0, 2.5, 2.0], [0.1, 0.2, 0.4, 0.3]
    best, loss = of_models(parameters, losses, scores)
    corpora = {"L1": "c", "L2": "c"}
    found = correlations(best.iloc[::-1], loss, ["m0", "m1", "m2", "m3"], corpora, seed=1)
    named = found.set_index(["question", "group", "column"])
    # Of L2 no percentage is known.
    columns = [("L1", "percent of ceiling"), ("L1", "r2_cv - r2_null"), ("L2", "r2_cv - r2_null")]
    assert set(named.index) == {(question, *key) for question in ("size", "loss") for key in columns}
    for (question, _, _), row in named.iterrows():
        x = np.log(parameters) if question == "size" else losses
        expected = stats.pearsonr(x, scores)
        assert (row["r"], row["p"]) == pytest.approx((expected.statistic, expected.pvalue))
        reached = [
            abs(np.corrcoef(x, order)[0, 1]) >= abs(expected.statistic) - 1e-12 for order in permutations(scores)
        ]
        assert (row["p_permutation"], row["permutations"]) == (pytest.approx(np.mean(reached)), 24)
        assert (row["n"], row["models"]) == (4, "m0 m1 m2 m3")


def test_orders_drawn_for_a_correlation_come_back_with_the_seed() -> None:
    rng = np.random.default_rng(3)
    best, loss = of_models([1e6] * 10, list(rng.random(10)), list(rng.random(10)))
    found, again, other = (correlations(best, loss, [], {"L1": "c", "L2": "c"}, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(found, again)
    assert (found["p_permutation"] != other["p_permutation"]).all()


def test_models_that_nothing_was_tuned_from_are_sizes_of_their_own() -> None:
    comparisons = {"scaling": [["a", "b"], ["b", "c"], ["a", "c"]]}
    assert [same_sizes(comparisons, pair) for pair in comparisons["scaling"]] == [1, 1, 1]
    assert same_sizes({"scaling": [["a", "b"], ["b", "a"]]}, ("a", "b")) == 2, "the same two sizes, whatever the order"


@pytest.mark.parametrize("ceiling", [0.0, -0.1, np.nan])
def test_there_is_no_percentage_of_a_ceiling_that_is_not_above_zero(ceiling: float) -> None:
    assert np.isnan(percent_of(0.1, ceiling))
    assert percent_of(0.1, 0.4) == pytest.approx(25)


def test_best_layers_keep_the_order_of_groups_and_name_a_layer_for_each_article() -> None:
    rng = np.random.default_rng(4)
    names = ["model", "group", "readers_are", "signal", "layer", "reader"]
    keys = [
        ("m", group, "measured", "number", layer, reader)
        for group in ("L2", "L1")
        for layer in (0, 3, 10)
        for reader in ("r1", "r2")
    ]
    columns = ["r2", "r2_cv", "r2_null", "r2_unique_b2", "r2_unique_b2_null", "r2_specific"]
    frame = pd.DataFrame([(*key, *rng.random(6)) for key in keys], columns=[*names, *columns])
    folds = pd.DataFrame(
        [(*key, article, *rng.random(6), 1 + rng.random()) for key in keys for article in (1, 2, 5)],
        columns=[*names, "article", "r2_train", "sse", "sse_null", "sse_swap", "sse_b2", "sse_b2_null", "sst"],
    )
    ceilings = pd.DataFrame(
        [
            (group, "number", name, rng.random())
            for group in ("L1", "L2")
            for name in ("group_mean", "leave_one_out_cv", "split_half_cv", "split_half_beyond_b2")
        ],
        columns=["group", "signal", "ceiling", "value"],
    )
    found = best_layers(frame, folds, ceilings)
    assert found["group"].tolist() == ["L2"] * 5 + ["L1"] * 5 + ["L2"] * 4 + ["L1"] * 4
    above = {
        **{"r2": "group_mean", "r2_cv": "leave_one_out_cv", "r2_cv - r2_null": "split_half_cv"},
        "r2_unique_b2 - r2_unique_b2_null": "split_half_beyond_b2",
    }
    for row in found[found["rule"] == "maximum"].itertuples():
        left, _, right = row.column.partition(" - ")
        own = frame[frame["group"] == row.group]
        means = own.assign(score=own[left] - (own[right] if right else 0)).groupby("layer")["score"].mean()
        assert (int(row.layer), row.score) == (means.idxmax(), pytest.approx(means.max()))
        known = ceilings[(ceilings["group"] == row.group) & (ceilings["ceiling"] == above.get(row.column))]["value"]
        percent = [100 * means.max() / known.item()] if len(known) else [np.nan]
        np.testing.assert_allclose([row.percent], percent)
        np.testing.assert_allclose([row.ceiling], known if len(known) else [np.nan])
    for row in found[found["rule"] == "nested"].itertuples():
        own = folds[folds["group"] == row.group]
        chosen = [part.groupby("layer")["r2_train"].mean().idxmax() for _, part in own.groupby("article")]
        assert row.layer == " ".join(str(layer) for layer in chosen)
        kept = pd.concat(
            own[(own["article"] == article) & (own["layer"] == layer)]
            for article, layer in zip((1, 2, 5), chosen, strict=True)
        )
        scores = []
        for reader in ("r1", "r2"):
            sums = kept[kept["reader"] == reader].sum(numeric_only=True)
            r2 = {name: 1 - sums[name] / sums["sst"] for name in sums.index if name.startswith("sse")}
            scores.append(
                {
                    "r2_cv": r2["sse"],
                    "r2_cv - r2_null": r2["sse"] - r2["sse_null"],
                    "r2_specific": r2["sse"] - r2["sse_swap"],
                    "r2_unique_b2 - r2_unique_b2_null": r2["sse_b2"] - r2["sse_b2_null"],
                }[row.column]
            )
        assert row.score == pytest.approx(np.mean(scores))
        known = ceilings[(ceilings["group"] == row.group) & (ceilings["ceiling"] == above.get(row.column))]["value"]
        percent = [100 * row.score / known.item()] if len(known) else [np.nan]
        np.testing.assert_allclose([row.percent], percent)
    without_text = best_layers(frame, folds.assign(sse_b2=np.nan, sse_b2_null=np.nan), ceilings)
    assert set(without_text[without_text["rule"] == "nested"]["column"]) == {"r2_cv", "r2_cv - r2_null", "r2_specific"}


def test_lines_of_tuning_that_meet_later_are_of_one_size() -> None:
    comparisons = {"tuning": [["a", "b"], ["c", "d"], ["x", "y"], ["d", "a"]]}
    found = sizes(comparisons)
    assert len({found[model] for model in "abcd"}) == 1
    assert found["x"] == found["y"] != found["a"]
    assert tuned_of_size(comparisons, "c") == 3
    assert [models_of_size(comparisons, model) for model in ("b", "y", "alone")] == [4, 2, 1]
    assert tuned_of_size(comparisons, "alone") == 0
    assert tuned_of_size({}, "a") == same_sizes({}, ("a", "b")) == 0, "nothing is compared"


def test_a_reference_as_deep_is_taken_layer_by_layer_and_one_of_a_single_layer_whole() -> None:
    assert [reference_index(k, 4, 4) for k in range(4)] == [0, 1, 2, 3]
    assert [reference_index(k, 3, 1) for k in range(3)] == [0, 0, 0]
    assert [reference_index(k, 2, 1) for k in range(2)] == [0, 0]
    assert [reference_index(k, 7, 3) for k in range(7)] == [0, 0, 1, 1, 1, 2, 2]
