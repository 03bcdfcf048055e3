"""Files released by the authors of the paper (layout `gao2023`): attention of models as .npy, a file a layer.

An array is (articles, sentences, heads, words, words), zero-padded; row = the word that looks; `<s>` is cut off, rows
are not renormalised. The condition is told by a prefix of the file's name.
"""

import logging
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from tokenize import TokenError

import numpy as np

from readalike.corpus import Corpus
from readalike.errors import ConfigurationError, FileFormatError, NumericsError
from readalike.files.attention import ConditionResult

log = logging.getLogger("readalike")

# Share of sentences that fit where the numbering alone is wrong: all but the last, which have no neighbour.
FITS = 0.8
# Sums over the tokens of a word, rounded to float16, are a little above one.
LARGEST_SHARE = 1.01
PREFIXES = {"plain": "", "translate": "instr_", "paraphrase": "para_", "noise": "ctrl_"}
FILE = re.compile(r"(|instr_|para_|ctrl_)rb_p1_layer(\d+)\.npy")


def conditions_and_layers(folder: Path) -> tuple[list[str], list[int]]:
    """Conditions and layers (sorted) that a folder holds; every condition must have the same layers.

    Raises ConfigurationError where the folder has none, or a condition lacks a layer that another has.
    """
    found: dict[str, set[int]] = {}
    for path in folder.glob("*.npy"):
        if match := FILE.fullmatch(path.name):
            found.setdefault(match[1], set()).add(int(match[2]))
    if "" not in found:
        raise ConfigurationError(f"{folder}: no rb_p1_layer*.npy; name the folder with the authors' files of one model")
    layers = found[""]
    for condition, prefix in PREFIXES.items():
        if prefix in found and found[prefix] != layers:
            differ = sorted(found[prefix] ^ layers)
            raise ConfigurationError(f"{folder}: condition {condition}: layer {differ[0]} is not in every condition")
    return [name for name, prefix in PREFIXES.items() if prefix in found], sorted(layers)


def runs(layers: Sequence[int]) -> list[tuple[int, int]]:
    """First and last of each run of consecutive layers: one attention file each."""
    grouped = groupby(enumerate(layers), key=lambda item: item[1] - item[0])
    return [(run[0][1], run[-1][1]) for run in (list(items) for _, items in grouped)]


def import_attention(
    folder: Path, corpus: Corpus, *, model: str, condition: str, first: int, last: int, crop: bool
) -> tuple[ConditionResult, list[str]]:
    """Attention of layers `first` to `last` in a condition, and the sentences that did not fit.

    crop : rows beyond a sentence are cut off, and missing rows left at zero; every such sentence is counted and named.
    Without it they are an error. Raises FileFormatError naming file and sentence, NumericsError for NaN.
    """
    odd: dict[str, None] = {}  # in order of appearance
    attention: np.ndarray | None = None
    for layer in range(first, last + 1):
        path = folder / f"{PREFIXES[condition]}rb_p1_layer{layer}.npy"
        found = in_pairs(_read(path, corpus), path, corpus, crop, odd)
        if attention is None:
            # Filled in place: a list of layers, stacked at the end, would need their memory twice.
            attention = np.empty((last - first + 1, *found.shape), dtype=np.float32)
        if attention.shape[1] != len(found):
            raise FileFormatError(
                f"{path}: {len(found)} heads, {attention.shape[1]} in the files before it; replace the file"
            )
        attention[layer - first] = found
    assert attention is not None  # a run has layers
    if odd:
        share = f"{len(odd)} of {len(corpus.sentences)} sentences"
        log.warning(
            "%s, %s, layers %d to %d: rows and words differ in %s: %s",
            model, condition, first, last, share, "; ".join(odd),
        )  # fmt: skip
        if len(odd) > len(corpus.sentences) / 2:
            log.warning("%s: these files are not word level: word i of a reader meets row i, whatever it is", model)
    return ConditionResult(attention), list(odd)


def _read(path: Path, corpus: Corpus) -> np.ndarray:
    try:
        # Mapped first: a header may claim more than the file holds, and than a memory does.
        array = np.array(np.load(path, allow_pickle=False, mmap_mode="r"))
    # The header is Python's text of a dict.
    except (OSError, ValueError, EOFError, ArithmeticError, MemoryError, SyntaxError, TokenError, TypeError) as error:
        raise FileFormatError(f"{path}: not an array of numbers ({error}); fetch the file again") from None
    if (
        array.ndim != 5
        or 0 in array.shape
        or array.shape[3] != array.shape[4]
        or not np.issubdtype(array.dtype, np.floating)
    ):
        raise FileFormatError(
            f"{path}: shape {array.shape} of {array.dtype}; expected floats (articles, sentences, heads, words, words)"
        )
    first = min(corpus.sentences, key=lambda item: min(item.article, item.sentence))
    if min(first.article, first.sentence) < 1:
        raise FileFormatError(
            f"{path}: {first.name} of the corpus: the arrays are counted from 1; number articles and sentences of the "
            "corpus from 1"
        )
    articles, sentences = int(corpus.articles.max()), max(item.sentence for item in corpus.sentences)
    if array.shape[0] < articles or array.shape[1] < sentences:
        raise FileFormatError(f"{path}: {array.shape[:2]} articles and sentences; the corpus has {articles, sentences}")
    if not np.isfinite(array).all():
        article, sentence = (int(k) + 1 for k in np.argwhere(~np.isfinite(array))[0][:2])
        raise NumericsError(f"{path}: article {article}, sentence {sentence} holds values that are not numbers")
    _require_attention(array, path)
    return array


def _require_attention(array: np.ndarray, path: Path) -> None:
    """Raise NumericsError where a word looks at one that follows, or a cell is no share of a whole."""
    upper = np.triu(np.ones(array.shape[3:], dtype=bool), k=1)
    for bad, said in (
        ((array != 0) & upper, "a word looks at a word that follows; rows are words that look: is it transposed?"),
        ((array < 0) | (array > LARGEST_SHARE), f"a cell below 0 or above {LARGEST_SHARE} is no share of attention"),
    ):
        if bad.any():
            article, sentence = (int(k) + 1 for k in np.argwhere(bad)[0][:2])
            raise NumericsError(f"{path}: article {article}, sentence {sentence}: {said}")


def _rows_used(array: np.ndarray) -> np.ndarray:
    """Rows of each sentence up to its last that is not padding, (articles, sentences)."""
    used = np.asarray(array.any(axis=(2, 4)))
    return np.where(used.any(axis=2), array.shape[3] - used[..., ::-1].argmax(axis=2), 0)


def _require_numbering(rows: np.ndarray, path: Path, corpus: Corpus) -> None:
    """Raise FileFormatError where rows do not fit the corpus's sentences, but would if these were counted otherwise.

    rows : (articles, sentences) rows of each sentence of the array
    """
    sentences = [(item.article - 1, item.sentence - 1) for item in corpus.sentences]

    def share(by_articles: int, by_sentences: int) -> float:
        places = [(article + by_articles, sentence + by_sentences) for article, sentence in sentences]
        there = [
            0 <= article < rows.shape[0] and 0 <= sentence < rows.shape[1] and rows[article, sentence] == n
            for (article, sentence), n in zip(places, corpus.lengths, strict=True)
        ]
        return float(np.mean(there))

    shifts = [(a, s) for a in (-1, 0, 1) for s in (-1, 0, 1) if (a, s) != (0, 0)]
    best = max(shifts, key=lambda shift: share(*shift))
    # Files that are not word level fit a shift in some sentences by chance.
    if share(*best) > max(share(0, 0), FITS):
        what = " and ".join(name for name, by in zip(("articles", "sentences"), best, strict=True) if by)
        raise FileFormatError(
            f"{path}: the rows fit the corpus's sentences if its {what} are counted one "
            f"{'later' if sum(best) > 0 else 'earlier'}: each would get its neighbour's attention; number articles and "
            "sentences of the corpus from 1, as the arrays are"
        )


def in_pairs(array: np.ndarray, path: Path, corpus: Corpus, crop: bool, odd: dict[str, None]) -> np.ndarray:
    """One layer in the corpus's order, (heads, pairs) float32, from an array (article, sentence, head, word, word).

    odd : gets the sentences that do not fit; `crop` and errors as for `import_attention`, which name `path`
    """
    size, pairs = array.shape[3], corpus.pairs
    article, sentence = corpus.articles - 1, np.array([item.sentence for item in corpus.sentences]) - 1
    rows = _rows_used(array)
    found = rows[article, sentence]
    if (differ := np.flatnonzero(found != corpus.lengths)).size:
        _require_numbering(rows, path, corpus)
    for k in differ:
        name, n = corpus.sentences[k].name, corpus.lengths[k]
        if not crop:
            raise FileFormatError(
                f"{path}: {name}: {found[k]} rows, the corpus has {n} words; correct the corpus, or set "
                "imported.crop: true to cut and fill such sentences"
            )
        odd[f"{name} ({found[k]} rows, {n} words)"] = None
    result = np.zeros((array.shape[2], corpus.n_pairs), dtype=np.float32)
    # A sentence of more words than the array has room for stays zero beyond it.
    there = pairs.from_word < size
    of, i, j = (index[there] for index in pairs)
    result[:, there] = array[article[of], sentence[of], :, i, j].T
    return result
