"""What is known of a landing without attention, and how attention is put beside it.

A regressor is a function of the corpus, (cells, columns), under a name in REGRESSORS. Whatever is the same for all
words of a row cancels in the model (`measures.conditional_logit`): place and length of the word that is left are no
regressors, and the place of the word landed on is that of the word left plus the distance.
"""

from collections.abc import Callable, Mapping

import numpy as np

from readalike.cells import Cells
from readalike.corpus import Corpus, FloatArray

NEAR = 9
BACK, AHEAD = "back", "ahead"


def _ends(corpus: Corpus, cells: Cells) -> FloatArray:
    """Whether the word landed on is the sentence's first, or its last."""
    return np.column_stack([cells.to_word == 0, cells.to_word == corpus.lengths[cells.sentence] - 1])


def _distance(corpus: Corpus, cells: Cells) -> FloatArray:
    """j - i: a column a distance from -9 to 9, one for farther ahead (farther back is what is left), a slope a side.

    The slopes hold what a place in the sentence would tell: within a row j is the distance and a constant.
    """
    d = cells.to_word - cells.from_word
    near = [d == k for k in range(-NEAR, NEAR + 1)]
    return np.column_stack([*near, d > NEAR, np.maximum(d, 0), np.maximum(-d, 0)])


def _characters(corpus: Corpus, cells: Cells) -> FloatArray:
    """Characters between the middles of both words, a column a side: how far the eye goes, which words hide."""
    middles = []
    for item in corpus.sentences:
        lengths = np.array([len(word) for word in item.words], dtype=np.float64)
        middles.append(np.cumsum(lengths + 1) - 1 - lengths / 2)
    of_word = np.concatenate(middles)
    start = np.concatenate([[0], np.cumsum(corpus.lengths)])[cells.sentence]
    gap = of_word[start + cells.to_word] - of_word[start + cells.from_word]
    return np.column_stack([np.maximum(gap, 0), np.maximum(-gap, 0)])


def _length(corpus: Corpus, cells: Cells) -> FloatArray:
    """Characters of the word landed on and their logarithm, and the former where it is the same or the next word.

    Long words are refixated, and short ones skipped.
    """
    characters = np.array([len(word) for item in corpus.sentences for word in item.words], dtype=np.float64)
    start = np.concatenate([[0], np.cumsum(corpus.lengths)])[cells.sentence]
    length, d = characters[start + cells.to_word], cells.to_word - cells.from_word
    return np.column_stack([length, np.log(length), length * (d == 0), length * (d == 1)])


REGRESSORS: Mapping[str, Callable[[Corpus, Cells], FloatArray]] = {
    "first and last word": _ends,
    "signed distance": _distance,
    "characters": _characters,
    "length": _length,
}


def baseline(corpus: Corpus, cells: Cells) -> FloatArray:
    """The columns of all regressors side by side, (cells, 30). Needs text."""
    return np.column_stack([regressor(corpus, cells) for regressor in REGRESSORS.values()]).astype(np.float64)


def of_attention(attention: FloatArray, cells: Cells, sides: tuple[str, ...] = (BACK,)) -> FloatArray:
    """Attention as columns, zero on the other side: (cells, heads x sides).

    attention : (heads, pairs)
    sides : `back`, what word i pays to each j <= i; `ahead`, what each j > i will pay to i, which cannot look at it
    """
    inside = {BACK: cells.back, AHEAD: ~cells.back}
    return np.concatenate([(attention[:, cells.pair] * inside[side]).T for side in sides], axis=1)


def standardised(X: FloatArray, cells: Cells) -> FloatArray:
    """Every row centred, since what its words share cancels, and every column of variance one over all cells.

    One penalty is then the same for heads that look a lot and for those that look little. A column that never varies
    within a row is zero.
    """
    centred = X - cells.by_row(np.add.reduceat(X, cells.starts, axis=0) / cells.row_lengths[:, None])
    scale = np.sqrt((centred**2).mean(axis=0))
    varies = scale > np.finfo(float).eps * np.abs(X).max(axis=0, initial=1)
    return np.where(varies, centred / np.where(varies, scale, 1), 0.0)
