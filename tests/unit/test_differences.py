"""Rows of the test tables: every column that a test fills, by name and value."""

import numpy as np
import pytest
from scipy import stats

from readalike.files.contracts.statistics import TESTS
from readalike.statistics.differences import crossed_bootstrap, equivalence, independent_t, paired_t

A = np.random.default_rng(1).normal(0.4, 1, 12)
B = np.random.default_rng(2).normal(0, 1, 12)
SIDES = ("greater", "less", "two-sided")
EFFECT = {"effect_size", "effect_name", "effect_ci_low", "effect_ci_high"}
DESCRIBED = {"test", "n_a", "n_b", "mean_a", "mean_b", "side", "difference"}
TESTED = {"ci_low", "ci_high", "statistic", "df", "p"}


def test_rows_have_columns_of_the_contract_only() -> None:
    draws = (np.tile(A, (50, 1)), None), (np.tile(B, (50, 1)), None)
    crossed = crossed_bootstrap(0.1, *draws, paired=False, side="greater", seed=1)
    assert set(paired_t(A, B, "less")) == set(independent_t(A, B, "less")) == DESCRIBED | TESTED | EFFECT
    assert set(equivalence(A, B, 1)) == DESCRIBED | TESTED | {"bound"}
    assert set(crossed) == DESCRIBED - {"mean_a", "mean_b"} | TESTED
    assert DESCRIBED | TESTED | EFFECT | {"bound"} < set(TESTS.names)


@pytest.mark.parametrize("side", SIDES)
def test_a_row_of_paired_t_describes_the_pairs_that_are_whole(side: str) -> None:
    holes = np.where(np.arange(12) == 3, np.nan, B)
    a, b = np.delete(A, 3), np.delete(B, 3)
    row = paired_t(A, holes, side)
    expected = stats.ttest_rel(a, b, alternative=side)
    assert (row["test"], row["side"], row["n_a"], row["n_b"], row["df"]) == ("paired t", side, 11, 11, 10)
    found = [row[name] for name in ("mean_a", "mean_b", "difference", "statistic", "p")]
    assert found == pytest.approx([a.mean(), b.mean(), (a - b).mean(), expected.statistic, expected.pvalue])


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("welch", [False, True])
def test_a_row_of_independent_t_describes_both_groups(side: str, welch: bool) -> None:
    a, b = np.append(A, np.nan), np.append(B[:9], np.nan)
    row = independent_t(a, b, side, welch=welch)
    expected = stats.ttest_ind(A, B[:9], equal_var=not welch, alternative=side)
    name = "Welch t" if welch else "independent t"
    assert (row["test"], row["side"], row["n_a"], row["n_b"]) == (name, side, 12, 9)
    found = [row[name] for name in ("mean_a", "mean_b", "difference", "statistic", "df", "p")]
    means = A.mean(), B[:9].mean()
    assert found == pytest.approx([*means, means[0] - means[1], expected.statistic, expected.df, expected.pvalue])


@pytest.mark.parametrize("higher", [True, False])
def test_a_row_of_equivalence_is_of_the_bound_that_is_nearer(higher: bool) -> None:
    a, b = (A, B) if higher else (B, A)
    assert ((a - b).mean() > 0) == higher
    holes = np.append(a, 1.0), np.append(b, np.nan)
    row = equivalence(*holes, 2)
    nearer = stats.ttest_1samp(a - b, 2 if higher else -2, alternative="less" if higher else "greater")
    assert (row["test"], row["side"], row["bound"]) == ("equivalence", "within bounds", 2)
    assert (row["n_a"], row["n_b"], row["df"]) == (12, 12, 11)
    found = [row[name] for name in ("mean_a", "mean_b", "difference", "statistic", "p")]
    assert found == pytest.approx([a.mean(), b.mean(), (a - b).mean(), nearer.statistic, nearer.pvalue])


def test_a_difference_that_never_varies_is_described_and_not_tested() -> None:
    assert set(paired_t(A, A, "greater")) == DESCRIBED
    assert set(independent_t(A * 0 + 2, B * 0, "greater")) == DESCRIBED
    assert independent_t(A * 0 + 2, B * 0, "greater")["difference"] == 2
    assert set(equivalence(A, A, 1)) == DESCRIBED | {"bound"}
    assert set(paired_t(A[:1], B[:1], "greater")) == set(independent_t(A, B[:1], "greater")) == DESCRIBED


def test_two_are_enough_for_a_test_and_one_is_not() -> None:
    for test in (paired_t, independent_t):
        expected = (stats.ttest_rel if test is paired_t else stats.ttest_ind)(A[:2], B[:2]).pvalue
        assert test(A[:2], B[:2], "two-sided")["p"] == pytest.approx(expected)
        alone = test(A[:1], B[:1], "two-sided")
        assert "p" not in alone
        assert alone["difference"] == A[0] - B[0]
    assert "p" in equivalence(A[:2], B[:2], 1)
    assert "p" not in equivalence(A[:1], B[:1], 1)
    assert "p" in independent_t(A, B * 0, "less"), "one group that varies is enough"
    none = paired_t(A, A * np.nan, "less")
    assert none["n_a"] == 0
    assert np.isnan([none["mean_a"], none["mean_b"], none["difference"]]).all()


@pytest.mark.parametrize("side", SIDES)
def test_a_row_of_the_crossed_bootstrap_has_z_and_its_p(side: str) -> None:
    # One reader a group: the error is that of the draws, here of scores over ceilings.
    a, b, over_a, over_b = (np.random.default_rng(k).normal(5, 0.3, (400, 1)) for k in range(4))
    row = crossed_bootstrap(0.1, (a, over_a), (b, over_b), paired=False, side=side, seed=1)
    z = 0.1 / np.std(a / over_a - b / over_b, ddof=1)
    p = {"greater": 1 - stats.norm.cdf(z), "less": stats.norm.cdf(z), "two-sided": 2 - 2 * stats.norm.cdf(z)}[side]
    assert (row["test"], row["side"], row["n_a"], row["n_b"]) == ("crossed bootstrap", side, 1, 1)
    found = [row[name] for name in ("difference", "df", "statistic", "p")]
    assert found == pytest.approx([0.1, 400, z, p])


def test_the_crossed_bootstrap_draws_the_same_readers_twice_where_they_are_paired() -> None:
    a, b = np.tile(A, (50, 1)), np.tile(A + 3, (50, 1))
    paired = crossed_bootstrap(-3, (a, None), (b, None), paired=True, side="less", seed=1)
    assert "statistic" not in paired or abs(paired["statistic"]) > 1e12, "every reader differs by three: no error"
    apart = crossed_bootstrap(-3, (a, None), (b, None), paired=False, side="less", seed=1)
    assert abs(apart["statistic"]) < 20
    assert apart == crossed_bootstrap(-3, (a, None), (b, None), paired=False, side="less", seed=1)
    assert apart != crossed_bootstrap(-3, (a, None), (b, None), paired=False, side="less", seed=2)


def test_the_crossed_bootstrap_draws_as_many_readers_as_each_group_has() -> None:
    a, b = np.tile(A, (4000, 1)), np.tile(B[:4], (4000, 1))
    row = crossed_bootstrap(0.3, (a, None), (b, None), paired=False, side="greater", seed=1)
    assert (row["n_a"], row["n_b"]) == (12, 4)
    error = np.sqrt(A.var() / 12 + B[:4].var() / 4)
    assert row["statistic"] == pytest.approx(0.3 / error, rel=0.05)
