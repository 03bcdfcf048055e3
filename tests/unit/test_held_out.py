"""Articles left out, by ridge regression and by least squares, against scikit-learn fold by fold (`tests.oracles`)."""

from collections.abc import Callable

import numpy as np
import pytest

from readalike.corpus import FloatArray
from readalike.errors import CorpusError
from readalike.measures.held_out import PENALTIES, HeldOut, Split, held_out_resampled
from readalike.measures.regression import orthonormal, sentence_draws
from tests import oracles
from tests.unit.test_regression import (
    ARTICLE,
    CORPUS,
    HEADS,
    ILL_CONDITIONED,
    SIGNALS,
    WELL_CONDITIONED,
    one_varies_in_one_article,
    over_regressors,
    reading,
    rows_drawn,
)


def least_squares(X: FloatArray, Y: FloatArray = SIGNALS) -> HeldOut:
    return Split(Y, ARTICLE).least_squares(orthonormal(X), X)


def ridge(X: FloatArray, Y: FloatArray = SIGNALS, *, predict: bool = False) -> HeldOut:
    return Split(Y, ARTICLE).ridge(orthonormal(X), predict=predict)


@over_regressors
@pytest.mark.parametrize("way", ["ridge", "least_squares"])
def test_every_fold_equals_a_fit_to_its_rows(regressors: Callable[[], FloatArray], way: str) -> None:
    X = regressors()
    found, expected = globals()[way](X), getattr(oracles, way)(X, SIGNALS, ARTICLE)
    np.testing.assert_array_equal(found.penalty, expected.penalty)
    np.testing.assert_allclose(found.r2, expected.r2, rtol=0, atol=ILL_CONDITIONED)
    np.testing.assert_allclose(found.sse, expected.sse, rtol=ILL_CONDITIONED)
    np.testing.assert_allclose(found.sst, expected.sst, rtol=WELL_CONDITIONED)
    np.testing.assert_allclose(found.r2_train, expected.train, rtol=0, atol=ILL_CONDITIONED)
    if way == "ridge":
        predicted = ridge(X, predict=True).predicted
        assert predicted is not None
        np.testing.assert_allclose(predicted, expected.predicted, rtol=0, atol=ILL_CONDITIONED)


def test_penalties_are_chosen_by_signal() -> None:
    """A signal that follows the heads gets a small one, noise a large one."""
    follows = HEADS @ np.arange(6) + 1e-3 * SIGNALS[:, 0]
    found = ridge(HEADS, np.column_stack([follows, SIGNALS[:, 1]]))
    assert (found.penalty[:, 0] == PENALTIES.min()).all()
    assert (found.penalty[:, 1] >= 1).all()


def rarely_varies(scale: float) -> FloatArray:
    """A head that moves by `scale` in three articles and by as much as the others in one."""
    rng = np.random.default_rng(7)
    moves = np.where(ARTICLE == 2, 1, scale) * rng.standard_normal(len(HEADS))
    return np.column_stack([HEADS, moves])


@pytest.mark.parametrize("scale", [1e-2, 1e-4, 1e-6])
def test_a_head_that_hardly_varies_where_it_was_trained_cannot_ruin_a_score(scale: float) -> None:
    """As layer 18 of SmolLM2 is: there least squares scores -74."""
    X = rarely_varies(scale)
    assert (least_squares(X).r2 < -1).any()
    assert (np.abs(ridge(X).r2 - ridge(HEADS).r2) < 0.01).all()


def test_the_penalty_does_not_depend_on_how_heads_are_written() -> None:
    """Scaled, mixed, in another order: the same fitted values, the same penalty."""
    mixed = HEADS @ np.random.default_rng(8).standard_normal((6, 6)) * 100
    np.testing.assert_allclose(ridge(mixed).r2, ridge(HEADS).r2, rtol=0, atol=ILL_CONDITIONED)


def test_any_basis_of_the_columns_will_do() -> None:
    """Bases side by side that are not orthogonal to one another, as of the baseline and shuffled attention."""
    bases = np.column_stack([orthonormal(HEADS[:, :3]), orthonormal(HEADS[::-1, 3:])])
    X = np.column_stack([HEADS[:, :3], HEADS[::-1, 3:]])
    found = Split(SIGNALS, ARTICLE).ridge(bases)
    np.testing.assert_allclose(found.sse, ridge(X).sse, rtol=WELL_CONDITIONED)


def test_with_nothing_to_find_ridge_pays_less_than_least_squares() -> None:
    rng = np.random.default_rng(9)
    X, Y = rng.standard_normal((len(HEADS), 40)), rng.standard_normal((len(HEADS), 200))
    by_ridge, plain = ridge(X, Y).r2.mean(), least_squares(X, Y).r2.mean()
    assert plain < -40 / len(HEADS)
    assert 0.2 * plain < by_ridge < 0


def test_a_column_flat_in_the_training_rows_has_coefficient_zero() -> None:
    """Rows of article 2 are predicted as if the column that varies there only did not exist."""
    found, without = least_squares(one_varies_in_one_article()), least_squares(HEADS)
    np.testing.assert_allclose(found.sse[1], without.sse[1], rtol=WELL_CONDITIONED)
    assert not np.allclose(found.sse[0], without.sse[0])


@pytest.mark.parametrize("seed", range(8))
def test_heads_equal_in_the_training_rows_do_not_blow_up(seed: int) -> None:
    """Two heads that differ in one article only, one flat outside another: rounding must not count as rank."""
    corpus = reading(seed)
    article, rng = corpus.articles[corpus.pairs.sentence], np.random.default_rng(seed)
    X, Y = rng.random((corpus.n_pairs, 6)), rng.poisson(0.3, (corpus.n_pairs, 4)).astype(float)
    X[article != 2, 5] = X[article != 2, 4]
    X[article != 1, 3] = 0.1
    split, basis = Split(Y, article), orthonormal(X)
    for found, expected in (
        (split.least_squares(basis, X), oracles.least_squares(X, Y, article)),
        (split.ridge(basis), oracles.ridge(X, Y, article)),
    ):
        np.testing.assert_allclose(found.r2, expected.r2, rtol=0, atol=ILL_CONDITIONED)


def test_a_constant_and_a_unit_change_nothing() -> None:
    # A million beside a signal of about a hundred takes four of sixteen digits, and squares them.
    for way in (ridge, least_squares):
        moved = way(HEADS, 250 * SIGNALS + 1e6)
        np.testing.assert_allclose(moved.r2, way(HEADS).r2, rtol=0, atol=ILL_CONDITIONED)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6 / 3])
def test_a_signal_that_never_varies_has_no_r2(value: float) -> None:
    Y = SIGNALS.copy()
    Y[:, 1] = value
    folds = ridge(HEADS, Y, predict=True)
    assert folds.predicted is not None
    plain, draws = least_squares(HEADS, Y), sentence_draws(CORPUS, 1, 5)
    resampled = held_out_resampled(folds.predicted, Y, ARTICLE, CORPUS.offsets, draws)
    for found in (folds.r2, *folds.r2_train, plain.r2, *plain.r2_train, *resampled):
        assert np.isnan(found).tolist() == [False, True, False, False, False]


def test_a_signal_that_varies_in_one_article_has_no_training_r2_without_it() -> None:
    Y = np.where(ARTICLE == 2, SIGNALS[:, 0], 0.7)[:, None]
    for way in (ridge, least_squares):
        found = way(HEADS, Y)
        assert np.isnan(found.r2_train[:, 0]).tolist() == [False, True, False, False]
        assert np.isfinite(found.r2).all()


def test_regressors_that_never_vary_explain_nothing() -> None:
    for way in (ridge, least_squares):
        np.testing.assert_allclose(way(np.full((CORPUS.n_pairs, 2), 0.3)).r2, 0, atol=WELL_CONDITIONED)


def test_one_article_cannot_be_left_out() -> None:
    with pytest.raises(CorpusError, match="one article only"):
        Split(SIGNALS, np.ones(len(HEADS), dtype=np.int64))


def test_resampling_keeps_the_coefficients() -> None:
    folds = ridge(HEADS, predict=True)
    assert folds.predicted is not None
    draws = np.concatenate([np.ones((1, len(CORPUS.sentences))), sentence_draws(CORPUS, 2, 3)])
    found = held_out_resampled(folds.predicted, SIGNALS, ARTICLE, CORPUS.offsets, draws)
    np.testing.assert_allclose(found[0], folds.r2, rtol=0, atol=WELL_CONDITIONED)
    mean = np.stack([SIGNALS[name != ARTICLE].mean(axis=0) for name in ARTICLE])
    for k, counts in enumerate(draws):
        rows = rows_drawn(counts)
        sse = ((SIGNALS[rows] - folds.predicted[rows]) ** 2).sum(axis=0)
        expected = 1 - sse / ((SIGNALS[rows] - mean[rows]) ** 2).sum(axis=0)
        np.testing.assert_allclose(found[k], expected, rtol=0, atol=WELL_CONDITIONED)
