"""The robustness table on constructed statistics: every outcome, Holm, what is carried over, what is not asked."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from readalike.files.contracts.robustness import CONCLUSIONS, ROBUSTNESS
from readalike.files.contracts.statistics import SLOPES, TESTS
from readalike.tables import variants as v
from readalike.tables.robustness import ABOUT, outcome, robustness

pytestmark = pytest.mark.usefixtures("holm_without_collection")
SETTINGS = {"signal": "number", "attention": "raw", "divergence": "computed"}
CORPORA = {"L1": "news", "L2": "news"}
NONE = {
    v.CONCLUSIONS: pd.DataFrame(columns=CONCLUSIONS.names),
    v.SLOPES: pd.DataFrame(columns=SLOPES.names),
    **{
        name: pd.DataFrame(columns=TESTS.names)
        for name in (v.TUNING_TESTS, v.GROUP_TESTS, v.SENSITIVITY, v.SENSITIVITY_TUNING)
    },
}


def row(conclusion: str, estimate: float, p: float, **more: Any) -> dict[str, Any]:
    """Of `conclusions.csv`; no verdict but that of equivalence looks at the interval."""
    about: dict[str, Any] = {"score": "beyond b2", "test": "readers and sentences", "layers": "best", "models": "pairs"}
    found = {"estimate": estimate, "ci_low": estimate - 0.01, "ci_high": estimate + 0.01, "p": p, "unit": "R2"}
    place = {"corpus": "news", "readers": "L1", "readers_are": "measured", "signal": "number", "condition": "plain"}
    counted = {"n_readers": 9, "n_sentences": 30, "n_models": 4}
    return {"conclusion": conclusion, **place, **about, **found, **counted, **more}


def table_of(*rows: dict[str, Any], **others: pd.DataFrame) -> pd.DataFrame:
    given = {**NONE, v.CONCLUSIONS: pd.DataFrame(list(rows), columns=CONCLUSIONS.names), **others}
    return robustness(given, ["tuned"], CORPORA, SETTINGS)


def found_in(table: pd.DataFrame, **labels: Any) -> Any:
    own = table[(table[list(labels)] == list(labels.values())).all(axis=1)]
    assert len(own) == 1, labels
    return own.iloc[0]


@pytest.mark.parametrize(
    ("conclusion", "estimate", "p", "direction", "expected"),
    [
        ("size", 0.02, 0.01, "as claimed", "supports"),
        ("size", -0.02, 0.01, "against", "contradicts"),
        ("size", 0.02, 0.06, "as claimed", "cannot tell"),
        ("size", -0.02, 0.06, "against", "cannot tell"),
        ("size", 0.0, 0.01, "none", "cannot tell"),
        ("size", 0.02, math.nan, "as claimed", "cannot tell"),
        ("patterns", -12.0, 0.01, "as claimed", "supports"),
        ("patterns", 12.0, 0.01, "against", "contradicts"),
        ("instructions", 0.1, 0.01, "as claimed", "supports"),
        ("groups", -0.1, 0.01, "against", "contradicts"),
        # That no difference was found is no proof of none.
        ("tuning", 0.001, 0.9, "against", "cannot tell"),
        ("tuning", 0.02, 0.01, "against", "contradicts"),
        ("tuning", -0.02, 0.01, "against", "contradicts"),
    ],
)
def test_a_row_says_what_its_sign_and_p_say(
    conclusion: str, estimate: float, p: float, direction: str, expected: str
) -> None:
    of_all = {
        "patterns": {"score": "reliance", "test": "sentences", "layers": "all"},
        "instructions": {"score": "excess over noise", "test": "sentences", "layers": "all", "models": "mean"},
        "groups": {"models": "mean"},
    }
    table = table_of(row(conclusion, estimate, p, **of_all.get(conclusion, {})))
    (found,) = table[table["estimate"].notna()].to_dict("records")
    assert (found["direction"], found["outcome"], found["outcome_alone"]) == (direction, expected, expected)
    strict = conclusion != "tuning"
    assert found["strict"] == ("yes" if strict else "")
    assert found["survives"] == (("yes" if expected == "supports" else "no") if strict else "")
    assert found["why"] == (v.NO_P if math.isnan(p) else "")


@pytest.mark.parametrize(
    ("low", "high", "p", "expected"),
    [
        (-0.01, 0.02, 0.01, "supports"),
        (-0.01, 0.04, 0.3, "cannot tell"),
        (0.02, 0.05, 0.3, "cannot tell"),
        (0.031, 0.05, 0.99, "contradicts"),
        (-0.05, -0.031, 0.99, "contradicts"),
    ],
)
def test_no_change_is_proved_by_equivalence_alone(low: float, high: float, p: float, expected: str) -> None:
    about = {"test": "equivalence", "models": "every pair", "bound": 0.03, "ci_low": low, "ci_high": high}
    table = table_of(row("tuning", (low + high) / 2, p, **about))
    found = found_in(table, conclusion="tuning", test="equivalence", score="beyond b2", layers="best")
    assert (found["outcome"], found["strict"]) == (expected, "yes")
    assert found["survives"] == ("yes" if expected == "supports" else "no")
    within = "as claimed" if abs(low + high) / 2 <= 0.03 else "against"
    assert (found["direction"], found["bound"]) == (within, 0.03)


def test_holm_counts_every_tested_row_and_no_other() -> None:
    scores = ["in sample", "held out, above shuffled", "beyond b0", "beyond b1", "beyond b2"]
    p = [0.001, 0.02, 0.03, 0.2, 0.012]
    rows = [row("size", 0.01, own, score=score) for score, own in zip(scores, p, strict=True)]
    rows.append(row("groups", 0.01, 0.011, models="mean", readers="L2 above L1"))
    rows.append(row("size", 0.01, math.nan, score="above another sentence's", test="readers"))
    table = table_of(*rows)
    tested = table[table["p"].notna()]
    expected = multipletests(tested["p"].to_numpy(), method="holm")[1]
    np.testing.assert_allclose(tested["p_holm"], expected, rtol=1e-12)
    assert len(tested) == 6
    assert table.loc[table["p"].isna(), "p_holm"].isna().all()
    own = found_in(
        table, conclusion="size", score="beyond b1", test="readers and sentences", layers="best", models="pairs"
    )
    assert (own["outcome"], own["outcome_alone"]) == ("cannot tell", "cannot tell")
    alone = found_in(
        table, conclusion="size", score="beyond b0", test="readers and sentences", layers="best", models="pairs"
    )
    assert (alone["outcome"], alone["outcome_alone"]) == ("cannot tell", "supports"), "0.03 twice over"


def test_what_a_row_found_is_carried_over() -> None:
    given = row("size", 0.0123, 0.004, readers="L2")
    table = table_of(given)
    found = found_in(table, readers="L2", source=v.CONCLUSIONS, score="beyond b2", layers="best", models="pairs",
                     test="readers and sentences")  # fmt: skip
    for name in given:
        assert found[name] == given[name], name
    assert (found["attention"], found["divergence"]) == ("raw", "computed")


def test_every_listed_variant_has_a_row_in_every_place_and_no_other_is_let_in() -> None:
    here = row("size", 0.01, 0.01)
    table = table_of(here, row("size", 0.01, 0.01, readers="L2"), row("size", 0.01, 0.01, score="chosen afterwards"))
    assert list(table.columns) == ROBUSTNESS.names
    assert len(set(v.VARIANTS)) == len(v.VARIANTS)
    keys = list(table[ABOUT].itertuples(index=False, name=None))
    expected = [tuple(x) for x in v.VARIANTS for _ in range(2 if x.conclusion == "size" else 1)]
    assert keys == expected
    assert table.loc[table["estimate"].isna(), "why"].ne("").all()
    assert set(table.loc[table["estimate"].isna(), "outcome"]) == {"not asked"}
    assert table.loc[table["outcome"] == "not asked", "survives"].eq("").all()


def test_the_reason_is_what_the_run_lacks() -> None:
    table = table_of(
        row("size", 0.01, 0.01, layers="all", score="in sample"),
        row("size", 0.01, 0.01, layers="all", score="in sample", test="readers"),
        row("size", 0.01, 0.01, layers="all", score="above another sentence's", test="readers"),
    )

    def why(**labels: str) -> str:
        given = {"conclusion": "size", "layers": "all", "models": "pairs", "source": v.CONCLUSIONS, **labels}
        return str(found_in(table, **given)["why"])

    assert why(score="in sample", test="readers", models="within families") == v.NO_MODELS["within families"]
    assert why(score="in sample", test="readers", models="all models") == v.NO_MODELS["all models"]
    assert why(score="in sample", test="readers", layers="best") == "no model has all its layers"
    assert why(score="above another sentence's", test="readers and sentences") == v.NO_TEST
    assert why(score="beyond b0", test="readers") == v.NO_ROW
    for conclusion, reason in v.NO_CONCLUSION.items():
        if conclusion != "size":
            own = table[table["conclusion"] == conclusion]
            assert set(own["why"]) == {reason}


def test_slopes_are_for_each_doubling_and_have_two_tests() -> None:
    about = {"group": "L1", "readers_are": "measured", "signal": "number", "column": "r2_specific", "fit": "pooled"}
    slope = {**about, "n": 5, "slope": 0.02, "ci_low": 0.01, "ci_high": 0.03, "p": 0.03, "p_permutation": 0.05}
    other = {**slope, "signal": "duration", "slope": 9.0}
    family = {**slope, "fit": "family f", "slope": 9.0}
    fmri = {**slope, "group": "L1-fmri", "slope": 9.0}
    slopes = pd.DataFrame([slope, other, family, fmri], columns=SLOPES.names)
    table = table_of(**{v.SLOPES: slopes})
    found = table[table["estimate"].notna()].set_index("test")
    assert set(found.index) == {"models", "orders of models"}
    for test, p in (("models", 0.03), ("orders of models", 0.05)):
        own = found.loc[test]
        values = [own[name] / math.log(2) for name in ("estimate", "ci_low", "ci_high")]
        assert values == pytest.approx([0.02, 0.01, 0.03])
        assert (own["p"], own["models"], own["layers"], own["n_models"]) == (p, "all models", "own best", 5)
        assert (own["score"], own["unit"], own["corpus"]) == ("above another sentence's", "R2", "news")


def by_layer(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=TESTS.names)


def test_any_layer_is_the_one_with_the_smallest_p_times_the_families() -> None:
    common = {"signal": "number", "a": "L2", "b": "L1", "readers_are": "measured", "n_a": 5, "n_b": 4,
              "scale": "percent_of_ceiling", "test": "clustered t"}  # fmt: skip
    rows = [
        {**common, "model": model, "family": model, "difference": difference, "p_maxt": p,
         "p_holm": 0.0001, "ci_low": difference - 0.1, "ci_high": difference + 0.1, "n_sentences": 30}
        for model, layer, difference, p in (("m", 0, 0.1, 0.02), ("m", 1, 0.2, 0.004), ("n", 0, 0.3, 0.03))
    ]  # fmt: skip
    table = table_of(**{v.GROUP_TESTS: by_layer([*rows, {**rows[0], "signal": "duration", "p_maxt": 0.0001}])})
    found = found_in(table, source=v.GROUP_TESTS, score="percent of ceiling", test="readers and sentences")
    assert (found["estimate"], found["p"]) == (pytest.approx(20.0), pytest.approx(0.008)), "two models are two families"
    assert (found["ci_low"], found["ci_high"]) == (pytest.approx(10.0), pytest.approx(30.0))
    assert (found["readers"], found["n_readers"], found["n_sentences"], found["n_models"]) == ("L2 above L1", 9, 30, 2)
    assert (found["unit"], found["outcome"], found["layers"]) == ("percent of the ceiling", "supports", "any")


def test_any_layer_of_tuning_speaks_against_only() -> None:
    common = {"signal": "number", "group": "L1", "a": "tuned", "b": "base", "readers_are": "measured", "n_a": 5,
              "scale": "r2", "family": "f"}  # fmt: skip
    rows = [
        {**common, "test": "paired t", "side": "less", "difference": -0.02, "p_holm": 0.01, "p_maxt": np.nan},
        {**common, "test": "paired t", "side": "greater", "difference": -0.02, "p_holm": 1.0, "p_maxt": np.nan},
        {**common, "test": "clustered t", "side": "less", "difference": -0.02, "p_holm": 0.001, "p_maxt": 0.4},
        {**common, "test": "equivalence", "difference": -0.02, "p_holm": 0.001, "p_maxt": np.nan},
    ]
    table = table_of(**{v.TUNING_TESTS: by_layer(rows)})
    found = table[table["estimate"].notna()].set_index("test")
    assert found["p"].to_dict() == {"readers": 0.01, "readers and sentences": 0.4}
    assert found["outcome"].to_dict() == {"readers": "contradicts", "readers and sentences": "cannot tell"}
    assert set(found["n_models"]) == {2}


def test_sensitivity_counts_tuned_models_and_no_noise() -> None:
    common = {
        "corpus": "news",
        "test": "paired t",
        "n_a": 30,
        "difference": 0.1,
        "question": "sensitivity above reference",
    }
    rows = [
        {**common, "a": "tuned", "condition": "translate", "p_holm": 0.01, "family": "t"},
        {**common, "a": "base", "condition": "translate", "p_holm": 0.0001, "family": "t", "difference": 0.9},
        {**common, "a": "tuned", "condition": "noise", "p_holm": 0.0001, "family": "n"},
    ]
    table = table_of(**{v.SENSITIVITY: by_layer(rows)})
    (found,) = table[table["estimate"].notna()].to_dict("records")
    assert (found["score"], found["condition"], found["p"]) == ("tuned above the reference", "translate", 0.01)
    assert (found["estimate"], found["n_sentences"], found["n_models"]) == (0.1, 30, 1)


def test_strict_variants_are_those_of_the_definition() -> None:
    strict = {variant for variant in v.VARIANTS if variant.strict}
    assert {x.conclusion for x in strict} == set(v.CLAIMS)
    for x in strict:
        if x.conclusion in ("size", "groups", "tuning"):
            drawn = "equivalence" if x.conclusion == "tuning" else "readers and sentences"
            assert (x.score, x.test, x.source) == ("beyond b2", drawn, v.CONCLUSIONS)
        else:
            assert (x.test, x.layers) == ("sentences", "all")
    assert {x.score for x in strict if x.conclusion == "instructions"} == {"excess over noise"}


def test_p_at_the_border_does_not_count() -> None:
    given = row("size", 0.01, 0.05)
    assert outcome(given, 0.05) == "cannot tell"
    assert outcome(given, 0.0499) == "supports"


def test_no_claim_is_about_untrained_models() -> None:
    common = {"signal": "number", "a": "L2", "b": "L1", "readers_are": "measured", "n_a": 5, "n_b": 4,
              "scale": "r2", "test": "clustered t", "ci_low": 0.0, "ci_high": 0.5, "n_sentences": 30}  # fmt: skip
    rows = [{**common, "model": model, "family": model, "difference": difference, "p_maxt": p}
            for model, difference, p in (("m", 0.1, 0.02), ("drawn", 0.3, 0.001))]  # fmt: skip
    given = {**NONE, v.GROUP_TESTS: by_layer(rows)}
    table = robustness(given, [], CORPORA, SETTINGS, ["drawn"])
    found = found_in(table, source=v.GROUP_TESTS, score="in sample", test="readers and sentences")
    assert (found["estimate"], found["p"], found["n_models"]) == (0.1, 0.02, 1)


def test_scores_without_sinks_say_that_they_were_not_asked_for() -> None:
    table = table_of(row("size", 0.01, 0.01), row("groups", 0.01, 0.01, models="mean", score="beyond b2, renormalised"))
    own = table[(table["conclusion"] == "size") & table["score"].str.startswith("beyond b2, ")]
    own = own[own["score"] != "beyond b2, all layers at once"]
    assert len(own) == 3 * 18
    assert set(own.loc[(own["models"] == "pairs") & (own["layers"] == "best"), "why"]) == {
        "attention without its sinks is not asked for (sinks: true)"
    }
    asked = table[(table["conclusion"] == "groups") & table["estimate"].notna()]
    assert asked["strict"].tolist() == [""], "one variant among others"
