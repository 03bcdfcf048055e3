"""What several tests compare with: p and interval of a skewed estimate, written out cell by cell."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from readalike.corpus import FloatArray


def third_cumulant(sums: Sequence[float]) -> float:
    """Of a sum of independent values, without bias: n times n sum (x - mean)^3 / ((n - 1) (n - 2))."""
    n = len(sums)
    if n < 3:
        return 0.0
    mean = sum(sums) / n
    return n * n * sum((x - mean) ** 3 for x in sums) / ((n - 1) * (n - 2))


class ByHand(NamedTuple):
    """Of one group of readers: error and degrees of freedom are given, estimate and G are those of the cells."""

    estimate: float
    error: float
    df: float
    G: float

    def t(self, truth: float) -> float:
        """Hall's cubic as the cube that it is: ((1 + G T / 3)^3 - 1) / G + G / 6."""
        t = (self.estimate - truth) / self.error
        return t if self.G == 0 else ((1 + self.G * t / 3) ** 3 - 1) / self.G + self.G / 6

    @property
    def p(self) -> float:
        return float(2 * stats.t.cdf(-abs(self.t(0)), self.df))

    def p_margin(self, bound: float) -> float:
        """Twice the larger one-sided p of being beyond -bound or bound."""
        return min(1.0, 2 * max(stats.t.cdf(self.t(bound), self.df), 1 - stats.t.cdf(self.t(-bound), self.df)))

    @property
    def interval(self) -> tuple[float, float]:
        critical, far = stats.t.isf(0.025, self.df), 1000 * self.error
        low, high = (
            optimize.brentq(lambda truth, end=end: self.t(truth) - end, self.estimate - far, self.estimate + far,
                            xtol=1e-15 * far)
            for end in (critical, -critical)
        )  # fmt: skip
        return float(low), float(high)


def by_hand(cells: FloatArray, error: float, df: float) -> ByHand:
    """cells : (sentences, readers)"""
    readers = [sum(float(cell) for cell in row) for row in cells.T]
    third = third_cumulant(readers) - third_cumulant([float(x) for x in np.ravel(cells)])
    most = 1 / (2 * stats.t.isf(0.025, df))
    return ByHand(float(cells.sum()), error, df, max(-most, min(most, third / error**3)) if len(readers) > 2 else 0.0)
