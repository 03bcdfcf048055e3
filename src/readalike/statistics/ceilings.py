"""A group's ceiling: the mean over its readers, and scores as a percentage of it."""

import numpy as np
import pandas as pd


def group_ceiling(ceilings: pd.DataFrame, group: str, signal: str, ceiling: str) -> float:
    """Mean over readers of one ceiling of one signal; NaN where the group has none.

    ceilings : rows of `contracts.human.CEILINGS`; ceiling : its name there, such as `group_mean`
    """
    rows = ceilings[(ceilings["group"] == group) & (ceilings["signal"] == signal) & (ceilings["ceiling"] == ceiling)]
    return float(rows["value"].mean())


def withheld(ceiling: float) -> str:
    """Why no score is set against a ceiling; empty where one may be.

    Readers who predict one another no better than their mean does leave nothing to reach, and a group of one reader has
    no ceiling at all (`measures.human.ceilings`), nor has a bound one whose halves share nothing (`measures.bounds`).
    """
    if np.isnan(ceiling):
        return "no ceiling: a single reader, none whose signal varies, or nothing shared"
    return "" if ceiling > 0 else "ceiling not above zero"


def percent_of(score: float, ceiling: float) -> float:
    """Percentage; NaN where `withheld` says why."""
    return np.nan if withheld(ceiling) else 100 * score / ceiling
