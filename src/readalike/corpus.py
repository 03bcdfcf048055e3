"""Corpus: articles of sentences of words, and the order of all pairs that everything else follows.

A pair (i, j) with j <= i in one sentence is word i looking back at word j, or staying: the lower triangle,
row-major, sentences in corpus order.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from readalike.errors import CorpusError

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Sentence:
    """One sentence; article and sentence are counted from 1, as in Reading Brain."""

    article: int
    sentence: int
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"article {self.article}, sentence {self.sentence}"

    @property
    def text(self) -> str:
        return " ".join(self.words)


class Pairs(NamedTuple):
    """Index arrays over all pairs of a corpus, each of shape (pairs,)."""

    sentence: IntArray  # index of the sentence in corpus order, from 0
    from_word: IntArray  # i: the word that looks, from 0
    to_word: IntArray  # j <= i: the word looked at


@dataclass(frozen=True)
class Corpus:
    """Sentences in the order of record. A corpus known by lengths only has empty strings for words."""

    sentences: tuple[Sentence, ...]

    def __post_init__(self) -> None:
        if not self.sentences:
            raise CorpusError("the corpus has no sentences")
        seen: set[tuple[int, int]] = set()
        for item in self.sentences:
            if not item.words:
                raise CorpusError(f"{item.name}: no words; remove the sentence or give it text")
            if (item.article, item.sentence) in seen:
                raise CorpusError(f"{item.name} appears twice; number sentences from 1 within each article")
            seen.add((item.article, item.sentence))

    @property
    def has_text(self) -> bool:
        return any(word for item in self.sentences for word in item.words)

    @cached_property
    def lengths(self) -> IntArray:
        """Words of each sentence, shape (sentences,)."""
        return np.array([len(item.words) for item in self.sentences], dtype=np.int64)

    @cached_property
    def articles(self) -> IntArray:
        """Article number of each sentence, shape (sentences,)."""
        return np.array([item.article for item in self.sentences], dtype=np.int64)

    @cached_property
    def offsets(self) -> IntArray:
        """First pair of each sentence and, last, the number of pairs: shape (sentences + 1,)."""
        return np.concatenate([[0], np.cumsum(self.lengths * (self.lengths + 1) // 2)])

    @property
    def n_words(self) -> int:
        return int(self.lengths.sum())

    @property
    def n_pairs(self) -> int:
        return int(self.offsets[-1])

    @cached_property
    def pairs(self) -> Pairs:
        """Sentence and both words of every pair, in the order of everything that has a value a pair."""
        rows, columns = zip(*(np.tril_indices(n) for n in self.lengths), strict=True)
        sentence = np.repeat(np.arange(len(self.sentences)), np.diff(self.offsets))
        return Pairs(sentence, np.concatenate(rows).astype(np.int64), np.concatenate(columns).astype(np.int64))

    def pairs_of(self, sentence: int) -> slice:
        """Where the pairs of one sentence (index from 0) stand."""
        return slice(int(self.offsets[sentence]), int(self.offsets[sentence + 1]))

    def matrix(self, values: FloatArray, sentence: int) -> FloatArray:
        """One sentence's (words, words) lower-triangular matrix from values over all pairs, shape (pairs,)."""
        n = int(self.lengths[sentence])
        result = np.zeros((n, n))
        result[np.tril_indices(n)] = values[self.pairs_of(sentence)]
        return result

    @cached_property
    def sentence_digests(self) -> tuple[str, ...]:
        """A short digest of each sentence's place and words, so that errors can name the one that differs."""
        return tuple(
            hashlib.sha256("\t".join([str(s.article), str(s.sentence), *s.words]).encode()).hexdigest()[:16]
            for s in self.sentences
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the digests of all sentences in order: the corpus digest of every later file."""
        return hashlib.sha256("\n".join(self.sentence_digests).encode()).hexdigest()

    def index(self, article: int, sentence: int) -> int:
        """Place of a sentence in corpus order.

        Raises CorpusError where there is no such sentence.
        """
        try:
            return self._places[article, sentence]
        except KeyError:
            raise CorpusError(f"the corpus has no article {article}, sentence {sentence}") from None

    @cached_property
    def _places(self) -> dict[tuple[int, int], int]:
        return {(s.article, s.sentence): place for place, s in enumerate(self.sentences)}


SENTENCE_COLUMNS = ["article", "sentence", "text"]
# A sentence of more has pairs that fill a memory.
MOST_WORDS = 10_000
LENGTH_COLUMNS = ["article", "sentence", "words"]


def read_sentences(path: Path) -> Corpus:
    """A corpus from a TSV with columns article, sentence, text; words are split at white space.

    Raises CorpusError naming file and line for a missing column, a number that is none, a tab within the text
    or a sentence without words. Rows keep their order; articles must not be interleaved.
    """
    return _read(path, SENTENCE_COLUMNS, lambda text: tuple(text.split()))


def read_lengths(path: Path) -> Corpus:
    """A corpus known by lengths only, from a TSV with columns article, sentence, words (their number); errors alike."""
    return _read(path, LENGTH_COLUMNS, lambda number: ("",) * _length(number))


def _length(number: str) -> int:
    """Words of a sentence; ValueError for what is no whole number that a sentence has."""
    length = int(number)
    if not 0 <= length <= MOST_WORDS:
        raise ValueError(number)
    return length


def _read(path: Path, columns: list[str], words_of: Callable[[str], tuple[str, ...]]) -> Corpus:
    try:
        # Not splitlines: it ends a line at characters that editors and Word put into text.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such file; name the sentences under corpora: in the configuration") from None
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}); name a file that can") from None
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    if lines[0].split("\t") != columns:
        found = lines[0] if lines != [""] else "an empty file"
        raise CorpusError(f"{path}, line 1: expected the columns {columns} between tabs, found {found!r}")
    sentences = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        cells = line.split("\t")
        if len(cells) != 3:
            raise CorpusError(
                f"{path}, line {number}: {len(cells)} cells, expected 3 ({', '.join(columns)}); "
                "a sentence must not hold a tab"
            )
        if not all(re.fullmatch("[0-9]{1,9}", cell) for cell in cells[:2]):
            raise CorpusError(
                f"{path}, line {number}: article {cells[0]!r} and sentence {cells[1]!r} must be whole numbers of 0 or "
                "more, up to nine digits"
            )
        article, sentence = int(cells[0]), int(cells[1])
        try:
            words = words_of(cells[2])
        except ValueError:
            raise CorpusError(
                f"{path}, line {number}: words {cells[2]!r} must be a whole number up to {MOST_WORDS}"
            ) from None
        if not words:
            raise CorpusError(f"{path}, line {number} (article {article}, sentence {sentence}): no words")
        sentences.append(Sentence(article, sentence, words))
    order = [item.article for item in sentences]
    runs = [a for k, a in enumerate(order) if k == 0 or order[k - 1] != a]
    if len(runs) != len(set(runs)):
        raise CorpusError(f"{path}: the sentences of an article must stand together; articles come as {runs}")
    try:
        return Corpus(tuple(sentences))
    except CorpusError as error:
        raise CorpusError(f"{path}: {error}") from None
