"""What the robustness table says of each conclusion, in plain words."""

import textwrap
from typing import NamedTuple

import pandas as pd

from readalike.tables.robustness import CONTRADICTS, NOT_ASKED, SUPPORTS
from readalike.tables.variants import CLAIMS

SURVIVES, IN_PART, FAILS, OPEN, UNASKED = (
    *("survives", "survives in part", "is contradicted"),
    *("does not survive", "not asked"),
)
WIDTH = 118


class Verdict(NamedTuple):
    """Of one conclusion in one run. Numbers of variants asked, that support it, that contradict it; of strict ones too.

    word : `survives` where every strict variant that was asked supports it, `survives in part` where some do, `is
        contradicted` where all contradict it; else `does not survive`: it is not shown
    why : where nothing was asked
    """

    word: str
    asked: int
    supports: int
    contradicts: int
    strict: int
    strict_supports: int
    strict_contradicts: int
    why: str


def verdict(table: pd.DataFrame, conclusion: str) -> Verdict:
    """table : rows of ROBUSTNESS"""
    own = table[table["conclusion"] == conclusion]
    asked = own[own["outcome"] != NOT_ASKED]
    strict = asked[asked["strict"] == "yes"]
    supports, contradicts = (int((asked["outcome"] == what).sum()) for what in (SUPPORTS, CONTRADICTS))
    strictly, against = (int((strict["outcome"] == what).sum()) for what in (SUPPORTS, CONTRADICTS))
    if strict.empty:
        word, reasons = UNASKED, own.loc[own["strict"] == "yes", "why"]
        return Verdict(word, len(asked), supports, contradicts, 0, 0, 0, str(next(iter(reasons), "")))
    if strictly == len(strict):
        word = SURVIVES
    elif strictly:
        word = IN_PART
    else:
        word = FAILS if against == len(strict) else OPEN
    return Verdict(word, len(asked), supports, contradicts, len(strict), strictly, against, "")


def sentences(table: pd.DataFrame) -> list[str]:
    """A sentence or two a conclusion."""
    return [f"{claim[0].upper()}{claim[1:]}: {said(verdict(table, name))}" for name, claim in CLAIMS.items()]


def said(found: Verdict) -> str:
    """A verdict in words."""
    if not found.asked:
        return f"not asked, {found.why}."
    rest = found.asked - found.supports - found.contradicts
    text = (
        f"supported by {found.supports} of {found.asked} variants, contradicted by {found.contradicts}; "
        f"{rest} cannot tell. "
    )
    if not found.strict:
        return f"{text}Whether it survives is not asked: {found.why}."
    left = found.strict - found.strict_supports - found.strict_contradicts
    strict = (
        f"of {found.strict} strict variants {found.strict_supports} support it, {found.strict_contradicts} contradict "
        f"it, {left} cannot tell"
    )
    return f"{text}It {found.word}: {strict}."


def paragraph(table: pd.DataFrame) -> str:
    """What `results/summary.txt` ends with; empty without a table."""
    if table.empty:
        return ""
    head = (
        "What becomes of the paper's conclusions (tables/robustness.csv; every variant was listed beforehand). A "
        "conclusion survives where every strict variant supports it: readers and sentences as drawn from many, held "
        "out, beyond what is known of places, lengths and punctuation (b2), Holm's p below 0.05 over all variants; of "
        "conclusions about models alone: sentences as drawn, over all layers, of instructions beyond what noise does."
    )
    lines = ["", *textwrap.wrap(head, WIDTH)]
    for line in sentences(table):
        lines += textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"
