"""Simulated readers and small synthetic attention, with or without a difference to find.

Everything is drawn anew for every seed: sentences, what is special to them, readers, attention. A test that takes
readers and sentences as drawn has to keep its level over such worlds.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.measures.regressors import trivial_patterns

ARTICLES, OF_ARTICLE, SHORTEST, LONGEST = 5, 12, 6, 10  # sentences an article, words a sentence
READERS = 20  # of each group
LAYERS, HEADS = 3, 6
MOST = 50.0  # saccades expected of one pair; keeps the lognormals from running away
KEPT = 0.6  # of the saccades of the group that reads more, so that it has as many as the other
SHARED = 0.5  # of the variance of a tuned model's noise: it is its base's


@dataclass(frozen=True)
class Planted:
    """What is put into a world.

    tuned : how much of what readers look at is in the tuned model; its base has BASE
    group, patterns : factors of how much the first group looks at it, and at the trivial patterns
    """

    tuned: float = 0.5
    group: float = 1.0
    patterns: float = 1.0


BASE = 0.5
NOTHING = Planted()


@dataclass(frozen=True)
class World:
    """a, b : (pairs, readers) saccades of two groups; more : those of a, were they more by 1 / KEPT

    base, tuned : (layers, pairs, heads) attention
    """

    corpus: Corpus
    a: FloatArray
    b: FloatArray
    more: FloatArray
    base: FloatArray
    tuned: FloatArray


def world(rng: np.random.Generator, planted: Planted = NOTHING) -> World:
    """One draw.

    A pair's attraction is its own, its word's and its sentence's; all readers see the same one. A reader's saccades are
    Poisson, with the logarithm of their number linear in the trivial patterns and the attraction, each reader with
    weights of their own. A head holds the patterns (alike in base and tuned), the attraction times its own loading, and
    noise, of which SHARED is the same in both.
    """
    corpus = _corpus(rng)
    sentence, _, to_word = corpus.pairs
    patterns = trivial_patterns(corpus)
    word = rng.normal(0, 0.6, (len(corpus.sentences), LONGEST))
    special = rng.normal(0, 0.3, len(corpus.sentences))
    attraction = rng.normal(0, 0.6, corpus.n_pairs) + word[sentence, to_word] + special[sentence]

    def rate(group: float, on_patterns: float) -> FloatArray:
        place = np.exp(rng.normal(0, 0.4, (READERS, 3))) * np.array([-0.2, 0.9, 0.4])
        look, busy = np.exp(rng.normal(0, 0.4, READERS)), np.exp(rng.normal(0, 0.4, READERS))
        exponent = -1.0 + on_patterns * patterns @ place.T + group * 0.5 * np.outer(attraction, look)
        result: FloatArray = np.minimum(np.exp(exponent) * busy, MOST)
        return result

    of_a, of_b = rate(planted.group, planted.patterns), rate(1.0, 1.0)
    a, b, more = (rng.poisson(expected).astype(np.float64) for expected in (of_a, of_b, of_a / KEPT))
    base, tuned = [], []
    for _ in range(LAYERS):
        place, loading = patterns @ rng.normal(0, 1, (3, HEADS)), rng.normal(0, 1, HEADS)
        both, own, other = rng.normal(0, 1, (3, corpus.n_pairs, HEADS))
        for content, noise, into in ((BASE, own, base), (planted.tuned, other, tuned)):
            mixed = np.sqrt(SHARED) * both + np.sqrt(1 - SHARED) * noise
            into.append(place + content * attraction[:, None] * loading + mixed)
    return World(corpus, a, b, more, np.stack(base), np.stack(tuned))


def _corpus(rng: np.random.Generator) -> Corpus:
    lengths = rng.integers(SHORTEST, LONGEST + 1, ARTICLES * OF_ARTICLE)
    return Corpus(
        tuple(Sentence(1 + k // OF_ARTICLE, 1 + k % OF_ARTICLE, ("",) * int(n)) for k, n in enumerate(lengths))
    )


Shuffle = Callable[[World, np.random.Generator], World]


def _reordered(of: World, order: FloatArray) -> World:
    """order : (pairs,) for all readers, the same in all their signals"""
    rows = order.astype(np.int64)
    return World(of.corpus, of.a[rows], of.b[rows], of.more[rows], of.base, of.tuned)


def each_alone(of: World, rng: np.random.Generator) -> World:
    """Every reader's pairs in an order of their own: nothing is left that readers share."""
    a, b, more = (rng.permuted(values, axis=0) for values in (of.a, of.b, of.more))
    return World(of.corpus, a, b, more, of.base, of.tuned)


def all_alike(of: World, rng: np.random.Generator) -> World:
    """One order of all pairs for all readers: they share what they shared, none of it with the attention."""
    return _reordered(of, rng.permutation(of.corpus.n_pairs))


def sentences_swapped(of: World, rng: np.random.Generator) -> World:
    """One exchange of sentences of the same length for all readers: position within a sentence stays."""
    order = np.arange(len(of.corpus.sentences))
    for length in np.unique(of.corpus.lengths):
        at = np.flatnonzero(of.corpus.lengths == length)
        order[at] = rng.permutation(at)
    offsets = of.corpus.offsets
    return _reordered(of, np.concatenate([np.arange(offsets[k], offsets[k + 1]) for k in order]))


def as_they_are(of: World, rng: np.random.Generator) -> World:
    """Not shuffled: attention explains readers, base and tuned equally, and both groups equally."""
    return of


CONDITIONS: dict[str, Shuffle] = {
    "each reader shuffled alone": each_alone,
    "one shuffle for all readers": all_alike,
    "one swap of sentences for all readers": sentences_swapped,
    "not shuffled, no difference": as_they_are,
}
