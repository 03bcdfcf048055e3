"""Tables as a person reads them in the report: few digits, what a column means, no more rows than a person looks at."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

# Rows of a table that are shown; the file has all.
MOST_ROWS = 60
DIGITS = 4  # significant


@dataclass(frozen=True)
class Cell:
    """What stands in a cell, and whether it is a number, which is set to the right."""

    text: str
    number: bool


@dataclass(frozen=True)
class Shown:
    """A table in the report.

    columns : name and meaning (empty where unknown); rows : those that are shown, of `total`
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int

    @property
    def cut(self) -> bool:
        return len(self.rows) < self.total


def shown(frame: pd.DataFrame, meanings: Mapping[str, str], most: int = MOST_ROWS) -> Shown:
    """The first `most` rows of a table. meanings : column -> what it means"""
    columns = tuple((str(name), meanings.get(str(name), "")) for name in frame.columns)
    rows = tuple(tuple(cell(value) for value in row) for row in frame.head(most).itertuples(index=False, name=None))
    return Shown(columns, rows, len(frame))


def cell(value: object) -> Cell:
    """Numbers with four significant digits, whole ones in full, truths as yes and no, and nothing where nothing is."""
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return Cell("yes" if value else "no", False)
    if value is None or value is pd.NA or (isinstance(value, float) and pd.isna(value)):
        return Cell("", False)
    if isinstance(value, float):
        # As people write: 20, not 20.0; 1.000e-05 for what would be all zeros.
        return Cell(f"{value:.{DIGITS}g}" if not value.is_integer() or abs(value) >= 1e15 else f"{int(value):,}", True)
    if isinstance(value, int):
        return Cell(f"{value:,}", True)
    return Cell(str(value), False)
