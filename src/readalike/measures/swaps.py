"""Another sentence's attention: what a layer scores once sentences of equal length have changed attention.

Attention depends on a sentence in two ways: on which places there are, and on which words stand there. What a layer
scores with the whole attention of a sentence swapped for that of another of its length, all heads together, it owes to
the first alone: to how it looks from any place to any other, whatever is said. A shuffle over all pairs destroys both.

A sentence with no other of its length takes attention of the nearest length, the longer where two are as near. Of a
longer sentence it takes the first words, which look as they would had the sentence ended there. Beyond the end of a
shorter one each word looks as the last word there does: at the first word as at the first, at another as many words
back, at those too far back as at the second word.
"""

import itertools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.measures.held_out import Products, Split

SWAPS = 100
# Bytes of sums that are kept at once; draws beyond are summed in turns.
MOST_BYTES = 2**27


@dataclass(frozen=True)
class Swaps:
    """Arrangements in which no sentence has attention of its own, the same for every layer and reader.

    rows : of each attention that a sentence may take, its pairs in the corpus; first that of every sentence as it is
    takes : (arrangements, sentences) which of these each sentence takes
    """

    rows: tuple[IntArray, ...]
    takes: IntArray

    def order(self, k: int) -> IntArray:
        """One arrangement as pairs of the corpus, (pairs,): `X[order]` is the attention swapped."""
        return np.concatenate([self.rows[take] for take in self.takes[k]])


def swaps(corpus: Corpus, seed: int, number: int = SWAPS) -> Swaps:
    """Arrangements drawn: derangements of the sentences of each length, any of them as likely as another.

    The corpus has at least two sentences.
    """
    rng = np.random.default_rng([seed, 0x5A4B])
    rows = [np.arange(a, b) for a, b in itertools.pairwise(corpus.offsets)]
    takes = np.empty((number, len(rows)), dtype=np.int64)
    for length in np.unique(corpus.lengths):
        members = np.flatnonzero(corpus.lengths == length)
        if len(members) > 1:
            takes[:, members] = [members[derangement(len(members), rng)] for _ in range(number)]
            continue
        (alone,) = members
        others = np.delete(np.unique(corpus.lengths), np.searchsorted(np.unique(corpus.lengths), length))
        nearest = min(others, key=lambda other: (abs(other - length), -other))
        fitted = [rows[k][fit(int(nearest), int(length))] for k in np.flatnonzero(corpus.lengths == nearest)]
        takes[:, alone] = rng.integers(len(rows), len(rows) + len(fitted), number)
        rows += fitted
    return Swaps(tuple(rows), takes)


def derangement(n: int, rng: np.random.Generator) -> IntArray:
    """An order of n >= 2 that leaves nothing at its place: orders are drawn until one does, every third or so."""
    while True:
        order = rng.permutation(n)
        if (order != np.arange(n)).all():
            return order


def fit(theirs: int, length: int) -> IntArray:
    """Which pair of a sentence of `theirs` words stands for each pair of one of `length` words; see the module."""
    i, j = np.tril_indices(length)
    last = theirs - 1
    beyond = np.where(j == 0, 0, np.clip(last - (i - j), min(1, last), last))
    row, column = np.minimum(i, last), np.where(i > last, beyond, j)
    pair: IntArray = row * (row + 1) // 2 + column
    return pair


class Swapped(NamedTuple):
    """Means over the arrangements: held-out R2, (signals,), and its squared errors by left-out article.

    sse : (articles, signals); the sums of squares that R2 divides by are the same in all arrangements
    """

    r2: FloatArray
    sse: FloatArray


def swapped_scores(basis: FloatArray, split: Split, corpus: Corpus, swapped: Swaps) -> Swapped:
    """Scores of every signal with sentences' attention swapped.

    basis : (pairs, rank) `orthonormal` of a layer, by rows

    An arrangement is new to the signals, and still no new sum over pairs: those of products of the attention with
    itself are made once for each attention, those with the signals once for each sentence and attention that it takes
    in any arrangement. What is left for an arrangement is to add them up and to solve.
    """
    number, rank, signals = len(swapped.takes), basis.shape[1], split.Y.shape[1]
    names, article = np.unique(corpus.articles, return_inverse=True)
    own = np.stack([np.append(basis[rows].sum(axis=0), basis[rows].T @ basis[rows]) for rows in swapped.rows])
    n, Y, YY = zip(*((len(part), part.sum(axis=0), (part**2).sum(axis=0)) for part in split.parts), strict=True)
    size = max(1, MOST_BYTES // max(1, 8 * len(names) * rank * signals))
    total, sse = np.zeros(signals), np.zeros((len(names), signals))
    for start in range(0, number, size):
        takes = swapped.takes[start : start + size]
        times = np.zeros((len(takes), len(names), len(own)))  # how often an article takes each attention
        for s in range(len(article)):
            times[np.arange(len(takes)), article[s], takes[:, s]] += 1
        of_basis = times @ own
        ZY = _with_signals(basis, split, corpus, swapped.rows, takes, article)
        for k in range(len(takes)):
            folds = [
                Products(n[a], of_basis[k, a, :rank], Y[a], of_basis[k, a, rank:].reshape(rank, rank), ZY[k, a], YY[a])
                for a in range(len(names))
            ]
            found = split.of_products(folds)
            total += found.r2
            sse += found.sse
    return Swapped(total / number, sse / number)


def _with_signals(
    basis: FloatArray, split: Split, corpus: Corpus, rows: tuple[IntArray, ...], takes: IntArray, article: IntArray
) -> FloatArray:
    """Sums of products with the signals, (arrangements, articles, rank, signals)."""
    result = np.zeros((len(takes), article.max() + 1, basis.shape[1], split.Y.shape[1]))
    for s in range(takes.shape[1]):
        taken, which = np.unique(takes[:, s], return_inverse=True)
        theirs = basis[np.stack([rows[k] for k in taken])]  # (taken, pairs of the sentence, rank)
        products = theirs.transpose(0, 2, 1) @ split.centred[corpus.pairs_of(s)]
        result[:, article[s]] += products[which]
    return result
