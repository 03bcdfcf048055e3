"""Captions of a run: each table and figure with what it shows, how it was computed, and what was not made and why."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypedDict

import pandas as pd

from readalike.catalogue import Entry
from readalike.files.attention import RAW, ROLLOUT, VALUE_NORMS
from readalike.files.contracts.human import CEILINGS
from readalike.files.corpora import read_corpus
from readalike.files.tables import gather

# Kind of attention -> words for the braces of the catalogue.
ATTENTION = {
    RAW: {
        "attention": "attention",
        "all_heads": "attention of all heads",
        "each_head": "Attention of each head",
        "of_heads": "averaged over the heads of a layer",
    },
    VALUE_NORMS: {
        "attention": "attention weighted by value norms (Kobayashi et al. 2020)",
        "all_heads": "attention of all heads weighted by value norms (Kobayashi et al. 2020)",
        "each_head": "Attention of each head weighted by value norms (Kobayashi et al. 2020)",
        "of_heads": "averaged over the heads of a layer",
    },
    ROLLOUT: {
        "attention": "attention rollout (Abnar and Zuidema 2020)",
        "all_heads": "attention rollout (Abnar and Zuidema 2020; one value a pair)",
        "each_head": "Attention rollout (Abnar and Zuidema 2020; one value a pair)",
        "of_heads": "taken of each layer",
    },
}
FORMULA = {
    "computed": "Jensen-Shannon, nats",
    "printed": "symmetric Kullback-Leibler as the paper prints it, nats",
}
SACCADES = {"number": "were counted", "duration": "were added up by their duration"}
# Column of what Figures 4 and 10 draw -> what its marks say.
MARKS = {
    "sensitivity_above_reference": "above the reference pair",
    "tuned_above_base": "of a tuned model above its base",
    "excess_over_noise": "of that difference above the same difference after noise",
}


class About(TypedDict):
    """What a configuration says of a run."""

    layers: dict[str, list[int]]  # model -> layers that are there, of how many
    shown_model: str
    saccades: dict[str, str]  # group -> its corpus, and so for the regions
    regions: dict[str, str]
    comparisons: dict[str, list[list[str]]]  # pairs by kind
    attention: str
    signal: str
    formula: str
    draws: int
    seed: int


class Run(NamedTuple):
    """What is the same for all tables and figures of a run.

    readers : group -> how many, and whether `measured` or `simulated`; corpora : name -> sentences and articles
    """

    about: About
    readers: Mapping[str, tuple[int, str]]
    corpora: Mapping[str, tuple[int, int]]


def run_of(about: About, ceilings: Sequence[Path], words: Sequence[Path]) -> Run:
    """What is the same for all tables and figures, of the readers' ceilings and of words.tsv of every corpus."""
    table = gather(ceilings, CEILINGS)
    # Of groups with regions every table that counts readers says how many.
    table = table[(table["signal"] == about["signal"]) | table["group"].isin(list(about["regions"]))]
    readers = {
        str(group): (int(own["reader"].nunique()), str(own["readers_are"].iloc[0]))
        for group, own in table.groupby("group", sort=False)
    }
    corpora = {}
    for path in words:
        corpus = read_corpus(path)
        corpora[path.parent.name] = (len(corpus.sentences), len(set(corpus.articles)))
    return Run(about, readers, corpora)


def facts(run: Run, drawn: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Words for the braces of the catalogue, for one table or figure.

    drawn : what its name says beside the stem (a corpus or a group, or nothing) -> its data
    """
    about, frames = run.about, list(drawn.values())
    columns = {column for frame in frames for column in frame}
    groups = _named(frames, ["group"], set(about["saccades"]) | set(about["regions"]))
    where = {**about["saccades"], **about["regions"]}
    groups += [name for name in drawn if name in where and name not in groups]
    in_names = [name for name in drawn if name in run.corpora]
    # A table without a column of groups is of those who read its corpus, and saccades are all that they share.
    groups = groups or [group for group, corpus in about["saccades"].items() if corpus in (in_names or run.corpora)]
    corpora = in_names or _named(frames, ["corpus"], set(run.corpora)) or list(dict.fromkeys(where[g] for g in groups))
    compared = [pair for own in about["comparisons"].values() for pair in own]
    drawn_pairs = set(_named(frames, ["pair"], [f"{a} to {b}" for a, b in compared]))
    of_pairs = [model for a, b in compared if f"{a} to {b}" in drawn_pairs for model in (a, b)]
    models = _named(frames, ["base", "model", "a", "b"], set(about["layers"])) + of_pairs or [about["shown_model"]]
    models = [model for model in about["layers"] if model in models]
    pairs = {kind: "; ".join(f"{a} and {b}" for a, b in own) for kind, own in about["comparisons"].items()}
    heads = [] if about["attention"] == ROLLOUT else ["heads"]
    reference = pairs.get("reference")
    marks = [words for column, words in MARKS.items() if column in columns]
    tuning = f" Tuned models and their bases: {pairs['tuning']}." if len(marks) > 1 else ""
    return {
        "models": listed(f"{model} ({_layers(*about['layers'][model])})" for model in models),
        "readers": listed(_readers(group, run.readers, frames) for group in groups),
        "corpora": listed("{}: {} sentences of {} articles".format(name, *run.corpora[name]) for name in corpora),
        **{kind: pairs.get(kind) or "none" for kind in ("scaling", "tuning")},
        "reference": f"; reference: {reference}" if reference else "; no reference pair is configured",
        "own_layers": " The reference is drawn at its own layers." if reference else "",
        "beside_layers": " A reference of fewer layers is drawn, and tested, at the same relative depth."
        if reference
        else "",
        "marks": f" Marks: layers with p below 0.05 after Holm, by paired t-tests over sentences, one-sided: "
        f"{listed(marks)}.{tuning}"
        if marks
        else "",
        "signal": about["signal"],
        "saccades_were": SACCADES[about["signal"]],
        **ATTENTION[about["attention"]],
        "formula": FORMULA[about["formula"]],
        # Quarters of layers are of the mean over heads.
        "over_rows": _over(about["formula"], ["sentences"]),
        "over_rows_and_heads": _over(about["formula"], [*heads, "sentences"]),
        **{"draws": str(about["draws"]), "seed": str(about["seed"])},
    }


def _named(frames: Iterable[pd.DataFrame], columns: Sequence[str], known: Collection[str]) -> list[str]:
    """What stands in any of these columns, of what is known, each once."""
    found = (str(name) for frame in frames for column in columns if column in frame for name in frame[column])
    return list(dict.fromkeys(name for name in found if name in known))


def _over(formula: str, means: Sequence[str]) -> str:
    """Rows are averaged, and summed by the printed formula."""
    return (
        f"averaged over {listed(['rows', *means])}"
        if formula == "computed"
        else (f"summed over rows, averaged over {listed(means)}")
    )


def _layers(there: int, of: int) -> str:
    return f"{of} layers" if there == of else f"{there} of {of} layers"


def _readers(group: str, readers: Mapping[str, tuple[int, str]], frames: Iterable[pd.DataFrame]) -> str:
    """How many readers of a group, by what was drawn of it where that says so: scores may lack some."""
    there, kind = readers.get(group, (0, "measured"))
    counted = [
        frame.loc[frame["group"] == group, "n"].dropna() for frame in frames if {"group", "n"} <= set(frame.columns)
    ]
    numbers = sorted({int(n) for own in counted for n in own}) or [there]
    many = str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
    return f"{many} {'simulated ' if kind == 'simulated' else ''}readers of {group}"


def captions(
    entries: Iterable[Entry], made: Mapping[str, pd.DataFrame | None], shown: Mapping[str, str], run: Run
) -> str:
    """A page of Markdown.

    made : files of tables and figures, with the data of those that are CSV; shown : stem of a figure -> what it shows
    """
    text = [
        "# Captions",
        "What the tables and figures of this run show, and how each was computed, in sentences that may be pasted.",
    ]
    if any(kind == "simulated" for _, kind in run.readers.values()):
        text.append("Readers of this run are simulated: nothing here is a statement about people.")
    missing = []
    for entry in entries:
        files = {path: frame for path, frame in made.items() if is_of(path, entry)}
        if not files:
            missing.append(entry)
            continue
        shows = " ".join(shown.get(entry.stem, "").split())
        listed = ", ".join(f"`{path}`" for path in files if path.endswith((".pdf", ".csv")))
        text += [f"## {entry.heading}", listed, *([shows] if shows else [])]
        drawn = {rest_of(path, entry): frame for path, frame in files.items() if frame is not None}
        text.append(f"**Methods.** {entry.methods.format(**facts(run, drawn))}")
    if missing:
        text.append("## Not made\nWhat this configuration leaves out, and what it would need.")
        text.append(needed(missing))
    return "\n\n".join(text) + "\n"


def needed(entries: Iterable[Entry]) -> str:
    """A table of Markdown: what each needs to be made."""
    rows = [f"| {entry.heading} | {entry.needs} |" for entry in entries]
    return "\n".join(["| table or figure | needs |", "|---|---|", *rows])


def is_of(path: str, entry: Entry) -> bool:
    """Whether a file's name is the stem alone, or the stem and a corpus or group."""
    rest = Path(path).name.removeprefix(entry.stem)
    return rest != Path(path).name and rest[0] in ".-"


def rest_of(path: str, entry: Entry) -> str:
    """What the name says beside the stem: a corpus or a group, or nothing."""
    return Path(path).stem.removeprefix(entry.stem).removeprefix("-")


def listed(parts: Iterable[str]) -> str:
    """`a, b and c`, or `none`."""
    found = list(parts)
    return ", ".join(found[:-1]) + (" and " if len(found) > 1 else "") + found[-1] if found else "none"
