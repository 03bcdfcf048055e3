"""One model at a glance: every measure of it as a mean over its observations, layer by layer."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from readalike.files.tables import read_table

# What a row is about; the rest of a table's columns are values, or name the observations that are averaged over.
KEYS = ("corpus", "group", "readers", "signal", "condition", "layer")
VALUES: Mapping[str, Sequence[str]] = {
    "resemblance": ("r2", "r2_adjusted", "r2_cv", "r2_null", "r2_unique", "r2_unique_null"),
    "thinned": ("r2",),
    "reliance": ("r2", "to_first", "to_previous", "to_self"),
    "loss": ("loss_per_token", "loss_per_word", "loss_per_character"),
    "sensitivity": ("divergence",),
}
COLUMNS = ("model", "measure", *KEYS, "quantity", "n", "mean", "sd")


def overview(tables: Mapping[str, Sequence[Path]], model: str) -> pd.DataFrame:
    """Mean and standard deviation of each quantity over readers, heads or sentences, in COLUMNS.

    tables : measure -> its tables of this model. A key that a measure does not have is empty, `n` is the number of
    observations. Raises FileFormatError for a table that lacks a column.
    """
    parts = [
        _means(read_table(path, VALUES[measure]), VALUES[measure]).assign(model=model, measure=measure)
        for measure, paths in tables.items()
        for path in paths
    ]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    whole = frame.reindex(columns=list(COLUMNS))
    # Layers are whole numbers, and there are measures without one.
    return whole.astype({"layer": "Int64"})


def _means(frame: pd.DataFrame, values: Sequence[str]) -> pd.DataFrame:
    keys = [key for key in KEYS if key in frame]
    long = frame.melt(id_vars=keys, value_vars=list(values), var_name="quantity")
    grouped = long.groupby([*keys, "quantity"], sort=False)["value"]
    return grouped.agg(n="count", mean="mean", sd="std").reset_index()
