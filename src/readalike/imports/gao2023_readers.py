"""Human data released by the authors of the paper (layout `gao2023`), as pickles of nested lists.

A brain region's file is reader -> article -> sentence -> matrix (words x words, row = the word that looks); readers are
counted from 0; some have no articles, or cells that are no numbers. A file of mean saccades is article -> sentence
-> matrix.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.errors import CorpusError, FileFormatError
from readalike.imports.pickles import load

log = logging.getLogger("readalike")

Matrix = NDArray[np.float64]


class Region(NamedTuple):
    """One region of all readers who have it.

    matrices : reader -> (article, sentence), both from 1 -> (words, words)
    without : reader -> why there is nothing of that reader
    """

    matrices: Mapping[str, Mapping[tuple[int, int], Matrix]]
    without: Mapping[str, str]


def read_region(path: Path) -> Region:
    """Raises FileFormatError where the file is no such pickle, or a matrix of numbers is not square."""
    data = load(path)
    if not isinstance(data, list) or not all(isinstance(reader, list) for reader in data):
        raise FileFormatError(f"{path}: expected a list of readers, each a list of articles")
    articles = max((len(reader) for reader in data), default=0)
    matrices: dict[str, dict[tuple[int, int], Matrix]] = {}
    without: dict[str, str] = {}
    for number, reader in enumerate(data):
        name = str(number)
        if len(reader) < articles:
            without[name] = f"{len(reader)} of {articles} articles"
            continue
        own: dict[tuple[int, int], Matrix] = {}
        for article, sentence, cells in _sentences(reader, path):
            matrix = _matrix(cells)
            if matrix is None:
                without[name] = f"article {article}, sentence {sentence} holds cells that are no numbers"
                break
            if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
                where = f"reader {name}, article {article}, sentence {sentence}"
                raise FileFormatError(f"{path}: {where}: a matrix of shape {matrix.shape}, expected words x words")
            own[article, sentence] = matrix
        else:
            matrices[name] = own
    if not matrices:
        raise FileFormatError(f"{path}: no reader has numbers in all articles")
    return Region(matrices, without)


def _sentences(articles: Sequence[Any], path: Path) -> Iterator[tuple[int, int, Any]]:
    for a, article in enumerate(articles, start=1):
        if not isinstance(article, list):
            raise FileFormatError(f"{path}: article {a} is a {type(article).__name__}, expected a list of sentences")
        for s, cells in enumerate(article, start=1):
            yield a, s, cells


def _matrix(cells: Any) -> Matrix | None:
    """The cells as numbers; None where one is something else or not finite, or rows differ in length."""
    try:
        matrix = np.asarray(cells)
    except ValueError:
        return None
    if not (np.issubdtype(matrix.dtype, np.integer) or np.issubdtype(matrix.dtype, np.floating)):
        return None
    return matrix.astype(np.float64) if np.isfinite(matrix).all() else None


def region_corpus(path: Path) -> Corpus:
    """The corpus that a region's file tells: numbers of words, no text.

    Raises FileFormatError where readers differ in the words of a sentence.
    """
    region = read_region(path)
    (first, of_first), *others = region.matrices.items()
    for reader, matrices in others:
        for place in of_first.keys() | matrices.keys():
            sizes = [len(found[place]) if place in found else 0 for found in (of_first, matrices)]
            if sizes[0] != sizes[1]:
                where = f"article {place[0]}, sentence {place[1]}"
                raise FileFormatError(f"{path}: {where}: {sizes[0]} words for reader {first}, {sizes[1]} for {reader}")
    return Corpus(tuple(Sentence(a, s, ("",) * len(matrix)) for (a, s), matrix in of_first.items()))


def in_pairs(matrices: Mapping[tuple[int, int], Matrix], corpus: Corpus, where: str) -> FloatArray:
    """Lower triangles in the corpus's order, shape (pairs,).

    Raises CorpusError naming the sentence where the corpus has another number of words, or sentences are missing.
    """
    result = np.empty(corpus.n_pairs)
    for k, item in enumerate(corpus.sentences):
        matrix = matrices.get((item.article, item.sentence))
        n, found = len(item.words), 0 if matrix is None else len(matrix)
        if matrix is None or found != n:
            raise CorpusError(
                f"{where}: {item.name}: {found} words, the corpus has {n}; fMRI files have lengths of their own: "
                "configure a corpus with lengths: and this file"
            )
        own = corpus.pairs_of(k)
        result[own] = matrix[corpus.pairs.from_word[own], corpus.pairs.to_word[own]]
    if extra := matrices.keys() - {(item.article, item.sentence) for item in corpus.sentences}:
        article, sentence = min(extra)
        raise CorpusError(f"{where}: article {article}, sentence {sentence} is not in the corpus")
    return result


def read_mean(path: Path, corpus: Corpus) -> FloatArray:
    """A group's mean saccades, shape (pairs,); errors as for a region."""
    data = load(path)
    if not isinstance(data, list):
        raise FileFormatError(f"{path}: expected a list of articles")
    matrices: dict[tuple[int, int], Matrix] = {}
    for article, sentence, cells in _sentences(data, path):
        matrix = _matrix(cells)
        if matrix is None or matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise FileFormatError(f"{path}: article {article}, sentence {sentence} is no square matrix of numbers")
        matrices[article, sentence] = matrix
    return in_pairs(matrices, corpus, str(path))
