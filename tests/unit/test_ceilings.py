"""Ceilings of readers at their edges: two readers, residuals, signals that do not vary where it counts."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.corpus import Corpus, Sentence
from readalike.files.gaze import Gaze
from readalike.measures.human import ceilings, explained, on_others, others_mean
from readalike.measures.regressors import trivial_patterns
from tests import oracles

CORPUS = Corpus(tuple(Sentence(a, s, tuple("abcdefg"[: 4 + s % 4])) for a in (1, 2, 3) for s in range(1, 6)))
ARTICLE = CORPUS.articles[CORPUS.pairs.sentence]
RNG = np.random.default_rng(3)


def gaze(readers: int = 4) -> Gaze:
    """Readers on scales of their own, with means far from zero."""
    shared = RNG.gamma(1, 1, CORPUS.n_pairs)
    signals = {
        name: np.array([20 * k + (k + 1) * (shared + RNG.random(CORPUS.n_pairs)) for k in range(readers)])
        for name in ("number", "duration")
    }
    return Gaze("L1", tuple(f"r{k}" for k in range(readers)), signals, np.full(readers, 9))


def test_the_mean_of_the_others_is_that_of_a_loop() -> None:
    signals = RNG.random((4, 7)) + 2
    for k, found in enumerate(others_mean(signals)):
        np.testing.assert_allclose(found, np.delete(signals, k, axis=0).mean(axis=0))
    np.testing.assert_allclose(others_mean(signals[:2]), signals[1::-1])
    assert np.isnan(others_mean(signals[:1])).all()


def test_the_residual_ceiling_is_of_what_the_patterns_leave() -> None:
    group = gaze()
    group.signals["number"][1] = 7.7
    table = ceilings(group, CORPUS)
    assert table.index.tolist() == list(range(len(table)))
    found = table[table["ceiling"] == "group_mean_residual"].set_index(["signal", "reader"])
    assert set(found["unit"]) == {"R2"}
    Z = np.column_stack([np.ones(CORPUS.n_pairs), trivial_patterns(CORPUS)])
    for signal, values in group.signals.items():
        left = (values.T - Z @ np.linalg.lstsq(Z, values.T)[0]).T
        if signal == "number":
            left[1] = 0
        for k, reader in enumerate(group.readers):
            expected = np.nan if not left[k].any() else stats.pearsonr(left[k], left.mean(axis=0)).statistic ** 2
            assert found["value"][signal, reader] == pytest.approx(expected, nan_ok=True)


def test_regions_have_no_residual_ceiling() -> None:
    group = gaze()
    region = Gaze("L1", group.readers, {"angular": group.signals["number"]}, None)
    table = ceilings(region, CORPUS)
    assert "group_mean_residual" not in set(table["ceiling"])
    assert {"gao2023", "pearson"} < set(table["ceiling"])


def test_readers_on_the_mean_of_the_others_are_regressions_of_their_own() -> None:
    values = RNG.random((4, CORPUS.n_pairs)) + RNG.random(CORPUS.n_pairs) + 3
    values[:2, ARTICLE != 2] = 0.1  # the mean that reader 3 is held against hardly varies outside article 2
    values[2, ARTICLE == 2] = 0.7
    found = on_others(values, ARTICLE)
    for k, y in enumerate(values):
        X = np.delete(values, k, axis=0).mean(axis=0)[:, None]
        own, plain = (way(X, y[:, None], ARTICLE) for way in (oracles.held_out, oracles.least_squares))
        assert found.held_out[k] == pytest.approx(own.r2[0], abs=1e-10)
        assert found.least_squares[k] == pytest.approx(plain.r2[0], abs=1e-10)
        np.testing.assert_allclose(found.predicted[k], own.predicted[:, 0], rtol=1e-10)


def test_what_explains_readers_is_listed_signal_by_signal() -> None:
    group = gaze()
    table = explained(group, CORPUS, trivial_patterns(CORPUS))
    expected = pd.DataFrame([(s, r) for s in group.signals for r in group.readers], columns=["signal", "reader"])
    pd.testing.assert_frame_equal(table[["signal", "reader"]], expected)
