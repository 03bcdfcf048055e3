"""What a test said of each seed, counted; for `calibration.py` and its parts."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from tests.benchmarks.calibration_page import COLUMNS


class Found(NamedTuple):
    """rejected : or, of a family, whether anything in it was; error, ends of the 95 percent interval : NaN without."""

    rejected: bool
    estimate: float = float("nan")
    error: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")


# Question and test -> what came out.
Answers = Mapping[tuple[str, str], Found]


def counted(design: str, answers: Sequence[Answers]) -> pd.DataFrame:
    """Rows of COLUMNS of a design: of each test how often it rejects, and the root of its mean squared error over the
    true spread; answers : of each seed, of the same tests"""
    rows = []
    for question, test in answers[0]:
        own = [of_seed[question, test] for of_seed in answers]
        estimates, errors = (np.array([getattr(one, what) for one in own]) for what in ("estimate", "error"))
        ratio = np.sqrt(np.nanmean(errors**2)) / estimates.std(ddof=1) if np.isfinite(errors).any() else np.nan
        rejected, truth = sum(one.rejected for one in own), estimates.mean()
        low, high = (np.array([getattr(one, end) for one in own]) for end in ("low", "high"))
        # The truth of a design is the mean over its seeds; it is uncertain by a thirtieth of the spread.
        there = bool(np.isfinite(low).any())
        covered, below = (((low <= truth) & (truth <= high)).sum(), (high < truth).sum()) if there else (np.nan, np.nan)
        rows.append((design, question, test, len(own), rejected, ratio, float(truth), covered, below))
    return pd.DataFrame(rows, columns=COLUMNS)
