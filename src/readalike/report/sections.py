"""The tables and figures of a run by the question that they answer, each with what it says beside it."""

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from readalike.captions import Run, facts, is_of, rest_of
from readalike.catalogue import Entry, Question
from readalike.report.tables import Shown, shown

# Pictures of a report, in bytes of its text: what is more is named, not shown, so that the file can be sent by mail.
MOST_BYTES = 12_000_000
# They show words of a text.
WITH_WORDS = ("figure-01-saccades",)


@dataclass(frozen=True)
class Picture:
    """One PNG of a figure.

    of : corpus or group that it is of, or nothing; source : a data: URI, empty where it is not shown, and `why`
    """

    path: str
    of: str
    source: str
    why: str = ""


@dataclass(frozen=True)
class Item:
    """A table or figure in the report; a figure has pictures, a table its rows by file."""

    entry: Entry
    shows: str
    methods: str
    pictures: tuple[Picture, ...] = ()
    tables: tuple[tuple[str, Shown], ...] = ()

    @property
    def anchor(self) -> str:
        return self.entry.stem


@dataclass(frozen=True)
class Section:
    """A question with what answers it, and what would answer it and was not made."""

    asks: str
    items: tuple[Item, ...]
    missing: tuple[Entry, ...] = ()

    @property
    def anchor(self) -> str:
        return "-".join("".join(c if c.isalnum() else " " for c in self.asks.lower()).split())


@dataclass
class Budget:
    """Bytes that are left for pictures; and corpora whose words they may show."""

    left: int = MOST_BYTES
    texts: Collection[str] = ()
    shown: int = field(default=0)

    def picture(self, path: Path, entry: Entry) -> Picture:
        """The picture as a data: URI while there is room."""
        of = rest_of(str(path), entry)
        if entry.stem in WITH_WORDS and of not in self.texts:
            why = (
                "it shows words of a text, and the configuration does not say that they may be passed on (`licence` of "
            )
            why += f"{of}, or `report: texts`)"
            return Picture(str(path), of, "", why)
        encoded = base64.b64encode(path.read_bytes()).decode("ascii")
        if len(encoded) > self.left:
            return Picture(str(path), of, "", "there was no room for it in one file")
        self.left -= len(encoded)
        self.shown += 1
        return Picture(str(path), of, f"data:image/png;base64,{encoded}")


def sections(
    questions: Sequence[Question],
    entries: Sequence[Entry],
    made: Iterable[Path],
    shows: Mapping[str, str],
    meanings: Mapping[str, Mapping[str, str]],
    run: Run,
    budget: Budget,
) -> list[Section]:
    """By question, in the order of the catalogue.

    made : CSV and PNG files of tables and figures; shows : stem of a figure -> its caption
    meanings : name of a table's file -> column -> what it means
    Raises KeyError where a question names what the catalogue lacks: a defect of it.
    """
    known = {entry.stem: entry for entry in entries}
    files = list(made)
    found = []
    for question in questions:
        items, missing = [], []
        for stem in question.stems:
            own = [path for path in files if is_of(str(path), known[stem])]
            if own:
                items.append(_item(known[stem], own, " ".join(shows.get(stem, "").split()), meanings, run, budget))
            else:
                missing.append(known[stem])
        found.append(Section(question.asks, tuple(items), tuple(missing)))
    return found


def _item(
    entry: Entry,
    files: Sequence[Path],
    shows: str,
    meanings: Mapping[str, Mapping[str, str]],
    run: Run,
    budget: Budget,
) -> Item:
    frames = {path: pd.read_csv(path) for path in files if path.suffix == ".csv"}
    used = facts(run, {rest_of(str(path), entry): frame for path, frame in frames.items()})
    of_figure = entry.stem.startswith("figure-")
    return Item(
        entry,
        shows,
        entry.methods.format(**used),
        tuple(budget.picture(path, entry) for path in files if path.suffix == ".png"),
        ()
        if of_figure
        else tuple((str(path), shown(frame, meanings.get(path.name, {}))) for path, frame in frames.items()),
    )
