"""What the robustness table says of each conclusion, in plain words."""

import textwrap
from typing import NamedTuple

import pandas as pd

from readalike.statistics import conclusions as c
from readalike.tables.robustness import CONTRADICTS, NOT_ASKED, SUPPORTS
from readalike.tables.variants import CLAIMS

SHOWN, IN_PART, AGAINST, NOT_SHOWN, UNASKED = "shown", "shown in part", "against it", "not shown", "not asked"
ABOVE = " above "  # between the two groups of a contrast
WIDTH = 118


class Counts(NamedTuple):
    """Numbers of variants: asked; those that support the conclusion, that contradict it."""

    asked: int
    supports: int
    contradicts: int

    @property
    def cannot_tell(self) -> int:
        return self.asked - self.supports - self.contradicts


class Verdict(NamedTuple):
    """Of one conclusion in one run.

    word : `shown` where every strict variant that was asked supports it, `shown in part` where some do, `against it`
        where none does and at least one contradicts it, else `not shown`: none of them can tell
    every : counts of all variants; strict : of the strict ones; alone : of the strict ones by their own p
    why : where nothing strict was asked
    """

    word: str
    every: Counts
    strict: Counts
    alone: Counts
    why: str

    @property
    def label(self) -> str:
        """The word, and of how many strict variants it is true where not of all."""
        return f"{self.word} ({self.strict.supports} of {self.strict.asked})" if self.word == IN_PART else self.word


def verdict(table: pd.DataFrame, conclusion: str) -> Verdict:
    """table : rows of ROBUSTNESS"""
    own = table[table["conclusion"] == conclusion]
    asked = own[own["outcome"] != NOT_ASKED]
    strict = asked[asked["strict"] == "yes"]
    counts = counted(asked["outcome"]), counted(strict["outcome"]), counted(strict["outcome_alone"])
    if strict.empty:
        return Verdict(UNASKED, *counts, str(next(iter(own.loc[own["strict"] == "yes", "why"]), "")))
    if counts[1].supports == len(strict):
        word = SHOWN
    elif counts[1].supports:
        word = IN_PART
    else:
        word = AGAINST if counts[1].contradicts else NOT_SHOWN
    return Verdict(word, *counts, "")


def counted(outcomes: "pd.Series[str]") -> Counts:
    return Counts(len(outcomes), int((outcomes == SUPPORTS).sum()), int((outcomes == CONTRADICTS).sum()))


def claim_of(table: pd.DataFrame, conclusion: str) -> str:
    """The paper's words, of two groups of readers with their names where the rows have one pair of them.

    table : rows of ROBUSTNESS, of one run or of several
    """
    pairs = {name for name in table.loc[table["conclusion"] == conclusion, "readers"] if ABOVE in name}
    if conclusion == c.GROUPS and len(pairs) == 1:
        more, less = pairs.pop().split(ABOVE)
        return f"models resemble {more} readers more than {less}"
    return CLAIMS[conclusion]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def sentences(table: pd.DataFrame) -> list[str]:
    """A sentence or two a conclusion."""
    return [f"{capital(claim_of(table, name))}: {said(verdict(table, name))}" for name in CLAIMS]


def said(found: Verdict) -> str:
    """A verdict in words: the strict variants first, all of them last."""
    if not found.every.asked:
        return f"not asked: {found.why}."
    first = f"{found.label}: {told(found.strict, 'strict variants')}." if found.strict.asked else ""
    return f"{first or f'not asked by a strict variant: {found.why}.'} {of_all(found)}"


def of_all(found: Verdict) -> str:
    return f"Counted over all variants, strict or not: {told(found.every, 'variants')}."


def told(counts: Counts, what: str) -> str:
    return (
        f"of {counts.asked} {what} {counts.supports} support it, {counts.contradicts} contradict it, "
        f"{counts.cannot_tell} cannot tell"
    )


def paragraph(table: pd.DataFrame) -> str:
    """What `summary.txt` ends with; empty without a table."""
    if table.empty:
        return ""
    head = (
        "What becomes of the paper's conclusions (tables/robustness.csv has every variant, none chosen by what came "
        "out). A conclusion is shown where every strict variant supports it: readers and sentences as drawn from many, "
        "held out, beyond what is known of places, lengths and punctuation (b2), Holm's p below 0.05 over all tested "
        "variants; of conclusions about models alone: sentences as drawn, over all layers, of instructions beyond what "
        "noise does. Shown in part: some do. Against it: none does, and one at least contradicts it. Not shown: none "
        "can tell, which is no refutation."
    )
    lines = ["", *textwrap.wrap(head, WIDTH)]
    for line in sentences(table):
        lines += textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"
