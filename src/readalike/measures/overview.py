"""One model at a glance: every measure of it as a mean over its observations, layer by layer."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from readalike.files.contracts import Table
from readalike.files.contracts.dictionary import contract_of
from readalike.files.contracts.overview import ABOUT, OVERVIEW
from readalike.files.tables import read_table


def overview(paths: Sequence[Path], model: str, results: Path) -> pd.DataFrame:
    """Mean and standard deviation of each quantity over readers, heads or sentences, as `OVERVIEW` has it.

    paths : every table of a measure of this model; what each holds is told by where it stands in `results`. A key that
    a measure does not have is empty, `n` is the number of observations. Raises FileFormatError for a table that lacks a
    column.
    """
    parts = []
    for path in paths:
        table = contract_of(str(path.relative_to(results)))
        parts.append(_means(read_table(path, table), table).assign(model=model, measure=measure_of(table)))
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    # Layers are whole numbers, and there are measures without one.
    return frame.reindex(columns=OVERVIEW.names).astype({"layer": "Int64"})


def measure_of(table: Table) -> str:
    """Name of a measure: its folder, or what stands behind the name of the groups, such as `thinned`."""
    path = Path(table.paths[0])
    _, behind, name = path.stem.rpartition("}-")
    return name if behind else path.parts[0]


def _means(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    keys = [column.name for column in ABOUT if column.name in frame]
    long = frame.melt(id_vars=keys, value_vars=list(table.overview), var_name="quantity")
    grouped = long.groupby([*keys, "quantity"], sort=False)["value"]
    return grouped.agg(n="count", mean="mean", sd="std").reset_index()
