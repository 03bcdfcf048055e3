"""Prompts of in-context learning: demonstrations, noise in a nested share of them, and a text to be labelled.

A prompt is a list of pieces, each of one group (`GROUPS`), so that it is known of every character what it is; joined
they are the text. What is drawn follows from the seed and the number of the set: at every rate the same demonstrations
stand in the same order, and what is noisy at a lower rate stays so at a higher one. At rate 0 what would be noisy at
`SHAM_RATE` is marked and left as it is: a control.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from readalike.errors import ConfigurationError, CorpusError
from readalike.incontext.task import Example, Split, Task, plain

FIRST, TEMPLATE, TEXTS, REPLACED, KEPT, FLIPPED, QUERY = GROUPS = (
    *("first token", "template", "texts", "replaced", "kept labels", "flipped labels", "query"),
)
LABELS, IRRELEVANT, WORDS, ZERO_SHOT = "labels", "irrelevant", "words", "none"
NOISES = (LABELS, IRRELEVANT, WORDS)
SHAM_RATE = 0.5
# What is asked in place of a text, to see how much a label is preferred whatever stands there (Zhao et al. 2021).
CONTENT_FREE = ("N/A", "[MASK]", "")
# By how much texts that replace others may differ from them in length, where there are such.
LENGTH_TOL = 0.2


class Template(NamedTuple):
    """What stands around texts and labels; `opening` may name the {labels}. A label has a space before it."""

    opening: str
    before: str
    between: str
    after: str


TEMPLATES = (
    Template("", "Text: ", "\nLabel:", "\n\n"),
    Template("", "Input: ", "\nOutput:", "\n\n"),
    Template("Each text belongs to one of these classes: {labels}.\n\n", "", "\nClass:", "\n\n"),
)


class Piece(NamedTuple):
    """Part of a prompt, and its group."""

    text: str
    group: str


class Demonstration(NamedTuple):
    """A text as it is shown, in pieces of the groups `texts` and `replaced`, and its label, kept or flipped."""

    text: tuple[Piece, ...]
    label: Piece


class DemonstrationSet(NamedTuple):
    """Demonstrations in order, and what noise would do to each.

    examples : as they are in the task
    order : (examples,) when each is flipped or replaced, from 0; labels take turns, so that of none there is more than
        one more than of another
    wrong : the label that each gets where it is flipped
    irrelevant : the text that each gets where it is replaced; empty where there are none
    swapped : of each, by word: when it is swapped, from 0, and what for
    """

    examples: tuple[Example, ...]
    order: tuple[int, ...]
    wrong: tuple[str, ...]
    irrelevant: tuple[str, ...]
    swapped: tuple[tuple[tuple[int, str], ...], ...]


def noisy(rate: float, number: int) -> int:
    """How many of `number` are noisy at a rate: round(rate * number), halves up."""
    return int(np.floor(rate * number + 0.5 + 1e-9))


def draw_set(
    task: Task, split: Split, *, demonstrations: int, irrelevant: Sequence[str] = (), seed: int, number: int
) -> DemonstrationSet:
    """One set of demonstrations, balanced and shuffled, with what noise would do to each.

    demonstrations : k, of all labels together; irrelevant : texts of another domain, at least k of them or none
    """
    labels = task.labels
    # Each with draws of its own, so that one kind of noise changes nothing of another.
    picking, flipping, replacing, swapping = (np.random.default_rng([seed, 1 + number, part]) for part in range(4))
    each = demonstrations // len(labels)
    chosen = [
        split.pool[label][k] for label in labels for k in picking.permutation(len(split.pool[label]))[:each].tolist()
    ]
    examples = tuple(chosen[k] for k in picking.permutation(len(chosen)))
    within = {label: iter(flipping.permutation(each).tolist()) for label in labels}
    rounds = [next(within[example.label]) for example in examples]
    others = [[label for label in labels if label != example.label] for example in examples]
    wrong = tuple(other[int(flipping.integers(len(other)))] for other in others)
    turns = [dict(zip(labels, flipping.permutation(len(labels)).tolist(), strict=True)) for _ in range(each)]
    order = tuple(k * len(labels) + turns[k][one.label] for k, one in zip(rounds, examples, strict=True))
    vocabulary = words_by_length([example.text for example in task.examples])
    return DemonstrationSet(
        examples,
        order,
        wrong,
        _alike_in_length([example.text for example in examples], irrelevant, replacing) if irrelevant else (),
        tuple(_swaps(example.text, vocabulary, swapping) for example in examples),
    )


def _alike_in_length(texts: Sequence[str], others: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    """For each text another one: drawn among those within `LENGTH_TOL`, or the nearest in length; none twice."""
    if len(others) < len(texts):
        raise CorpusError(
            f"{len(others)} irrelevant texts, but {len(texts)} demonstrations are to be replaced; add texts, or use "
            "fewer demonstrations"
        )
    left = [others[k] for k in rng.permutation(len(others))]
    result = {}
    # The longest first: there are the fewest of them.
    for k in sorted(range(len(texts)), key=lambda k: -len(texts[k])):
        length = len(texts[k])
        near = [other for other in left if abs(len(other) - length) <= LENGTH_TOL * length]
        result[k] = near[0] if near else min(left, key=lambda other: abs(len(other) - length))
        left.remove(result[k])
    return tuple(result[k] for k in range(len(texts)))


# A word is letters and what joins them; numbers and signs stay as they are.
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def words_by_length(texts: Collection[str]) -> Mapping[int, tuple[str, ...]]:
    """Length -> the words of some texts that have it, without capitals, sorted."""
    found: dict[int, set[str]] = {}
    for text in texts:
        for word in WORD.findall(text.lower()):
            found.setdefault(len(word), set()).add(word)
    return {length: tuple(sorted(words)) for length, words in found.items()}


def _swaps(text: str, vocabulary: Mapping[int, Sequence[str]], rng: np.random.Generator) -> tuple[tuple[int, str], ...]:
    """Of each word of a text: when it is swapped, and for what, of the same length and another.

    Where the task has no other word of that length, for letters drawn at random.
    """
    words = WORD.findall(text)
    when = rng.permutation(len(words)).tolist()
    result = []
    for at, word in zip(when, words, strict=True):
        others = [other for other in vocabulary.get(len(word), ()) if other != word.lower()]
        if others:
            new = others[int(rng.integers(len(others)))]
        else:
            first = rng.integers(26, size=len(word))
            new = "".join(chr(97 + int(k)) for k in first)
            new = new if new != word.lower() else new[:-1] + chr(97 + (int(first[-1]) + 1) % 26)
        result.append((at, new.capitalize() if word[:1].isupper() else new))
    return tuple(result)


def shown(drawn: DemonstrationSet, noise: str, rate: float) -> list[Demonstration]:
    """The demonstrations of a set under noise; at rate 0 unchanged, with what would be noisy at `SHAM_RATE` marked.

    Raises ConfigurationError for a noise or rate that there is not.
    """
    if noise not in NOISES or not 0 <= rate <= 1:
        raise ConfigurationError(f"noise {noise!r} at rate {rate}: use {', '.join(NOISES)} at rates from 0 to 1")
    sham, marked = rate == 0, rate or SHAM_RATE
    result = []
    for k, example in enumerate(drawn.examples):
        hit = drawn.order[k] < noisy(marked, len(drawn.order))
        text: tuple[Piece, ...] = (Piece(example.text, TEXTS),)
        label = Piece(f" {example.label}", KEPT)
        if noise == LABELS and hit:
            label = Piece(f" {example.label if sham else drawn.wrong[k]}", FLIPPED)
        elif noise == IRRELEVANT and hit:
            if not drawn.irrelevant:
                raise ConfigurationError("noise irrelevant: there are no irrelevant texts; name a file of them")
            text = (Piece(example.text if sham else drawn.irrelevant[k], REPLACED),)
        elif noise == WORDS:
            text = _with_swaps(example.text, drawn.swapped[k], marked, sham=sham)
        result.append(Demonstration(text, label))
    return result


def _with_swaps(text: str, swaps: Sequence[tuple[int, str]], rate: float, *, sham: bool) -> tuple[Piece, ...]:
    """A text in pieces, its first words in the order of `swaps` swapped."""
    number, pieces, end = noisy(rate, len(swaps)), [], 0
    for match, (when, new) in zip(WORD.finditer(text), swaps, strict=True):
        if when < number:
            pieces += [Piece(text[end : match.start()], TEXTS), Piece(match.group() if sham else new, REPLACED)]
            end = match.end()
    pieces.append(Piece(text[end:], TEXTS))
    return tuple(piece for piece in pieces if piece.text)


def prompt(
    template: Template, labels: Sequence[str], demonstrations: Sequence[Demonstration], query: str
) -> list[Piece]:
    """The pieces of a prompt, up to where the label of `query` is to follow.

    Raises CorpusError where the query is one of the texts shown.
    """
    pieces = [Piece(template.opening.format(labels=", ".join(labels)), TEMPLATE)]
    for demonstration in demonstrations:
        if query and plain("".join(piece.text for piece in demonstration.text)) == plain(query):
            raise CorpusError(f"{query!r} is asked about and stands in its own demonstrations; ask about another")
        pieces.append(Piece(template.before, TEMPLATE))
        pieces += demonstration.text
        pieces += [Piece(template.between, TEMPLATE), demonstration.label, Piece(template.after, TEMPLATE)]
    pieces += [Piece(template.before, TEMPLATE), Piece(query, QUERY), Piece(template.between, TEMPLATE)]
    return [piece for piece in pieces if piece.text]
