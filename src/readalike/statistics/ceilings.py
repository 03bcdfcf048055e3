"""A group's ceiling: the mean over its readers, and scores as a percentage of it."""

import numpy as np
import pandas as pd


def group_ceiling(ceilings: pd.DataFrame, group: str, signal: str, ceiling: str) -> float:
    """Mean over readers of one ceiling of one signal; NaN where the group has none.

    ceilings : rows of `contracts.human.CEILINGS`; ceiling : its name there, such as `group_mean`
    """
    rows = ceilings[(ceilings["group"] == group) & (ceilings["signal"] == signal) & (ceilings["ceiling"] == ceiling)]
    return float(rows["value"].mean())


def percent_of(score: float, ceiling: float) -> float:
    """NaN where readers predict one another no better than their mean does: there is nothing to reach."""
    return 100 * score / ceiling if ceiling > 0 else np.nan
