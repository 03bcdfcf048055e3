"""The verdict of a run at the head of its report: an answer a question, with its estimate and what it hangs on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from readalike.errors import FileFormatError
from readalike.report.tables import cell

NEEDED = ("question", "answer")
KNOWN = ("estimate", "unit", "low", "high", "n", "p", "correction", "rests_on", "file", "why")


@dataclass(frozen=True)
class Answer:
    """One row of the verdict as a person reads it; what the table lacks is empty.

    kind : the answer in letters and hyphens, for its colour: yes, no, cannot-tell, not-asked-here
    """

    question: str
    answer: str
    kind: str
    estimate: str
    n: str
    p: str
    rests_on: str
    file: str
    why: str


def answers(paths: Sequence[Path]) -> list[Answer]:
    """Rows of tables/verdict.csv, where there is one. Raises FileFormatError where it has no question or no answer."""
    found = []
    for path in paths:
        try:
            table = pd.read_csv(path)
        except (ValueError, OSError) as error:
            raise FileFormatError(f"{path}: cannot be read as a verdict ({error}); delete it and run again") from None
        if missing := [name for name in NEEDED if name not in table]:
            raise FileFormatError(f"{path}: has no column {', '.join(missing)}; delete it and run again")
        for row in table.reindex(columns=[*NEEDED, *KNOWN]).to_dict("records"):
            found.append(_answer({str(name): cell(value).text for name, value in row.items()}))
    return found


def _answer(row: dict[str, str]) -> Answer:
    interval = f" ({row['low']} to {row['high']})" if row["low"] and row["high"] else ""
    unit = f" {row['unit']}" if row["unit"] else ""
    correction = f", {row['correction']}" if row["p"] and row["correction"] else ""
    return Answer(
        question=row["question"],
        answer=row["answer"],
        kind="-".join("".join(c if c.isalnum() else " " for c in row["answer"].lower()).split()),
        estimate=f"{row['estimate']}{unit}{interval}" if row["estimate"] else "",
        n=row["n"],
        p=f"{row['p']}{correction}",
        rests_on=row["rests_on"],
        file=row["file"],
        why=row["why"],
    )
