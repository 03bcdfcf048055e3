"""What is known of a pair without attention: the trivial patterns, and the regressors that the baseline is made of.

A regressor is a function of the corpus, (pairs, columns), under a name in REGRESSORS; a baseline is a list of names.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from readalike.corpus import Corpus, FloatArray

DISTANCES = 10


def trivial_patterns(corpus: Corpus) -> FloatArray:
    """First word, previous word, self, as 0/1: shape (pairs, 3) (paper, 3.3.1).

    Row 0 of a sentence has no previous word; its pair (0, 0) is first word and self.
    """
    _, i, j = corpus.pairs
    return np.column_stack([j == 0, i - j == 1, i == j]).astype(np.float64)  # (pairs, 3)


def first_word(corpus: Corpus) -> FloatArray:
    """Whether the word looked at is the sentence's first, (pairs, 1)."""
    return np.column_stack([corpus.pairs.to_word == 0]).astype(np.float64)


def distance(corpus: Corpus) -> FloatArray:
    """Whether the words are d apart, for d = 0 to 9, (pairs, 10)."""
    _, i, j = corpus.pairs
    return np.column_stack([i - j == d for d in range(DISTANCES)]).astype(np.float64)


def place(corpus: Corpus) -> FloatArray:
    """Place of the word that looks, from 0, (pairs, 1)."""
    return np.column_stack([corpus.pairs.from_word]).astype(np.float64)


def length(corpus: Corpus) -> FloatArray:
    """Characters of the word that looks and of the word looked at, punctuation included, (pairs, 2). Needs text."""
    characters = np.array([len(word) for item in corpus.sentences for word in item.words], dtype=np.float64)
    return _of_both_words(corpus, characters)


def _of_both_words(corpus: Corpus, values: FloatArray) -> FloatArray:
    """A value of every word of the corpus, (words,) -> that of the word that looks and of the one looked at."""
    sentence, i, j = corpus.pairs
    start = np.concatenate([[0], np.cumsum(corpus.lengths)])[sentence]
    return np.column_stack([values[start + i], values[start + j]])  # (pairs, 2)


REGRESSORS: Mapping[str, Callable[[Corpus], FloatArray]] = {
    "first word": first_word,
    "distance": distance,
    "place": place,
    "length": length,
}
# Position and word length: 14 columns.
BASELINE = ("first word", "distance", "place", "length")


def baseline(corpus: Corpus, names: Sequence[str] = BASELINE) -> FloatArray:
    """The columns of the named regressors side by side, (pairs, columns)."""
    return np.column_stack([REGRESSORS[name](corpus) for name in names])
