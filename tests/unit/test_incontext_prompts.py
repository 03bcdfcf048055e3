"""Prompts of in-context learning: what they say, what noise changes in them, and what is refused."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readalike.errors import ConfigurationError, CorpusError
from readalike.incontext.prompts import (
    FLIPPED,
    IRRELEVANT,
    KEPT,
    LABELS,
    LENGTH_TOL,
    NOISES,
    QUERY,
    REPLACED,
    SHAM_RATE,
    TEMPLATE,
    TEMPLATES,
    TEXTS,
    WORD,
    WORDS,
    Demonstration,
    DemonstrationSet,
    Piece,
    draw_set,
    prompt,
    shown,
)
from readalike.incontext.task import Example, Task, plain, read_irrelevant, read_task, split

ANIMALS = ["ox", "cat", "bear", "horse", "monkey"]
NEUTRAL = tuple(f"The {word} of item {k} stands in a row." for k, word in enumerate(["bolt", "shelf", "container"] * 8))


def task(labels: int = 2, each: int = 12) -> Task:
    names = ["good", "bad", "odd", "even"][:labels]
    return Task(
        "t",
        tuple(
            Example(1 + k, f"The {ANIMALS[k % 5]}, no. {k}, isn't {'very ' * (k % 3)}Tall.", names[k % labels])
            for k in range(labels * each)
        ),
    )


def drawn(labels: int = 2, k: int = 8, number: int = 0, seed: int = 1) -> DemonstrationSet:
    own = task(labels)
    parts = split(own, items=2 * labels, demonstrations=k, seed=seed)
    return draw_set(own, parts, demonstrations=k, irrelevant=NEUTRAL, seed=seed, number=number)


def joined(demonstration: Demonstration) -> str:
    return "".join(piece.text for piece in demonstration.text)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_a_prompt_is_its_template_filled() -> None:
    demonstrations = shown(drawn(k=2), LABELS, 1.0)
    pieces = prompt(TEMPLATES[2], ("bad", "good"), demonstrations, "What now?")
    a, b = demonstrations
    assert "".join(piece.text for piece in pieces) == (
        "Each text belongs to one of these classes: bad, good.\n\n"
        f"{joined(a)}\nClass:{a.label.text}\n\n{joined(b)}\nClass:{b.label.text}\n\nWhat now?\nClass:"
    )
    assert [piece.group for piece in pieces] == [
        *(TEMPLATE, TEXTS, TEMPLATE, FLIPPED, TEMPLATE, TEXTS, TEMPLATE, FLIPPED, TEMPLATE, QUERY, TEMPLATE)
    ]
    alone = prompt(TEMPLATES[0], ("bad", "good"), [], "What now?")
    assert "".join(piece.text for piece in alone) == "Text: What now?\nLabel:"
    assert len(TEMPLATES) >= 3
    assert len(set(TEMPLATES)) == len(TEMPLATES)


@given(st.sampled_from([2, 3, 4]), st.integers(1, 4), st.integers(0, 5), st.lists(st.floats(0, 1), min_size=2))
def test_flips_are_exact_balanced_and_nested(labels: int, each: int, number: int, rates: list[float]) -> None:
    own = drawn(labels, each * labels, number)
    before: set[int] = set()
    wrong: dict[int, str] = {}
    for rate in sorted({0.0, 1.0, *rates}):
        demonstrations = shown(own, LABELS, rate)
        assert [joined(one) for one in demonstrations] == [example.text for example in own.examples]
        flipped = {k for k, one in enumerate(demonstrations) if one.label.text[1:] != own.examples[k].label}
        counts = Counter(own.examples[k].label for k in flipped)
        # Halves up, by whole numbers: of all demonstrations, and of no label more than one more than of another.
        assert len(flipped) == int(rate * each * labels + 0.5 + 1e-9)
        by_label = [counts[label] for label in task(labels).labels]
        assert max(by_label) - min(by_label) <= 1
        assert before <= flipped
        before = flipped
        for k in flipped:
            assert wrong.setdefault(k, demonstrations[k].label.text) == demonstrations[k].label.text
        if rate > 0:
            assert {k for k, one in enumerate(demonstrations) if one.label.group == FLIPPED} == flipped
    assert len(before) == each * labels


def test_a_quarter_of_eight_is_two_with_four_labels() -> None:
    """Not one of the two of each label, which would be a half."""
    flips = [
        sum(one.label.group == FLIPPED for one in shown(drawn(4, 8), LABELS, rate)) for rate in (0.25, 0.5, 0.75, 1.0)
    ]
    assert flips == [2, 4, 6, 8]


@given(st.integers(0, 5), st.lists(st.floats(0.01, 1), min_size=2))
def test_replaced_texts_and_swapped_words_are_nested_and_keep_labels(number: int, rates: list[float]) -> None:
    own = drawn(number=number)
    for noise in (IRRELEVANT, WORDS):
        before: set[tuple[int, int]] = set()
        for rate in sorted({1.0, *rates}):
            demonstrations = shown(own, noise, rate)
            assert [one.label for one in demonstrations] == [Piece(f" {e.label}", KEPT) for e in own.examples]
            changed = set()
            for k, (one, example) in enumerate(zip(demonstrations, own.examples, strict=True)):
                if noise == WORDS:
                    old, new = WORD.findall(example.text), WORD.findall(joined(one))
                    # Everything but the words stands where it stood, and every word is as long as before.
                    assert WORD.sub("", joined(one)) == WORD.sub("", example.text)
                    assert [len(word) for word in new] == [len(word) for word in old]
                    assert [word[0].isupper() for word in new] == [word[0].isupper() for word in old]
                    own_changes = {(k, j) for j, (a, b) in enumerate(zip(old, new, strict=True)) if a != b}
                    assert len(own_changes) == int(rate * len(old) + 0.5 + 1e-9)
                    assert sum(piece.group == REPLACED for piece in one.text) == len(own_changes)
                    changed |= own_changes
                elif joined(one) != example.text:
                    assert joined(one) in NEUTRAL
                    assert one.text[0].group == REPLACED
                    changed.add((k, 0))
            assert before <= changed
            before = changed
        assert len(before) == (8 if noise == IRRELEVANT else sum(len(WORD.findall(e.text)) for e in own.examples))
        texts = [joined(one) for one in shown(own, IRRELEVANT, 1.0)]
        assert len(set(texts)) == len(texts)


def test_texts_that_replace_others_are_alike_in_length_where_there_are_such() -> None:
    own = drawn()
    for example, other in zip(own.examples, own.irrelevant, strict=True):
        near = [text for text in NEUTRAL if abs(len(text) - len(example.text)) <= LENGTH_TOL * len(example.text)]
        assert not near or other in near


@pytest.mark.parametrize("noise", NOISES)
def test_at_rate_0_nothing_is_changed_and_what_would_be_is_marked(noise: str) -> None:
    own = drawn()
    clean, half = shown(own, noise, 0), shown(own, noise, SHAM_RATE)
    assert [joined(one) for one in clean] == [example.text for example in own.examples]
    assert [one.label.text for one in clean] == [f" {example.label}" for example in own.examples]
    groups = [[piece.group for piece in (*one.text, one.label)] for one in clean]
    assert groups == [[piece.group for piece in (*one.text, one.label)] for one in half]
    assert {FLIPPED if noise == LABELS else REPLACED} & {group for one in groups for group in one}


def test_sets_are_balanced_differ_and_follow_from_the_seed() -> None:
    sets = [drawn(4, 8, number) for number in range(4)]
    assert all(set(Counter(e.label for e in own.examples).values()) == {2} for own in sets)
    assert len({own.examples for own in sets}) == 4
    assert drawn(4, 8, 2) == sets[2]
    assert drawn(4, 8, 2, seed=2) != sets[2]
    parts = split(task(4), items=8, demonstrations=8, seed=1)
    assert Counter(example.label for example in parts.asked) == dict.fromkeys(task(4).labels, 2)
    asked = {example.item for example in parts.asked}
    assert not asked & {example.item for pool in parts.pool.values() for example in pool}
    # Labels do not stand in turns or in blocks in every set.
    assert len({tuple(e.label for e in own.examples) for own in sets}) > 1


def test_a_query_within_its_own_demonstrations_is_refused() -> None:
    demonstrations = shown(drawn(), LABELS, 0)
    query = joined(demonstrations[3]).upper().replace(" ", "  ")
    with pytest.raises(CorpusError, match="stands in its own demonstrations"):
        prompt(TEMPLATES[0], ("bad", "good"), demonstrations, query)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["text,label", "a,b"], r"line 1: expected the columns text, label between tabs, found 'text,label'"),
        (["text\tlabel", "a\tgood", "\tbad"], "line 3: its text is empty"),
        (["text\tlabel", "a\tgood", "b\t "], "line 3: its label is empty"),
        (["text\tlabel", "a\tb\tgood"], "line 2: 3 cells, expected 2"),
        (["text\tlabel", "a\tgood", "b\tgood"], r"task t: 1 label \(good\); a task needs two or more"),
        (["text\tlabel"], r"task t: 0 label \(no items\)"),
        (["text\tlabel", "One  day\tgood", "b\tbad", "one day\tbad"], "items 1 and 3 are one text .*demonstrations"),
    ],
)
def test_files_that_are_no_task_are_refused(tmp_path: Path, lines: list[str], message: str) -> None:
    path = write(tmp_path / "t.tsv", *lines)
    with pytest.raises(CorpusError, match=message) as caught:
        read_task(path, "t")
    assert str(caught.value).startswith(str(path))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="none.tsv: cannot be read"):
        read_task(tmp_path / "none.tsv", "t")
    (tmp_path / "latin.tsv").write_bytes(b"text\tlabel\nna\xefve\tgood\n")
    with pytest.raises(CorpusError, match="not UTF-8 at byte 13"):
        read_task(tmp_path / "latin.tsv", "t")


def test_a_task_is_read_as_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path / "t.tsv", "text\tlabel\r", 'He said "no".\tbad\r', "", "Fine\tgood")
    assert read_task(path, "t").examples == (Example(1, 'He said "no".', "bad"), Example(2, "Fine", "good"))
    assert read_irrelevant(write(tmp_path / "i.tsv", "text", "A screw.", "")) == ("A screw.",)
    assert plain(" A  b ") == "a b"


def test_numbers_that_do_not_fit_the_task_are_refused() -> None:
    with pytest.raises(CorpusError, match="7 items cannot be shared evenly by 2 labels; use 6 or 8"):
        split(task(), items=7, demonstrations=8, seed=0)
    with pytest.raises(CorpusError, match="1 demonstrations cannot be shared evenly by 2 labels; use 2$"):
        split(task(), items=8, demonstrations=1, seed=0)
    with pytest.raises(CorpusError, match="12 items are labelled 'bad', but 10 to ask about and 4 to show"):
        split(task(), items=20, demonstrations=8, seed=0)
    own = task()
    parts = split(own, items=4, demonstrations=8, seed=0)
    with pytest.raises(CorpusError, match="3 irrelevant texts, but 8 demonstrations"):
        draw_set(own, parts, demonstrations=8, irrelevant=NEUTRAL[:3], seed=0, number=0)
    bare = draw_set(own, parts, demonstrations=8, seed=0, number=0)
    with pytest.raises(ConfigurationError, match="there are no irrelevant texts"):
        shown(bare, IRRELEVANT, 0.5)
    with pytest.raises(ConfigurationError, match="noise 'loud' at rate 0.5: use labels"):
        shown(bare, "loud", 0.5)
