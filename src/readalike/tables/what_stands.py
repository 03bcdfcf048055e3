"""docs/what-stands.md: the paper's conclusions in several runs side by side, from their robustness tables."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pandas as pd

from readalike.tables.robustness import CANNOT_TELL, CONTRADICTS, NOT_ASKED, SUPPORTS
from readalike.tables.variants import CLAIMS
from readalike.tables.verdicts import FAILS, IN_PART, SURVIVES, UNASKED, Verdict, said, verdict

INTRODUCTION = """# What stands

What becomes of the paper's five conclusions in each run that is at hand, under every variant that
`src/readalike/tables/variants.py` lists; the list was there before the results. Written by `make what-stands` from
`results/tables/robustness.csv` of each run; no number here was typed.

A conclusion **survives** where every strict variant supports it: the sign that the paper claims, readers *and*
sentences taken as drawn from many, Holm's p below 0.05 over all variants of the run, held out, and beyond what is known
of places, lengths and punctuation (baseline b2). Two conclusions are about models alone, so that no reader and no
baseline is in them: there the sentences are taken as drawn, over all layers, and what instructions do must exceed what
noise does. That tuning changes nothing is a claim of no difference: an equivalence test alone supports it, and that no
difference was found does not. Where strict variants cannot tell, the conclusion is not refuted; it is not shown.

The models of a run are taken as given: whether other models would say the same is asked in the rows `models` and
`orders of models` alone, where a line through them is drawn. What simulated readers do says nothing of people: under
`so` runs with such readers count for conclusions about models alone only. Runs may share models and readers: they are
no independent evidence.
"""
CELLS = """Cells: variants that support / contradict / cannot tell, by Holm's p; empty where the run does not ask.
Variants share readers, models and scores, so that their number is no evidence by itself.
"""
DIMENSIONS = {"score": "score", "test": "drawn from many", "layers": "layers", "models": "models"}
SIMULATED = "simulated"


class RunFound(NamedTuple):
    """name : a word; folder : where its results are; table : rows of ROBUSTNESS; made : a date; revision : of code"""

    name: str
    folder: str
    table: pd.DataFrame
    made: str
    revision: str


def page(runs: Sequence[RunFound], versions: str) -> str:
    """A page of Markdown. versions : of what computed it"""
    text = [INTRODUCTION, "## The runs\n" + _runs(runs), f"Written with {versions}.\n", "## In short\n" + _short(runs)]
    for name, claim in CLAIMS.items():
        text.append(f"## {claim[0].upper()}{claim[1:]}\n{_conclusion(runs, name)}")
    return "\n".join(text)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)]) + "\n"


def _runs(runs: Sequence[RunFound]) -> str:
    rows = []
    for run in runs:
        asked = run.table[run.table["outcome"] != NOT_ASKED]
        readers = dict.fromkeys(name for name in asked["readers"] if name and " above " not in name)
        readers = readers or dict.fromkeys(name for name in asked["readers"] if name)
        kinds = SIMULATED if (asked["readers_are"] == SIMULATED).any() else "measured"
        setting = asked.iloc[0] if len(asked) else run.table.iloc[0]
        settings = [
            f"saccade {setting['signal']}",
            f"{setting['attention']} attention",
            f"{setting['divergence']} divergence",
        ]
        of_run = ", ".join(dict.fromkeys(name for name in asked["corpus"] if name))
        most = "" if asked["n_models"].isna().all() else int(asked["n_models"].max())
        where = f"{run.folder}/tables/robustness.csv"
        rows.append([run.name, of_run, f"{', '.join(readers)} ({kinds})", most, ", ".join(settings), where, run.made,
                     f"`{run.revision[:12]}`"])  # fmt: skip
    header = ["run", "corpora", "readers", "models of one row, at most", "settings", "table", "made", "code"]
    return _table(header, rows)


def _short(runs: Sequence[RunFound]) -> str:
    rows = [
        [claim, *(_brief(verdict(run.table, name)) for run in runs), _answer(_words(runs, name))]
        for name, claim in CLAIMS.items()
    ]
    about = "In brackets: strict variants that support / contradict / cannot tell.\n\n"
    return about + _table(["conclusion", *(run.name for run in runs), "so"], rows)


def _brief(found: Verdict) -> str:
    left = found.strict - found.strict_supports - found.strict_contradicts
    strict = f" ({found.strict_supports} / {found.strict_contradicts} / {left})"
    return found.word if found.word == UNASKED else found.word + strict


def _words(runs: Sequence[RunFound], name: str) -> list[str]:
    """Verdicts of runs whose readers of a conclusion, where it has any, were measured."""
    of_people = [
        run for run in runs if not (run.table["readers_are"][run.table["conclusion"] == name] == SIMULATED).any()
    ]
    return [verdict(run.table, name).word for run in of_people]


def _answer(words: Sequence[str]) -> str:
    """What all of these runs say together."""
    asked = [word for word in words if word != UNASKED]
    if not asked:
        return "no run asks"
    for word, answer in ((SURVIVES, "stands in"), (IN_PART, "stands in part in"), (FAILS, "is contradicted in")):
        if all(own == word for own in asked):
            return f"{answer} every run that asks ({len(asked)})"
    if not {SURVIVES, IN_PART} & set(asked):
        return f"stands in none of the runs that ask ({len(asked)})"
    return f"stands in {asked.count(SURVIVES)} of {len(asked)} runs that ask, in part in {asked.count(IN_PART)}"


def _conclusion(runs: Sequence[RunFound], name: str) -> str:
    text = [f"In short: {_answer(_words(runs, name))}.\n"]
    text += [f"- **{run.name}**: {said(verdict(run.table, name))}{_estimates(run.table, name)}" for run in runs]
    shown = [run for run in runs if verdict(run.table, name).asked]
    if not shown:
        return "\n".join(text) + "\n"
    header = ["choice", "", *(run.name for run in shown)]
    rows = [["strict", "", *(_cell(run.table, name, "strict", "yes") for run in shown)]]
    for dimension, words in DIMENSIONS.items():
        every = pd.concat([run.table[run.table["conclusion"] == name] for run in shown])
        values = list(dict.fromkeys(every[dimension]))
        for value in values if len(values) > 1 else []:
            rows.append([words, value, *(_cell(run.table, name, dimension, value) for run in shown)])
    return "\n".join(text) + f"\n\n{CELLS}\n" + _table(header, rows)


def _estimates(table: pd.DataFrame, name: str) -> str:
    """Of strict variants: what they say without a correction, and the span of estimates and intervals by unit."""
    own = table[(table["conclusion"] == name) & (table["strict"] == "yes") & (table["outcome"] != NOT_ASKED)]
    if own.empty:
        return ""
    supports, contradicts = (int((own["outcome_alone"] == what).sum()) for what in (SUPPORTS, CONTRADICTS))
    found = [f" By their own p, without Holm's correction, {supports} support and {contradicts} contradict it."]
    found += [
        f" Their estimates: {part['estimate'].min():+.2g} to {part['estimate'].max():+.2g} {unit}, intervals within "
        f"{part['ci_low'].min():+.2g} to {part['ci_high'].max():+.2g}."
        for unit, part in own.groupby("unit", sort=False)
    ]
    return "".join(found)


def _cell(table: pd.DataFrame, name: str, dimension: str, value: str) -> str:
    own = table[(table["conclusion"] == name) & (table[dimension] == value) & (table["outcome"] != NOT_ASKED)]
    if own.empty:
        return ""
    return " / ".join(str(int((own["outcome"] == what).sum())) for what in (SUPPORTS, CONTRADICTS, CANNOT_TELL))
