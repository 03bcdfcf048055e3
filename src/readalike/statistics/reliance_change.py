"""Change of a model's reliance on trivial patterns by size and by tuning, by quarter (paper, Figures 8 and 9)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from readalike.files.bootstrap import Draws
from readalike.files.contracts.statistics import RELIANCE_CHANGE
from readalike.measures.quarters import quarter
from readalike.statistics.comparisons import Comparisons


def reliance_change(
    frame: pd.DataFrame, draws: Mapping[tuple[str, str], Draws], comparisons: Comparisons
) -> pd.DataFrame:
    """(b - a) / a of every configured pair a, b, with a 95 percent bootstrap interval over sentences.

    Withheld where a relies on the patterns not at all: attention that never varies.

    draws : by (corpus, model), `{condition}/r2` of shape (4, draws); the same sentences are drawn for both models.
    """
    rows = []
    for corpus in dict.fromkeys(frame["corpus"]):
        for comparison in ("scaling", "tuning"):
            for a, b in comparisons.get(comparison, []):
                own = frame[(frame["corpus"] == corpus) & frame["model"].isin([a, b])]
                for condition in dict.fromkeys(own["condition"]):
                    values = own[own["condition"] == condition]
                    of_a, of_b = (by_quarter(values[values["model"] == model]) for model in (a, b))
                    drawn_a, drawn_b = (draws[corpus, model].values[f"{condition}/r2"] for model in (a, b))
                    for k in range(4):
                        change, low, high, why = np.nan, np.nan, np.nan, f"reliance of {a} not above zero"
                        if of_a[k] > 0 and (drawn_a[k] > 0).all():
                            change, why = of_b[k] / of_a[k] - 1, ""
                            low, high = np.quantile(drawn_b[k] / drawn_a[k] - 1, [0.025, 0.975])
                        found = (of_a[k], of_b[k], change, low, high, why, drawn_a.shape[1])
                        rows.append((corpus, comparison, a, b, condition, k, *found))
    return pd.DataFrame(rows, columns=RELIANCE_CHANGE.names)


def by_quarter(frame: pd.DataFrame) -> list[float]:
    """Mean over heads (those that vary), then over the layers of each quarter."""
    layers = frame.groupby("layer")["r2"].mean().sort_index().to_numpy()
    return [float(layers[list(quarter(len(layers), k))].mean()) for k in range(4)]
