"""Rows of the test tables: every column that a test fills, by name and value."""

import numpy as np
import pytest
from scipy import stats

from readalike.files.contracts.statistics import TESTS
from readalike.statistics.differences import independent_t, paired_t

A = np.random.default_rng(1).normal(0.4, 1, 12)
B = np.random.default_rng(2).normal(0, 1, 12)
SIDES = ("greater", "less", "two-sided")
EFFECT = {"effect_size", "effect_name", "effect_ci_low", "effect_ci_high"}
DESCRIBED = {"test", "n_a", "n_b", "mean_a", "mean_b", "side", "difference"}
TESTED = {"ci_low", "ci_high", "statistic", "df", "p"}


def test_rows_have_columns_of_the_contract_only() -> None:
    assert set(paired_t(A, B, "less")) == set(independent_t(A, B, "less")) == DESCRIBED | TESTED | EFFECT
    assert set(TESTS.names) > DESCRIBED | TESTED | EFFECT


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


def test_a_difference_that_never_varies_is_described_and_not_tested() -> None:
    assert set(paired_t(A, A, "greater")) == DESCRIBED
    assert set(independent_t(A * 0 + 2, B * 0, "greater")) == DESCRIBED
    assert independent_t(A * 0 + 2, B * 0, "greater")["difference"] == 2
    assert set(paired_t(A[:1], B[:1], "greater")) == set(independent_t(A, B[:1], "greater")) == DESCRIBED


def test_two_are_enough_for_a_test_and_one_is_not() -> None:
    for test in (paired_t, independent_t):
        expected = (stats.ttest_rel if test is paired_t else stats.ttest_ind)(A[:2], B[:2]).pvalue
        assert test(A[:2], B[:2], "two-sided")["p"] == pytest.approx(expected)
        alone = test(A[:1], B[:1], "two-sided")
        assert "p" not in alone
        assert alone["difference"] == A[0] - B[0]
    assert "p" in independent_t(A, B * 0, "less"), "one group that varies is enough"
    none = paired_t(A, A * np.nan, "less")
    assert none["n_a"] == 0
    assert np.isnan([none["mean_a"], none["mean_b"], none["difference"]]).all()
