"""t adjusted for skewness: against plain loops, a root finder, known distributions and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from readalike.corpus import FloatArray
from readalike.statistics.clustered import clustered, clustered_t
from readalike.statistics.skewness import (
    Estimate,
    adjusted,
    ends,
    interval,
    p_above,
    p_below,
    skewness,
    unadjusted,
)
from tests.skewed import by_hand

RNG = np.random.default_rng(41)
S, R = 14, 12
OF_READERS = np.append(RNG.normal(0, 0.3, R - 1), 0.6)
DRAWN = {
    "high": RNG.normal(0, 0.3, (S, 1)) + OF_READERS + RNG.normal(0, 0.3, (S, R)),
    "low": RNG.normal(0, 0.3, (S, 1)) - OF_READERS + RNG.normal(0, 0.3, (S, R)),
    "sentences too": RNG.gamma(0.5, 1, (S, 1)) + OF_READERS + RNG.exponential(1, (S, R)),
}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_that_of_plain_loops(name: str) -> None:
    cells = DRAWN[name]
    found = clustered((cells,))
    expected = by_hand(cells, found.error, found.df)
    assert 0.01 < abs(expected.G) < 0.2, "within its bound"
    assert found.skewness == pytest.approx(expected.G, rel=1e-9)
    assert (found.skewness > 0) == (name != "low")
    assert interval(found) == pytest.approx(expected.interval, rel=1e-9)
    assert 2 * min(p_above(found, 0), p_below(found, 0)) == pytest.approx(expected.p, rel=1e-9)
    row = clustered_t((cells,), "two-sided")
    assert [row[name] for name in ("skewness", "ci_low", "ci_high", "p")] == pytest.approx(
        [expected.G, *expected.interval, expected.p], rel=1e-9
    )


def test_two_groups_are_not_adjusted() -> None:
    found = clustered((DRAWN["sentences too"], -DRAWN["high"]))
    assert found.skewness == 0
    half = stats.t.ppf(0.975, R - 1) * found.error
    assert interval(found) == pytest.approx((found.estimate - half, found.estimate + half))


def third(cells: FloatArray) -> float:
    """The third cumulant itself, far within the bound of G."""
    error = 10 * float(np.abs(cells).sum())
    return skewness(cells, error, 30) * error**3


def test_in_the_mean_it_is_the_third_cumulant_of_what_readers_are_drawn_from() -> None:
    """30 readers of gamma values, in four sentences and cells that are skewed too."""
    rng, shape, readers, sentences = np.random.default_rng(5), 0.5, 30, 4
    found = []
    for _ in range(6000):
        cells = np.repeat(rng.gamma(shape, 1, (1, readers)), sentences, axis=0)
        cells += rng.gamma(0.5, 1, (sentences, 1)) - 2 * rng.exponential(1, (sentences, readers))
        found.append(third(cells))
    # Third cumulants of a reader's, a sentence's and a cell's effect. What a reader does over S sentences has S^3 of
    # the first and S of the last; cells, which are taken off, one of each.
    of_reader, of_sentence, of_cell = 2 * shape, 2 * 0.5, -2 * 2**3
    expected = sentences * readers * ((sentences**2 - 1) * of_reader - of_sentence)
    error = float(np.std(found) / np.sqrt(len(found)))
    assert np.mean(found) == pytest.approx(expected, abs=4 * error)
    assert 4 * error < 0.2 * abs(sentences * readers * of_cell), "with single cells in it, it would be another"


def test_it_is_bounded_so_that_the_cubic_stays_steep() -> None:
    cells = np.zeros((40, 9))
    cells[:, 4] = 1
    error = float(np.sqrt(9 / 8 * ((cells.sum(axis=0) - cells.sum() / 9) ** 2).sum()))
    for df in (2, 8, 50):
        most = 1 / (2 * stats.t.ppf(0.975, df))
        assert skewness(cells, error, df) == pytest.approx(most)
        assert skewness(-cells, error, df) == pytest.approx(-most)
        low, high = ends(df, most)
        for end in (low, high):
            slope = (adjusted(end + 1e-6, most) - adjusted(end - 1e-6, most)) / 2e-6
            assert slope > 0.6
        assert 1.2 < -low / stats.t.ppf(0.975, df) < 1.6, "and no interval is much longer"


def test_two_readers_have_none() -> None:
    cells = RNG.gamma(0.1, 1, (20, 2))
    assert skewness(cells, float(cells.std()), 1) == 0
    assert skewness(cells[:, [0, 0, 1]], float(cells.std()), 2) != 0


def test_digits_are_kept_where_readers_hardly_differ() -> None:
    shifted = DRAWN["high"] * 1e-6 + 1
    assert third(shifted) == pytest.approx(third(DRAWN["high"]) * 1e-18, rel=1e-4, abs=0)


def test_what_sentences_do_is_left_out() -> None:
    skewed = 20 * RNG.gamma(0.1, 1, (S, 1))
    added = R**3 * S * stats.kstat(skewed[:, 0], 3)
    assert abs(added) > abs(third(DRAWN["high"])), "what would be added"
    assert third(DRAWN["high"] + skewed) == pytest.approx(third(DRAWN["high"]), abs=0.02 * abs(added))


@given(st.floats(-10, 10), st.floats(-0.25, 0.25))
def test_the_adjustment_can_be_undone_and_keeps_the_order(t: float, G: float) -> None:
    assert unadjusted(adjusted(t, G), G) == pytest.approx(t, abs=1e-4)
    assert adjusted(t + 0.01, G) > adjusted(t, G)


def test_without_skewness_it_is_the_t_test() -> None:
    found = Estimate(0.3, 0.2, 11, 0.0)
    half = stats.t.ppf(0.975, 11) * 0.2
    assert interval(found) == pytest.approx((0.3 - half, 0.3 + half))
    assert p_below(found, 0.1) == pytest.approx(stats.t.sf(1, 11))
    assert p_above(found, 0.1) == pytest.approx(stats.t.cdf(1, 11))
    # As good as none: digits are kept.
    assert ends(11, 1e-13) == pytest.approx(ends(11, 0.0), rel=1e-12)


@pytest.mark.parametrize("G", [-0.22, -0.1, 0.0, 0.2])
def test_an_interval_is_what_the_test_does_not_reject(G: float) -> None:
    found = Estimate(1.0, 0.4, 9, G)
    for truth in interval(found):
        assert 2 * min(p_above(found, truth), p_below(found, truth)) == pytest.approx(0.05)
    assert p_above(found, 0.2) + p_below(found, 0.2) == pytest.approx(1)


def missed(cells: FloatArray, truth: float) -> tuple[FloatArray, FloatArray]:
    """Of samples (samples, n): shares of intervals below the truth and above it, by t, and by t adjusted."""
    n = cells.shape[1]
    critical = stats.t.ppf(0.975, n - 1)
    t = (cells.mean(axis=1) - truth) / (cells.std(axis=1, ddof=1) / np.sqrt(n))
    G = np.clip(stats.skew(cells, axis=1, bias=False) / np.sqrt(n), -0.5 / critical, 0.5 / critical)
    both = (t, adjusted(t, G))  # type: ignore[arg-type]  # of all samples
    by_t, by_adjusted = (np.array([(own < -critical).mean(), (own > critical).mean()]) for own in both)
    return by_t, by_adjusted


def test_intervals_of_skewed_values_miss_less_often_and_less_on_one_side() -> None:
    """Exponential values, 40 a sample: by t 6.2 percent below and 0.8 above; adjusted 3.5 and 1.9."""
    rng = np.random.default_rng(6)
    by_t, by_adjusted = missed(rng.exponential(1, (40_000, 40)), 1.0)
    assert by_t[0] > 0.055
    assert by_t[1] < 0.012
    assert by_adjusted[0] < 0.045
    assert by_adjusted[1] > 0.013
    by_t, by_adjusted = missed(rng.normal(0, 1, (40_000, 8)), 0.0)
    np.testing.assert_allclose(by_adjusted, 0.025, atol=0.003)
