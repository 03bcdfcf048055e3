"""Ceilings, reliance and baseline of readers against scikit-learn, reader by reader."""

import logging

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.files.gaze import Gaze
from readalike.measures.human import baseline_of_readers, ceilings, reliance, sums
from readalike.measures.regressors import baseline, trivial_patterns
from tests import oracles

SAME = 1e-10  # sums of products against fits to the rows

RNG = np.random.default_rng(11)
CORPUS = Corpus(
    tuple(
        Sentence(a, s, tuple("x" * int(n) for n in RNG.integers(1, 9, int(RNG.integers(4, 12)))))
        for a in (1, 2, 3)
        for s in range(1, 7)
    )
)
ARTICLE = CORPUS.articles[CORPUS.pairs.sentence]


def gaze(readers: int = 6) -> Gaze:
    rng = np.random.default_rng(2)
    shared = rng.gamma(1, 0.5, CORPUS.n_pairs)
    number = rng.poisson(shared, (readers, CORPUS.n_pairs)).astype(float)
    signals = {"number": number, "duration": number * 210.0}
    return Gaze("L1", tuple(f"sub-{k}" for k in range(readers)), signals, number.sum(axis=1).astype(np.int64))


def in_sample(X: FloatArray, y: FloatArray) -> float:
    return float(LinearRegression().fit(X, y).score(X, y))


def held_out(X: FloatArray, y: FloatArray) -> tuple[float, float]:
    """By what varies in training, and by least squares."""
    by_floor, plain = (way(X, y[:, None], ARTICLE).r2[0] for way in (oracles.held_out, oracles.least_squares))
    return float(by_floor), float(plain)


def test_ceilings_equal_fits_reader_by_reader() -> None:
    group = gaze()
    table = ceilings(group, CORPUS)
    assert list(table.columns) == ["group", "readers_are", "signal", "ceiling", "reader", "value", "unit"]
    assert set(table["unit"]) == {"R2"}
    assert set(table["readers_are"]) == {"measured"}
    found = table.set_index(["signal", "ceiling", "reader"])["value"]
    for signal, values in group.signals.items():
        for k, reader in enumerate(group.readers):
            everyone = values.mean(axis=0)[:, None]
            others = np.delete(values, k, axis=0).mean(axis=0)[:, None]
            by_floor, plain = held_out(others, values[k])
            expected = {
                "group_mean": in_sample(everyone, values[k]),
                "leave_one_out": in_sample(others, values[k]),
                "leave_one_out_cv": by_floor,
                "leave_one_out_cv_ols": plain,
            }
            for kind, value in expected.items():
                assert found[signal, kind, reader] == pytest.approx(value, abs=SAME), (signal, kind, reader)
    # The reader in the mean raises the ceiling: that is why leave_one_out stands beside it.
    means = table.groupby("ceiling")["value"].mean()
    assert means["group_mean"] > means["leave_one_out"] > means["leave_one_out_cv"]


def test_reliance_and_baseline_equal_fits_reader_by_reader() -> None:
    group = gaze()
    alone = baseline_of_readers(group, CORPUS)
    assert alone["baseline"].drop_duplicates().tolist() == ["b0", "b1", "b2"]
    for table, X in (
        (reliance(group, CORPUS), trivial_patterns(CORPUS)),
        *((own.drop(columns="baseline"), baseline(CORPUS, str(name))) for name, own in alone.groupby("baseline")),
    ):
        assert list(table.columns) == ["group", "readers_are", "signal", "reader", "r2", "r2_cv", "r2_cv_ols"]
        found = table.set_index(["signal", "reader"])
        for signal, values in group.signals.items():
            for reader, y in zip(group.readers, values, strict=True):
                assert found.loc[(signal, reader), "r2"] == pytest.approx(in_sample(X, y), abs=SAME)
                both = found.loc[(signal, reader), ["r2_cv", "r2_cv_ols"]]
                assert tuple(both) == pytest.approx(held_out(X, y), abs=SAME)


def test_a_reader_who_only_looks_at_the_first_word_relies_wholly() -> None:
    group = gaze()
    group.signals["number"][0] = trivial_patterns(CORPUS)[:, 0]
    scores = reliance(group, CORPUS).set_index(["signal", "reader"]).loc[("number", "sub-0")]
    assert scores["r2"] == pytest.approx(1, abs=SAME)
    assert scores["r2_cv_ols"] == pytest.approx(1, abs=SAME)
    assert scores["r2_cv"] == pytest.approx(1, abs=SAME)


@pytest.mark.parametrize("value", [0.0, 0.1])
def test_a_reader_without_variation_is_empty_and_named(value: float, caplog: pytest.LogCaptureFixture) -> None:
    group = gaze()
    group.signals["number"][1] = value
    with caplog.at_level(logging.WARNING):
        tables = (
            ceilings(group, CORPUS),
            reliance(group, CORPUS).melt(["reader", "signal"], ["r2", "r2_cv", "r2_cv_ols"]),
        )
    assert "reader sub-1: number never varies" in caplog.text
    for table in tables:
        empty = table[table["value"].isna()]
        assert set(zip(empty["reader"], empty["signal"], strict=True)) == {("sub-1", "number")}
        assert empty.shape[0] == table[(table["reader"] == "sub-1") & (table["signal"] == "number")].shape[0]


def test_a_single_reader_has_no_others(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        table = ceilings(gaze(1), CORPUS).set_index(["signal", "ceiling"])["value"]
    assert "single reader" in caplog.text
    assert table.isna().all(), "on a mean that is the reader, R2 would be 1"
    assert np.isnan(table["number", "leave_one_out"])
    assert np.isnan(table["number", "leave_one_out_cv"])


def test_lengths_only_have_no_baseline() -> None:
    lengths = Corpus(tuple(Sentence(s.article, s.sentence, ("",) * len(s.words)) for s in CORPUS.sentences))
    table = baseline_of_readers(gaze(), lengths)
    assert table.empty
    assert list(table.columns) == ["group", "readers_are", "signal", "baseline", "reader", "r2", "r2_cv", "r2_cv_ols"]


def test_sums_by_sentence_give_the_tables() -> None:
    group = gaze()
    found = sums(group, CORPUS)
    table, relied = ceilings(group, CORPUS), reliance(group, CORPUS)
    for signal in group.signals:
        expected = {
            "reliance": relied[relied["signal"] == signal]["r2"],
            **{
                kind: table[(table["signal"] == signal) & (table["ceiling"] == kind)]["value"]
                for kind in ("group_mean", "leave_one_out_cv")
            },
        }
        for name, values in expected.items():
            own = found[f"{signal}/{name}"]
            assert own.sse.shape == (1, len(CORPUS.sentences), len(group.readers))
            assert own.readers == group.readers
            r2 = 1 - own.sse[0].sum(axis=0) / own.sst.sum(axis=0)
            np.testing.assert_allclose(r2, values, rtol=0, atol=SAME, err_msg=name)
