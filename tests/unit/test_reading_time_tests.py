"""Tests of what predicts reading times, against plain loops and scipy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.errors import FileFormatError
from readalike.files.gains import Gains, read_gains, write_gains
from readalike.measures.reading_times import SUMMED_SLOPES
from readalike.statistics import reading_times as module
from readalike.statistics.reading_times import (
    OF_ALL,
    OF_GROUPS,
    OF_MODEL,
    SLOPE_OF_ALL,
    SLOPE_OF_MODEL,
    reading_time_tests,
    scores_of,
)
from tests.skewed import by_hand

ARTICLES = np.array([1, 1, 1, 2, 2, 3, 3, 3])
MEASURES = ("first-pass", "regression-path", "total")
SPECIFIC = "entropy, another sentence's"


def gains(model: str, group: str, readers: int, *, surprisal: bool = True, seed: int = 1) -> Gains:
    rng = np.random.default_rng([seed, *map(ord, model + group)])
    shared = np.random.default_rng([3, *map(ord, group)])
    sums = {}
    for measure in MEASURES:
        sums[f"{measure} words"] = shared.integers(0, 9, (readers, 8)).astype(float)
        for predictor in ("entropy", SPECIFIC, *(("both",) if surprisal else ())):
            sums[f"{measure} {predictor}"] = rng.normal(0.1, 1, (3, readers, 8))
        if surprisal:
            sums[f"{measure} surprisal"] = rng.normal(0.1, 1, (readers, 8))
            sums[f"{measure} slope of surprisal"] = rng.normal(0.001, 0.01, (readers, 8))
            sums[f"{measure} slope of entropy beyond surprisal"] = rng.normal(0.001, 0.01, (3, readers, 8))
        for name in ("entropy", "entropy beyond another sentence's"):
            sums[f"{measure} slope of {name}"] = rng.normal(0.001, 0.01, (3, readers, 8))
    names = tuple(f"r{k}" for k in range(readers))
    labels = {"model": model, "group": group, "readers_are": "measured"}
    return Gains(labels, names, np.arange(3), ARTICLES, sums)


FOUND = [gains("m", "A", 6), gains("n", "A", 6, surprisal=False), gains("m", "B", 5), gains("n", "B", 5)]


def nats(found: Gains, measure: str, scale: str) -> FloatArray:
    """(readers, sentences), number by number."""

    def of_layers(predictor: str) -> FloatArray:
        return sum(found.sums[f"{measure} {predictor}"][layer] for layer in range(3)) / 3

    if scale == "surprisal":
        return found.sums[f"{measure} surprisal"]
    if scale == "entropy beyond surprisal":
        return of_layers("both") - found.sums[f"{measure} surprisal"]
    if scale == "entropy above another sentence's":
        return of_layers("entropy") - of_layers(SPECIFIC)
    return of_layers(scale)


def value(found: Gains, measure: str, scale: str, weights: FloatArray) -> FloatArray:
    """Nats a word of each reader, sentences weighted."""
    words = found.sums[f"{measure} words"]
    return (nats(found, measure, scale) * weights).sum(axis=1) / (words * weights).sum(axis=1)


@pytest.mark.parametrize("scale", module.SCALES)
def test_scores_are_nats_over_words_and_their_slopes_are_derivatives(scale: str) -> None:
    found = FOUND[0]
    scores = scores_of(found, "total", scale)
    assert scores is not None
    np.testing.assert_allclose(scores.value, value(found, "total", scale, np.ones(8)))
    for s in range(8):
        step = 1e-4 * np.eye(8)[s]
        derivative = (value(found, "total", scale, 1 + step) - value(found, "total", scale, 1 - step)) / 2e-4
        np.testing.assert_allclose(scores.slope[s], derivative, atol=1e-6)


def clustered(groups: list[FloatArray]) -> tuple[float, float, int]:
    """Estimate, error and df of readers and sentences as drawn, by the formulas of the module of that name."""
    cells = [group - group.mean() for group in groups]
    by_sentence = sum(e.sum(axis=1) for e in cells)
    S = len(by_sentence)
    of_sentences, of_readers, both = S / (S - 1) * (by_sentence**2).sum(), 0.0, 0.0
    for e in cells:
        R = e.shape[1]
        of_readers += R / (R - 1) * (e.sum(axis=0) ** 2).sum()
        both += S * R / (S * R - 1) * (e**2).sum()
    V = of_sentences + of_readers - both
    V = max(V, min(of_sentences, of_readers)) if V > 0 else max(of_sentences, of_readers)
    return sum(group.sum() for group in groups), float(np.sqrt(V)), min(S, *(e.shape[1] for e in cells)) - 1


def parts(found: list[Gains], measure: str, scale: str) -> FloatArray:
    """(sentences, readers): what a sentence does to a reader's mean over models, and its share of the mean itself."""
    made = []
    for one in found:
        words, own = one.sums[f"{measure} words"], value(one, measure, scale, np.ones(8))
        slope = (nats(one, measure, scale) - own[:, None] * words) / words.sum(axis=1, keepdims=True)
        made.append((slope + own[:, None] / 8) / len(own))
    return np.mean(made, axis=0).T


def found_in(found: list[Gains], *contrast: str) -> pd.DataFrame:
    return reading_time_tests(found, {"A": "text", "B": "text"}, [contrast or ("A", "B")], 2.0)


def rows(table: pd.DataFrame, question: str, **labels: str) -> pd.DataFrame:
    own = table[table["question"] == question]
    return own[(own[list(labels)] == list(labels.values())).all(axis=1)]


@pytest.mark.usefixtures("holm_without_collection")
def test_each_model_against_zero() -> None:
    table = found_in(FOUND)
    for one in FOUND:
        for measure in MEASURES:
            for scale in module.SCALES:
                own = rows(table, OF_MODEL, **{**{k: one.labels[k] for k in ("model", "group")},
                                               "signal": measure, "scale": scale}).set_index("test")  # fmt: skip
                if one is FOUND[1] and scale in ("surprisal", "both", "entropy beyond surprisal"):
                    assert own.empty
                    continue
                values = value(one, measure, scale, np.ones(8))
                t = stats.ttest_1samp(values, 0, alternative="greater")
                assert own.loc["paired t", ["difference", "p"]].tolist() == pytest.approx([values.mean(), t.pvalue])
                own_parts = parts([one], measure, scale)
                estimate, error, df = clustered([own_parts])
                assert estimate == pytest.approx(values.mean())
                row = own.loc["clustered t"]
                p = stats.t.sf(by_hand(own_parts, error, df).t(0), df)
                expected = [estimate, estimate, estimate / error, df, p]
                assert row[["difference", "mean_a", "statistic", "df", "p"]].tolist() == pytest.approx(expected)
                assert row[["n_a", "n_sentences", "side"]].tolist() == [len(values), 8, "greater"]


@pytest.mark.usefixtures("holm_without_collection")
def test_holm_counts_models_times_and_predictors_of_a_group() -> None:
    table = found_in(FOUND)
    for group, tests in (("A", 3 * (5 + 2)), ("B", 3 * (5 + 5))):
        for test in ("paired t", "clustered t"):
            own = rows(table, OF_MODEL, group=group, test=test)
            assert (len(own), set(own["n_tests"])) == (tests, {tests})
            np.testing.assert_allclose(own["p_holm"], multipletests(own["p"], method="holm")[1])


@pytest.mark.usefixtures("holm_without_collection")
def test_the_mean_over_models_has_the_bound_of_chance() -> None:
    table = found_in(FOUND)
    for scale, columns in (("entropy", 2), ("both", 4), ("entropy beyond surprisal", 2), ("surprisal", 2)):
        models = FOUND[:2] if scale == "entropy" else FOUND[:1]
        row = rows(table, OF_ALL, group="A", signal="total", scale=scale).iloc[0]
        own = parts(models, "total", scale)
        estimate, error, df = clustered([own])
        expected = [estimate, estimate / error, by_hand(own, error, df).p]
        assert row[["difference", "statistic", "p"]].tolist() == pytest.approx(expected)
        words = FOUND[0].sums["total words"].sum(axis=1)
        assert row["bound"] == pytest.approx(2.0 * np.mean(columns / (2 * words)))
        assert (row["side"], row["corpus"]) == ("two-sided", "text")


@pytest.mark.usefixtures("holm_without_collection")
def test_untrained_models_are_in_no_mean_over_models() -> None:
    found = reading_time_tests(FOUND, {"A": "text", "B": "text"}, [], 2.0, untrained=["n"])
    place = {"group": "A", "signal": "total", "scale": "entropy"}
    assert rows(found, OF_ALL, **place)["difference"].item() == pytest.approx(
        parts(FOUND[:1], "total", "entropy").sum()
    )
    assert len(rows(found, OF_MODEL, model="n", **place)) == 2, "each is tested as any other model is"
    alone = reading_time_tests(FOUND[1:2], {"A": "text"}, [], 2.0, untrained=["n"])
    assert rows(alone, OF_ALL).empty


def slopes(found: Gains, measure: str, slope: str) -> FloatArray | None:
    """(sentences, readers), mean over layers."""
    values = found.sums.get(f"{measure} {slope}")
    if values is None:
        return None
    return values.T if slope.endswith("of surprisal") else sum(values[layer] for layer in range(3)).T / 3


@pytest.mark.usefixtures("holm_without_collection")
def test_slopes_are_tested_for_each_model_and_for_their_mean() -> None:
    table = found_in(FOUND)
    for measure in MEASURES:
        for slope in SUMMED_SLOPES:
            known = {one.labels["model"]: own for one in FOUND[:2] if (own := slopes(one, measure, slope)) is not None}
            assert len(known) == (1 if "surprisal" in slope else 2)
            place = {"group": "A", "signal": measure, "scale": slope}
            mean = rows(table, SLOPE_OF_ALL, **place)
            assert mean["bound"].tolist() == [2.0 * 0.01]
            tested = {**known, "": np.mean(list(known.values()), axis=0)}
            for model, own in tested.items():
                row = (rows(table, SLOPE_OF_MODEL, model=model, **place) if model else mean).iloc[0]
                estimate, error, df = clustered([own])
                expected = [estimate, estimate, estimate / error, df, by_hand(own, error, df).p]
                assert row[["difference", "mean_a", "statistic", "df", "p"]].tolist() == pytest.approx(expected)
                assert row[["n_a", "n_sentences", "side", "test"]].tolist() == [6, 8, "two-sided", "clustered t"]
    of_models = rows(table, SLOPE_OF_MODEL, group="A")
    assert set(of_models["n_tests"]) == {len(of_models)} == {3 * (4 + 2)}
    np.testing.assert_allclose(of_models["p_holm"], multipletests(of_models["p"], method="holm")[1])
    alone = reading_time_tests(FOUND[1:2], {"A": "text"}, [], 2.0, untrained=["n"])
    assert rows(alone, SLOPE_OF_ALL).empty


@pytest.mark.usefixtures("holm_without_collection")
def test_a_sentence_without_a_scored_word_was_not_drawn() -> None:
    one = gains("m", "A", 6)
    for name, values in one.sums.items():
        if name.endswith("words"):
            values[:, 3] = 0
        else:
            values[..., 3] = 0
    kept = Gains(
        one.labels, one.readers, one.layers, np.delete(ARTICLES, 3),
        {name: np.delete(values, 3, axis=-1) for name, values in one.sums.items()},
    )  # fmt: skip
    found, expected = found_in([one]), found_in([kept])
    assert set(found.loc[found["test"] == "clustered t", "n_sentences"]) == {7}
    pd.testing.assert_frame_equal(found, expected)


def test_a_file_that_was_made_before_slopes_were_is_named(tmp_path: Path) -> None:
    one = gains("m", "A", 6)
    corpus = Corpus(tuple(Sentence(int(a), k, ("w",)) for k, a in enumerate(ARTICLES)))
    sums = {name: values for name, values in one.sums.items() if "slope of entropy" not in name}
    write_gains(tmp_path / "g.h5", sums, corpus, labels=one.labels, readers=one.readers, layers=[0, 1, 2])
    with pytest.raises(FileFormatError, match="slope of entropy"):
        found_in([read_gains(tmp_path / "g.h5")])


@pytest.mark.usefixtures("holm_without_collection")
def test_a_reader_whom_no_model_scores_is_in_no_slope() -> None:
    one, other = gains("m", "A", 6), gains("n", "A", 6)
    for found in (one, other):
        for name, values in found.sums.items():
            if "slope" in name:
                values[..., 2, :] = np.nan
    for name, values in other.sums.items():
        if "slope" in name:
            values[..., 4, :] = np.nan
    table = found_in([one, other])
    place = {"group": "A", "signal": "total", "scale": "slope of entropy"}
    assert rows(table, SLOPE_OF_MODEL, model="n", **place)["n_a"].tolist() == [4]
    row = rows(table, SLOPE_OF_ALL, **place).iloc[0]
    both = [np.nan_to_num(slopes(found, "total", "slope of entropy")) for found in (one, other)]
    estimate, error, _ = clustered([np.delete(np.mean(both, axis=0), 2, axis=1)])
    assert row[["n_a", "difference", "statistic"]].tolist() == pytest.approx([5, estimate, estimate / error])


@pytest.mark.usefixtures("holm_without_collection")
def test_groups_are_compared_model_by_model() -> None:
    table = found_in(FOUND)
    own = rows(table, OF_GROUPS, model="m", signal="first-pass", scale="surprisal").set_index("test")
    a, b = FOUND[0], FOUND[2]
    groups = [parts([a], "first-pass", "surprisal"), -parts([b], "first-pass", "surprisal")]
    estimate, error, df = clustered(groups)
    expected = [estimate, estimate / error, 2 * stats.t.sf(abs(estimate / error), df), groups[0].sum()]
    found = own.loc["clustered t", ["difference", "statistic", "p", "mean_a"]].tolist()
    assert found == pytest.approx(expected)
    x, y = (value(one, "first-pass", "surprisal", np.ones(8)) for one in (a, b))
    assert own.loc["independent t", "p"] == pytest.approx(stats.ttest_ind(x, y).pvalue)
    assert set(rows(table, OF_GROUPS, model="n")["scale"]) == {"entropy", "entropy above another sentence's"}
    assert rows(found_in(FOUND, "A", "C"), OF_GROUPS).empty


@pytest.mark.usefixtures("holm_without_collection")
def test_a_reader_without_a_score_is_left_out(tmp_path: Path) -> None:
    one = gains("m", "A", 6)
    for values in one.sums.values():
        values[..., 2, :] = 0
    corpus = Corpus(tuple(Sentence(int(a), k, ("w",)) for k, a in enumerate(ARTICLES)))
    write_gains(tmp_path / "g.h5", one.sums, corpus, labels=one.labels, readers=one.readers, layers=[0, 1, 2])
    found = rows(
        found_in([read_gains(tmp_path / "g.h5")]), OF_MODEL, signal="total", scale="entropy", test="clustered t"
    )
    kept = {name: np.delete(values, 2, axis=-2) for name, values in one.sums.items()}
    others = Gains(one.labels, one.readers[:5], one.layers, one.articles, kept)
    assert found["n_a"].tolist() == [5]
    assert found["difference"].iloc[0] == pytest.approx(value(others, "total", "entropy", np.ones(8)).mean())
