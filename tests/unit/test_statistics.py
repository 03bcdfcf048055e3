"""Tests and corrections against scipy, statsmodels, brute force and published values."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from readalike.files.bootstrap import Draws
from readalike.statistics.best_layer import best_layers, nested
from readalike.statistics.comparisons import (
    models_of_size,
    reference_index,
    same_sizes,
    sizes,
    tuned_of_size,
)
from readalike.statistics.corrections import max_t_paired, table
from readalike.statistics.differences import independent_t, paired_t
from readalike.statistics.divergence import divergence_tests, sensitivity_tests, sensitivity_tuning_tests
from readalike.statistics.reliance_change import by_quarter, reliance_change
from readalike.statistics.scaling import correlations, permutation_p, scaling_law

PRECISION = 1e-12  # the same formula, evaluated twice
RNG = np.random.default_rng(5)
A, B = RNG.normal(0.4, 1, 12), RNG.normal(0, 1.5, 12)


@pytest.mark.parametrize("side", ["greater", "less", "two-sided"])
def test_paired_t_is_scipys(side: str) -> None:
    row = paired_t(A, B, side)  # type: ignore[arg-type]
    expected = stats.ttest_1samp(A - B, 0, alternative=side)
    assert row["statistic"] == pytest.approx(expected.statistic, rel=PRECISION)
    assert row["p"] == pytest.approx(expected.pvalue, rel=PRECISION)
    assert row["df"] == 11
    low, high = DescrStatsW(A - B).tconfint_mean(0.05)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), rel=1e-9)
    assert row["effect_size"] == pytest.approx(expected.statistic / np.sqrt(12), rel=PRECISION)


def test_pairs_with_an_empty_side_are_left_out() -> None:
    holes = A.copy()
    holes[3] = np.nan
    kept = np.delete(np.arange(12), 3)
    assert paired_t(holes, B, "greater")["p"] == paired_t(A[kept], B[kept], "greater")["p"]
    assert paired_t(holes, B, "greater")["n_a"] == 11


def test_a_difference_that_never_varies_has_no_t() -> None:
    assert "p" not in paired_t(A, A, "greater")
    assert paired_t(A, A, "greater")["difference"] == 0


@pytest.mark.parametrize("welch", [False, True])
def test_independent_t_is_statsmodels(welch: bool) -> None:
    row = independent_t(A, B[:9], "greater", welch=welch)
    usevar = "unequal" if welch else "pooled"
    compare = CompareMeans(DescrStatsW(A), DescrStatsW(B[:9]))
    t, p, df = compare.ttest_ind(alternative="larger", usevar=usevar)
    assert (row["statistic"], row["p"], row["df"]) == pytest.approx((t, p, df), rel=1e-9)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(compare.tconfint_diff(usevar=usevar), rel=1e-9)


def test_max_t_paired_is_brute_force() -> None:
    differences = RNG.normal(0.5, 1, (3, 6))
    flips = np.array(list(product([-1, 1], repeat=6)))
    t = [stats.ttest_1samp((differences * flip).T, 0).statistic for flip in flips]
    largest = np.max(t, axis=1)
    observed = stats.ttest_1samp(differences.T, 0).statistic
    exact = (largest[:, None] >= observed - 1e-9).mean(axis=0)
    np.testing.assert_allclose(max_t_paired(differences, 20_000, 1, "greater"), exact, atol=0.015)


def test_max_t_leaves_out_units_that_lack_a_value() -> None:
    """One reader without an R2 must not turn every corrected p into 1."""
    rng = np.random.default_rng(8)
    paired = rng.normal(1, 1, (3, 12))
    with_hole = np.column_stack([paired, [np.nan, 1, 1]])
    np.testing.assert_array_equal(max_t_paired(with_hole, 300, 1, "greater"), max_t_paired(paired, 300, 1, "greater"))
    assert max_t_paired(with_hole, 300, 1, "greater")[0] < 0.5
    assert np.isnan(max_t_paired(np.full((2, 3), np.nan), 100, 1, "greater")).all(), "nobody is left"


@pytest.mark.slow
def test_max_t_keeps_its_level_over_correlated_layers() -> None:
    wrong = 0
    for run in range(400):
        rng = np.random.default_rng([9, run])
        shared = rng.standard_normal(20)
        differences = shared + rng.standard_normal((10, 20))
        wrong += max_t_paired(differences, 400, run, "greater").min() < 0.05
    assert wrong / 400 < 0.085  # nominal 0.05, standard error 0.011


def test_corrections_by_family() -> None:
    p = [0.01, 0.04, 0.03, 0.5]
    rows = [{"family": "f", "test": "paired t", "p": value, "n_tests": 8} for value in p]
    rows.append({"family": "g", "test": "paired t", "p": 0.04, "n_tests": 1})
    frame = table(rows)
    assert frame["p_bonferroni"].tolist() == pytest.approx([0.08, 0.32, 0.24, 1, 0.04])
    assert frame["p_holm"].tolist() == pytest.approx([0.04, 0.09, 0.09, 0.5, 0.04])
    assert frame["p_bh"].tolist()[:4] == pytest.approx(stats.false_discovery_control(p).tolist())


PAPER = {
    "tuning": [["llama-7b", "alpaca-7b"], ["llama-7b", "vicuna-7b"], ["llama-13b", "alpaca-13b"]],
    "scaling": [["llama-7b", "llama-13b"], ["alpaca-7b", "alpaca-13b"], ["llama-13b", "llama-30b"]],
}


def test_families_are_the_papers() -> None:
    assert sizes(PAPER)["vicuna-7b"] == sizes(PAPER)["alpaca-7b"] != sizes(PAPER)["alpaca-13b"]
    assert models_of_size(PAPER, "llama-7b") == 3
    assert models_of_size(PAPER, "llama-30b") == 1
    assert tuned_of_size(PAPER, "vicuna-7b") == 2
    assert same_sizes(PAPER, ("llama-7b", "llama-13b")) == 2
    assert same_sizes(PAPER, ("llama-13b", "llama-30b")) == 1


def test_the_reference_stands_at_the_same_layer_or_relative_depth() -> None:
    assert [reference_index(k, 32, 40) for k in (0, 5, 31)] == [0, 5, 31]
    assert [reference_index(k, 30, 4) for k in (0, 15, 29)] == [0, 2, 3]


def observations(model_means: dict[str, float], layers: int = 3, seed: int = 0) -> pd.DataFrame:
    """Divergences of models, conditions, layers and eight sentences around a mean."""
    rng = np.random.default_rng(seed)
    rows = [
        (
            "c",
            model,
            condition,
            layer,
            1 + s // 4,
            s % 4 + 1,
            mean * (1 + (condition == "translate")) + 0.01 * rng.random(),
        )
        for model, mean in model_means.items()
        for condition in ("translate", "noise")
        for layer in range(layers)
        for s in range(8)
    ]
    return pd.DataFrame(rows, columns=["corpus", "model", "condition", "layer", "article", "sentence", "divergence"])


def test_sensitivity_tests_pair_sentences_whatever_their_order() -> None:
    frame = observations({"base": 0.05, "tuned": 0.10})
    comparisons = {"tuning": [["base", "tuned"]]}
    shuffled = frame.sample(frac=1, random_state=0)
    found = sensitivity_tuning_tests(shuffled, comparisons, permutations=200, seed=1)
    row = found[(found["question"] == "tuned above base") & (found["condition"] == "noise") & (found["index"] == 1)]
    values = {
        model: frame[(frame["model"] == model) & (frame["condition"] == "noise") & (frame["layer"] == 1)]["divergence"]
        for model in ("base", "tuned")
    }
    expected = stats.ttest_rel(values["tuned"].to_numpy(), values["base"].to_numpy(), alternative="greater")
    assert row["statistic"].item() == pytest.approx(expected.statistic, rel=1e-9)
    assert set(found["n_tests"]) == {3}
    excess = found[found["question"] == "excess over noise"]
    assert set(excess["condition"]) == {"translate"}
    assert (excess["difference"] > 0.04).all()


def test_without_a_reference_divergences_are_described_and_not_tested(caplog: pytest.LogCaptureFixture) -> None:
    frame = observations({"base": 0.05})
    found = sensitivity_tests(frame, frame.iloc[:0], {}, permutations=100, seed=1)
    assert found["p"].isna().all()
    assert found["mean_a"].notna().all()
    assert "described, not tested" in caplog.text


@pytest.mark.slow
def test_missing_layers_keep_their_names() -> None:
    """Imported attention may lack layers: rows carry the layer, not its place among those that are there."""
    frame = observations({"base": 0.05, "tuned": 0.09}, layers=5)
    part = frame[frame["layer"].isin([0, 3, 4]) | (frame["model"] == "base")]
    comparisons = {"tuning": [["base", "tuned"]]}
    whole = sensitivity_tuning_tests(frame, comparisons, permutations=100, seed=1)
    found = sensitivity_tuning_tests(part, comparisons, permutations=100, seed=1)
    assert sorted(set(found["index"])) == [0, 3, 4]
    columns = ["question", "condition", "index", "statistic"]
    expected = whole[whole["index"].isin([0, 3, 4])][columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(found[columns].reset_index(drop=True), expected)

    reference = observations({"twins": 0.02}, layers=5).rename(columns={"layer": "index"}).drop(columns="model")
    reference = reference.assign(comparison="reference", unit="layer", condition="plain", a="t1", b="t2")
    reference = reference.drop_duplicates(["corpus", "index", "article", "sentence"])
    lacking = reference[reference["index"].isin([0, 4])]
    tests = sensitivity_tests(part[part["model"] == "tuned"], lacking, {}, permutations=100, seed=1)
    assert tests[tests["index"] == 3]["test"].unique().tolist() == ["none: the reference lacks 3"]
    assert tests[tests["index"] != 3]["p_maxt"].notna().all()


def test_divergence_above_the_reference() -> None:
    base = observations({"x": 0.05}).rename(columns={"layer": "index"}).drop(columns="model")
    compared = base.assign(comparison="tuning", a="base", b="tuned", unit="layer")
    reference = base.assign(comparison="reference", a="t1", b="t2", unit="layer", divergence=0.02)
    comparisons = {"tuning": [["base", "tuned"]], "reference": ["t1", "t2"]}
    found = divergence_tests(compared, reference, comparisons, permutations=300, seed=1)
    assert (found["n_tests"] == 3).all()
    assert (found["p_bonferroni"] < 0.001).all()
    assert (found["difference"] > 0.02).all()
    assert (found["p_maxt"] < 0.05).all()


def test_best_layer_by_maximum_and_nested() -> None:
    """Layer 1 is best in sample; held out each article gets the layer chosen without it."""
    rows, folds = [], []
    for layer, r2 in enumerate((0.1, 0.3, 0.2)):
        for reader in ("r1", "r2"):
            keys = ("m", "L1", "measured", "number", layer, reader)
            rows.append((*keys, r2, r2 - 0.05, -0.01, 0.02, -0.01, 0.1 - r2))
            errors = {"sse": 1 - r2, "sse_null": 1.02, "sse_swap": 0.9, "sse_b2": 0.6, "sse_b2_null": 0.7, "sst": 1.0}
            folds += [(*keys, a, r2 + 0.2 * (a == layer), *errors.values()) for a in (1, 2)]
    names = ["model", "group", "readers_are", "signal", "layer", "reader"]
    columns = ["r2", "r2_cv", "r2_null", "r2_unique_b2", "r2_unique_b2_null", "r2_specific"]
    frame = pd.DataFrame(rows, columns=[*names, *columns])
    fold_frame = pd.DataFrame(folds, columns=[*names, "article", "r2_train", *errors])
    ceilings = pd.DataFrame(
        [
            *(("L1", "number", "group_mean", 0.6), ("L1", "number", "leave_one_out_cv", 0.5)),
            *(("L1", "number", "split_half_cv", 0.52), ("L1", "number", "split_half_beyond_b2", 0.1)),
        ],
        columns=["group", "signal", "ceiling", "value"],
    )
    found = best_layers(frame, fold_frame, ceilings).set_index(["rule", "column"])
    assert found.loc[("maximum", "r2"), "layer"] == "1"
    assert found.loc[("maximum", "r2"), "percent"] == pytest.approx(50)
    assert found.loc[("maximum", "r2_cv - r2_null"), "score"] == pytest.approx(0.26)
    assert found.loc[("maximum", "r2_cv - r2_null"), "percent"] == pytest.approx(50)
    assert found.loc[("maximum", "r2_specific"), "layer"] == "0", "each score has its own best layer"
    assert found.loc[("maximum", "r2_unique_b2 - r2_unique_b2_null"), "score"] == pytest.approx(0.03)
    assert found.loc[("maximum", "r2_unique_b2 - r2_unique_b2_null"), "percent"] == pytest.approx(30)
    layers, scores = nested(fold_frame)
    score = scores["r2_cv"]
    assert layers == [1, 2]
    assert score == pytest.approx(1 - (0.7 + 0.8) / 2)
    assert scores["r2_cv - r2_null"] == pytest.approx(1.02 - 0.75)
    assert scores["r2_specific"] == pytest.approx(0.9 - 0.75)
    assert scores["r2_unique_b2 - r2_unique_b2_null"] == pytest.approx(0.1)
    assert found.loc[("nested", "r2_cv - r2_null"), "layer"] == "1 2"
    assert found.loc[("nested", "r2_cv"), "percent"] == pytest.approx(100 * score / 0.5)


def test_permutation_p_is_exact_for_few_models() -> None:
    x, y = np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 3, 2, 5, 4])
    reached = [abs(np.corrcoef(x, order)[0, 1]) >= np.corrcoef(x, y)[0, 1] - 1e-12 for order in permutations(y)]
    assert permutation_p(x, y, 0) == (pytest.approx(np.mean(reached)), 120)


def tables_of(size: list[float], loss: list[float], percent: list[float]) -> tuple[pd.DataFrame, pd.DataFrame]:
    models = [f"m{k}" for k in range(len(size))]
    losses = pd.DataFrame(
        {"corpus": "c", "model": models, "parameters": size, "condition": "plain", "loss_per_token": loss}
    )
    best = pd.DataFrame(
        {"model": models, "group": "L1", "readers_are": "measured", "signal": "number", "rule": "maximum"}
    )
    parts = [best.assign(column=c, score=percent, percent=percent) for c in ("r2", "r2_cv - r2_null")]
    return pd.concat(parts), losses


@pytest.mark.parametrize(
    ("percent", "r", "p"),
    [((34.99, 53.04, 55.66, 63.16, 64.05), 0.9888, 0.0014), ((40.03, 62.44, 64.20, 69.40, 70.07), 0.9644, 0.0080)],
)
def test_the_published_correlation_with_size(percent: tuple[float, ...], r: float, p: float) -> None:
    size = [0.774e9, 7e9, 13e9, 33e9, 65e9]
    best, loss = tables_of(size, [1.0, 2, 3, 4, 6], list(percent))
    found = correlations(best, loss, list(loss["model"]), {"L1": "c"}, seed=1)
    row = found[(found["question"] == "size") & (found["column"] == "percent of ceiling")].iloc[0]
    assert round(row["r"], 4) == r
    assert round(row["p"], 4) == p
    law = scaling_law(best, loss, list(loss["model"]), {})
    line = stats.linregress(np.log(size), percent)
    assert law["slope"].iloc[0] == pytest.approx(line.slope)
    assert law["intercept"].iloc[0] == pytest.approx(line.intercept)
    assert (law["band_low"] < law["fit"]).all()


def test_the_published_correlation_with_loss() -> None:
    loss = [0.3264, 0.2408, 0.2646, 0.2593, 0.2406, 0.2634, 0.2847, 0.2372, 0.2375]  # Table 1
    for percent, r, p in (
        ([34.99, 53.04, 52.51, 51.90, 55.66, 55.05, 54.26, 63.16, 64.05], -0.8752, 0.0020),
        ([40.03, 62.44, 61.71, 61.19, 64.20, 63.46, 61.31, 69.40, 70.07], -0.9171, 0.00050),  # Table 3's 63.46
    ):
        best, losses = tables_of([float(k + 1) for k in range(9)], loss, percent)
        found = correlations(best, losses, [], {"L1": "c"}, seed=1)
        row = found[found["column"] == "percent of ceiling"].iloc[0]
        assert row["question"] == "loss"
        assert round(row["r"], 4) == r
        assert row["p"] == pytest.approx(p, rel=0.02)


def test_a_near_twin_is_no_point_of_its_own_in_the_correlation_with_loss() -> None:
    best, loss = tables_of([1e6, 2e6, 4e6, 4e6], [3.0, 2.5, 1.0, 1.0], [10.0, 20.0, 18.0, 18.1])
    found = correlations(best, loss, ["m0", "m1", "m2"], {"L1": "c"}, ["m3"], seed=1)
    row = found[(found["question"] == "loss") & (found["column"] == "percent of ceiling")].iloc[0]
    assert (row["n"], row["models"]) == (3, "m0 m1 m2")
    assert row["r"] == pytest.approx(stats.pearsonr([3.0, 2.5, 1.0], [10.0, 20.0, 18.0]).statistic)
    assert found[found["question"] == "size"]["n"].tolist() == [3, 3]


def test_a_group_counts_the_losses_of_its_own_corpus() -> None:
    best, loss = tables_of([1e6, 2e6, 4e6], [3.0, 2.0, 1.0], [10.0, 20.0, 25.0])
    other = loss.assign(corpus="other", loss_per_token=[1.0, 3.0, 2.0])
    both = pd.concat([loss, other])
    found = correlations(best, both, [], {"L1": "other"}, seed=1)
    assert set(found["corpus"]) == {"other"}
    assert found["r"].iloc[0] == pytest.approx(stats.pearsonr([1.0, 3.0, 2.0], [10.0, 20.0, 25.0]).statistic)
    sizes_only = correlations(best, both, ["m0", "m1", "m2"], {"L1": "lengths"}, seed=1)
    assert set(sizes_only["question"]) == {"size"}, "no losses on a corpus without text"


def test_two_models_make_no_line_and_no_correlation() -> None:
    best, loss = tables_of([1e6, 2e6], [3.0, 2.0], [10.0, 20.0])
    assert len(correlations(best, loss, ["m0", "m1"], {"L1": "c"}, seed=1)) == 0
    assert len(scaling_law(best, loss, ["m0", "m1"], {})) == 0


def test_change_of_reliance_is_relative_and_its_interval_paired() -> None:
    rows = [
        ("c", model, "plain", layer, head, value)
        for model, value in (("a", 0.2), ("b", 0.1))
        for layer in range(8)
        for head in range(3)
    ]
    frame = pd.DataFrame(rows, columns=["corpus", "model", "condition", "layer", "head", "r2"])
    noise = np.random.default_rng(0).uniform(0.9, 1.1, (4, 500))
    draws = {("c", "a"): Draws({"plain/r2": 0.2 * noise}, {}), ("c", "b"): Draws({"plain/r2": 0.1 * noise}, {})}
    found = reliance_change(frame, draws, {"tuning": [["a", "b"]]})
    assert found["change"].tolist() == pytest.approx([-0.5] * 4)
    assert found["ci_low"].tolist() == pytest.approx([-0.5] * 4), "the same sentences in both: nothing varies"
    assert by_quarter(frame[frame["model"] == "a"]) == pytest.approx([0.2] * 4)
