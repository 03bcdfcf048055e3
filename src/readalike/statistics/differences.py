"""Tests of a difference: t over sentences or over readers. Both as drawn: `clustered`.

Each gives a row of the test tables (`contracts.statistics.TESTS`); what does not apply stays empty.
"""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from scipy import stats

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


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _effect(d: float, error: float, name: str) -> Mapping[str, Any]:
    return {
        "effect_size": d,
        "effect_name": name,
        "effect_ci_low": d - NORMAL_95 * error,
        "effect_ci_high": d + NORMAL_95 * error,
    }
