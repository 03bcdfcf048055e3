"""Means over items and sets against statsmodels' analysis of variance, and how often their intervals hold the truth."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.anova import anova_lm

from readalike.corpus import FloatArray
from readalike.statistics.crossed import crossed


def drawn(rng: np.random.Generator, items: int, sets: int, of_items: float, of_sets: float) -> FloatArray:
    return (
        of_items * rng.normal(size=(items, 1)) + of_sets * rng.normal(size=(1, sets)) + rng.normal(size=(items, sets))
    )


def test_variance_and_degrees_of_freedom_are_those_of_a_two_way_layout() -> None:
    values = 0.3 + drawn(np.random.default_rng(3), 7, 4, 1.5, 0.8)
    frame = pd.DataFrame(
        [(str(i), str(s), values[i, s]) for i in range(7) for s in range(4)], columns=["item", "set", "y"]
    )
    table = anova_lm(smf.ols("y ~ C(item) + C(set)", frame).fit())
    squares = (table["sum_sq"] / table["df"]).to_dict()
    by_item, by_set, rest = squares["C(item)"], squares["C(set)"], squares["Residual"]
    variance = by_item + by_set - rest
    assert variance > max(by_item, by_set)
    df = variance**2 / (by_item**2 / 6 + by_set**2 / 3 + rest**2 / 18)
    found = crossed(values)
    error = np.sqrt(variance / 28)
    assert found.estimate == pytest.approx(values.mean(), rel=1e-12)
    assert (found.error, found.df) == pytest.approx((error, df), rel=1e-9)
    low, high = stats.t.interval(0.95, df, loc=values.mean(), scale=error)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-9)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(values.mean()) / error, df), rel=1e-9)


def test_a_variance_that_comes_out_too_small_is_that_of_items_or_sets_alone() -> None:
    # Within an item all that sets do is turned over: what is left is larger than either.
    values = np.array([[1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, 1.01]])
    found = crossed(values)
    by_item = 2 * ((values.mean(axis=1) - values.mean()) ** 2).sum() / 3
    by_set = 4 * ((values.mean(axis=0) - values.mean()) ** 2).sum()
    assert found.error == pytest.approx(np.sqrt(max(by_item, by_set) / 8), rel=1e-9)
    assert found.df >= 1


def test_what_does_not_vary_has_no_interval_and_one_set_none_at_all() -> None:
    same = crossed(np.full((5, 3), 0.75))
    assert (same.estimate, same.error, same.low, same.high, same.p) == (0.75, 0, 0.75, 0.75, 0)
    assert crossed(np.zeros((5, 3))).p == 1
    alone = crossed(np.array([[0.0], [1.0]]))
    assert alone.estimate == 0.5
    assert np.isnan([alone.low, alone.high, alone.p]).all()


@pytest.mark.parametrize(
    ("sets", "of_items", "of_sets"), [(3, 0.0, 0.0), (3, 1.0, 0.0), (3, 1.0, 1.0), (3, 0.3, 2.0), (8, 1.0, 0.5)]
)
def test_intervals_hold_the_truth(sets: int, of_items: float, of_sets: float) -> None:
    """In 600 draws of 20 items; a share of 0.95 has a standard error of 0.009.

    With three sets Satterthwaite's approximation is rough: covered are 0.91 to 0.98, which docs/in-context.md says.
    """
    rng = np.random.default_rng(sets)
    found = [crossed(drawn(rng, 20, sets, of_items, of_sets)) for _ in range(600)]
    covered = np.mean([one.low < 0 < one.high for one in found])
    assert (0.9 if sets == 3 else 0.93) < covered <= 0.99
    assert np.mean([one.p < 0.05 for one in found]) == pytest.approx(1 - covered, abs=1e-12)


def with_labels(rng: np.random.Generator, liked: float) -> FloatArray:
    """24 items of two labels, of which one is liked, by sets in different measure; 6 sets."""
    sign = np.repeat([1.0, -1.0], 12)[:, None]
    return drawn(rng, 24, 6, 1.0, 0.5) + sign * (liked + rng.normal(size=(1, 6)))


def test_a_liking_for_a_label_widens_no_interval() -> None:
    values, labels = with_labels(np.random.default_rng(5), 0.0), ["a"] * 12 + ["b"] * 12
    plain = crossed(values, labels)
    liked = crossed(values + np.repeat([3.0, -3.0], 12)[:, None], labels)
    assert (liked.estimate, liked.error, liked.df) == pytest.approx((plain.estimate, plain.error, plain.df), rel=1e-9)
    assert crossed(values + np.repeat([3.0, -3.0], 12)[:, None]).error > 2 * plain.error
    # By loops: mean squares within the labels.
    of_item, of_rest = 0.0, 0.0
    for half in (values[:12], values[12:]):
        for row in half:
            of_item += 6 * (row.mean() - half.mean()) ** 2
            of_rest += sum((row[s] - row.mean() - half[:, s].mean() + half.mean()) ** 2 for s in range(6))
    of_set = 24 * sum((values[:, s].mean() - values.mean()) ** 2 for s in range(6))
    squares, free = np.array([of_item, of_set, of_rest]) / [22, 5, 110], np.array([22, 5, 110])
    variance = squares[0] + squares[1] - squares[2]
    assert plain.error == pytest.approx(np.sqrt(variance / 144), rel=1e-9)
    assert plain.df == pytest.approx(variance**2 / (squares**2 / free).sum(), rel=1e-9)
    assert crossed(np.repeat([[1.0], [0.0]], 12, axis=0) * np.ones((1, 6)), labels).error == 0


def test_intervals_hold_the_truth_where_sets_like_labels_differently() -> None:
    rng, labels = np.random.default_rng(9), ["a"] * 12 + ["b"] * 12
    found = [crossed(with_labels(rng, 2.0), labels) for _ in range(600)]
    assert 0.93 < np.mean([one.low < 0 < one.high for one in found]) <= 0.99
