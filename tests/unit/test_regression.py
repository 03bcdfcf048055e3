"""Least squares in sample from sums of products against scikit-learn, statsmodels and loops over rows."""

from collections.abc import Callable

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LinearRegression

from readalike.corpus import Corpus, FloatArray, IntArray, Sentence
from readalike.measures.held_out import Split
from readalike.measures.regression import (
    adjusted,
    orthonormal,
    r2_in_sample,
    r2_resampled,
    sentence_draws,
    shuffles,
)
from readalike.measures.regressors import baseline, trivial_patterns
from tests.oracles import RANK

WELL_CONDITIONED = 1e-12  # rounding of a few thousand products
ILL_CONDITIONED = 1e-8  # what near-collinear columns leave of it; the accuracy that the project promises


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
    return baseline(CORPUS, "b0")


def baseline_and_heads() -> FloatArray:
    return np.column_stack([baseline(CORPUS, "b0"), HEADS])


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


def test_a_constant_and_a_unit_change_nothing() -> None:
    X, moved = HEADS, 250 * SIGNALS + 1e6
    basis, draws = orthonormal(X), sentence_draws(CORPUS, 1, 5)
    # A million beside a signal of about a hundred takes four of sixteen digits, and squares them.
    close = {"rtol": 0, "atol": ILL_CONDITIONED}
    np.testing.assert_allclose(
        r2_resampled(basis, moved, CORPUS.offsets, draws), r2_resampled(basis, SIGNALS, CORPUS.offsets, draws), **close
    )


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6 / 3])
def test_a_signal_that_never_varies_has_no_r2(value: float) -> None:
    Y = SIGNALS.copy()
    Y[:, 1] = value
    basis, draws = orthonormal(HEADS), sentence_draws(CORPUS, 1, 5)
    in_sample = r2_in_sample(basis, Y), Split(Y, ARTICLE).in_sample(basis)
    for found in (*in_sample, *r2_resampled(basis, Y, CORPUS.offsets, draws)):
        assert np.isnan(found).tolist() == [False, True, False, False, False]


def test_regressors_that_never_vary_explain_nothing() -> None:
    X = np.full((CORPUS.n_pairs, 2), 0.3)
    basis = orthonormal(X)
    assert basis.shape == (CORPUS.n_pairs, 0)
    assert r2_in_sample(basis, SIGNALS).tolist() == [0.0] * 5


def test_adjusted_equals_statsmodels() -> None:
    for X in (HEADS, one_never_varies()):
        basis = orthonormal(X)
        found = adjusted(r2_in_sample(basis, SIGNALS), len(X), basis.shape[1])
        expected = [sm.OLS(y, sm.add_constant(HEADS)).fit().rsquared_adj for y in SIGNALS.T]
        np.testing.assert_allclose(found, expected, rtol=0, atol=WELL_CONDITIONED)
    assert np.isnan(adjusted(np.ones(2), 4, 3)).all()


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


def test_patterns_and_baseline_by_hand() -> None:
    corpus = Corpus((Sentence(1, 1, ("Could", "we", "go?")),))
    # Pairs (0,0), (1,0), (1,1), (2,0), (2,1), (2,2): first word, previous word, self.
    expected = [[1, 0, 1], [1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    np.testing.assert_array_equal(trivial_patterns(corpus), expected)
    found = baseline(corpus, "b0")
    assert found.shape == (6, 14)
    # The pair (2, 0): column 0, distance 2, i = 2, lengths of "go?" and "Could".
    np.testing.assert_array_equal(found[3], [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 3, 5])
    np.testing.assert_array_equal(found[2], [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2])


def test_baseline_has_no_column_for_far_words() -> None:
    corpus = Corpus((Sentence(1, 1, tuple("x" * 12)),))
    far = (corpus.pairs.from_word == 11) & (corpus.pairs.to_word == 1)
    np.testing.assert_array_equal(baseline(corpus, "b0")[far], [[0] * 11 + [11, 1, 1]])
