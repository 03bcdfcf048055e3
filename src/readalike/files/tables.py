"""Long tables as CSV: one row an observation, floats to the last bit, columns as their contract says."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from readalike.errors import FileFormatError
from readalike.files.atomic import replacing
from readalike.files.contracts import Table


def write_table(path: Path, frame: pd.DataFrame, table: Table) -> None:
    """Write `frame` as CSV, columns in the contract's order, floats with as many digits as bring back the same bits.

    Raises ValueError where the columns are not those of the contract: a defect of the code that made the frame.
    """
    if set(frame.columns) != set(table.names):
        missing, unknown = set(table.names) - set(frame.columns), set(frame.columns) - set(table.names)
        raise ValueError(f"{path}: columns missing: {sorted(missing)}, not in the contract: {sorted(unknown)}")
    write_csv(path, frame[table.names])


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame that no other script reads, such as what a figure draws."""
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")


def read_table(path: Path, table: Table) -> pd.DataFrame:
    """Read a CSV with the columns of its contract; others are left out.

    Text stays text: a reader called 'NA' or '01' is not changed. Raises FileFormatError naming the file and what is
    wrong: no table, a column missing, text where numbers belong.
    """
    try:
        frame = pd.read_csv(path, dtype=dict.fromkeys(table.text, str), keep_default_na=False, na_values=[""])
    except (FileNotFoundError, IsADirectoryError):
        raise FileFormatError(f"{path}: no such table; run the workflow to make it") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path}: not a table ({error}); delete it and run the workflow again") from None
    if missing := [name for name in table.names if name not in frame.columns]:
        raise FileFormatError(f"{path}: no column {', '.join(missing)}; delete it and run the workflow again")
    for name in table.numeric:
        if not (pd.api.types.is_numeric_dtype(frame[name]) or frame[name].isna().all()):
            raise FileFormatError(f"{path}: column {name} holds text; delete it and run the workflow again")
    return frame[table.names].fillna(dict.fromkeys(table.text, ""))


def gather(paths: Iterable[Path], table: Table) -> pd.DataFrame:
    """The rows of several tables of one kind, in the order given; an empty frame with the columns for none."""
    frames = [read_table(path, table) for path in paths]
    frames = [frame for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=table.names)
