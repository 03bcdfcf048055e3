"""All places where a saccade can land: cells (i, j) for every word j of a sentence, words after i among them.

`corpus.Corpus` has the pairs j <= i that attention is made of. Cells stand beside it in a module of their own, since
whatever `Corpus` has is part of the digest of extraction.

Order: sentences in corpus order, within one row-major; a row is the word that the eye leaves.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readalike.corpus import Corpus, IntArray


@dataclass(frozen=True)
class Cells:
    """Index arrays over all cells of a corpus and over their rows.

    sentence, from_word, to_word : (cells,) sentence in corpus order, the word i left and the word j landed on, from 0
    pair : (cells,) where the two words' attention stands among the corpus's pairs: (i, j) for j <= i, (j, i) for j > i
    starts : (rows,) first cell of each row
    row_sentence : (rows,) sentence of each row
    offsets : (sentences + 1,) first cell of each sentence and, last, the number of cells
    """

    sentence: IntArray
    from_word: IntArray
    to_word: IntArray
    pair: IntArray
    starts: IntArray
    row_sentence: IntArray
    offsets: IntArray

    @property
    def back(self) -> NDArray[np.bool_]:
        """(cells,) whether the eye goes back or stays: j <= i."""
        return self.to_word <= self.from_word

    @property
    def row_lengths(self) -> IntArray:
        """(rows,) words of each row's sentence."""
        return np.diff(self.starts, append=self.offsets[-1])

    def by_row(self, values: NDArray[Any]) -> NDArray[Any]:
        """A value a row, (rows, ...) -> the same for each of its cells, (cells, ...)."""
        return np.repeat(values, self.row_lengths, axis=0)


def cells(corpus: Corpus) -> Cells:
    lengths = corpus.lengths
    offsets = np.concatenate([[0], np.cumsum(lengths**2)])
    sentence = np.repeat(np.arange(len(lengths)), lengths**2)
    within = np.arange(offsets[-1]) - offsets[sentence]
    i, j = within // lengths[sentence], within % lengths[sentence]
    later, earlier = np.maximum(i, j), np.minimum(i, j)
    pair = corpus.offsets[sentence] + later * (later + 1) // 2 + earlier
    return Cells(sentence, i, j, pair, np.flatnonzero(j == 0), np.repeat(np.arange(len(lengths)), lengths), offsets)
