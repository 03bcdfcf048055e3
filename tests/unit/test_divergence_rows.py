"""Tests of divergence: every row with its labels, its reference and the number of tests it is corrected for."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.corpus import FloatArray
from readalike.statistics.corrections import max_t_paired
from readalike.statistics.divergence import divergence_tests, sensitivity_tests, sensitivity_tuning_tests
from tests import artists

pytestmark = pytest.mark.usefixtures("holm_without_collection")
SENTENCES = [(article, sentence) for article in (1, 2) for sentence in (1, 2, 3)]
FLIPS, SEED = 80, 5
RUN = {"permutations": FLIPS, "seed": SEED}
# Three sizes; two models were tuned from `base`, one from `large`, none from `huge`.
COMPARISONS = {
    "scaling": [["base", "large"], ["tuned", "large-tuned"], ["large", "huge"]],
    "tuning": [["base", "tuned"], ["base", "twin"], ["large", "large-tuned"]],
}


def observed(labels: list[dict[str, Any]], indexes: dict[str, int], name: str = "index", seed: int = 1) -> pd.DataFrame:
    """Random divergences of every sentence; `indexes` : unit -> how many layers or quarters."""
    rng = np.random.default_rng(seed)
    rows = [
        {**label, name: k, "article": article, "sentence": sentence, "divergence": rng.uniform(0.01, 0.1)}
        for label in labels
        for k in range(indexes[label["unit"]])
        for article, sentence in SENTENCES
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=seed)


def sentences(frame: pd.DataFrame, by: str = "index") -> FloatArray:
    """(layers or quarters, sentences) in order."""
    return frame.sort_values([by, "article", "sentence"])["divergence"].to_numpy().reshape(-1, len(SENTENCES))


def assert_tested(rows: pd.DataFrame, a: FloatArray, b: FloatArray) -> None:
    """One row an index: paired t, greater, with its max-t."""
    found = stats.ttest_rel(a, b, axis=1, alternative="greater")
    np.testing.assert_allclose(rows["statistic"], found.statistic)
    np.testing.assert_allclose(rows["p"], found.pvalue)
    np.testing.assert_allclose(rows["difference"], (a - b).mean(axis=1))
    np.testing.assert_allclose(rows["p_maxt"], max_t_paired(a - b, FLIPS, SEED, "greater"))
    assert set(rows["test"]) == {"paired t"}


def compared() -> pd.DataFrame:
    labels = [
        {"corpus": corpus, "comparison": comparison, "a": a, "b": b, "condition": condition, "unit": unit}
        for corpus in ("text", "other")
        for comparison, unit in (("scaling", "quarter"), ("tuning", "layer"))
        for a, b in COMPARISONS[comparison]
        for condition in ("plain", "noise")
    ]
    return observed(labels, {"quarter": 4, "layer": 3})


def twins() -> pd.DataFrame:
    """The reference pair: five layers, and nothing on `other` after noise."""
    labels = [
        {"corpus": corpus, "comparison": "reference", "a": "t1", "b": "t2", "condition": condition, "unit": unit}
        for corpus, condition in (("text", "plain"), ("text", "noise"), ("other", "plain"))
        for unit in ("quarter", "layer")
    ]
    return observed(labels, {"quarter": 4, "layer": 5}, seed=2)


# Pairs that join the same sizes x 4 quarters, or models tuned of one size x 3 layers.
N_TESTS = {
    **{("base", "large"): 8, ("tuned", "large-tuned"): 8, ("large", "huge"): 4},
    **{("base", "tuned"): 6, ("base", "twin"): 6, ("large", "large-tuned"): 3},
}
SIZES = {"base": "base", "tuned": "base", "twin": "base", "large": "large", "large-tuned": "large", "huge": "huge"}


def test_divergence_is_tested_against_the_reference_of_the_same_corpus_condition_and_unit() -> None:
    frame, reference = compared(), twins()
    found = divergence_tests(frame, reference, COMPARISONS, **RUN)
    keys = ["corpus", "comparison", "a", "b", "condition", "unit"]
    assert len(found) == frame.groupby([*keys, "index"]).ngroups
    for key, part in frame.groupby(keys):
        what = dict(zip(keys, key, strict=True))
        rows = artists.rows(found, **what).sort_values("index")
        assert rows["index"].tolist() == list(range(4 if what["unit"] == "quarter" else 3))
        assert set(rows["question"]) == {"divergence above reference"}
        ends = " ".join(sorted(SIZES[what[end]] for end in ("a", "b")))
        prefix = f"{what['corpus']} {what['comparison']} {what['condition']} {what['unit']}"
        assert set(rows["family"]) == {f"{prefix} {ends}"}
        beside = artists.rows(reference, **{name: what[name] for name in ("corpus", "condition", "unit")})
        if (what["corpus"], what["condition"]) == ("other", "noise"):
            assert set(rows["test"]) == {"none: no reference"}
            np.testing.assert_allclose(rows["mean_a"], sentences(part).mean(axis=1))
            assert set(rows["n_a"]) == {6}
            continue
        assert_tested(rows, sentences(part), sentences(beside)[: len(rows)])
        assert rows["reference_index"].tolist() == rows["index"].tolist(), "the same layer of a deeper reference"
        assert set(rows["n_tests"]) == {N_TESTS[what["a"], what["b"]]}
        np.testing.assert_allclose(rows["p_bonferroni"], np.minimum(rows["p"] * rows["n_tests"], 1))


def sensitivities() -> pd.DataFrame:
    labels = [
        {"corpus": corpus, "model": model, "condition": condition, "unit": "layer"}
        for corpus in ("text", "other")
        for model in SIZES
        for condition in ("translate", "noise")
    ]
    return observed(labels, {"layer": 5}, name="layer", seed=3).drop(columns="unit")


def test_sensitivity_is_tested_against_the_reference_in_plain() -> None:
    frame, reference = sensitivities(), twins()
    found = sensitivity_tests(frame, reference, COMPARISONS, **RUN)
    models = {"base": 3, "large": 2, "huge": 1}
    for (corpus, model, condition), part in frame.groupby(["corpus", "model", "condition"]):
        rows = artists.rows(found, corpus=corpus, a=model, condition=condition).sort_values("index")
        beside = artists.rows(reference, corpus=corpus, condition="plain", unit="layer")
        assert_tested(rows, sentences(part, "layer"), sentences(beside))
        assert set(rows["question"]) == {"sensitivity above reference"}
        assert set(rows["unit"]) == {"layer"}
        assert set(rows["family"]) == {f"{corpus} {condition} {SIZES[model]}"}
        assert set(rows["n_tests"]) == {5 * models[SIZES[model]]}


def test_a_tuned_model_is_tested_against_its_base_and_beyond_what_noise_does() -> None:
    frame = sensitivities()
    found = sensitivity_tuning_tests(frame, COMPARISONS, **RUN)
    tuned_of_size = {"base": 2, "large": 1}
    for corpus in ("text", "other"):
        for base, tuned in COMPARISONS["tuning"]:
            values = {
                (model, condition): sentences(
                    artists.rows(frame, corpus=corpus, model=model, condition=condition), "layer"
                )
                for model in (base, tuned)
                for condition in ("translate", "noise")
            }
            more = {name: values[tuned, name] - values[base, name] for name in ("translate", "noise")}
            questions = {
                ("tuned above base", "translate"): (values[tuned, "translate"], values[base, "translate"]),
                ("tuned above base", "noise"): (values[tuned, "noise"], values[base, "noise"]),
                ("excess over noise", "translate"): (more["translate"], more["noise"]),
            }
            own = artists.rows(found, corpus=corpus, a=tuned, b=base)
            assert len(own) == 3 * 5
            for (question, condition), (a, b) in questions.items():
                rows = artists.rows(own, question=question, condition=condition, unit="layer").sort_values("index")
                assert_tested(rows, a, b)
                assert set(rows["family"]) == {f"{corpus} {question} {condition} {SIZES[base]}"}
                assert set(rows["n_tests"]) == {5 * tuned_of_size[base]}


def test_models_that_lack_a_condition_are_left_out_and_without_noise_there_is_no_excess() -> None:
    frame = sensitivities()
    lacking = frame[(frame["condition"] == "translate") & (frame["model"] != "twin")]
    found = sensitivity_tuning_tests(lacking, COMPARISONS, **RUN)
    assert set(found["question"]) == {"tuned above base"}
    assert set(found["a"]) == {"tuned", "large-tuned"}
    assert set(found["condition"]) == {"translate"}


def test_a_shorter_reference_stands_at_the_same_relative_depth() -> None:
    frame = observed([{"corpus": "c", "model": "m", "condition": "noise", "unit": "layer"}], {"layer": 7}, "layer")
    label = {"corpus": "c", "comparison": "reference", "a": "t1", "b": "t2", "condition": "plain", "unit": "layer"}
    reference = observed([label], {"layer": 4}, seed=2)
    rows = sensitivity_tests(frame.drop(columns="unit"), reference, {}, **RUN)
    # Half of 0 to 6; Python rounds a half to the even number.
    assert rows["reference_index"].tolist() == [0, 0, 1, 2, 2, 2, 3]
    assert_tested(rows, sentences(frame, "layer"), sentences(reference)[rows["reference_index"].astype(int)])


def test_a_missing_value_is_left_out_of_what_is_described() -> None:
    frame = observed([{"corpus": "c", "model": "m", "condition": "noise", "unit": "layer"}], {"layer": 1}, "layer")
    frame = frame.drop(columns="unit").sort_values(["article", "sentence"]).reset_index(drop=True)
    frame.loc[0, "divergence"] = np.nan
    none = pd.DataFrame(columns=["corpus", "comparison", "a", "b", "condition", "unit", "index"])
    (row,) = sensitivity_tests(frame, none, {}, **RUN).to_dict("records")
    assert row["test"] == "none: no reference"
    assert row["mean_a"] == pytest.approx(frame["divergence"][1:].mean())
