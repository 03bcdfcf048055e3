"""Table 8: resemblance to brain regions (paper, Appendix D)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from readalike.conditions import PLAIN
from readalike.statistics.ceilings import group_ceiling, percent_of
from readalike.tables.headline import readers_scored, reasons
from readalike.tables.latex import decimals

CEILINGS_OF_TABLE_8 = ("gao2023", "pearson", "group_mean")


def regions(resemblance: pd.DataFrame, ceilings: pd.DataFrame, layers: Mapping[str, int]) -> pd.DataFrame:
    """Table 8: the best layer's resemblance to each brain region, in sample and held out; a row a model and region.

    percent_of_gao2023 : the paper's score, an R2 over a Pearson r (with the authors' slip); percent_of_pearson : the
    same without the slip; percent_of_group_mean : R2 over R2. r2_cv is the highest of any layer, each with an article
    left out. layers : of the whole model; imported attention may lack some.
    """
    rows = []
    for key, part in resemblance.groupby(["model", "group", "readers_are", "signal"], sort=False):
        model, group, readers_are, region = (str(value) for value in np.asarray(key, dtype=object))
        mean = part.groupby("layer")[["r2", "r2_cv", "r2_null"]].mean()
        best, best_cv = (int(mean.index[int(mean[name].argmax())]) for name in ("r2", "r2_cv"))
        ceiling = {
            name: group_ceiling(ceilings, group, region, name) for name in (*CEILINGS_OF_TABLE_8, "leave_one_out_cv")
        }
        rows.append(
            {
                **{"model": model, "group": group, "readers_are": readers_are, "region": region},
                **{"n": readers_scored(part), "layers": f"{len(mean)} of {layers[model]}"},
                **{"best_layer": best, "r2": mean["r2"].max()},
                **{f"percent_of_{kind}": percent_of(mean["r2"].max(), ceiling[kind]) for kind in CEILINGS_OF_TABLE_8},
                "withheld": reasons(**{f"percent_of_{kind}": ceiling[kind] for kind in CEILINGS_OF_TABLE_8}),
                **{"best_layer_cv": best_cv, "r2_cv": mean["r2_cv"].max()},
                "r2_cv_above_null": (mean["r2_cv"] - mean["r2_null"]).max(),
                "ceiling_leave_one_out_cv": ceiling["leave_one_out_cv"],
            }
        )
    return pd.DataFrame(rows)


def printed_regions(table: pd.DataFrame) -> pd.DataFrame:
    """Table 8 as the paper prints it, the score over its ceiling, a column a group; with a row for every region."""
    groups = list(dict.fromkeys(table["group"]))
    rows = []
    for (model, region), own in table.groupby(["model", "region"], sort=False):
        percent = own.set_index("group")["percent_of_gao2023"]
        rows.append([model, region, *(decimals(float(percent.get(group, np.nan)), 2) for group in groups)])
    return pd.DataFrame(rows, columns=["Model", "Region", *(f"{group} (%)" for group in groups)])


def with_model_column(
    table: pd.DataFrame, loss: pd.DataFrame, column: str, group: str, models: Sequence[str]
) -> pd.DataFrame:
    """Rows of Table 8 of one group and some models, with their loss or parameters, which must be known."""
    plain = loss[(loss["condition"] == PLAIN) & loss[column].notna()]
    known = plain.drop_duplicates("model").set_index("model")[column].astype(float)
    own = table[(table["group"] == group) & table["model"].isin([m for m in models if m in known.index])]
    return own.assign(**{column: own["model"].map(known)})
