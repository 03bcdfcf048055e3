"""Slopes on size, over all models and within families, against statsmodels' formulas and plain loops."""

from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from readalike.statistics.scaling import fit_within, scaling_law
from readalike.statistics.slopes import slopes

SIZES = {"a1": 1e6, "a2": 4e6, "a3": 2e7, "b1": 3e7, "b2": 5e8, "c1": 1e9, "lone": 7e7}
FAMILIES = {name: name[0] for name in SIZES if name != "lone"}
SCORE = "r2_cv - r2_null"
# The larger model of a family is the less human-like, and families of large models are the more: as seen in real ones.
SCORES = {"a1": 0.020, "a2": 0.017, "a3": 0.016, "b1": 0.041, "b2": 0.035, "c1": 0.06, "lone": 0.03}


def given(scores: dict[str, float] = SCORES) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Best layers and losses."""
    names = list(scores)
    best = pd.DataFrame({"model": names, "score": list(scores.values()), "percent": np.nan})
    best = best.assign(group="L1", readers_are="measured", signal="number", rule="maximum", column=SCORE)
    return best, pd.DataFrame({"model": names, "parameters": [SIZES[name] for name in names]})


def found(families: dict[str, str] = FAMILIES, scores: dict[str, float] = SCORES, seed: int = 1) -> pd.DataFrame:
    best, loss = given(scores)
    return slopes(best, loss, list(scores), families, seed=seed).set_index("fit")


def frame(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {"x": [np.log(SIZES[n]) for n in names], "y": [SCORES[n] for n in names], "f": [n[0] for n in names]}
    )


def test_pooled_is_a_line_through_all_models() -> None:
    row = found().loc["pooled"]
    own = frame(list(SCORES))
    line = stats.linregress(own["x"], own["y"])
    half = stats.t.ppf(0.975, len(own) - 2) * line.stderr
    assert (row["slope"], row["p"]) == pytest.approx((line.slope, line.pvalue))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((line.slope - half, line.slope + half))
    assert (row["n"], row["families"], row["df"]) == (7, 1, 5)


def test_within_families_is_an_analysis_of_covariance() -> None:
    """c has one size and `lone` no family: neither tells anything about size."""
    row = found().loc["within families"]
    fitted = smf.ols("y ~ x + C(f)", frame(["a1", "a2", "a3", "b1", "b2"])).fit()
    low, high = fitted.conf_int().loc["x"]
    assert (row["slope"], row["p"], row["df"]) == pytest.approx((fitted.params["x"], fitted.pvalues["x"], 2))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high))
    assert (row["n"], row["families"], row["models"]) == (5, 2, "a1 a2 a3 b1 b2")
    # All orders of three and of two.
    y = np.array([SCORES[name] for name in ("a1", "a2", "a3", "b1", "b2")])
    x = np.log([SIZES[name] for name in ("a1", "a2", "a3", "b1", "b2")])
    x[:3] -= x[:3].mean()
    x[3:] -= x[3:].mean()
    orders = [(*first, *second) for first, second in product(permutations((0, 1, 2)), permutations((3, 4)))]
    reached = [abs(x @ y[list(order)]) >= abs(x @ y) - 1e-12 for order in orders]
    assert (row["p_permutation"], row["permutations"]) == (pytest.approx(np.mean(reached)), 12)


def test_families_say_the_opposite_of_the_pooled_line() -> None:
    table = found()
    assert table.loc["pooled", "slope"] > 0 > table.loc["within families", "slope"]
    assert list(table.index) == ["pooled", "within families", "family a", "family b"]
    assert table.loc["family a", "slope"] == pytest.approx(
        np.polyfit(*frame(["a1", "a2", "a3"])[["x", "y"]].T.to_numpy(), 1)[0]
    )


def test_two_models_have_a_slope_and_no_interval() -> None:
    row = found().loc["family b"]
    assert row["slope"] == pytest.approx((0.035 - 0.041) / np.log(5e8 / 3e7))
    assert np.isnan([row["ci_low"], row["ci_high"], row["p"]]).all()
    assert row["withheld"] == "no degree of freedom is left: a line always fits"
    assert (row["p_permutation"], row["permutations"]) == (1, 2)


def test_skill_is_that_of_predicting_each_model_from_the_others() -> None:
    own = frame(["a1", "a2", "a3", "b1", "b2"])
    line, means = [], []
    for k in range(len(own)):
        others, one = own.drop(index=k), own.iloc[[k]]
        line.append(smf.ols("y ~ x + C(f)", others).fit().predict(one).iloc[0] - one["y"].iloc[0])
        means.append(smf.ols("y ~ C(f)", others).fit().predict(one).iloc[0] - one["y"].iloc[0])
    row = found().loc["within families"]
    assert row["skill"] == pytest.approx(1 - np.square(line).sum() / np.square(means).sum())
    everything = frame(list(SCORES))
    errors = {"y ~ x": 0.0, "y ~ 1": 0.0}
    for formula in errors:
        for k in range(len(everything)):
            predicted = smf.ols(formula, everything.drop(index=k)).fit().predict(everything.iloc[[k]])
            errors[formula] += float(predicted.iloc[0] - everything["y"].iloc[k]) ** 2
    assert found().loc["pooled", "skill"] == pytest.approx(1 - errors["y ~ x"] / errors["y ~ 1"])
    assert np.isnan(found().loc["family b", "skill"]), "without one of two models there is no line"


def test_without_families_there_is_the_pooled_line_only() -> None:
    assert list(found({}).index) == ["pooled"]
    assert list(found({"a1": "a", "b1": "b"}).index) == ["pooled"]


def test_many_orders_are_drawn_with_the_seed() -> None:
    sizes = {f"{family}{k}": float(10 ** (6 + k)) for family in "de" for k in range(7)}
    SIZES.update(sizes)
    rng = np.random.default_rng(1)
    scores = {name: float(rng.random()) for name in sizes}
    families = {name: name[0] for name in sizes}
    one, again, other = (found(families, scores, seed).loc["within families"] for seed in (1, 1, 2))
    assert one["permutations"] == 100_000
    assert one["p_permutation"] == again["p_permutation"] != other["p_permutation"]
    # With two times seven models the t-test is a good guide.
    assert one["p_permutation"] == pytest.approx(one["p"], abs=0.05)


def test_the_law_has_each_family_on_a_line_of_its_own() -> None:
    best, loss = given()
    law = scaling_law(best, loss, list(SCORES), FAMILIES).set_index("model")
    assert law["family"].to_dict() == {**FAMILIES, "lone": ""}
    fitted = smf.ols("y ~ x + C(f)", frame(["a1", "a2", "a3", "b1", "b2"])).fit()
    np.testing.assert_allclose(law.loc[["a1", "a2", "a3", "b1", "b2"], "fit_within"], fitted.fittedvalues)
    assert law.loc[["c1", "lone"], "fit_within"].isna().all()
    assert fit_within(law.assign(family="")).tolist() == pytest.approx([np.nan] * 7, nan_ok=True)
