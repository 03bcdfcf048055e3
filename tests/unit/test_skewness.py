"""p and interval of skewed estimates: against plain loops, a root finder, known distributions and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from readalike.corpus import FloatArray
from readalike.statistics.clustered import clustered, clustered_t
from readalike.statistics.skewness import Skewed, corrected, ends, interval, p_above, p_below, skewness, uncorrected
from tests.skewed import by_hand

RNG = np.random.default_rng(41)
S, R = 14, 5
OF_READERS = np.array([0.0, 0.3, 0.5, 0.2, 1.5])
DRAWN = {
    "high": RNG.normal(0, 0.5, (S, 1)) + OF_READERS + RNG.normal(0, 0.5, (S, R)),
    "low": RNG.normal(0, 0.5, (S, 1)) - OF_READERS + RNG.normal(0, 0.5, (S, R)),
    "sentences too": RNG.gamma(0.5, 1, (S, 1)) + OF_READERS + RNG.exponential(1, (S, R)),
}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_that_of_plain_loops(name: str) -> None:
    cells = DRAWN[name]
    found = clustered((cells,))
    expected = by_hand(cells, found.error, found.df)
    assert abs(expected.G) > 0.05
    assert found.skewness == pytest.approx(expected.G, rel=1e-9)
    assert (found.skewness > 0) == (name != "low")
    assert interval(found) == pytest.approx(expected.interval, rel=1e-9)
    assert 2 * min(p_above(found, 0), p_below(found, 0)) == pytest.approx(expected.p, rel=1e-9)
    row = clustered_t((cells,), "two-sided")
    assert [row[name] for name in ("skewness", "ci_low", "ci_high", "p")] == pytest.approx(
        [expected.G, *expected.interval, expected.p], rel=1e-9
    )


def test_two_groups_are_not_corrected() -> None:
    found = clustered((DRAWN["sentences too"], -DRAWN["high"]))
    assert found.skewness == 0
    half = stats.t.ppf(0.975, 4) * found.error
    assert interval(found) == pytest.approx((found.estimate - half, found.estimate + half))


def test_it_is_the_third_moment_of_the_sum_of_what_is_drawn() -> None:
    """Sums over 30 readers of gamma values: skewness 2 / sqrt(30 shape), in 40 sentences all alike."""
    shape, readers = 0.5, 30
    drawn = [np.repeat(RNG.gamma(shape, 1, (1, readers)), 40, axis=0) for _ in range(4000)]
    variances = [40**2 * readers * one[0].var(ddof=1) for one in drawn]
    # Third cumulant and variance each as a mean over draws, both without bias: G of one draw is a ratio of the two.
    third = np.mean([skewness(one, np.sqrt(v)) * v**1.5 for one, v in zip(drawn, variances, strict=True)])
    expected = 2 / np.sqrt(readers * shape)
    assert third / np.mean(variances) ** 1.5 == pytest.approx(expected, rel=0.1)


def test_it_is_at_most_one() -> None:
    # 1,000 sentences alike, so that single cells count for nothing.
    cells = np.zeros((1000, 9))
    cells[:, 4] = 1 / 1000
    sums = cells.sum(axis=0)
    error = np.sqrt(9 / 8 * ((sums - sums.mean()) ** 2).sum())
    assert skewness(cells, error) == pytest.approx(1, abs=1e-5)
    assert skewness(cells, error / 2) == 1
    assert skewness(-cells, error / 2) == -1


def test_what_sentences_do_is_left_out() -> None:
    cells = RNG.normal(0, 1, (1, R)) + RNG.normal(0, 0.1, (S, R))
    skewed = RNG.gamma(0.1, 1, (S, 1))
    assert abs(stats.skew(skewed[:, 0])) > 1
    assert skewness(cells + skewed, 100.0) == pytest.approx(skewness(cells, 100.0), abs=1e-3)


@given(st.floats(-30, 30), st.floats(-1, 1))
def test_the_correction_can_be_undone_and_keeps_the_order(t: float, G: float) -> None:
    assert uncorrected(corrected(t, G), G) == pytest.approx(t, abs=1e-4)
    assert corrected(t + 0.01, G) > corrected(t, G)


def test_without_skewness_it_is_the_t_test() -> None:
    found = Skewed(0.3, 0.2, 11, 0.0)
    half = stats.t.ppf(0.975, 11) * 0.2
    assert interval(found) == pytest.approx((0.3 - half, 0.3 + half))
    assert p_below(found, 0.1) == pytest.approx(stats.t.sf(1, 11))
    assert p_above(found, 0.1) == pytest.approx(stats.t.cdf(1, 11))
    # As good as none: digits are kept.
    assert ends(11, 1e-13) == pytest.approx(ends(11, 0.0), rel=1e-12)


@pytest.mark.parametrize("G", [-0.8, -0.1, 0.0, 0.3])
def test_an_interval_is_what_the_test_does_not_reject(G: float) -> None:
    found = Skewed(1.0, 0.4, 9, G)
    for truth in interval(found):
        assert 2 * min(p_above(found, truth), p_below(found, truth)) == pytest.approx(0.05)
    assert p_above(found, 0.2) + p_below(found, 0.2) == pytest.approx(1)


def _missed(cells: FloatArray, truth: float) -> tuple[int, int]:
    """Of many samples (samples, n): by t, and by t corrected, how many intervals miss."""
    n = cells.shape[1]
    t = (cells.mean(axis=1) - truth) / (cells.std(axis=1, ddof=1) / np.sqrt(n))
    G = stats.skew(cells, axis=1, bias=False) / np.sqrt(n)
    critical = stats.t.ppf(0.975, n - 1)
    own = corrected(t, G)
    return int((np.abs(t) > critical).sum()), int((np.abs(own) > critical).sum())


def test_intervals_of_skewed_values_cover_what_they_should() -> None:
    """Exponential values, 40 a sample: by t 6.9 percent of intervals miss, corrected 5.2."""
    by_t, by_corrected = _missed(RNG.exponential(1, (20_000, 40)), 1.0)
    assert by_t > 0.064 * 20_000
    assert by_corrected < 0.057 * 20_000
    by_t, by_corrected = _missed(RNG.normal(0, 1, (20_000, 40)), 0.0)
    assert by_corrected == pytest.approx(by_t, abs=0.01 * 20_000)
