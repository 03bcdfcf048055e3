"""What several runs' robustness tables say of a conclusion together, and how many of them are evidence of their own."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import pandas as pd
from scipy.stats.contingency import association

from readalike.statistics import conclusions as c
from readalike.tables.robustness import CONTRADICTS, NOT_ASKED, SUPPORTS
from readalike.tables.verdicts import ABOVE, verdict

SIMULATED = "simulated"
SIMULATED_ONLY = "asked of simulated readers only; does not count for people"
OTHERS = "others"
LEAST = 3  # rows of each of two outcomes, below which no choice is said to separate them
# What an estimate is for: of slopes, and of everything else.
PER_DOUBLING = "per doubling of the parameters"
PER = {
    c.SIZE: "per pair, the larger model less the smaller",
    c.PATTERNS: "per pair, the larger model against the smaller (a relative change)",
    c.TUNING: "per pair, the tuned model less its base",
    c.INSTRUCTIONS: "the tuned model less its base",
    c.GROUPS: "",
}


class Model(NamedTuple):
    """parameters : NaN where the run has no weights; bundled : whether its weights are shipped with this project"""

    name: str
    parameters: float
    bundled: bool


class RunFound(NamedTuple):
    """name : a word; folder : where its results are; table : rows of ROBUSTNESS; made : a date; revision : of code"""

    name: str
    folder: str
    table: pd.DataFrame
    made: str
    revision: str
    models: tuple[Model, ...]

    @property
    def asked(self) -> pd.DataFrame:
        return self.table[self.table["outcome"] != NOT_ASKED]

    def of(self, conclusion: str) -> pd.DataFrame:
        """Its rows with an answer."""
        return self.asked[self.asked["conclusion"] == conclusion]

    def strict(self, conclusion: str) -> pd.DataFrame:
        own = self.of(conclusion)
        return own[own["strict"] == "yes"]


def groups(names: Iterable[str]) -> list[str]:
    """Each group of readers once, of `a above b` both."""
    return sorted({group for name in names if name for group in name.split(ABOVE)})


def asking(runs: Sequence[RunFound], conclusion: str) -> list[RunFound]:
    """Runs with a strict answer that counts: where the conclusion has readers in it, measured ones."""
    found = [(run, run.strict(conclusion)) for run in runs]
    return [run for run, own in found if len(own) and not (own["readers_are"] == SIMULATED).any()]


def distinct(runs: Sequence[RunFound], conclusion: str) -> list[RunFound]:
    """Of `asking` each analysis once: a run with the very estimates and intervals of an earlier one is the same."""
    kept: dict[tuple[object, ...], RunFound] = {}
    for run in asking(runs, conclusion):
        own = run.strict(conclusion)
        columns = ["corpus", "readers", "score", "test", "layers", "models", "condition", "estimate", "ci_low"]
        key = tuple(map(tuple, own[columns].to_numpy().tolist()))
        kept.setdefault(key, run)
    return list(kept.values())


def answer(runs: Sequence[RunFound], conclusion: str) -> str:
    """What the runs that count say together, and on how much of its own it rests."""
    if not any(len(run.strict(conclusion)) for run in runs):
        return "no run asks"
    counting = asking(runs, conclusion)
    if not counting:
        return SIMULATED_ONLY
    words = dict.fromkeys(verdict(run.table, conclusion).word for run in counting)
    return f"{' or '.join(words)}: {basis(runs, conclusion)}"


def basis(runs: Sequence[RunFound], conclusion: str) -> str:
    """Numbers of sets of readers, of models, of corpora; sets that share members count apart, which is said."""
    counting = asking(runs, conclusion)
    strict = [run.strict(conclusion) for run in counting]
    readers = {(tuple(sorted(set(own["corpus"]))), *groups(own["readers"])) for own in strict if own["readers"].any()}
    sets = {frozenset(model.name for model in run.models) for run in counting}
    corpora = {name for own in strict for name in own["corpus"]}
    shared = len(frozenset.intersection(*sets)) if len(sets) > 1 else 0
    parts = [_number(len(readers), "set", " of readers")] if readers else []
    parts.append(
        _number(len(sets), "set", " of models") + (f" that share {_number(shared, 'model')}" if shared else "")
    )
    parts.append(_number(len(corpora), "corpus", plural="corpora"))
    same = len(counting) - len(distinct(runs, conclusion))
    return ", ".join(parts) + (f"; {_number(same, 'run')} more of the same analysis" if same else "")


def _number(count: int, what: str, rest: str = "", plural: str = "") -> str:
    return f"{count} {what if count == 1 else plural or what + 's'}{rest}"


def spans(tables: Iterable[pd.DataFrame], conclusion: str) -> str:
    """Strict estimates and intervals of rows of ROBUSTNESS, by unit."""
    rows = pd.concat(list(tables))
    units = [_unit(conclusion, row["unit"], row["models"], row["readers"]) for row in rows.to_dict("records")]
    found = []
    for unit, part in rows.groupby(pd.Series(units, index=rows.index), sort=False):
        low, high = part["estimate"].min(), part["estimate"].max()
        estimates = f"{low:+.2g}" if low == high else f"{low:+.2g} to {high:+.2g}"
        found.append(
            f"{estimates} {unit} (intervals within {part['ci_low'].min():+.2g} to {part['ci_high'].max():+.2g})"
        )
    return "; ".join(found)


def _unit(conclusion: str, unit: str, models: str, readers: str) -> str:
    per = PER[conclusion]
    if conclusion == c.SIZE and models in (c.WITHIN, c.POOLED):
        per = PER_DOUBLING
    elif conclusion == c.GROUPS:
        per = readers.replace(ABOVE, " less ")
    return f"{'percentage points of the ceiling' if unit == c.PERCENT else unit}, {per}"


def separating(
    frame: pd.DataFrame, choices: dict[str, Callable[[pd.DataFrame], "pd.Series[str]"]]
) -> tuple[str, str, pd.DataFrame] | None:
    """The choice that goes most with the outcome (Cramer's V): its name, what it is set against, counts by value.

    frame : rows of ROBUSTNESS with an answer. Support is set beside contradiction where that occurs LEAST times, else
    beside all else. None where there is nothing to separate. choices : name -> value of every row, empty: not one of it
    """
    against = (frame["outcome"] == CONTRADICTS).sum() >= LEAST
    other = CONTRADICTS if against else OTHERS
    frame = frame if against else frame.assign(outcome=frame["outcome"].where(frame["outcome"] == SUPPORTS, OTHERS))
    best: tuple[float, str, pd.DataFrame] | None = None
    for name, value in choices.items():
        kept = frame.assign(value=value(frame))
        kept = kept[kept["outcome"].isin([SUPPORTS, other]) & (kept["value"] != "")]
        counts = pd.crosstab(kept["value"], kept["outcome"]).reindex(list(dict.fromkeys(kept["value"])))
        if min(counts.shape) > 1 and counts.sum().min() >= LEAST:
            strength = float(association(counts.to_numpy(), method="cramer"))
            if best is None or strength > best[0]:
                best = strength, name, counts[[SUPPORTS, other]]
    return (best[1], other, best[2]) if best else None
