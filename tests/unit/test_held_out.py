"""Articles left out, by what varies in the others and by all of it, against scikit-learn (`tests.oracles`)."""

from collections.abc import Callable

import numpy as np
import pytest

from readalike.corpus import FloatArray
from readalike.errors import CorpusError
from readalike.measures import sums
from readalike.measures.held_out import FLOOR, HeldOut, Split
from readalike.measures.regression import orthonormal
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
)


def least_squares(X: FloatArray, Y: FloatArray = SIGNALS) -> HeldOut:
    return Split(Y, ARTICLE).least_squares(orthonormal(X), X)


def held_out(X: FloatArray, Y: FloatArray = SIGNALS, *, predict: bool = False) -> HeldOut:
    return Split(Y, ARTICLE).held_out(orthonormal(X), predict=predict)


@over_regressors
@pytest.mark.parametrize("way", ["held_out", "least_squares"])
def test_every_fold_equals_a_fit_to_its_rows(regressors: Callable[[], FloatArray], way: str) -> None:
    X = regressors()
    found, expected = globals()[way](X), getattr(oracles, way)(X, SIGNALS, ARTICLE)
    np.testing.assert_array_equal(found.dropped, expected.dropped)
    np.testing.assert_allclose(found.r2, expected.r2, rtol=0, atol=ILL_CONDITIONED)
    np.testing.assert_allclose(found.sse, expected.sse, rtol=ILL_CONDITIONED)
    np.testing.assert_allclose(found.sst, expected.sst, rtol=WELL_CONDITIONED)
    np.testing.assert_allclose(found.r2_train, expected.train, rtol=0, atol=ILL_CONDITIONED)
    if way == "held_out":
        predicted = held_out(X, predict=True).predicted
        assert predicted is not None
        np.testing.assert_allclose(predicted, expected.predicted, rtol=0, atol=ILL_CONDITIONED)


def rarely_varies(scale: float) -> FloatArray:
    """A head that moves by `scale` in three articles and by as much as the others in one."""
    rng = np.random.default_rng(7)
    moves = np.where(ARTICLE == 2, 1, scale) * rng.standard_normal(len(HEADS))
    return np.column_stack([HEADS, moves])


@pytest.mark.parametrize("scale", [0.3, 0.1, 0.05, 0.03, 1e-2, 1e-4, 1e-6])
def test_a_head_that_hardly_varies_where_it_was_trained_cannot_ruin_a_score(scale: float) -> None:
    """As layer 18 of SmolLM2 is: there least squares scores -74. At any scale it costs some pairs' worth."""
    found, without = held_out(rarely_varies(scale)), held_out(HEADS)
    difference = np.abs(found.r2 - without.r2)
    assert difference.mean() < 0.01
    assert difference.max() < 0.03
    if scale <= 1e-2:
        assert (least_squares(rarely_varies(scale)).r2 < -0.01).any()
    # Left out where article 2 is; the first of the scales is just above the floor.
    assert found.dropped.tolist() == [0, int(scale < 0.3), 0, 0]


def test_what_a_direction_costs_on_average_is_what_is_left_out_over_what_training_has() -> None:
    """Residual variances, at the floor: an invented head without meaning, over many signals without any."""
    rng = np.random.default_rng(10)
    inside = ARTICLE == 2
    head = rng.standard_normal(len(ARTICLE))
    # Scaled within the article, so that training has just above the floor of its sum of squares.
    train = head[~inside] - head[~inside].mean()
    share = 1.02 * FLOOR * (~inside).mean()
    own = head[inside] - head[inside].mean()
    head[inside] = own * np.sqrt((train @ train) * (1 / share - 1) / (own @ own)) + head[~inside].mean()
    Y = rng.standard_normal((len(ARTICLE), 4000))
    found = Split(Y, ARTICLE).held_out(orthonormal(head[:, None]))
    nothing = Split(Y, ARTICLE).held_out(np.zeros((len(ARTICLE), 0)))
    assert found.dropped.tolist() == [0, 0, 0, 0]
    cost = (found.sse[1] - nothing.sse[1]).mean()
    assert cost == pytest.approx((1 - share) / share, rel=0.1)


def test_where_all_directions_vary_it_is_plain_least_squares() -> None:
    found, plain = held_out(HEADS), least_squares(HEADS)
    assert found.dropped.tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(found.sse, plain.sse, rtol=ILL_CONDITIONED)
    np.testing.assert_allclose(found.r2_train, plain.r2_train, rtol=ILL_CONDITIONED)


def test_scores_do_not_depend_on_how_heads_are_written() -> None:
    """Scaled, mixed, in another order: the same directions."""
    rng = np.random.default_rng(8)
    for X in (HEADS, rarely_varies(0.05)):
        mixed = X @ rng.standard_normal((X.shape[1], X.shape[1])) * 100
        np.testing.assert_allclose(held_out(mixed).r2, held_out(X).r2, rtol=0, atol=ILL_CONDITIONED)
        assert held_out(mixed).dropped.tolist() == held_out(X).dropped.tolist()


def test_any_basis_of_the_columns_will_do() -> None:
    """Bases side by side that are not orthogonal to one another, as of the baseline and shuffled attention."""
    bases = np.column_stack([orthonormal(HEADS[:, :3]), orthonormal(HEADS[::-1, 3:])])
    X = np.column_stack([HEADS[:, :3], HEADS[::-1, 3:]])
    found = Split(SIGNALS, ARTICLE).held_out(bases)
    np.testing.assert_allclose(found.sse, held_out(X).sse, rtol=WELL_CONDITIONED)


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
        (split.held_out(basis), oracles.held_out(X, Y, article)),
    ):
        np.testing.assert_allclose(found.r2, expected.r2, rtol=0, atol=ILL_CONDITIONED)


def test_a_constant_and_a_unit_change_nothing() -> None:
    # A million beside a signal of about a hundred takes four of sixteen digits, and squares them.
    for way in (held_out, least_squares):
        moved = way(HEADS, 250 * SIGNALS + 1e6)
        np.testing.assert_allclose(moved.r2, way(HEADS).r2, rtol=0, atol=ILL_CONDITIONED)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6 / 3])
def test_a_signal_that_never_varies_has_no_r2(value: float) -> None:
    Y = SIGNALS.copy()
    Y[:, 1] = value
    folds = held_out(HEADS, Y, predict=True)
    assert folds.predicted is not None
    plain = least_squares(HEADS, Y)
    sse, sst = sums.held_out(folds.predicted, Y, ARTICLE, CORPUS.offsets)
    of_sums = 1 - sse.sum(axis=0) / sst.sum(axis=0)
    for found in (folds.r2, *folds.r2_train, plain.r2, *plain.r2_train, of_sums):
        assert np.isnan(found).tolist() == [False, True, False, False, False]


def test_a_signal_that_varies_in_one_article_has_no_training_r2_without_it() -> None:
    Y = np.where(ARTICLE == 2, SIGNALS[:, 0], 0.7)[:, None]
    for way in (held_out, least_squares):
        found = way(HEADS, Y)
        assert np.isnan(found.r2_train[:, 0]).tolist() == [False, True, False, False]
        assert np.isfinite(found.r2).all()


def test_regressors_that_never_vary_explain_nothing() -> None:
    for way in (held_out, least_squares):
        np.testing.assert_allclose(way(np.full((CORPUS.n_pairs, 2), 0.3)).r2, 0, atol=WELL_CONDITIONED)


def test_one_article_cannot_be_left_out() -> None:
    with pytest.raises(CorpusError, match="one article only"):
        Split(SIGNALS, np.ones(len(HEADS), dtype=np.int64))


def test_sums_by_sentence_are_of_predictions_from_the_other_articles() -> None:
    folds = held_out(HEADS, predict=True)
    assert folds.predicted is not None
    sse, sst = sums.held_out(folds.predicted, SIGNALS, ARTICLE, CORPUS.offsets)
    np.testing.assert_allclose(1 - sse.sum(axis=0) / sst.sum(axis=0), folds.r2, rtol=0, atol=WELL_CONDITIONED)
    for k in range(len(CORPUS.sentences)):
        rows = CORPUS.pairs_of(k)
        mean = SIGNALS[CORPUS.articles[k] != ARTICLE].mean(axis=0)
        np.testing.assert_allclose(sse[k], ((SIGNALS[rows] - folds.predicted[rows]) ** 2).sum(axis=0))
        np.testing.assert_allclose(sst[k], ((SIGNALS[rows] - mean) ** 2).sum(axis=0))
