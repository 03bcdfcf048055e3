"""The corpus on disk: sentences.tsv and words.tsv in one folder."""

import csv
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from readalike.corpus import Corpus, Sentence
from readalike.errors import FileFormatError
from readalike.files.atomic import replacing
from readalike.files.hdf5 import reading_hdf5, write

WORD_COLUMNS = ["article", "sentence", "word", "text", "first_pair"]


def write_corpus(sentences_tsv: Path, words_tsv: Path, corpus: Corpus) -> None:
    """Write the sentences (article, sentence, text) and the words (article, sentence, word, text, first_pair).

    `first_pair` is the place of the word's row (word, 0) among all pairs.
    """
    rows = [(s.article, s.sentence, s.text.strip()) for s in corpus.sentences]
    _write_tsv(sentences_tsv, pd.DataFrame(rows, columns=["article", "sentence", "text"]))
    words = [
        (s.article, s.sentence, i, word, int(corpus.offsets[k]) + i * (i + 1) // 2)
        for k, s in enumerate(corpus.sentences)
        for i, word in enumerate(s.words)
    ]
    _write_tsv(words_tsv, pd.DataFrame(words, columns=WORD_COLUMNS))


def _write_tsv(path: Path, frame: pd.DataFrame) -> None:
    with replacing(path) as temporary:
        frame.to_csv(temporary, sep="\t", index=False, lineterminator="\n", quoting=csv.QUOTE_NONE)


def read_corpus(words_tsv: Path) -> Corpus:
    """Read the corpus back from words.tsv, the file of record.

    Raises FileFormatError where the file is missing, damaged, or its columns are not those of `write_corpus`.
    """
    types = {"article": int, "sentence": int, "text": str}
    try:
        frame = pd.read_csv(words_tsv, sep="\t", keep_default_na=False, quoting=csv.QUOTE_NONE, dtype=types)
    except FileNotFoundError:
        raise FileFormatError(f"{words_tsv}: no such file; run the corpus rule") from None
    except (ValueError, OverflowError) as error:  # no table, no number, another encoding
        raise FileFormatError(f"{words_tsv}: cannot be read as words ({error}); delete it and run again") from None
    if list(frame.columns) != WORD_COLUMNS:
        raise FileFormatError(f"{words_tsv}: expected the columns {WORD_COLUMNS}, found {list(frame.columns)}")
    words: dict[tuple[int, int], list[str]] = {}
    for article, sentence, text in zip(frame["article"], frame["sentence"], frame["text"], strict=True):
        words.setdefault((int(article), int(sentence)), []).append(text)
    return Corpus(tuple(Sentence(a, s, tuple(texts)) for (a, s), texts in words.items()))


def stamp_corpus(file: h5py.File, corpus: Corpus) -> None:
    """Record in an open HDF5 file which corpus it belongs to."""
    file.attrs["corpus_digest"] = corpus.digest
    file.attrs["sentences"] = len(corpus.sentences)
    file.attrs["pairs"] = corpus.n_pairs
    write(file, "sentence_digests", np.array(corpus.sentence_digests, dtype="S16"))


def check_corpus(file: h5py.File, path: Path, corpus: Corpus) -> None:
    """Raise FileFormatError, naming the first sentence that differs, unless the file was made from `corpus`."""
    if file.attrs.get("corpus_digest") == corpus.digest:
        return
    advice = "delete it and run the workflow again, or point the configuration at the corpus it was made from"
    if "sentence_digests" not in file:
        raise FileFormatError(f"{path}: no corpus digest, so not a file of this workflow; {advice}")
    theirs = [digest.decode() for digest in file["sentence_digests"][:]]
    for k, item in enumerate(corpus.sentences):
        if k >= len(theirs) or theirs[k] != corpus.sentence_digests[k]:
            where = f"it differs first at {item.name} ({item.text!r})"
            break
    else:
        where = f"it has {len(theirs)} sentences, the corpus {len(corpus.sentences)}"
    raise FileFormatError(f"{path}: made from another corpus: {where}; {advice}")


def corpus_digest_of(path: Path) -> str:
    """Digest of the corpus that an HDF5 file was made from; FileFormatError for a file of another kind."""
    with reading_hdf5(path) as file:
        return str(file.attrs["corpus_digest"])
