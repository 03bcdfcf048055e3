"""p and interval of an estimate over readers who differ in a skewed way.

Skewed contributions have a small error where the estimate comes out low, so that estimate +- t x error ends below the
truth more often than it begins above it: 63 against 10 times of 1,000 where attention adds much
(docs/calibration.md). To the next order T = (estimate - truth) / error has the distribution

    P(T <= x) = F(x) + G (2 x^2 + 1) f(x) / 6,    G = third cumulant of the estimate / error^3,

F and f normal, and a cubic that rises everywhere takes G out of it (Hall, On the removal of skewness by transformation,
Journal of the Royal Statistical Society B 54, 1992):

    T' = T + G T^2 / 3 + G^2 T^3 / 27 + G / 6

T' is held against t; solved for the truth it gives the ends of an interval. With G = 0 both are the usual ones.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats

from readalike.corpus import FloatArray


class Skewed(NamedTuple):
    """An estimate, its standard error (NaN where nothing varies or too few are left), degrees of freedom, and G."""

    estimate: float
    error: float
    df: float
    skewness: float


def skewness(cells: FloatArray, error: float) -> float:
    """G of the sum of all cells by how readers differ.

    cells : (sentences, readers) contributions; error : standard error of their sum

    The third cumulant is that of what each reader does, less what is owed to single cells, counted as the variance is
    (`clustered`). A sum of n independent values has n times their third k-statistic, which is without bias. Readers are
    few, and as they differ by factors they are skewed; sentences are many. Their part is left out, since corrected by
    it a test finds what is not there where a score is 0 in most of them (docs/calibration.md, all layers at once in
    `own`), and nowhere is it better.

    Within -1 and 1, which of n values it cannot exceed (it is 1 where one is apart from all others); with an error that
    is too small by chance it could.
    """
    third = _of_sum(cells.sum(axis=0)) - _of_sum(cells.ravel())
    return float(np.clip(third / error**3, -1, 1))


def _of_sum(values: FloatArray) -> float:
    n = len(values)
    # Two deviations are equal and opposite, and so are their cubes.
    return n * float(stats.kstat(values, 3)) if n > 2 else 0.0


def corrected(t: float, G: float) -> float:
    """T' of T."""
    return t + G * t**2 / 3 + G**2 * t**3 / 27 + G / 6


def uncorrected(t: float, G: float) -> float:
    """T of T': 3 ((1 + G x)^(1/3) - 1) / G with x = T' - G / 6, written so that a small G keeps its digits."""
    x = t - G / 6
    root = float(np.cbrt(1 + G * x))
    return 3 * x / (root**2 + root + 1)


def interval(found: Skewed) -> tuple[float, float]:
    """95 percent, two-sided."""
    low, high = ends(found.df, found.skewness)
    return found.estimate - high * found.error, found.estimate - low * found.error


def ends(df: float, G: float) -> tuple[float, float]:
    """T between which 95 percent of T' are: how many errors the estimate is above the ends of its interval."""
    t = float(stats.t.ppf(0.975, df))
    return uncorrected(-t, G), uncorrected(t, G)


def p_above(found: Skewed, bound: float) -> float:
    """One-sided p that the truth is `bound` or above: small where the estimate is well below it."""
    return float(stats.t.cdf(corrected((found.estimate - bound) / found.error, found.skewness), found.df))


def p_below(found: Skewed, bound: float) -> float:
    """One-sided p that the truth is `bound` or below."""
    return float(stats.t.sf(corrected((found.estimate - bound) / found.error, found.skewness), found.df))
