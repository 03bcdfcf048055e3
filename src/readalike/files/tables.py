"""Long tables as CSV: one row an observation, floats to the last bit."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from readalike.errors import FileFormatError
from readalike.files.atomic import replacing


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write `frame` as CSV; floats with as many digits as bring back the same bits."""
    with replacing(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")


def read_table(path: Path, columns: Sequence[str], *, as_printed: Sequence[str] = ()) -> pd.DataFrame:
    """Read a CSV that must have `columns` (others are kept); those `as_printed` stay the text they are.

    Text stays text: a reader called 'NA' or '01' is not changed. Raises FileFormatError naming file and column.
    """
    try:
        frame = pd.read_csv(
            path,
            dtype=dict.fromkeys([*TEXT_COLUMNS, *as_printed], str),
            keep_default_na=False,
            na_values=[""],
        )
    except FileNotFoundError:
        raise FileFormatError(f"{path}: no such table; run the workflow to make it") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise FileFormatError(f"{path}: not a table ({error}); delete it and run the workflow again") from None
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise FileFormatError(f"{path}: no column {', '.join(missing)}; delete it and run the workflow again")
    text = [name for name in frame.columns if name in TEXT_COLUMNS or name in as_printed]
    return frame.fillna(dict.fromkeys(text, ""))


# Columns that hold names, wherever they appear.
TEXT_COLUMNS = frozenset(
    [
        "group",
        "reader",
        "readers",
        "signal",
        "kind",
        "corpus",
        "model",
        "small",
        "large",
        "base",
        "tuned",
        "a",
        "b",
        "condition",
        "unit",
        "rule",
        "layers",
        "test",
        "side",
        "quantity",
        "question",
        "column",
        "region",
        "source",
        "basis",
        "status",
        "why",
    ]
)


def gather(paths: Iterable[Path], columns: Sequence[str]) -> pd.DataFrame:
    """The rows of several tables of one kind, in the order given; an empty frame with `columns` for none."""
    frames = [read_table(path, columns) for path in paths]
    frames = [frame for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))
