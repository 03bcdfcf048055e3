"""What is known of a pair without attention: the trivial patterns, and the regressors that the baseline is made of.

A regressor is a function of the corpus, (pairs, columns), under a name in REGRESSORS; a baseline is a list of names.
b1 and b2 were fixed before scores beyond b2 were seen, and are left as they are since: docs/results.md says what b2 is
known to lack.
Baseline b3 also knows of the words themselves, and that by a model: it is another one for each.
"""

import unicodedata
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


def refixation_by_length(corpus: Corpus) -> FloatArray:
    """Characters of a word that looks at itself, 0 for other pairs, (pairs, 1). Needs text.

    Readers look again at long words, and refixations are nearly half of all that they do among these pairs; `distance`
    and `length` only add, so that without the product of the two whatever tells long words from short ones on the
    diagonal seems to know of reading.
    """
    same = corpus.pairs.from_word == corpus.pairs.to_word
    return np.column_stack([same * length(corpus)[:, 0]])


def first_word_by_length(corpus: Corpus) -> FloatArray:
    """Both lengths where the word looked at is the sentence's first, (pairs, 2). Needs text."""
    return first_word(corpus) * length(corpus)


def distance_by_length(corpus: Corpus) -> FloatArray:
    """Both lengths where the words are 1, 2 or 3 apart, (pairs, 6). Needs text.

    Short words are skipped and gone back to, from a word or two further on. Looks back over more words are rare.
    """
    near = distance(corpus)[:, 1:4]
    looks, looked_at = length(corpus).T
    return np.column_stack([near * looks[:, None], near * looked_at[:, None]])


def place_by_length(corpus: Corpus) -> FloatArray:
    """Place of the word that looks times each length, (pairs, 2). Needs text."""
    return place(corpus) * length(corpus)


def words(corpus: Corpus) -> FloatArray:
    """Words of the sentence, (pairs, 1): with `place` it tells how many are still to come."""
    return np.column_stack([corpus.lengths[corpus.pairs.sentence]]).astype(np.float64)


def sentence_end(corpus: Corpus) -> FloatArray:
    """Whether the sentence's last word looks: at all, at itself, at the first word, (pairs, 3).

    Readers stay on it to finish the sentence, and go back from it to read again.
    """
    sentence, i, j = corpus.pairs
    last = i == corpus.lengths[sentence] - 1
    return np.column_stack([last, last & (i == j), last & (j == 0)]).astype(np.float64)


def punctuation(corpus: Corpus) -> FloatArray:
    """Whether punctuation ends the word that looks, the one looked at, a word that looks at itself, (pairs, 3).

    Readers stay at commas and stops, and models attend to them. Needs text.
    """
    ends = np.array([unicodedata.category(w[-1:] or " ")[0] == "P" for item in corpus.sentences for w in item.words])
    looks, looked_at = _of_both_words(corpus, ends.astype(np.float64)).T
    return np.column_stack([looks, looked_at, looks * (corpus.pairs.from_word == corpus.pairs.to_word)])


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
    "refixation by length": refixation_by_length,
    "first word by length": first_word_by_length,
    "distance by length": distance_by_length,
    "place by length": place_by_length,
    "words": words,
    "sentence end": sentence_end,
    "punctuation": punctuation,
}
# Position and word length, which only add (14 columns); that long words are looked at again (15); all else that holds
# of any words of these lengths at these places, and the marks between them (32).
_B0 = ("first word", "distance", "place", "length")
_B1 = (*_B0, "refixation by length")
_B2 = (
    *(*_B1, "first word by length", "distance by length", "place by length"),
    *("words", "sentence end", "punctuation"),
)
# Each holds the one before. Names are those in columns of tables: `r2_unique_b2` is what attention adds to b2.
BASELINES: Mapping[str, Sequence[str]] = {"b0": _B0, "b1": _B1, "b2": _B2}
# b2, and how frequent and how unexpected both words are (36 columns).
OF_WORDS = "b3"
# The one that every claim about attention is made beyond.
HEADLINE = "b2"


def baseline(corpus: Corpus, name: str = HEADLINE) -> FloatArray:
    """The columns of a baseline's regressors side by side, (pairs, columns). Needs text."""
    return np.column_stack([REGRESSORS[regressor](corpus) for regressor in BASELINES[name]])


def baselines(corpus: Corpus) -> dict[str, FloatArray]:
    """The columns of every baseline by its name; none for a corpus of lengths only."""
    return {name: baseline(corpus, name) for name in BASELINES} if corpus.has_text else {}


def baseline_of_words(corpus: Corpus, zipf: FloatArray, surprisal: FloatArray) -> FloatArray:
    """Baseline b3 of a model: the columns of b2, then zipf and surprisal of both words, (pairs, columns). Needs text.

    zipf, surprisal : (words,) of every word of the corpus in its order. A word that the model does not predict, a first
        one without a start token before it, has no surprisal (NaN) and gets the mean of the others: `first word` and
        `place` tell it from them.
    """
    known = np.where(np.isnan(surprisal), np.nanmean(surprisal), surprisal)
    return np.column_stack([baseline(corpus), _of_both_words(corpus, zipf), _of_both_words(corpus, known)])
