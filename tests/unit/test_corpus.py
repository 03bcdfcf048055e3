"""Corpus: the order of pairs, and what is refused."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from readalike.corpus import Corpus, Sentence, read_lengths, read_sentences
from readalike.errors import CorpusError, FileFormatError
from readalike.files.corpora import check_corpus, read_corpus, stamp_corpus, write_corpus


def corpus_of(*texts: str) -> Corpus:
    return Corpus(tuple(Sentence(1, k, tuple(text.split())) for k, text in enumerate(texts, start=1)))


def tsv(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "sentences.tsv"
    path.write_text("\n".join(["article\tsentence\ttext", *lines]) + "\n", encoding="utf-8")
    return path


def test_pairs_are_lower_triangles_row_by_row_sentence_by_sentence() -> None:
    corpus = corpus_of("a b c", "d e")
    expected = [(0, i, j) for i in range(3) for j in range(i + 1)] + [(1, i, j) for i in range(2) for j in range(i + 1)]
    assert list(zip(*corpus.pairs, strict=True)) == expected
    assert corpus.n_pairs == len(expected) == 9
    assert corpus.offsets.tolist() == [0, 6, 9]


def test_matrix_puts_values_back_where_they_were() -> None:
    corpus = corpus_of("a b", "c d e")
    values = np.arange(corpus.n_pairs, dtype=float)
    assert corpus.matrix(values, 1).tolist() == [[3, 0, 0], [4, 5, 0], [6, 7, 8]]


def test_words_are_split_at_white_space(tmp_path: Path) -> None:
    corpus = read_sentences(tsv(tmp_path, "1\t1\tEarth's  “red” twin", "2\t1\t50% more"))
    assert [s.words for s in corpus.sentences] == [("Earth's", "“red”", "twin"), ("50%", "more")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1\t1\t  ", "line 2 (article 1, sentence 1): no words"),
        ("1\t1\ta\tb", "must not hold a tab"),
        ("one\t1\ta", "must be whole numbers"),
        ("1\t1\ta\n1\t1\tb", "article 1, sentence 1 appears twice"),
        ("1\t1\ta\n2\t1\tb\n1\t2\tc", "must stand together"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(CorpusError, match="sentences.tsv") as caught:
        read_sentences(tsv(tmp_path, line))
    assert said in str(caught.value)


def test_a_missing_file_and_a_wrong_header_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        read_sentences(tmp_path / "none.tsv")
    (tmp_path / "header.tsv").write_text("text\nhello\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="expected the columns"):
        read_sentences(tmp_path / "header.tsv")


def test_an_empty_corpus_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no sentences"):
        read_sentences(tsv(tmp_path))


def test_the_corpus_comes_back_from_disk_with_its_digest(tmp_path: Path) -> None:
    corpus = Corpus((Sentence(2, 1, ('"NA"', "null", "it's")), Sentence(1, 4, ("50%", "NaN"))))
    write_corpus(tmp_path / "sentences.tsv", tmp_path / "words.tsv", corpus)
    again = read_corpus(tmp_path / "words.tsv")
    assert again == corpus
    assert again.digest == corpus.digest
    lines = (tmp_path / "words.tsv").read_text(encoding="utf-8").splitlines()
    assert [line.split("\t")[-1] for line in lines] == ["first_pair", "0", "1", "3", "6", "7"]


def test_the_digest_changes_with_a_word_and_with_the_order() -> None:
    digests = {corpus_of(*texts).digest for texts in [("a b", "c"), ("a c", "c"), ("c", "a b"), ("a", "b c")]}
    assert len(digests) == 4


def test_a_file_of_another_corpus_is_refused_by_naming_the_first_sentence_that_differs(tmp_path: Path) -> None:
    path = tmp_path / "made.h5"
    with h5py.File(path, "w") as file:
        stamp_corpus(file, corpus_of("a b", "c d"))
    with h5py.File(path) as file:
        check_corpus(file, path, corpus_of("a b", "c d"))
        with pytest.raises(FileFormatError, match=r"differs first at article 1, sentence 2 \('c e'\)"):
            check_corpus(file, path, corpus_of("a b", "c e"))
        with pytest.raises(FileFormatError, match="it has 2 sentences, the corpus 1"):
            check_corpus(file, path, corpus_of("a b"))


def test_a_file_without_digest_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "foreign.h5"
    h5py.File(path, "w").close()
    with h5py.File(path) as file, pytest.raises(FileFormatError, match="no corpus digest"):
        check_corpus(file, path, corpus_of("a"))


@pytest.mark.parametrize(
    ("cell", "said"),
    [("1" + "0" * 30, "up to nine digits"), ("-1", "up to nine digits"), ("1.0", "up to nine digits"), ("x", "up to")],
)
def test_articles_are_whole_numbers_of_a_few_digits(cell: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "s.tsv"
    path.write_text(f"article\tsentence\ttext\n{cell}\t1\tA cat.\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=rf"s\.tsv, line 2: article '{cell}'.*{said}"):
        read_sentences(path)


def test_a_folder_and_a_sentence_of_endless_length_are_named(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        read_sentences(tmp_path)
    path = tmp_path / "l.tsv"
    for number in (10**9, -1, "x"):
        path.write_text(f"article\tsentence\twords\n1\t1\t{number}\n", encoding="utf-8")
        with pytest.raises(CorpusError, match=rf"l\.tsv, line 2: words '{number}' must be a whole number up to 10000"):
            read_lengths(path)


@pytest.mark.parametrize("line_end", ["\u2028", "\x0b", "\x0c", "\x85", "\x1c"])
def test_what_only_python_takes_for_a_line_end_is_white_space(line_end: str, tmp_path: Path) -> None:
    """Word's line break within a paragraph, and those of PDFs."""
    corpus = read_sentences(tsv(tmp_path, f"1\t1\tred{line_end}twin", "2\t1\tmore"))
    assert [item.words for item in corpus.sentences] == [("red", "twin"), ("more",)]
    with pytest.raises(CorpusError, match=r"line 3: article 'x'"):
        read_sentences(tsv(tmp_path, f"1\t1\tred{line_end}twin", "x\t1\tmore"))
