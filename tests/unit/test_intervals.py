"""Intervals of the statistics, each against a computation of its own."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.files.bootstrap import Draws
from readalike.statistics.differences import independent_t, paired_t
from readalike.statistics.reliance_change import reliance_change
from readalike.statistics.scaling import scaling_law

Z = 1.959963984540054  # 97.5 percent of a normal distribution lie below it


def test_the_band_of_the_scaling_law_is_the_95_percent_interval_of_the_mean() -> None:
    sizes = {"a": 1e6, "b": 3e6, "c": 7e6, "d": 4e7, "e": 9e8}
    y = np.array([0.02, 0.05, 0.03, 0.09, 0.08])
    loss = pd.DataFrame({"model": list(sizes), "parameters": list(sizes.values())})
    best = pd.DataFrame({"model": list(sizes), "score": y, "percent": 100 * y})
    best = best.assign(group="L1", readers_are="measured", signal="number", rule="maximum", column="r2_cv - r2_null")
    found = scaling_law(best, loss, list(sizes), {})
    n, x = len(y), np.log(list(sizes.values()))
    spread = ((x - x.mean()) ** 2).sum()
    slope = ((x - x.mean()) * y).sum() / spread
    fit = y.mean() + slope * (x - x.mean())
    error = np.sqrt(((y - fit) ** 2).sum() / (n - 2)) * np.sqrt(1 / n + (x - x.mean()) ** 2 / spread)
    np.testing.assert_allclose(found["fit"], fit)
    np.testing.assert_allclose(found["band_low"], fit - stats.t.ppf(0.975, n - 2) * error)
    np.testing.assert_allclose(found["band_high"], fit + stats.t.ppf(0.975, n - 2) * error)
    np.testing.assert_allclose(found["slope"], slope)
    np.testing.assert_allclose(found["intercept"], y.mean() - slope * x.mean())


def test_change_of_reliance_has_the_middle_95_percent_of_its_draws() -> None:
    # 1001 draws of a change: the 26th from either end are the quantiles, exactly.
    changes = np.stack([np.random.default_rng(k).normal(k, 1, 1001) for k in range(4)])
    of_a = np.random.default_rng(9).uniform(1, 2, changes.shape)
    draws = {
        ("text", "a"): Draws({"plain/r2": of_a}, {}),
        ("text", "b"): Draws({"plain/r2": of_a * (1 + changes)}, {}),
    }
    layers = [("text", model, "plain", layer, 0.1) for model in ("a", "b") for layer in range(4)]
    frame = pd.DataFrame(layers, columns=["corpus", "model", "condition", "layer", "r2"])
    found = reliance_change(frame, draws, {"scaling": [("a", "b")]})
    ordered = np.sort(changes, axis=1)
    np.testing.assert_allclose(found["ci_low"], ordered[:, 25])
    np.testing.assert_allclose(found["ci_high"], ordered[:, 975])
    assert found["draws"].tolist() == [1001] * 4


def test_mending_8_a_change_from_no_reliance_at_all_is_withheld() -> None:
    frame = pd.DataFrame(
        [("t", model, "plain", layer, r2) for model, r2 in (("a", 0.0), ("b", 0.1)) for layer in range(4)],
        columns=["corpus", "model", "condition", "layer", "r2"],
    )
    draws = {("t", model): Draws({"plain/r2": np.full((4, 9), r2)}, {}) for model, r2 in (("a", 0.0), ("b", 0.1))}
    found = reliance_change(frame, draws, {"scaling": [("a", "b")]})
    assert found[["change", "ci_low", "ci_high"]].isna().all(axis=None)
    assert set(found["withheld"]) == {"reliance of a not above zero"}


def test_change_of_reliance_is_of_each_pair_corpus_and_condition() -> None:
    keys = [(corpus, model, condition) for corpus in ("t", "u") for model in "abc" for condition in ("noise", "plain")]
    level = {key: 0.1 + 0.05 * k**1.5 for k, key in enumerate(keys)}
    frame = pd.DataFrame(
        [(*key, layer, head, level[key] * (1 + layer) + head) for key in keys for layer in range(8) for head in (0, 1)],
        columns=["corpus", "model", "condition", "layer", "head", "r2"],
    )
    draws = {
        (corpus, model): Draws(
            {f"{name}/r2": np.full((4, 9), level[corpus, model, name]) for name in ("noise", "plain")}, {}
        )
        for corpus in ("t", "u")
        for model in "abc"
    }
    found = reliance_change(frame, draws, {"scaling": [("a", "b")], "tuning": [("b", "c")]})
    expected = []
    for corpus in ("t", "u"):
        for comparison, a, b in (("scaling", "a", "b"), ("tuning", "b", "c")):
            for condition in ("noise", "plain"):
                of_a, of_b = level[corpus, a, condition], level[corpus, b, condition]
                for k in range(4):
                    # Layers 2 k and 2 k + 1, and heads that add 0 and 1.
                    was, became = of_a * (2 * k + 1.5) + 0.5, of_b * (2 * k + 1.5) + 0.5
                    drawn = of_b / of_a - 1
                    row = (
                        corpus,
                        comparison,
                        a,
                        b,
                        condition,
                        k,
                        was,
                        became,
                        (became - was) / was,
                        drawn,
                        drawn,
                        "",
                        9,
                    )
                    expected.append(row)
    pd.testing.assert_frame_equal(found, pd.DataFrame(expected, columns=found.columns))


def test_the_scaling_law_has_a_line_for_each_score_of_three_models_or_more() -> None:
    sizes = {"a": 1e6, "b": 3e6, "c": 7e6}
    loss = pd.DataFrame([(m, size, c) for m, size in sizes.items() for c in ("plain", "noise")])
    loss.columns = ["model", "parameters", "condition"]
    rows = [
        (model, group, readers_are, "number", rule, column, rng.random(), percent)
        for rng in [np.random.default_rng(3)]
        for group, readers_are, percent in (("L1", "measured", np.nan), ("L2", "simulated", 40.0))
        for rule in ("nested", "maximum")
        for column in ("r2", "r2_cv", "r2_cv - r2_null")
        for model in (*sizes, "not in the law")
    ]
    names = ["model", "group", "readers_are", "signal", "rule", "column", "score", "percent"]
    best = pd.DataFrame(rows, columns=names)
    best.loc[(best["column"] == "r2") & (best["model"] == "a"), "percent"] = 10.0
    found = scaling_law(best, loss, list(sizes), {})
    lines = found[["group", "readers_are", "signal", "column"]].drop_duplicates().to_numpy().tolist()
    # Of L1 one model alone has a percentage: no line, but those after it are there.
    assert lines == [
        ["L2", "simulated", "number", "percent of ceiling"],
        ["L1", "measured", "number", "r2_cv - r2_null"],
        ["L2", "simulated", "number", "r2_cv - r2_null"],
        ["L1", "measured", "number", "nested r2_cv - r2_null"],
        ["L2", "simulated", "number", "nested r2_cv - r2_null"],
    ]
    assert found.index.tolist() == list(range(15))
    assert found["model"].tolist() == list("abc") * 5
    assert found["parameters"].tolist() == [1e6, 3e6, 7e6] * 5
    np.testing.assert_allclose(found["log_parameters"], np.log(found["parameters"]))
    assert found["score"][:3].tolist() == [10, 40, 40]
    for rule, first in (("maximum", 3), ("nested", 9)):
        chosen = best[(best["rule"] == rule) & (best["column"] == "r2_cv - r2_null") & best["model"].isin(sizes)]
        assert found["score"][first : first + 6].tolist() == chosen["score"].tolist()
    assert scaling_law(best[best["group"] == "none"], loss, list(sizes), {}).columns.tolist() == found.columns.tolist()


def samples(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0.5, 1, n), rng.normal(0, 1, n)


def test_the_interval_of_d_z_is_that_of_hedges_and_olkin() -> None:
    a, b = samples(1, 40)
    found = paired_t(a, b, "greater")
    d = np.mean(a - b) / np.std(a - b, ddof=1)
    half = Z * np.sqrt(1 / 40 + d * d / 80)
    assert found["effect_name"] == "d_z"
    values = [found[name] for name in ("effect_size", "effect_ci_low", "effect_ci_high")]
    assert values == pytest.approx([d, d - half, d + half])


@pytest.mark.parametrize("welch", [False, True])
def test_the_interval_of_d_is_that_of_hedges_and_olkin(welch: bool) -> None:
    a, b = samples(2, 40)
    b = b[:25]
    found = independent_t(a, b, "greater", welch=welch)
    squares = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
    d = (a.mean() - b.mean()) / np.sqrt(squares / 63)
    half = Z * np.sqrt(65 / (40 * 25) + d * d / 130)
    assert found["effect_name"] == "d"
    values = [found[name] for name in ("effect_size", "effect_ci_low", "effect_ci_high")]
    assert values == pytest.approx([d, d - half, d + half])


@pytest.mark.parametrize(("test", "true"), [(paired_t, 0.5 / np.sqrt(2)), (independent_t, 0.5)])
def test_intervals_of_effect_sizes_hold_the_true_one_in_95_of_100_samples(test: object, true: float) -> None:
    held = []
    for seed in range(500):
        found = test(*samples(seed, 60), "two-sided")
        held.append(found["effect_ci_low"] < true < found["effect_ci_high"])
    assert np.mean(held) == pytest.approx(0.95, abs=0.02)


def test_the_interval_of_a_paired_difference_is_two_sided_whatever_the_side() -> None:
    a, b = samples(3, 30)
    half = stats.t.ppf(0.975, 29) * np.std(a - b, ddof=1) / np.sqrt(30)
    for side in ("greater", "less", "two-sided"):
        found = paired_t(a, b, side)
        assert (found["ci_low"], found["ci_high"]) == pytest.approx((np.mean(a - b) - half, np.mean(a - b) + half))


def test_the_interval_of_an_independent_difference_is_two_sided_whatever_the_side() -> None:
    a, b = samples(4, 30)
    a, difference = a[:20], a[:20].mean() - b.mean()
    squares = ((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()
    half = stats.t.ppf(0.975, 48) * np.sqrt(squares / 48 * (1 / 20 + 1 / 30))
    for side in ("greater", "less", "two-sided"):
        found = independent_t(a, b, side)
        assert (found["ci_low"], found["ci_high"]) == pytest.approx((difference - half, difference + half))
    parts = a.var(ddof=1) / 20, b.var(ddof=1) / 30
    df = sum(parts) ** 2 / (parts[0] ** 2 / 19 + parts[1] ** 2 / 29)
    half = stats.t.ppf(0.975, df) * np.sqrt(sum(parts))
    found = independent_t(a, b, "greater", welch=True)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((difference - half, difference + half))
