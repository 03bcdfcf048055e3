"""How many readers, sentences and models an effect needs: variance components, and the power that follows from them.

A difference is the mean over S sentences and R readers of cells d_sr = mu + a_s + b_r + c_sr, all drawn at random. With
variances of a sentence, of a reader and of the rest the mean has the variance that `clustered` estimates,

    V(R, S) = var(a) / S + var(b) / R + var(c) / (S R),

and its t, with min(S, R) - 1 degrees of freedom, is about noncentral with mu / sqrt(V). More readers alone cannot
bring V below var(a) / S. Two independent groups of R readers each: var(b) and var(c) are the sums of both groups'. The
components are those of a two-way analysis of variance without replication, an estimate below zero taken as zero
(Searle, Casella and McCulloch, Variance Components, 1992, chapter 4).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from readalike.corpus import FloatArray

LEVEL, POWER = 0.05, 0.8
MOST = 10_000  # readers, sentences or models; an effect that needs more is out of reach


class Components(NamedTuple):
    """Variances in squares of the difference's unit; of two groups of readers `reader` and `rest` are sums of both."""

    sentence: float
    reader: float
    rest: float


def components(groups: Sequence[FloatArray]) -> Components:
    """groups : contributions, (sentences, readers) each, as `clustered.clustered` takes them

    NaN where a group has fewer than two sentences or readers.
    """
    S = len(groups[0])
    if S < 2 or min(group.shape[1] for group in groups) < 2:
        return Components(np.nan, np.nan, np.nan)
    by_sentence, reader, rest, in_means = np.zeros(S), 0.0, 0.0, 0.0
    for group in groups:
        R = group.shape[1]
        cells = group * group.size  # whose mean is the estimate
        a, b = cells.mean(axis=1), cells.mean(axis=0)
        left = ((cells - a[:, None] - b + cells.mean()) ** 2).sum() / ((S - 1) * (R - 1))
        by_sentence += a
        reader += max(float(b.var(ddof=1) - left / S), 0.0)
        rest += float(left)
        in_means += float(left) / R
    return Components(max(float(by_sentence.var(ddof=1)) - in_means, 0.0), reader, rest)


def standard_error(of: Components, readers: int, sentences: int) -> float:
    """readers : of each group"""
    return float(np.sqrt(of.sentence / sentences + of.reader / readers + of.rest / (sentences * readers)))


def power(of: Components, effect: float, readers: int, sentences: int, level: float = LEVEL) -> float:
    """Of the two-sided clustered t-test; NaN where there is no degree of freedom, or nothing varies.

    readers : of each group; effect : true difference, in the unit of the cells
    """
    df, error = _df(readers, sentences), standard_error(of, readers, sentences)
    return _t_power(effect / error, df, level) if df > 0 and error > 0 else np.nan


def _df(readers: int, sentences: int) -> int:
    return min(sentences, readers) - 1


def _t_power(shift: float, df: int, level: float) -> float:
    """How often |t| exceeds what `level` asks for, with noncentrality `shift`."""
    if shift == 0:
        return level  # where scipy's noncentral F is wrong
    # t^2 is noncentral F; unlike the noncentral t, scipy's has no holes far from zero.
    return float(stats.ncf.sf(stats.t.ppf(1 - level / 2, df) ** 2, 1, df, shift**2))


def detectable(of: Components, readers: int, sentences: int, wanted: float = POWER, level: float = LEVEL) -> float:
    """The smallest true difference that is found with power `wanted`; NaN as in `power`."""
    df, error = _df(readers, sentences), standard_error(of, readers, sentences)
    if not (df > 0 and error > 0):
        return np.nan
    # Beyond this a normal variate over the critical value is found as good as always.
    farthest = 10 * (stats.t.ppf(1 - level / 2, df) + 10)
    return float(error * optimize.brentq(lambda shift: _t_power(shift, df, level) - wanted, 0, farthest))


def readers_needed(of: Components, effect: float, sentences: int, wanted: float = POWER, level: float = LEVEL) -> float:
    """The fewest readers a group, with so many sentences; infinite where none up to MOST are enough."""
    return _fewest(lambda readers: power(of, effect, readers, sentences, level), wanted)


def sentences_needed(of: Components, effect: float, readers: int, wanted: float = POWER, level: float = LEVEL) -> float:
    """The fewest sentences, with so many readers a group; infinite where none up to MOST are enough."""
    return _fewest(lambda sentences: power(of, effect, readers, sentences, level), wanted)


def models_needed(between: float, effect: float, wanted: float = POWER, level: float = LEVEL) -> float:
    """The fewest models (or pairs of them) for a two-sided t-test over models; infinite as above.

    between : variance over models of what is measured of each, with what readers and sentences make uncertain in it
    """
    return _fewest(
        lambda models: _t_power(effect / np.sqrt(between / models), models - 1, level) if between > 0 else np.nan,
        wanted,
    )


def _fewest(power_at: Callable[[int], float], wanted: float) -> float:
    """From 2 to MOST, by halving: power grows with the number. NaN where power is not known."""
    low, high = 1, MOST
    most = power_at(high)
    if not most >= wanted:
        return np.nan if np.isnan(most) else np.inf
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power_at(middle) >= wanted else (middle, high)
    return float(high)
