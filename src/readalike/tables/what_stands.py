"""docs/what-stands.md: the paper's conclusions in several runs side by side, from their robustness tables."""

import math
from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from readalike.statistics import conclusions as c
from readalike.tables import what_stands_words as words
from readalike.tables.evidence import (
    SIMULATED,
    Model,
    RunFound,
    answer,
    asking,
    distinct,
    groups,
    separating,
    spans,
)
from readalike.tables.robustness import CONTRADICTS, SUPPORTS
from readalike.tables.variants import CLAIMS, ORDERS
from readalike.tables.verdicts import UNASKED, Counts, capital, claim_of, counted, of_all, told, verdict

# Models of the paper whose weights a conclusion on size or tuning would have to be asked of.
PAPERS = ("llama", "alpaca", "vicuna")


def _test(frame: pd.DataFrame) -> "pd.Series[str]":
    kinds = {c.EQUIVALENCE: "equivalence", ORDERS: "order of the models permuted"}
    return frame["test"].map(lambda test: kinds.get(test, "difference from zero"))


def _drawn(frame: pd.DataFrame) -> "pd.Series[str]":
    return frame["test"].where(~frame["test"].isin([c.EQUIVALENCE, ORDERS]), "")


# Choice -> what a row chose; empty: the choice is not one of this row.
CHOICES: dict[str, Callable[[pd.DataFrame], "pd.Series[str]"]] = {
    "score": lambda frame: frame["score"],
    "test": _test,
    "drawn from many": _drawn,
    "layers": lambda frame: frame["layers"],
    "which models are compared": lambda frame: frame["models"],
}


def page(runs: Sequence[RunFound], versions: str) -> str:
    """A page of Markdown. versions : of what computed it"""
    text = [
        *(words.INTRODUCTION, "## In short\n" + _short(runs), "## What it is about\n" + _about(runs)),
        *("## The runs\n" + _runs(runs), f"Written with {versions}.\n", words.GLOSSARY),
    ]
    return "\n".join([*text, *(_conclusion(runs, name) for name in CLAIMS)])


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)]) + "\n"


def _claim(runs: Sequence[RunFound], name: str) -> str:
    return claim_of(pd.concat([run.asked for run in runs]), name)


def _short(runs: Sequence[RunFound]) -> str:
    lines = []
    for name in CLAIMS:
        kept = distinct(runs, name)
        found = f" Strict estimates: {spans([run.strict(name) for run in kept], name)}." if kept else ""
        lines.append(f"- **{capital(_claim(runs, name))}**: {answer(runs, name)}.{found}")
    rows = [[_claim(runs, name), *(_brief(run, name) for run in runs)] for name in CLAIMS]
    table = _table(["conclusion", *map(_heading, runs)], rows)
    return "\n".join(lines) + f"\n\n{words.BRACKETS}\n{table}\n{words.NO_REFUTATION}"


def _heading(run: RunFound) -> str:
    """Of a run whose models are all small ones of this project, that."""
    return f"{run.name} (bundled models)" if run.models and all(model.bundled for model in run.models) else run.name


def _brief(run: RunFound, name: str) -> str:
    found = verdict(run.table, name)
    if found.word == UNASKED:
        return found.word
    people = ", simulated readers" if (run.strict(name)["readers_are"] == SIMULATED).any() else ""
    return f"{found.label}{people} ({_cell(found.strict)}; own p {_cell(found.alone)})"


def _cell(counts: Counts) -> str:
    return f"{counts.supports} / {counts.contradicts} / {counts.cannot_tell}" if counts.asked else ""


def _about(runs: Sequence[RunFound]) -> str:
    """Models, readers, corpora that the page rests on; what of it is evidence of its own; limits."""
    lines = []
    for k, run in enumerate(runs):
        same = [one.name for one in runs[:k] if _names(one) == _names(run)]
        models = ", ".join(map(_named, run.models)) + "." + _bundled(run.models)
        lines.append(f"- **{run.name}**: {f'the models of {same[0]}.{_bundled(run.models)}' if same else models}")
    for name in CLAIMS:
        kept = {run.name for run in distinct(runs, name)}
        again = [run.name for run in asking(runs, name) if run.name not in kept]
        if again:
            lines.append(
                f"- {capital(CLAIMS[name])}: {', '.join(again)} repeats an analysis that is here already, number for "
                "number: no gaze is in it, so that the saccades that a run takes change nothing."
            )
    about = [model.name for run in runs for model in run.models if _on_size_or_tuning(run)]
    if about and not any(paper in name.lower() for name in about for paper in PAPERS):
        lines.append(
            "- No conclusion on size, patterns, tuning or instructions is asked here of LLaMA, Alpaca or Vicuna."
        )
    kinds = sorted({kind for run in runs for kind in run.asked["attention"] if kind})
    every = pd.concat([run.asked for run in runs])
    real = sorted(set(every.loc[every["readers_are"] == "measured", "corpus"]))
    lines.append(
        f"- Kinds of attention: {', '.join(kinds)}. Corpora with measured readers: {', '.join(real) or 'none'}"
        f"{'' if 'provo' in real else '; Provo was not run'}."
    )
    return words.ABOUT + "\n" + "\n".join(lines) + "\n"


def _on_size_or_tuning(run: RunFound) -> bool:
    return any(len(run.strict(name)) for name in (c.SIZE, c.PATTERNS, c.TUNING, c.INSTRUCTIONS))


def _names(run: RunFound) -> list[str]:
    return [model.name for model in run.models]


def _named(model: Model) -> str:
    size = "" if math.isnan(model.parameters) else f" ({_millions(model.parameters)} million parameters)"
    return model.name + size


def _millions(parameters: float) -> str:
    return f"{parameters / 1e6:,.1f}"


def _bundled(models: Sequence[Model]) -> str:
    own = [model.parameters for model in models if model.bundled]
    if not own:
        return ""
    return (
        f" {len(own)} of these {len(models)} are bundled with this project, of {_millions(min(own))} to "
        f"{_millions(max(own))} million."
    )


def _runs(runs: Sequence[RunFound]) -> str:
    rows = []
    for run in runs:
        asked = run.asked
        kinds = SIMULATED if (asked["readers_are"] == SIMULATED).any() else "measured"
        setting = asked.iloc[0] if len(asked) else run.table.iloc[0]
        settings = f"saccade {setting['signal']}, {setting['attention']} attention, {setting['divergence']} divergence"
        of_run = ", ".join(dict.fromkeys(name for name in asked["corpus"] if name))
        most = "" if asked["n_models"].isna().all() else int(asked["n_models"].max())
        where = f"{run.folder}/tables/robustness.csv"
        rows.append([run.name, of_run, f"{', '.join(groups(asked['readers']))} ({kinds})", most, settings,
                     int(run.table["p_holm"].notna().sum()), where, run.made, f"`{run.revision[:12]}`"])  # fmt: skip
    header = ["run", "corpora", "readers", "models of one row, at most", "settings", "tests that Holm corrects for",
              "table", "made", "code"]  # fmt: skip
    return _table(header, rows)


def _conclusion(runs: Sequence[RunFound], name: str) -> str:
    text = [f"## {capital(_claim(runs, name))}\n{capital(answer(runs, name))}.\n"]
    text += [f"- **{run.name}**: {_bullet(run, name)}" for run in runs]
    if name in words.ELSEWHERE:
        text.append("\n" + words.ELSEWHERE[name].strip())
    shown = [run for run in runs if len(run.of(name))]
    if not shown:
        return "\n".join(text) + "\n"
    text.append(_split(distinct(runs, name) or shown, name))
    header = ["choice", "", *(run.name for run in shown)]
    rows = [["strict", "", *(_cell(counted(run.strict(name)["outcome"])) for run in shown)]]
    for choice, chosen in CHOICES.items():
        values = dict.fromkeys(value for run in shown for value in chosen(run.of(name)) if value)
        for value in values if len(values) > 1 else []:
            cells = [counted(run.of(name)["outcome"][chosen(run.of(name)) == value]) for run in shown]
            rows.append([choice, value, *map(_cell, cells)])
    return "\n".join(text) + f"\n\n{words.CELLS}\n" + _table(header, rows)


def _bullet(run: RunFound, name: str) -> str:
    """The verdict by strict variants, their estimates, what their own p say; all variants last."""
    found = verdict(run.table, name)
    if not found.every.asked:
        return f"not asked: {found.why}."
    if found.word == UNASKED:
        return f"not asked by a strict variant: {found.why}. {of_all(found)}"
    margin = _margin(run.strict(name))
    return (
        f"**{found.label}**. {capital(told(found.strict, 'strict variants'))}; by their own p, without Holm's "
        f"correction, {found.alone.supports} support it and {found.alone.contradicts} contradict it. Strict estimates: "
        f"{spans([run.strict(name)], name)}.{margin} {of_all(found)}"
    )


def _margin(strict: pd.DataFrame) -> str:
    bounded = strict[strict["bound"].notna()]
    if bounded.empty:
        return ""
    ends = dict.fromkeys(f"{bound:.2g}" for bound in (bounded["bound"].min(), bounded["bound"].max()))
    return f" Equal is within a margin of {' to '.join(ends)} {bounded['unit'].iloc[0]}."


def _split(runs: Sequence[RunFound], name: str) -> str:
    """Which choice separates variants that support from others, of the runs that count."""
    found = separating(pd.concat([run.of(name) for run in runs]), CHOICES)
    if found is None:
        return "\nNo choice separates variants that support it from others: too few differ."
    choice, other, counts = found
    each = "; ".join(f"{value} {row[SUPPORTS]} to {row[other]}" for value, row in counts.iterrows())
    against = "those that contradict it" if other == CONTRADICTS else "the others"
    names = ", ".join(run.name for run in runs)
    return f"\nWhat separates variants that support it from {against} most is the choice '{choice}': {each} ({names})."
