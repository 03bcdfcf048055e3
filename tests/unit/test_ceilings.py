"""Ceilings of readers at their edges: two readers, residuals, signals that do not vary where it counts."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.corpus import Corpus, Sentence
from readalike.files.gaze import Gaze
from readalike.measures.human import ceilings, explained, others_mean, predict_simple, r2_simple_held_out
from readalike.measures.regressors import trivial_patterns

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


def test_predictions_are_those_of_a_line_through_the_other_articles() -> None:
    x, y = RNG.random((2, 3, CORPUS.n_pairs)) + 3
    x[1, ARTICLE != 2] = 0.1  # varies in article 2 only, which is then predicted by the mean
    x[2, ARTICLE == 2] = 0.7  # does not vary there, but where it is learnt
    found = predict_simple(x, y, ARTICLE)
    for article in (1, 2, 3):
        inside = article == ARTICLE
        for k in range(3):
            if k == 1 and article == 2:
                expected = np.full(inside.sum(), y[k, ~inside].mean())
            else:
                line = stats.linregress(x[k, ~inside], y[k, ~inside])
                expected = line.intercept + line.slope * x[k, inside]
            np.testing.assert_allclose(found[k, inside], expected)
    assert r2_simple_held_out(x, y, CORPUS).shape == (3,)


def test_what_explains_readers_is_listed_signal_by_signal() -> None:
    group = gaze()
    table = explained(group, CORPUS, trivial_patterns(CORPUS))
    expected = pd.DataFrame([(s, r) for s in group.signals for r in group.readers], columns=["signal", "reader"])
    pd.testing.assert_frame_equal(table[["signal", "reader"]], expected)
