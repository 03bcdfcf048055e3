"""An interpolated Kneser-Ney trigram model: what a language model of any use must beat."""

import numpy as np
from numpy.typing import NDArray

from readalike.corpus import FloatArray, IntArray


class Trigram:
    """Counts of one stream of tokens.

    p(c | a b) = (count(abc) - D)+ / count(ab.) + D types(ab.) / count(ab.) * p(c | b), and so on down to the uniform
    distribution; lower orders count the types of what stands before, not tokens. D = n1 / (n1 + 2 n2) of each order.
    """

    def __init__(self, tokens: NDArray[np.integer], vocabulary: int) -> None:
        """tokens : shape (tokens,), each below `vocabulary`; n-grams cross the boundaries of documents."""
        self.vocabulary = v = vocabulary
        t = tokens.astype(np.int64)
        trigrams, counts = np.unique((t[:-2] * v + t[1:-1]) * v + t[2:], return_counts=True)
        bigrams, before = np.unique(trigrams % (v * v), return_counts=True)
        unigrams, before_one = np.unique(np.unique(t[:-1] * v + t[1:]) % v, return_counts=True)
        # Highest order first.
        self.orders = [_Order(trigrams, counts, v), _Order(bigrams, before, v), _Order(unigrams, before_one, v)]

    def nats(self, tokens: NDArray[np.integer]) -> FloatArray:
        """-log p of every token from the third on given the two before it, shape (tokens - 2,)."""
        t, v = tokens.astype(np.int64), self.vocabulary
        probability: FloatArray = np.full(len(t) - 2, 1 / v)
        keys = [t[2:], t[1:-1] * v + t[2:], (t[:-2] * v + t[1:-1]) * v + t[2:]]
        for order, wanted in zip(self.orders[::-1], keys, strict=True):
            probability = order.interpolate(wanted, probability)
        nats: FloatArray = -np.log(probability)
        return nats


class _Order:
    """Counts of n-grams, sorted by key; the last token of a key is its remainder by the vocabulary."""

    def __init__(self, keys: IntArray, counts: IntArray, vocabulary: int) -> None:
        self.keys, self.counts, self.vocabulary = keys, counts, vocabulary
        once, twice = (counts == 1).sum(), (counts == 2).sum()
        # A stream without n-grams seen once leaves nothing for the lower orders; half a count is as good as any.
        self.discount = float(once / (once + 2 * twice)) if once else 0.5
        self.contexts, starts, self.types = np.unique(keys // vocabulary, return_index=True, return_counts=True)
        self.totals = np.add.reduceat(counts, starts)

    def interpolate(self, keys: IntArray, lower: FloatArray) -> FloatArray:
        count = _look_up(self.keys, self.counts, keys)
        total = _look_up(self.contexts, self.totals, keys // self.vocabulary)
        types = _look_up(self.contexts, self.types, keys // self.vocabulary)
        share = np.maximum(count - self.discount, 0) + self.discount * types * lower
        return np.where(total > 0, share / np.maximum(total, 1), lower)


def _look_up(keys: IntArray, values: IntArray, wanted: IntArray) -> IntArray:
    """The value of each wanted key, 0 where it is not there; `keys` are sorted."""
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[at] == wanted, values[at], 0)
