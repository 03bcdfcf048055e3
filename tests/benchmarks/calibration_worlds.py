"""Simulated texts, models and readers with or without a difference to find, for `calibration.py`."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from readalike.corpus import FloatArray, IntArray

LAYERS, HEADS, ARTICLES = 3, 5, 5


@dataclass(frozen=True)
class Design:
    """What is true of the simulated readers and models.

    truth : in words; shuffle : of the readers' signals: "", "own", "one" or "swap"
    base, tuned : how much of what the text does to readers is in the heads of each model
    by_article : standard deviation over articles of the same, by model
    first : times as much of places and text is in what the first group of readers does
    readers, sentences : numbers; unequal : readers of the second group over those of the first
    seeds : of what is asked for
    """

    truth: str
    shuffle: str = ""
    base: float = 0.5
    tuned: float = 0.5
    by_article: float = 0.0
    readers: int = 24
    sentences: int = 60
    unequal: float = 1.0
    first: float = 1.0
    seeds: float = 1.0


DESIGNS = {
    "own": Design("each reader's pairs shuffled alone: no attention resembles any reader", "own"),
    "one": Design("one shuffle of the pairs for all readers: no attention resembles any reader; readers agree", "one"),
    "swap": Design("one swap of sentences of equal length for all readers: attention knows positions alone", "swap"),
    "alike": Design("nothing shuffled: base and tuned know as much of the text, the groups are of one kind"),
    "unequal": Design("as `alike`, and the second group of readers is 0.4 times the first", unequal=0.4, seeds=0.5),
    "few": Design("as `alike`, 8 readers and 20 sentences", readers=8, sentences=20, seeds=0.5),
    "articles": Design(
        "as `alike`, but in each article one of the models does better by chance", by_article=0.15, seeds=0.5
    ),
    "planted": Design(
        "tuned knows more of the text than base, and the first group does more by places and text",
        tuned=0.67,
        first=2.75,
    ),
}
PLANTED = "planted"


class World(NamedTuple):
    """offsets : (sentences + 1,); article, i, j : (pairs,); base, tuned : of each layer (pairs, heads)

    groups : readers of one kind, (pairs, readers); many : the first group with twice the saccades
    text : what the text does to all readers alike, (pairs,)
    """

    offsets: IntArray
    article: IntArray
    i: IntArray
    j: IntArray
    base: list[FloatArray]
    tuned: list[FloatArray]
    groups: list[FloatArray]
    many: FloatArray
    shuffle: str
    text: FloatArray


def world(design: Design, seed: int) -> World:
    """A text, two models and two groups of readers. Counts are Poisson; readers differ in how fast and in what way."""
    rng = np.random.default_rng([seed, 0xCA1])
    S = design.sentences
    words = np.sort(rng.integers(6, 11, S))[rng.permutation(S)]
    i, j = (np.concatenate([np.tril_indices(n)[axis] for n in words]) for axis in (0, 1))
    offsets = np.concatenate([[0], np.cumsum(words * (words + 1) // 2)])
    sentence = np.repeat(np.arange(S), np.diff(offsets))
    article = sentence * ARTICLES // S
    places = np.stack([i == j, i - j == 1, i - j == 2, j == 0], axis=1).astype(np.float64)
    # What the text does to all readers alike: by the word looked at, and by pair.
    text = 0.6 * rng.normal(size=(S, 10))[sentence, j] + 0.6 * rng.normal(size=len(i))
    groups = []
    for size, more in ((design.readers, design.first), (max(2, round(design.unequal * design.readers)), 1.0)):
        by_place, by_text = more * np.exp(rng.normal(0, [[0.6], [0.4]], (2, size)))
        pace = np.exp(rng.normal(-1, 0.4, size))
        log_rate = 0.5 * np.outer(places @ [0.5, 1.2, 0.3, -0.2], by_place) + 0.5 * np.outer(text, by_text)
        groups.append(np.minimum(np.exp(log_rate) * pace, 25))
    many = rng.poisson(2 * groups[0]).astype(np.float64)
    counts = [rng.poisson(rate).astype(np.float64) for rate in groups]
    models: list[list[FloatArray]] = [[], []]
    for layer in range(LAYERS):
        # Models are the same for every seed: what is drawn are texts and readers.
        fixed = np.random.default_rng(layer)
        at_places, load = places @ fixed.normal(size=(4, HEADS)), fixed.normal(size=HEADS)
        for own, knows in zip(models, (design.base, design.tuned), strict=True):
            weight = knows + rng.normal(0, design.by_article, ARTICLES)[article]
            own.append(at_places + np.outer(weight * text, load) + rng.normal(size=(len(i), HEADS)))
    order = _order(design.shuffle, words, offsets, rng)
    if design.shuffle == "own":
        counts, many = [rng.permuted(own, axis=0) for own in counts], rng.permuted(many, axis=0)
    return World(offsets, article, i, j, *models, [own[order] for own in counts], many[order], design.shuffle, text)


def _order(shuffle: str, words: IntArray, offsets: IntArray, rng: np.random.Generator) -> IntArray:
    """Of pairs, the same for all readers."""
    if shuffle == "one":
        return rng.permutation(offsets[-1])
    order = np.arange(len(words))
    if shuffle == "swap":
        for length in np.unique(words):
            own = np.flatnonzero(words == length)
            order[own] = rng.permutation(own)
    return np.concatenate([np.arange(offsets[k], offsets[k + 1]) for k in order])
