"""Means over items and sets of demonstrations, both taken as drawn: intervals that hold for other items and other sets.

All sets are asked the same items. What is special to one set, the choice and order of its demonstrations, does not
average out over items, nor what is special to an item over sets. Items are drawn as so many of each label: that a model
likes one label sets items of different labels apart, and is no matter of which items were drawn. With D_is of item i,
of label l, and set s the mean squares of a two-way layout within labels, one observation a cell, are

    MI = S sum_i (D_i. - D_l.)^2 / (I-C),   MS = I sum_s (D_.s - D..)^2 / (S-1),
    ME = sum_is (D_is - D_i. - D_ls + D_l.)^2 / ((I-C)(S-1))

for I items of C labels and S sets; D_l. and D_ls are means over the items of a label. The variance of the mean D.. is
estimated by V = (MI + MS - ME) / (I S), and its degrees of freedom are Satterthwaite's, (MI + MS - ME)^2 /
(MI^2/(I-C) + MS^2/(S-1) + ME^2/((I-C)(S-1))): with one label the quasi-F of Clark (Journal of Verbal Learning and
Verbal Behavior 12, 1973) for language materials and subjects. Where the estimate is below MI or MS the larger of these
stands for it, and there are never fewer degrees of freedom than min(I-C, S-1).

A bootstrap that draws items and sets was tried and is not used: with three sets the percentile interval covered
between 74 and nearly 100 percent of the truth, by how much sets differ (docs/in-context.md).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from readalike.corpus import FloatArray

# What rounding leaves of equal values is no variance: share of the largest.
ROUNDING = 1e-12


class Crossed(NamedTuple):
    """A mean with its 95 percent interval and the two-sided p of being zero.

    Without variation the interval is the mean itself and p is 0, or 1 where the mean is zero; interval, df and p are
    NaN with fewer than two sets, or no label with two items.
    """

    estimate: float
    error: float
    df: float
    low: float
    high: float
    p: float


def with_interval(name: str, found: Crossed | None) -> dict[str, float]:
    """Columns `name`, `name_low` and `name_high` of a table; NaN where there is no estimate."""
    values = (float("nan"),) * 3 if found is None else (found.estimate, found.low, found.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


def crossed(values: FloatArray, labels: Sequence[str] | None = None) -> Crossed:
    """values : (items, sets); labels : of the items, all of one where none are given."""
    estimate = float(values.mean())
    items, sets = values.shape
    names, of_label = np.unique(list(labels) if labels is not None else [""] * items, return_inverse=True)
    free = np.array([items - len(names), sets - 1, (items - len(names)) * (sets - 1)])
    if min(free) < 1:
        return Crossed(estimate, *(float("nan"),) * 5)
    by_label = np.array([values[of_label == k].mean(axis=0) for k in range(len(names))])  # (labels, sets)
    own, own_label = values.mean(axis=1), by_label.mean(axis=1)[of_label]
    of_sets = values.mean(axis=0) - estimate
    rest = values - own[:, None] - by_label[of_label] + own_label[:, None]
    squares = np.array([sets * ((own - own_label) ** 2).sum(), items * (of_sets**2).sum(), (rest**2).sum()]) / free
    by_items, by_sets, by_cells = squares
    variance = max(by_items + by_sets - by_cells, by_items, by_sets)
    error = float(np.sqrt(variance / (items * sets)))
    if error <= ROUNDING * max(float(np.abs(values).max()), ROUNDING):
        return Crossed(estimate, 0.0, float("nan"), estimate, estimate, float(estimate == 0))
    df = max(float(variance**2 / (squares**2 / free).sum()), float(min(free[:2])))
    half = float(stats.t.ppf(0.975, df)) * error
    p = float(2 * stats.t.sf(abs(estimate) / error, df))
    return Crossed(estimate, error, df, estimate - half, estimate + half, p)
