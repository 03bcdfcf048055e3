"""The verdict on one screen: what a run says on each question, and how far to trust it."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from readalike.statistics.conclusions import BEYOND
from readalike.statistics.conclusions_beyond import OF_TWINS
from readalike.statistics.scored import AT_ONCE
from readalike.tables.verdict import EITHER_WAY, NO, NOT_ASKED, QUESTIONS, READING, SIGNIFICANT

LINES, WIDTH = 40, 100
# So many places with unlike answers are named beside the question; of more it is said how many.
NAMED = 3
EITHER = [QUESTIONS[question] for question in EITHER_WAY]
SHORT = {
    "held out, above shuffled": "uncontrolled",
    "excess over noise": "beyond noise",
    AT_ONCE: "all layers at once",
}


def screen(table: pd.DataFrame, small: Sequence[str], orders: Sequence[str], name: str) -> str:
    """At most LINES lines of WIDTH characters.

    table : rows of VERDICT; small : warnings; orders : what is said of size with the models as drawn; name : of the run
    """
    # Where it is too long, first other scales of a question go, then the places.
    for places, shown in ((True, table), (True, table[_is_told(table)]), (False, table)):
        lines = [*_head(table, small, name, places), *_questions(shown, orders, places), *_foot(table, places)]
        if len(lines) <= LINES:
            break
    return "\n".join(lines) + "\n"


def _is_told(table: pd.DataFrame) -> "pd.Series[bool]":
    """What stays where the screen is too small: the answers, and of question 4 what an untrained model does."""
    return (table["main"] == "yes") | (table["question"] == QUESTIONS[BEYOND])


def _wrapped(text: str, indent: str = "", most: int = 2) -> list[str]:
    lines = textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", max_lines=most)
    return [line.rstrip() for line in lines]


def _head(table: pd.DataFrame, small: Sequence[str], name: str, places: bool) -> list[str]:
    lines = _wrapped(f"VERDICT of {name}", most=1)
    if (table["readers_are"] == "simulated").any():
        lines.append("The readers are simulated: nothing on readers here is a statement about people.")
    if small:
        lines += _wrapped(f"WARNING: {'; '.join(small)}: do not rely on this.", most=3 if places else 2)
    return lines


def _questions(table: pd.DataFrame, orders: Sequence[str], places: bool) -> list[str]:
    lines: list[str] = []
    for k, (question, own) in enumerate(table.groupby("question", sort=False), start=1):
        main = own[own["main"] == "yes"]
        words = list(dict.fromkeys(main["answer"]))
        lines.append(f"{k} {question} {_answers(main)}")
        if words == [NOT_ASKED]:
            lines += _wrapped(str(main["why"].iloc[0]), "    ", 1)
        elif places:
            for row in main.to_dict("records"):
                lines += _wrapped(_place({str(key): value for key, value in row.items()}, own), "    ", 4)
        if k == 1 and orders and words != [NOT_ASKED]:
            lines += _wrapped(f"for models other than these, uncontrolled: {'; '.join(orders)}", "    ")
    return lines


def _answers(main: pd.DataFrame) -> str:
    """One word where all places have it; else of each place its word, or where they are many how many have it."""
    words = main["answer"].str.upper()
    if len(set(words)) == 1:
        return str(words.iloc[0])
    if len(main) <= NAMED:
        return ", ".join(f"{_where(row)} {str(row['answer']).upper()}" for row in main.to_dict("records"))
    return ", ".join(f"{word} ({(words == word).sum()} of {len(main)})" for word in dict.fromkeys(words))


def _where(row: Mapping[Any, Any]) -> str:
    return str(row["readers"] or " ".join(filter(None, [row["corpus"], row["about"]])))


def _place(row: dict[str, Any], own: pd.DataFrame) -> str:
    text = (
        f"{_where(row)}: {row['answer']}, {row['estimate']:+.2g} {row['unit']} [{row['low']:+.2g}, {row['high']:+.2g}]"
    )
    if row["answer"] == NO and not math.isnan(row["p_margin"]):
        either = " either way" if row["question"] in EITHER else ""
        text += f" (more than {row['margin']:.2g}{either} ruled out, p {row['p_margin']:.2g})"
    else:
        text += f", p {row['p']:.2g}" if not math.isnan(row["p"]) else ""
    if row["p_articles"] < SIGNIFICANT:
        text += f"; articles differ in it, p {row['p_articles']:.2g}"
    place = [row[name] for name in ("corpus", "readers", "about")]
    there = own[(own[["corpus", "readers", "about"]] == place).all(axis=1)]
    found = {str(other["scale"]): other for other in there.to_dict("records")}
    of_twins = {name for names in OF_TWINS.values() for name in names}
    text += _twins(str(row["scale"]), found)
    for scale, other in found.items():
        if scale not in {row["scale"], *of_twins}:
            text += f"; {SHORT.get(scale, scale)}: {other['answer']}, {other['estimate']:+.2g}{_twins(scale, found)}"
    return text


def _twins(scale: str, found: Mapping[str, Mapping[Any, Any]]) -> str:
    """In brackets what untrained models score, and their trained twins above them with its interval."""
    untrained, above = (found.get(name) for name in OF_TWINS.get(scale, ("", "")))
    if untrained is None or above is None:
        return ""
    text = f" (untrained: {untrained['answer']}, {untrained['estimate']:+.2g}; above untrained: {above['answer']}, "
    text += f"{above['estimate']:+.2g} [{above['low']:+.2g}, {above['high']:+.2g}]"
    return text + (f", p {above['p']:.2g})" if not math.isnan(above["p"]) else ")")


def _foot(table: pd.DataFrame, places: bool) -> list[str]:
    asked = table[table["answer"] != NOT_ASKED]
    lines = []
    if len(asked):
        kinds = (
            "Scores of readers: held out, above shuffled attention, less what word position, length and punctuation "
            "tell (b2); 'uncontrolled': with that left in. Readers and sentences count as random, models as fixed. "
            "'cannot tell' is no weak 'no'; 'ruled out': by an equivalence test, whose margin is wide in a small "
            f"corpus; intervals: 95 percent, not corrected; p: {asked['correction'].iloc[0]}."
        )
        if (asked["question"] == QUESTIONS[READING]).any():
            kinds += " Question 7: by how much of its time a word is read longer where the predictor is an SD higher."
        lines += _wrapped(kinds, most=6)
    return [
        *(*lines, "n, margins and why: tables/verdict.csv. How to read it: docs/reading-the-verdict.md"),
        "Figures, tables and methods to look at: report.html",
    ]


def orders_of(slopes: pd.DataFrame, signal: str) -> list[str]:
    """What size does with the models as drawn, held out above shuffled attention: a permutation p a group.

    slopes : rows of SLOPES, or empty
    """
    if slopes.empty:
        return []
    own = slopes[(slopes["signal"] == signal) & (slopes["column"] == "nested r2_cv - r2_null")]
    own = own[(own["fit"] == "within families") & own["p_permutation"].notna()]
    return [_of_orders(row) for row in own.to_dict("records")]


def _of_orders(row: Mapping[Any, Any]) -> str:
    """`permutations` orders of the models, so that no p is below two of them."""
    least, said = 2 / row["permutations"], f"p {row['p_permutation']:.2g} over the orders of {row['n']}"
    return f"{row['group']} {said}" + (f", which is never below {least:.2g}" if least > SIGNIFICANT else "")
