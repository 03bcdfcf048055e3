"""The verdict of a run at the head of its report: an answer a question, with its estimate and what it hangs on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from readalike.files.contracts.verdict import VERDICT
from readalike.files.tables import read_table
from readalike.report.tables import cell
from readalike.tables.verdict import NO, SIGNIFICANT


@dataclass(frozen=True)
class Answer:
    """One row of the verdict as a person reads it; what the table lacks is empty.

    where : the corpus, readers and condition or comparison that it is of
    tests : p of no effect and of one beyond the margin, corrected; that articles differ, where they do
    kind : the answer in letters and hyphens, for its colour: yes, no, cannot-tell, not-asked-here
    """

    question: str
    where: str
    answer: str
    kind: str
    estimate: str
    n: str
    tests: str
    rests_on: str
    file: str
    why: str


def answers(paths: Sequence[Path]) -> list[Answer]:
    """Rows of tables/verdict.csv that answers go by, where there is one. Raises FileFormatError for another table."""
    found = []
    for path in paths:
        table = read_table(path, VERDICT)
        for row in table[table["main"] == "yes"].to_dict("records"):
            found.append(_answer({str(name): cell(value).text for name, value in row.items()}))
    return found


def _answer(row: dict[str, str]) -> Answer:
    interval = f" ({row['low']} to {row['high']})" if row["low"] and row["high"] else ""
    unit = f" {row['unit']}" if row["unit"] else ""
    beyond = f"beyond the margin of {row['margin']}{unit}: p = {row['p_margin']}" if row["p_margin"] else ""
    difference = f"other than 0: p = {row['p']}" if row["p"] else ""
    # The p that the answer goes by first.
    tests = [beyond, difference] if row["answer"] == NO else [difference, beyond]
    if row["p_articles"] and float(row["p_articles"]) < SIGNIFICANT:
        tests.append(f"articles differ in it, so that p and interval are too small: p = {row['p_articles']}")
    return Answer(
        question=row["question"],
        where=", ".join(filter(None, (row["corpus"], row["readers"], row["about"]))),
        answer=row["answer"],
        kind="-".join("".join(c if c.isalnum() else " " for c in row["answer"].lower()).split()),
        estimate=f"{row['estimate']}{unit}{interval}" if row["estimate"] else "",
        n=row["n"],
        tests="; ".join(filter(None, [*tests, row["correction"]])) if any(tests) else "",
        rests_on=row["rests_on"],
        file=row["file"],
        why=row["why"],
    )
