"""Captions of a run: each table and figure with what it shows, how it was computed, and what was not made and why."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from readalike.catalogue import Entry
from readalike.files.attention import RAW, ROLLOUT, VALUE_NORMS

ATTENTION = {
    RAW: "attention",
    ROLLOUT: "attention rollout (Abnar and Zuidema 2020)",
    VALUE_NORMS: "attention weighted by value norms (Kobayashi et al. 2020)",
}
FORMULA = {
    "computed": "Jensen-Shannon, nats",
    "printed": "symmetric Kullback-Leibler as the paper prints it, nats",
}


class About(TypedDict):
    """What a configuration says of a run."""

    layers: dict[str, int]  # by model
    comparisons: dict[str, list[list[str]]]  # pairs by kind
    attention: str
    signal: str
    formula: str
    draws: int
    seed: int


def facts(
    about: About, readers: Mapping[str, tuple[int, str]], corpora: Mapping[str, tuple[int, int]]
) -> dict[str, str]:
    """Words for the braces of the catalogue.

    readers : group -> how many, and whether `measured` or `simulated`; corpora : name -> sentences and articles
    """
    attention = ATTENTION[about["attention"]]
    pairs = {kind: "; ".join(f"{a} and {b}" for a, b in own) for kind, own in about["comparisons"].items()}
    return {
        "models": _listed(f"{model} ({layers} layers)" for model, layers in about["layers"].items()),
        "readers": _listed(
            f"{n} {'simulated ' if kind == 'simulated' else ''}readers of {group}"
            for group, (n, kind) in readers.items()
        ),
        "corpora": _listed(
            f"{name}: {sentences} sentences of {of} articles" for name, (sentences, of) in corpora.items()
        ),
        **{kind: pairs.get(kind) or "none" for kind in ("scaling", "tuning", "reference")},
        **{"attention": attention, "attention_cap": attention[0].upper() + attention[1:], "signal": about["signal"]},
        **{"formula": FORMULA[about["formula"]], "draws": str(about["draws"]), "seed": str(about["seed"])},
    }


def captions(entries: Iterable[Entry], made: Sequence[str], shown: Mapping[str, str], words: Mapping[str, str]) -> str:
    """A page of Markdown.

    made : files of tables and figures; shown : stem of a figure -> what it shows; words : as `facts` gives them
    """
    text = [
        "# Captions",
        "What the tables and figures of this run show, and how each was computed, in sentences that may be pasted.",
    ]
    if "simulated readers" in words["readers"]:
        text.append("Readers of this run are simulated: nothing here is a statement about people.")
    missing = []
    for entry in entries:
        files = [path for path in made if _is_of(path, entry)]
        if not files:
            missing.append(entry)
            continue
        shows = " ".join(shown.get(entry.stem, "").split())
        listed = ", ".join(f"`{path}`" for path in files if path.endswith((".pdf", ".csv")))
        text += [f"## {entry.heading}", listed, *([shows] if shows else [])]
        text.append(f"**Methods.** {entry.methods.format(**words)}")
    if missing:
        text.append("## Not made\nWhat this configuration leaves out, and what it would need.")
        text.append(needed(missing))
    return "\n\n".join(text) + "\n"


def needed(entries: Iterable[Entry]) -> str:
    """A table of Markdown: what each needs to be made."""
    rows = [f"| {entry.heading} | {entry.needs} |" for entry in entries]
    return "\n".join(["| table or figure | needs |", "|---|---|", *rows])


def _is_of(path: str, entry: Entry) -> bool:
    """Whether a file's name is the stem alone, or the stem and a corpus or group."""
    rest = Path(path).name.removeprefix(entry.stem)
    return rest != Path(path).name and rest[0] in ".-"


def _listed(parts: Iterable[str]) -> str:
    found = list(parts)
    return ", ".join(found[:-1]) + (" and " if len(found) > 1 else "") + found[-1] if found else "none"
