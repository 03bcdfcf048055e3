"""A task of in-context learning: texts with a label each, read from a file, and which of them are asked and shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from readalike.errors import CorpusError

COLUMNS = ["text", "label"]


class Example(NamedTuple):
    """One text of a task with its label; `item` is its number in the file, from 1."""

    item: int
    text: str
    label: str


@dataclass(frozen=True)
class Task:
    """Examples of one task, in the order of the file.

    Raises CorpusError where fewer than two labels stand, or one text twice: it could be asked about and shown at once.
    """

    name: str
    examples: tuple[Example, ...]

    def __post_init__(self) -> None:
        if len(self.labels) < 2:
            raise CorpusError(
                f"task {self.name}: {len(self.labels)} label ({', '.join(self.labels) or 'no items'}); a task needs "
                "two or more"
            )
        seen: dict[str, int] = {}
        for example in self.examples:
            first = seen.setdefault(plain(example.text), example.item)
            if first != example.item:
                raise CorpusError(
                    f"task {self.name}: items {first} and {example.item} are one text ({example.text!r}): it could "
                    "stand in its own demonstrations; remove one"
                )

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """Label words, sorted."""
        return tuple(sorted({example.label for example in self.examples}))


class Split(NamedTuple):
    """A task divided: items that are asked about, the same for every set, and by label those that may be shown."""

    asked: tuple[Example, ...]
    pool: Mapping[str, tuple[Example, ...]]


def plain(text: str) -> str:
    """A text as it is compared with others: without capitals, and spaces as one."""
    return " ".join(text.lower().split())


def read_task(path: Path, name: str) -> Task:
    """A task from a TSV with columns text, label.

    Raises CorpusError naming file and line for other columns, a tab within a text, an empty text or label.
    """
    rows = _rows(path, COLUMNS)
    try:
        return Task(name, tuple(Example(k, *cells) for k, (_, cells) in enumerate(rows, start=1)))
    except CorpusError as error:
        raise CorpusError(f"{path}: {error}") from None


def read_irrelevant(path: Path) -> tuple[str, ...]:
    """Texts that have nothing to do with any task, from a TSV whose only column is text; errors as of `read_task`."""
    return tuple(cells[0] for _, cells in _rows(path, COLUMNS[:1]))


def _rows(path: Path, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Line number and cells of every line below the first that is not empty."""
    try:
        # Not splitlines: it ends a line at characters that editors put into text.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); name a file that can") from None
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    if lines[0].rstrip("\r").split("\t") != list(columns):
        raise CorpusError(f"{path}, line 1: expected the columns {', '.join(columns)} between tabs, found {lines[0]!r}")
    result = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != len(columns):
            raise CorpusError(
                f"{path}, line {number}: {len(cells)} cells, expected {len(columns)} ({', '.join(columns)}); a text "
                "must not hold a tab"
            )
        if "" in cells:
            raise CorpusError(f"{path}, line {number}: its {columns[cells.index('')]} is empty; give it one")
        result.append((number, cells))
    return result


def split(task: Task, *, items: int, demonstrations: int, seed: int) -> Split:
    """Which items are asked about, as many of each label, and which may be shown.

    items : asked about, of all labels together; demonstrations : k, shown in each prompt

    Raises CorpusError where these cannot be balanced, or the task has too few items.
    """
    labels = task.labels
    for what, number in (("items", items), ("demonstrations", demonstrations)):
        if number % len(labels):
            fitting = sorted({number - number % len(labels) or len(labels), number + -number % len(labels)})
            raise CorpusError(
                f"task {task.name}: {number} {what} cannot be shared evenly by {len(labels)} labels; use "
                + " or ".join(map(str, fitting))
            )
    asked, shown = items // len(labels), demonstrations // len(labels)
    counts = Counter(example.label for example in task.examples)
    fewest = min(labels, key=lambda label: counts[label])
    if counts[fewest] < asked + shown:
        raise CorpusError(
            f"task {task.name}: {counts[fewest]} items are labelled {fewest!r}, but {asked} to ask about and {shown} "
            f"to show are needed; add items, or ask for fewer (incontext.models.items, demonstrations)"
        )
    rng = np.random.default_rng([seed, 0])
    chosen: list[Example] = []
    pool = {}
    for label in labels:
        own = [example for example in task.examples if example.label == label]
        order = [own[k] for k in rng.permutation(len(own))]
        chosen += order[:asked]
        pool[label] = tuple(order[asked:])
    return Split(tuple(sorted(chosen)), pool)
