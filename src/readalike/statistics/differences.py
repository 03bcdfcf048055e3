"""Tests of a difference: t over sentences or readers, equivalence, and readers and sentences resampled together.

Each gives a row of the test tables (`contracts.statistics.TESTS`); what does not apply stays empty.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from readalike.corpus import FloatArray

Row = dict[str, Any]
Side = Literal["greater", "less", "two-sided"]
NORMAL_95 = float(stats.norm.ppf(0.975))


def paired_t(a: FloatArray, b: FloatArray, side: Side) -> Row:
    """Paired t of a against b, pairs with an empty side left out; Cohen's d_z (mean / sd of differences).

    side : greater (a above b), less or two-sided. The interval of the difference is two-sided, 95 percent; that of
    d_z uses the large-sample standard error sqrt(1/n + d^2/(2 n)) (Hedges and Olkin 1985).
    """
    both = ~(np.isnan(a) | np.isnan(b))
    a, b = a[both], b[both]
    n = len(a)
    row: Row = {"test": "paired t", "n_a": n, "n_b": n, "mean_a": _mean(a), "mean_b": _mean(b), "side": side}
    difference = a - b
    if n < 2 or np.ptp(difference) == 0:
        # Nothing varies: t is not defined.
        return {**row, "difference": _mean(difference)}
    found = stats.ttest_rel(a, b, alternative=side)
    low, high = stats.ttest_rel(a, b).confidence_interval(0.95)
    d = difference.mean() / difference.std(ddof=1)
    return {
        **row,
        "difference": difference.mean(),
        "ci_low": low,
        "ci_high": high,
        "statistic": found.statistic,
        "df": found.df,
        "p": found.pvalue,
        **_effect(d, np.sqrt(1 / n + d**2 / (2 * n)), "d_z"),
    }


def independent_t(a: FloatArray, b: FloatArray, side: Side, *, welch: bool = False) -> Row:
    """Independent t of a against b, equal variances or Welch's; Cohen's d with the pooled standard deviation."""
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    n_a, n_b = len(a), len(b)
    name = "Welch t" if welch else "independent t"
    row: Row = {"test": name, "n_a": n_a, "n_b": n_b, "mean_a": _mean(a), "mean_b": _mean(b), "side": side}
    if min(n_a, n_b) < 2 or (np.ptp(a) == 0 and np.ptp(b) == 0):
        return {**row, "difference": _mean(a) - _mean(b)}
    found = stats.ttest_ind(a, b, equal_var=not welch, alternative=side)
    low, high = stats.ttest_ind(a, b, equal_var=not welch).confidence_interval(0.95)
    pooled = np.sqrt(((n_a - 1) * a.var(ddof=1) + (n_b - 1) * b.var(ddof=1)) / (n_a + n_b - 2))
    d = (a.mean() - b.mean()) / pooled
    return {
        **row,
        "difference": a.mean() - b.mean(),
        "ci_low": low,
        "ci_high": high,
        "statistic": found.statistic,
        "df": found.df,
        "p": found.pvalue,
        **_effect(d, np.sqrt(1 / n_a + 1 / n_b + d**2 / (2 * (n_a + n_b))), "d"),
    }


def equivalence(a: FloatArray, b: FloatArray, bound: float) -> Row:
    """Two one-sided paired tests: is the difference within (-bound, bound)? 'No effect' is claimed by this only.

    The interval is the 90 percent one, which lies within the bounds exactly where p < 0.05 (Schuirmann 1987).
    """
    both = ~(np.isnan(a) | np.isnan(b))
    a, b = a[both], b[both]
    row: Row = {"test": "equivalence", "n_a": len(a), "n_b": len(a), "mean_a": _mean(a), "mean_b": _mean(b)}
    row |= {"difference": _mean(a - b), "bound": bound, "side": "within bounds"}
    if len(a) < 2 or np.ptp(a - b) == 0:
        return row
    p, lower, upper = ttost_paired(a, b, -bound, bound)
    nearer = lower if lower[1] >= upper[1] else upper
    low, high = stats.ttest_rel(a, b).confidence_interval(0.9)
    return {**row, "ci_low": low, "ci_high": high, "statistic": nearer[0], "df": nearer[2], "p": p}


def crossed_bootstrap(
    point: float,
    a: tuple[FloatArray, FloatArray | None],
    b: tuple[FloatArray, FloatArray | None],
    *,
    paired: bool,
    side: Side,
    seed: int,
) -> Row:
    """Readers and sentences resampled together: standard error of a difference of means over readers, z and p.

    point : the observed difference, mean of a minus mean of b
    a, b : (draws, readers) scores, each row from one resampling of the sentences (the same in a and b), and
        optionally (draws, readers) of what the mean is divided by (a ceiling); paired: the same readers in both

    A t-test over readers takes the sentences as fixed, but all readers read the same ones: what is special to these
    sentences does not average out, and the t-test rejects too often. Here one row of sentence draws meets one
    resampling of readers. In-sample scores of resampled sentences are biased upwards; so only their spread is used,
    centred on the observed difference, with a normal p.
    """
    rng = np.random.default_rng([seed, 0xC205])
    draws = len(a[0])
    pick_a = rng.integers(0, a[0].shape[1], size=a[0].shape)
    pick_b = pick_a if paired else rng.integers(0, b[0].shape[1], size=b[0].shape)
    differences = _resampled_mean(a, pick_a) - _resampled_mean(b, pick_b)
    error = float(np.nanstd(differences, ddof=1))
    row: Row = {"test": "crossed bootstrap", "n_a": a[0].shape[1], "n_b": b[0].shape[1], "side": side}
    row |= {"difference": point, "df": draws}
    if not error > 0:
        return row
    z = point / error
    p = {"greater": stats.norm.sf(z), "less": stats.norm.cdf(z), "two-sided": 2 * stats.norm.sf(abs(z))}[side]
    half = NORMAL_95 * error
    return {**row, "ci_low": point - half, "ci_high": point + half, "statistic": z, "p": p}


def _resampled_mean(scores: tuple[FloatArray, FloatArray | None], pick: np.ndarray) -> FloatArray:
    values, divisor = scores
    mean: FloatArray = np.nanmean(np.take_along_axis(values, pick, axis=1), axis=1)
    if divisor is not None:
        mean = mean / np.nanmean(np.take_along_axis(divisor, pick, axis=1), axis=1)
    return mean


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _effect(d: float, error: float, name: str) -> Mapping[str, Any]:
    return {
        "effect_size": d,
        "effect_name": name,
        "effect_ci_low": d - NORMAL_95 * error,
        "effect_ci_high": d + NORMAL_95 * error,
    }
