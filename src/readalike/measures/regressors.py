"""What position and word length alone give: the trivial patterns and the baseline."""

import numpy as np

from readalike.corpus import Corpus, FloatArray


def trivial_patterns(corpus: Corpus) -> FloatArray:
    """First word, previous word, self, as 0/1: shape (pairs, 3) (paper, 3.3.1).

    Row 0 of a sentence has no previous word; its pair (0, 0) is first word and self.
    """
    _, i, j = corpus.pairs
    return np.column_stack([j == 0, i - j == 1, i == j]).astype(np.float64)


def baseline(corpus: Corpus) -> FloatArray:
    """Position and word length, shape (pairs, 14).

    [j = 0]; [i - j = d] for d = 0..9; i from 0; characters of the words i and j, punctuation included. Needs text.
    """
    sentence, i, j = corpus.pairs
    characters = np.array([len(word) for item in corpus.sentences for word in item.words], dtype=np.float64)
    first_word = np.concatenate([[0], np.cumsum(corpus.lengths)])[sentence]
    distances = [(i - j == d) for d in range(10)]
    return np.column_stack(
        [j == 0, *distances, i, characters[first_word + i], characters[first_word + j]],
    ).astype(np.float64)
