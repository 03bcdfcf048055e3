"""Every column of resemblance side by side."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from readalike.files.contracts.resemblance import SCORES
from readalike.statistics.ceilings import group_ceiling, percent_of, withheld

BASELINES = ("b0", "b1", "b2")
CEILINGS = ("group_mean", "leave_one_out_cv", "group_mean_residual", "split_half_cv", "split_half_beyond_b2")


def readers_scored(resemblance: pd.DataFrame) -> int:
    """Readers who are in the means: one whose signal never varies has no score."""
    return int(resemblance.loc[resemblance["r2"].notna(), "reader"].nunique())


def reasons(**ceilings: float) -> str:
    """Why each of some percentages is empty, e.g. `percent_held_out: ceiling not above zero`."""
    return "; ".join(f"{name}: {why}" for name, ceiling in ceilings.items() if (why := withheld(ceiling)))


def headline(
    resemblance: pd.DataFrame,
    best_layer: pd.DataFrame,
    ceilings: pd.DataFrame,
    baseline: pd.DataFrame,
    signal: str,
    without_b3: Mapping[str, str],
) -> pd.DataFrame:
    """Every column of resemblance side by side at the layer with the highest in-sample r2, means over readers.

    Beside them the group's ceilings and what is known without attention, held out.

    without_b3 : model -> why what is beyond b3 is empty
    """
    chosen = best_layer[(best_layer["rule"] == "maximum") & (best_layer["column"] == "r2")]
    chosen = chosen[chosen["signal"] == signal]
    rows = []
    for model, group, readers_are, layer in zip(
        chosen["model"], chosen["group"], chosen["readers_are"], chosen["layer"], strict=True
    ):
        at = resemblance[
            (resemblance["model"] == model)
            & (resemblance["group"] == group)
            & (resemblance["signal"] == signal)
            & (resemblance["layer"] == int(layer))
        ]
        mean = at[[score.name for score in SCORES]].mean()
        ceiling = {name: group_ceiling(ceilings, group, signal, name) for name in CEILINGS}
        known = baseline[(baseline["group"] == group) & (baseline["signal"] == signal)]
        alone = known.groupby("baseline")["r2_cv"].mean()
        rows.append(
            {
                **{"group": group, "readers_are": readers_are, "n": readers_scored(at), "model": model},
                **{"layer": int(layer), **mean},
                "r2_cv_above_null": mean["r2_cv"] - mean["r2_null"],
                "r2_unique_b2_above_null": mean["r2_unique_b2"] - mean["r2_unique_b2_null"],
                "r2_unique_b3_above_null": mean["r2_unique_b3"] - mean["r2_unique_b3_null"],
                "percent_of_ceiling": percent_of(mean["r2"], ceiling["group_mean"]),
                "percent_held_out": percent_of(mean["r2_cv"], ceiling["leave_one_out_cv"]),
                "percent_residual": percent_of(mean["r2_residual"], ceiling["group_mean_residual"]),
                "percent_of_bound": percent_of(mean["r2_cv"] - mean["r2_null"], ceiling["split_half_cv"]),
                "percent_beyond_b2": percent_of(
                    mean["r2_unique_b2"] - mean["r2_unique_b2_null"], ceiling["split_half_beyond_b2"]
                ),
                **{f"ceiling_{name}": value for name, value in ceiling.items()},
                **{f"baseline_{name}_cv": alone.get(name, np.nan) for name in BASELINES},
                "withheld": "; ".join(
                    filter(
                        None,
                        [
                            reasons(
                                percent_of_ceiling=ceiling["group_mean"],
                                percent_held_out=ceiling["leave_one_out_cv"],
                                percent_residual=ceiling["group_mean_residual"],
                                percent_of_bound=ceiling["split_half_cv"],
                                percent_beyond_b2=ceiling["split_half_beyond_b2"],
                            ),
                            f"r2_unique_b3: {without_b3[model]}" if model in without_b3 else "",
                        ],
                    )
                ),
            }
        )
    return pd.DataFrame(rows)
