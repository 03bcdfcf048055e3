"""Corrections for many tests: Bonferroni as in the paper, Holm, Benjamini-Hochberg, and max-t over layers."""

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from readalike.corpus import FloatArray
from readalike.files.contracts.statistics import TESTS
from readalike.statistics.differences import Row


def table(rows: list[Row]) -> pd.DataFrame:
    """Rows as a test table with corrected p.

    Rows of one `family` and `test` are corrected together. Bonferroni multiplies by `n_tests`, the paper's number;
    Holm and Benjamini-Hochberg use the tests of the family that were made.
    """
    frame = pd.DataFrame(rows, columns=TESTS.names)
    for name in ("p", "n_tests", "p_bonferroni", "p_holm", "p_bh", "p_maxt"):
        frame[name] = frame[name].astype(float)
    frame["p_bonferroni"] = (frame["p"] * frame["n_tests"]).clip(upper=1)
    tested = frame[frame["p"].notna()]
    for _, members in tested.groupby(["family", "test"], sort=False):
        for column, method in (("p_holm", "holm"), ("p_bh", "fdr_bh")):
            frame.loc[members.index, column] = multipletests(members["p"].to_numpy(), method=method)[1]
    return frame


def max_t_paired(differences: FloatArray, permutations: int, seed: int, side: str) -> FloatArray:
    """Corrected p of each of several paired t-tests on the same units, by flipping signs of whole units.

    differences : (tests, units). The largest t over tests in each flip is the null; p = (1 + larger) / (1 + flips).
    A unit that lacks a value in any test is left out; with fewer than two units left all p are NaN.
    """
    differences = differences[:, ~np.isnan(differences).any(axis=0)]
    tests, n = differences.shape
    if n < 2:
        return np.full(tests, np.nan)
    sums_of_squares = (differences**2).sum(axis=1)

    def t_of(means: FloatArray) -> FloatArray:
        variance = (sums_of_squares - n * means**2) / (n - 1)
        t: FloatArray = np.divide(means, np.sqrt(variance / n), out=np.zeros_like(means), where=variance > 0)
        return t

    rng = np.random.default_rng([seed, tests, n])
    flips = rng.choice([-1.0, 1.0], size=(permutations, n))
    return _exceeded(t_of(differences.mean(axis=1)), t_of(flips @ differences.T / n), side)


def _exceeded(observed: FloatArray, null: FloatArray, side: str) -> FloatArray:
    if side == "less":
        observed, null = -observed, -null
    elif side == "two-sided":
        observed, null = np.abs(observed), np.abs(null)
    largest = null.max(axis=1)
    # A permutation that gives the observed labels back must count as reaching the observed t, whatever the rounding.
    p: FloatArray = (1 + (largest[:, None] >= observed - 1e-9).sum(axis=0)) / (1 + len(largest))
    return p
