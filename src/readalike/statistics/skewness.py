"""p and interval of an estimate over readers who are skewed: t adjusted for skewness.

Where a few readers have much more than all others, the error is small when these happen to be left out and the estimate
is low, so that estimate +- t x error ends below the truth more often than it begins above it; and the reverse where a
few have much less. docs/calibration.md counts both sides. To the next order T = (estimate - truth) / error has the
distribution

    P(T <= x) = F(x) + G (2 x^2 + 1) f(x) / 6,    G = third cumulant of the estimate / error^3,

F and f normal, and a cubic takes G out of it (Hall, On the removal of skewness by transformation, Journal of the Royal
Statistical Society B 54, 1992):

    T' = T + G T^2 / 3 + G^2 T^3 / 27 + G / 6

T' is held against t; solved for the truth it gives the ends of an interval. With G = 0 both are the usual ones.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from readalike.corpus import FloatArray

# The cubic is flat at T = -3 / G. With |G| at most this over t its slope is 0.6 or more within the interval; without a
# bound the G of few readers, which is noise where they are not skewed, would make intervals several times as long.
STEEP = 0.5


class Estimate(NamedTuple):
    """With its standard error (NaN where nothing varies or too few are left), degrees of freedom, and G."""

    estimate: float
    error: float
    df: float
    skewness: float


def skewness(cells: FloatArray, error: float, df: float) -> float:
    """G of the sum of all cells by how readers differ, at most STEEP over the 97.5 percent point of t.

    cells : (sentences, readers) contributions; error : standard error of their sum

    The third cumulant is that of what each reader does, less what single cells do to it, so that only what is a
    reader's own is left. A sum of n independent values has n times their third k-statistic, which is without bias. That
    of sentences is left out: adjusted for it too, a test finds what is not there where a score is 0 in most sentences
    (docs/calibration.md, all layers at once in `own`). 0 for fewer than three readers.
    """
    if cells.shape[1] < 3:
        return 0.0
    third = _of_sum(cells.sum(axis=0)) - _of_sum(cells.ravel())
    most = STEEP / float(stats.t.ppf(0.975, df))
    return float(np.clip(third / error**3, -most, most))


def _of_sum(values: FloatArray) -> float:
    # `kstat` is made of sums of powers, which lose digits where the mean is large.
    return len(values) * float(stats.kstat(values - values.mean(), 3))


def adjusted(t: float, G: float) -> float:
    """T' of T."""
    return t + G * t**2 / 3 + G**2 * t**3 / 27 + G / 6


def unadjusted(t: float, G: float) -> float:
    """T of T': 3 ((1 + G x)^(1/3) - 1) / G with x = T' - G / 6, written so that a small G keeps its digits."""
    x = t - G / 6
    root = float(np.cbrt(1 + G * x))
    return 3 * x / (root**2 + root + 1)


def interval(found: Estimate) -> tuple[float, float]:
    """95 percent, two-sided."""
    low, high = ends(found.df, found.skewness)
    return found.estimate - high * found.error, found.estimate - low * found.error


def ends(df: float, G: float) -> tuple[float, float]:
    """T between which 95 percent of T' are: how many errors the estimate is above the ends of its interval."""
    t = float(stats.t.ppf(0.975, df))
    return unadjusted(-t, G), unadjusted(t, G)


def p_above(found: Estimate, bound: float) -> float:
    """One-sided p that the truth is `bound` or above: small where the estimate is well below it."""
    return float(stats.t.cdf(adjusted((found.estimate - bound) / found.error, found.skewness), found.df))


def p_below(found: Estimate, bound: float) -> float:
    """One-sided p that the truth is `bound` or below."""
    return float(stats.t.sf(adjusted((found.estimate - bound) / found.error, found.skewness), found.df))
