"""Every column of resemblance side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from readalike.files.contracts.all_layers import ALL_LAYERS
from readalike.files.contracts.resemblance import SCORES
from readalike.files.contracts.tables import INTERVALS
from readalike.files.sums import SumsOf
from readalike.statistics import scored
from readalike.statistics.best_layer import standing
from readalike.statistics.ceilings import group_ceiling, percent_of, withheld
from readalike.statistics.clustered import clustered_t
from readalike.statistics.readers import GroupSums, not_scaled, scaled
from readalike.tables.latex import rounded

# Column of the table with an interval -> the score, as conclusions and verdict are made of it ...
OF_SCORES = {
    "r2": scored.SCORES["in sample"],
    "r2_cv": scored.Score("r2_cv", sums="r2_cv"),
    "r2_cv_above_null": scored.SCORES["held out, above shuffled"],
    "r2_unique_b0": scored.SCORES["beyond b0"],
    "r2_unique_b1": scored.SCORES["beyond b1"],
    "r2_unique_b2_above_null": scored.SCORES["beyond b2"],
    "r2_unique_b2_all_layers": scored.SCORES[scored.AT_ONCE],
}
# ... or the scale of `statistics.readers`, whose ceiling varies with the score.
OF_SCALES = {"percent_of_ceiling": "percent_of_ceiling", "percent_held_out": "percent_cv"}
BASELINES = ("b0", "b1", "b2")
CEILINGS = ("group_mean", "leave_one_out_cv", "group_mean_residual", "split_half_cv", "split_half_beyond_b2")


def readers_scored(resemblance: pd.DataFrame) -> int:
    """Readers who are in the means: one whose signal never varies has no score."""
    return int(resemblance.loc[resemblance["r2"].notna(), "reader"].nunique())


def reasons(**ceilings: float) -> str:
    """Why each of some percentages is empty, e.g. `percent_held_out: ceiling not above zero`."""
    return "; ".join(f"{name}: {why}" for name, ceiling in ceilings.items() if (why := withheld(ceiling)))


def intervals(at: pd.DataFrame, sums: Sequence[SumsOf], human: GroupSums, ceilings: pd.DataFrame) -> dict[str, float]:
    """95 percent intervals over readers and sentences of INTERVALS; NaN where no sums are kept or nothing varies.

    at : rows of RESEMBLANCE of one model, group, signal and layer; sums : of this model and group, those of
    resemblance first
    """
    model, group, signal = (str(at[name].iloc[0]) for name in ("model", "group", "signal"))
    parts = {}
    for name, score in OF_SCORES.items():
        parts[name] = next((one.parts for one in scored.by_layer(at, score, sums, signal).values()), None)
    for name, scale in OF_SCALES.items():
        if sums and group in human and not not_scaled(scale, {group: at}, ceilings):
            _, (own,) = scaled(scale, at, {(model, group): sums[0]}, human, ceilings, None)
            parts[name] = 100 * own
    found: dict[str, float] = {}
    for name in INTERVALS:
        own_parts = parts.get(name)
        row = {} if own_parts is None else clustered_t((own_parts,), "two-sided")
        found |= {f"{name}_{end}": float(row.get(end, np.nan)) for end in ("ci_low", "ci_high")}
    return found


def headline(
    resemblance: pd.DataFrame,
    best_layer: pd.DataFrame,
    ceilings: pd.DataFrame,
    baseline: pd.DataFrame,
    signal: str,
    without_b3: Mapping[str, str],
    sums: Mapping[tuple[str, str], Sequence[SumsOf]],
    human: GroupSums,
    all_layers: pd.DataFrame,
) -> pd.DataFrame:
    """Every column of resemblance side by side at the layer that stands for the model (`best_layer.RULE`), means over
    readers, of some with intervals.

    Beside them the group's ceilings and what is known without attention, held out.

    without_b3 : model -> why what is beyond b3 is empty
    sums, human : sums of squares of (model, group), those of resemblance first, and of each group's readers
    all_layers : rows of ALL_LAYERS, which are of no one layer
    """
    resemblance = scored.joined(resemblance, [(all_layers, ALL_LAYERS)])
    kinds = dict(zip(resemblance["group"], resemblance["readers_are"], strict=True))
    rows = []
    for (model, group), layer in standing(best_layer, signal).items():
        at = resemblance[
            (resemblance["model"] == model)
            & (resemblance["group"] == group)
            & (resemblance["signal"] == signal)
            & (resemblance["layer"] == layer)
        ]
        mean = at[[*(score.name for score in SCORES), "r2_unique_b2_all_layers"]].mean()
        ceiling = {name: group_ceiling(ceilings, group, signal, name) for name in CEILINGS}
        known = baseline[(baseline["group"] == group) & (baseline["signal"] == signal)]
        alone = known.groupby("baseline")["r2_cv"].mean()
        rows.append(
            {
                **{"group": group, "readers_are": kinds[group], "n": readers_scored(at), "model": model},
                **{"layer": layer, **mean},
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
                **intervals(at, sums.get((model, group), ()), human, ceilings),
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


def printed_headline(table: pd.DataFrame) -> pd.DataFrame:
    """The table rounded, with each interval in brackets behind what it is of."""
    cells = rounded(table)
    for name in INTERVALS:
        low, high = (cells.pop(f"{name} {end}".replace("_", " ")) for end in ("ci_low", "ci_high"))
        shown = name.replace("_", " ")
        bracketed = cells[shown] + " [" + low + ", " + high + "]"
        cells[shown] = cells[shown].where(low == "--", bracketed)
    return cells
