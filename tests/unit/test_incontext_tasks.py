"""The tasks of in-context learning that come with the project: balanced, no text twice, and not for a bag of words."""

import re
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from readalike.incontext.bag_of_words import held_out_accuracy
from readalike.incontext.task import Example, Task, read_irrelevant, read_task
from tests.running import ROOT

FOLDER = ROOT / "resources" / "incontext"
TASKS = {"sentiment": 2, "topic": 4, "subjectivity": 2}
# Texts that share more of their three-word sequences than this are near-duplicates. Seen: 0.33 at most.
LIKE = 0.4
# What the page says has two digits.
ROUNDING = 0.005


def examples(name: str) -> tuple[Example, ...]:
    return read_task(FOLDER / f"{name}.tsv", name).examples


def words_of(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def sequences(text: str) -> set[tuple[str, ...]]:
    words = words_of(text)
    return set(zip(*(words[k:] for k in range(3)), strict=False)) or {tuple(words)}


def likeness(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> float:
    return len(a & b) / len(a | b)


@pytest.mark.parametrize(("name", "labels"), TASKS.items())
def test_a_task_is_large_balanced_and_varied(name: str, labels: int) -> None:
    shown = examples(name)
    counts = Counter(one.label for one in shown)
    assert len(shown) >= 200
    assert len(counts) == labels
    assert len(set(counts.values())) == 1
    lengths = [len(words_of(one.text)) for one in shown]
    assert max(lengths) >= 2 * min(lengths)
    for label in counts:
        own = [n for n, one in zip(lengths, shown, strict=True) if one.label == label]
        # A model that goes by length alone learns little: less than half a standard deviation apart.
        assert abs(np.mean(own) - np.mean(lengths)) < 0.5 * np.std(lengths), label


def test_no_two_texts_are_nearly_one() -> None:
    """Over all tasks and the irrelevant texts."""
    texts = [one.text for name in TASKS for one in examples(name)] + list(read_irrelevant(FOLDER / "irrelevant.tsv"))
    known = [sequences(text) for text in texts]
    alike = [(likeness(known[a], known[b]), texts[a], texts[b]) for a, b in combinations(range(len(texts)), 2)]
    assert max(alike)[0] < LIKE, max(alike)
    assert likeness(sequences("The old boat was sold at once."), sequences("The old boat was sold at last.")) > LIKE


@pytest.mark.parametrize("name", TASKS)
def test_a_bag_of_words_gets_what_the_page_says(name: str) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    told = re.search(rf"^\| {name} \|.*\| ([\d.]+) \|$", page, flags=re.MULTILINE)
    assert told is not None
    found = held_out_accuracy(read_task(FOLDER / f"{name}.tsv", name))
    assert found == pytest.approx(float(told[1]), abs=ROUNDING)
    assert found < 0.8, "a task that words alone solve says nothing of demonstrations"


def test_the_page_counts_what_is_there() -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name, labels in TASKS.items():
        assert re.search(rf"^\| {name} \| {len(examples(name))} \| {labels} \|", page, flags=re.MULTILINE)
    assert f"{len(read_irrelevant(Path(FOLDER / 'irrelevant.tsv')))} sentences" in page


def test_a_bag_of_words_solves_what_words_tell_and_nothing_else() -> None:
    rng = np.random.default_rng(1)
    fillers = ["one", "two", "three", "four", "five", "six"]
    told = [
        Example(k, f"{('yes', 'no')[k % 2]} {' '.join(rng.permutation(fillers))} {k}", ("a", "b")[k % 2])
        for k in range(80)
    ]
    assert held_out_accuracy(Task("told", tuple(told))) == 1
    drawn = rng.permutation(["a", "b"] * 40)
    untold = [one._replace(label=str(label)) for one, label in zip(told, drawn, strict=True)]
    # Standard error of 80 answers at chance: 0.06.
    assert held_out_accuracy(Task("untold", tuple(untold))) == pytest.approx(0.5, abs=0.18)
    assert np.isnan(held_out_accuracy(Task("one", (*told[::2], told[1]))))
