"""Least squares from sums of products against scikit-learn, statsmodels and loops over rows."""

from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LinearRegression

from readalike.corpus import Corpus, FloatArray, IntArray, Sentence
from readalike.errors import CorpusError
from readalike.measures.regression import (
    Split,
    adjusted,
    held_out,
    held_out_resampled,
    orthonormal,
    r2_in_sample,
    r2_resampled,
    sentence_draws,
    shuffles,
)
from readalike.measures.regressors import baseline, trivial_patterns

WELL_CONDITIONED = 1e-12  # rounding of a few thousand products
ILL_CONDITIONED = 1e-8  # what near-collinear columns leave of it; the accuracy that the project promises
# Of LinearRegression: singular values below this share of the largest are zero. Its default, 1e-6, drops a head that
# differs from another by less, which a least-squares fit of all heads must use.
RANK = 1e-12


def reading(seed: int, longest: tuple[int, ...] = (10, 10, 14, 9), sentences: int = 8) -> Corpus:
    """A corpus of as many articles as `longest` has sentence lengths."""
    rng = np.random.default_rng(seed)
    return Corpus(
        tuple(
            Sentence(a + 1, s + 1, tuple("x" * int(n) for n in rng.integers(1, 9, int(rng.integers(4, top + 1)))))
            for a, top in enumerate(longest)
            for s in range(sentences)
        )
    )


CORPUS = reading(0)
ARTICLE = CORPUS.articles[CORPUS.pairs.sentence]
RNG = np.random.default_rng(1)
HEADS = RNG.dirichlet(np.ones(7), CORPUS.n_pairs)[:, :6]
SIGNALS = RNG.poisson(0.5, (CORPUS.n_pairs, 5)).astype(float)


def near_collinear() -> FloatArray:
    return np.column_stack([HEADS, HEADS[:, 0] + 1e-7 * np.random.default_rng(2).standard_normal(len(HEADS))])


def one_never_varies() -> FloatArray:
    return np.column_stack([HEADS, np.full(len(HEADS), 0.1)])


def one_varies_in_one_article() -> FloatArray:
    return np.column_stack([HEADS, np.where(ARTICLE == 2, HEADS[::-1, 0], 0.1)])


def two_differ_in_one_article() -> FloatArray:
    return np.column_stack([HEADS, np.where(ARTICLE == 3, HEADS[::-1, 0], HEADS[:, 0])])


def tiny_head() -> FloatArray:
    return np.column_stack([HEADS, 1e-6 * HEADS[::-1, 0]])


def all_but_baseline() -> FloatArray:
    # Only article 3 has distances above 9, so that without it [i - j = 0..9] sum to one.
    return baseline(CORPUS)


def baseline_and_heads() -> FloatArray:
    return np.column_stack([baseline(CORPUS), HEADS])


REGRESSORS = [
    near_collinear,
    one_never_varies,
    one_varies_in_one_article,
    two_differ_in_one_article,
    tiny_head,
    all_but_baseline,
    baseline_and_heads,
]
over_regressors = pytest.mark.parametrize("regressors", REGRESSORS, ids=lambda make: make.__name__)


def by_loop(X: FloatArray, Y: FloatArray, article: IntArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """SSE, SST, training R2 (articles, signals) and predictions (pairs, signals) by fitting every fold on its rows."""
    sse, sst, train, predicted = [], [], [], np.empty(Y.shape)
    for name in np.unique(article):
        inside = article == name
        model = LinearRegression(tol=RANK).fit(X[~inside], Y[~inside])
        predicted[inside] = model.predict(X[inside])
        sse.append(((Y[inside] - predicted[inside]) ** 2).sum(axis=0))
        sst.append(((Y[inside] - Y[~inside].mean(axis=0)) ** 2).sum(axis=0))
        left = ((Y[~inside] - model.predict(X[~inside])) ** 2).sum(axis=0)
        train.append(1 - left / ((Y[~inside] - Y[~inside].mean(axis=0)) ** 2).sum(axis=0))
    return np.stack(sse), np.stack(sst), np.stack(train), predicted


@pytest.mark.parametrize("noise", [1e-1, 1e-2, 1e-3, 1e-7])
def test_the_basis_is_orthonormal_and_spans_the_centred_columns(noise: float) -> None:
    """From heads that are told apart by sums of products to those that are not."""
    near = HEADS[:, 0] + noise * np.random.default_rng(3).standard_normal(len(HEADS))
    X = np.column_stack([HEADS, near])
    basis, centred = orthonormal(X), X - X.mean(axis=0)
    assert basis.shape == X.shape
    np.testing.assert_allclose(basis.T @ basis, np.eye(7), rtol=0, atol=1e-14)
    np.testing.assert_allclose(basis @ (basis.T @ centred), centred, rtol=0, atol=1e-14)


@pytest.mark.parametrize("k", range(6))
def test_heads_that_others_determine_add_nothing(k: int) -> None:
    X = np.column_stack([HEADS, 3 * HEADS[:, k], HEADS[:, k] - HEADS[:, 0]])
    basis = orthonormal(X)
    assert basis.shape == HEADS.shape
    found, expected = (r2_in_sample(b, SIGNALS) for b in (basis, orthonormal(HEADS)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=WELL_CONDITIONED)


def test_in_sample_equals_lstsq() -> None:
    Z = np.column_stack([np.ones(len(HEADS)), HEADS])
    residual = SIGNALS - Z @ np.linalg.lstsq(Z, SIGNALS)[0]
    expected = 1 - (residual**2).sum(axis=0) / ((SIGNALS - SIGNALS.mean(axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(r2_in_sample(orthonormal(HEADS), SIGNALS), expected, rtol=0, atol=WELL_CONDITIONED)


@over_regressors
def test_in_sample_equals_scikit_learn(regressors: Callable[[], FloatArray]) -> None:
    X = regressors()
    model = LinearRegression(tol=RANK).fit(X, SIGNALS)
    left = ((SIGNALS - model.predict(X)) ** 2).sum(axis=0)
    expected = 1 - left / ((SIGNALS - SIGNALS.mean(axis=0)) ** 2).sum(axis=0)
    basis = orthonormal(X)
    np.testing.assert_allclose(r2_in_sample(basis, SIGNALS), expected, rtol=0, atol=ILL_CONDITIONED)
    np.testing.assert_allclose(Split(SIGNALS, ARTICLE).in_sample(basis), expected, rtol=0, atol=ILL_CONDITIONED)


@over_regressors
def test_held_out_equals_a_loop_over_articles(regressors: Callable[[], FloatArray]) -> None:
    X = regressors()
    found = held_out(orthonormal(X), X, SIGNALS, ARTICLE, predict=True)
    sse, sst, train, predicted = by_loop(X, SIGNALS, ARTICLE)
    np.testing.assert_allclose(found.r2, 1 - sse.sum(axis=0) / sst.sum(axis=0), rtol=0, atol=ILL_CONDITIONED)
    np.testing.assert_allclose(found.sse, sse, rtol=ILL_CONDITIONED)
    np.testing.assert_allclose(found.sst, sst, rtol=WELL_CONDITIONED)
    np.testing.assert_allclose(found.r2_train, train, rtol=0, atol=ILL_CONDITIONED)
    assert found.predicted is not None
    np.testing.assert_allclose(found.predicted, predicted, rtol=0, atol=ILL_CONDITIONED)


def test_a_column_flat_in_the_training_rows_has_coefficient_zero() -> None:
    """Rows of article 2 are predicted as if the column that varies there only did not exist."""
    X = one_varies_in_one_article()
    found, without = (held_out(orthonormal(x), x, SIGNALS, ARTICLE) for x in (X, HEADS))
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
    sse, sst, _, _ = by_loop(X, Y, article)
    found = held_out(orthonormal(X), X, Y, article).r2
    np.testing.assert_allclose(found, 1 - sse.sum(axis=0) / sst.sum(axis=0), rtol=0, atol=ILL_CONDITIONED)


def test_a_constant_and_a_unit_change_nothing() -> None:
    X, moved = HEADS, 250 * SIGNALS + 1e6
    basis, draws = orthonormal(X), sentence_draws(CORPUS, 1, 5)
    # A million beside a signal of about a hundred takes four of sixteen digits, and squares them.
    close = {"rtol": 0, "atol": ILL_CONDITIONED}
    np.testing.assert_allclose(held_out(basis, X, moved, ARTICLE).r2, held_out(basis, X, SIGNALS, ARTICLE).r2, **close)
    np.testing.assert_allclose(
        r2_resampled(basis, moved, CORPUS.offsets, draws), r2_resampled(basis, SIGNALS, CORPUS.offsets, draws), **close
    )


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6 / 3])
def test_a_signal_that_never_varies_has_no_r2(value: float) -> None:
    Y = SIGNALS.copy()
    Y[:, 1] = value
    basis, draws = orthonormal(HEADS), sentence_draws(CORPUS, 1, 5)
    folds = held_out(basis, HEADS, Y, ARTICLE, predict=True)
    assert folds.predicted is not None
    for found in (
        r2_in_sample(basis, Y),
        Split(Y, ARTICLE).in_sample(basis),
        folds.r2,
        *folds.r2_train,
        *r2_resampled(basis, Y, CORPUS.offsets, draws),
        *held_out_resampled(folds.predicted, Y, ARTICLE, CORPUS.offsets, draws),
    ):
        assert np.isnan(found).tolist() == [False, True, False, False, False]


def test_a_signal_that_varies_in_one_article_has_no_training_r2_without_it() -> None:
    Y = np.where(ARTICLE == 2, SIGNALS[:, 0], 0.7)[:, None]
    found = held_out(orthonormal(HEADS), HEADS, Y, ARTICLE)
    assert np.isnan(found.r2_train[:, 0]).tolist() == [False, True, False, False]
    assert np.isfinite(found.r2).all()


def test_regressors_that_never_vary_explain_nothing() -> None:
    X = np.full((CORPUS.n_pairs, 2), 0.3)
    basis = orthonormal(X)
    assert basis.shape == (CORPUS.n_pairs, 0)
    assert r2_in_sample(basis, SIGNALS).tolist() == [0.0] * 5
    np.testing.assert_allclose(held_out(basis, X, SIGNALS, ARTICLE).r2, 0, atol=WELL_CONDITIONED)


def test_adjusted_equals_statsmodels() -> None:
    for X in (HEADS, one_never_varies()):
        basis = orthonormal(X)
        found = adjusted(r2_in_sample(basis, SIGNALS), len(X), basis.shape[1])
        expected = [sm.OLS(y, sm.add_constant(HEADS)).fit().rsquared_adj for y in SIGNALS.T]
        np.testing.assert_allclose(found, expected, rtol=0, atol=WELL_CONDITIONED)
    assert np.isnan(adjusted(np.ones(2), 4, 3)).all()


def test_one_article_cannot_be_left_out() -> None:
    with pytest.raises(CorpusError, match="one article only"):
        held_out(orthonormal(HEADS), HEADS, SIGNALS, np.ones(len(HEADS), dtype=np.int64))


def test_shuffles_are_permutations_that_a_seed_brings_back() -> None:
    first, again, other = shuffles(CORPUS, 3), shuffles(CORPUS, 3), shuffles(CORPUS, 4)
    assert len(first) == 20
    for k in range(20):
        np.testing.assert_array_equal(first[k], again[k])
        np.testing.assert_array_equal(np.sort(first[k]), np.arange(CORPUS.n_pairs))
        assert not np.array_equal(first[k], other[k])
    assert not np.array_equal(first[0], first[1])


def test_draws_resample_within_articles() -> None:
    draws = sentence_draws(CORPUS, 5, 400)
    np.testing.assert_array_equal(draws, sentence_draws(CORPUS, 5, 400))
    for article in np.unique(CORPUS.articles):
        inside = CORPUS.articles == article
        assert (draws[:, inside].sum(axis=1) == inside.sum()).all()
    # Each count is binomial with mean 1 and variance 7/8: 400 draws leave the mean within 5 standard errors.
    np.testing.assert_allclose(draws.mean(axis=0), 1, atol=5 * np.sqrt(7 / 8 / 400))


def rows_drawn(counts: FloatArray) -> IntArray:
    """Pairs of the sentences drawn, as often as they were."""
    parts = [
        np.arange(CORPUS.offsets[s], CORPUS.offsets[s + 1]) for s, times in enumerate(counts) for _ in range(int(times))
    ]
    return np.concatenate(parts)


@over_regressors
def test_resampled_equals_fits_to_the_rows_drawn(regressors: Callable[[], FloatArray]) -> None:
    X, draws = regressors(), sentence_draws(CORPUS, 2, 4)
    found = r2_resampled(orthonormal(X), SIGNALS, CORPUS.offsets, draws)
    for k, counts in enumerate(draws):
        rows = rows_drawn(counts)
        Y = SIGNALS[rows]
        left = ((Y - LinearRegression(tol=RANK).fit(X[rows], Y).predict(X[rows])) ** 2).sum(axis=0)
        expected = 1 - left / ((Y - Y.mean(axis=0)) ** 2).sum(axis=0)
        np.testing.assert_allclose(found[k], expected, rtol=0, atol=ILL_CONDITIONED)


def test_what_was_not_drawn_leaves_a_signal_flat() -> None:
    Y = np.where(CORPUS.pairs.sentence == 0, SIGNALS[:, 0], 0.7)[:, None]
    draws = np.ones((2, len(CORPUS.sentences)))
    draws[1, :2] = 0, 2
    found = r2_resampled(orthonormal(HEADS), Y, CORPUS.offsets, draws)[:, 0]
    assert np.isnan(found).tolist() == [False, True]


def test_held_out_resampled_keeps_the_coefficients() -> None:
    folds = held_out(orthonormal(HEADS), HEADS, SIGNALS, ARTICLE, predict=True)
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


def test_patterns_and_baseline_by_hand() -> None:
    corpus = Corpus((Sentence(1, 1, ("Could", "we", "go?")),))
    # Pairs (0,0), (1,0), (1,1), (2,0), (2,1), (2,2): first word, previous word, self.
    expected = [[1, 0, 1], [1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    np.testing.assert_array_equal(trivial_patterns(corpus), expected)
    found = baseline(corpus)
    assert found.shape == (6, 14)
    # The pair (2, 0): column 0, distance 2, i = 2, lengths of "go?" and "Could".
    np.testing.assert_array_equal(found[3], [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 3, 5])
    np.testing.assert_array_equal(found[2], [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2])


def test_baseline_has_no_column_for_far_words() -> None:
    corpus = Corpus((Sentence(1, 1, tuple("x" * 12)),))
    far = (corpus.pairs.from_word == 11) & (corpus.pairs.to_word == 1)
    np.testing.assert_array_equal(baseline(corpus)[far], [[0] * 11 + [11, 1, 1]])
