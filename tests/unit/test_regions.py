"""Brain regions from pickles: who counts, ceilings as the authors' code computes them, what is wrong is named."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from readalike.corpus import Corpus, Sentence, read_lengths
from readalike.errors import ConfigurationError, CorpusError, FileFormatError
from readalike.files.corpora import read_corpus, write_corpus
from readalike.files.gaze import Gaze, read_gaze, write_gaze
from readalike.gaze.regions import group_regions
from readalike.imports.gao2023_readers import read_mean, read_region, region_corpus
from readalike.measures.human import ceilings, compared_means, reliance

LENGTHS = ((4, 6, 3), (5, 7))
SAME = 1e-12  # two ways to the same sums


def matrices(seed: int) -> list[list[list[list[float]]]]:
    """One reader: article -> sentence -> rows, some zeros as whole numbers, like the real files."""
    rng = np.random.default_rng(seed)
    return [[rng.gamma(1, 1, (n, n)).round(3).tolist() for n in article] for article in LENGTHS]


def written(path: Path, content: Any) -> Path:
    path.write_bytes(pickle.dumps(content, protocol=4))
    return path


@pytest.fixture
def region(tmp_path: Path) -> Path:
    """Five readers: 1 has no articles, 3 has cells that are lists."""
    odd = matrices(3)
    odd[0][1][0][0] = [38]  # type: ignore[call-overload]
    return written(tmp_path / "anterior.pkl", [matrices(0), [], matrices(2), odd, matrices(4)])


def brain(region: Path, **exclude: Any) -> tuple[Gaze, Corpus]:
    corpus = region_corpus(region)
    return group_regions("L1", {"anterior": region}, corpus, {"anterior": exclude}), corpus


def test_readers_without_numbers_are_left_out_and_named(region: Path, caplog: pytest.LogCaptureFixture) -> None:
    gaze, corpus = brain(region, score={"0": "odd"}, ceiling={"4": "late"})
    assert [len(item.words) for item in corpus.sentences] == [4, 6, 3, 5, 7]
    assert not corpus.has_text
    assert gaze.modality == "fMRI"
    assert gaze.readers == ("0", "2", "4")
    assert gaze.scored("anterior").readers == ("2", "4")
    assert gaze.for_ceiling("anterior").readers == ("0", "2")
    assert "reader 1 left out of scores: 0 of 2 articles" in caplog.text
    assert "reader 3 left out of ceilings: article 1, sentence 2 holds cells that are no numbers" in caplog.text
    expected = np.array(matrices(2)[1][0])
    np.testing.assert_array_equal(corpus.matrix(gaze.scored("anterior").values[0], 3), np.tril(expected))


def test_a_reader_who_lacks_one_region_keeps_the_other(tmp_path: Path) -> None:
    paths = {
        "anterior": written(tmp_path / "a.pkl", [matrices(0), matrices(1), matrices(2)]),
        "angular": written(tmp_path / "b.pkl", [matrices(3), [], matrices(5)]),
    }
    corpus = region_corpus(paths["anterior"])
    gaze = group_regions("L1", paths, corpus, {})
    assert gaze.scored("anterior").readers == ("0", "1", "2")
    assert gaze.scored("angular").readers == ("0", "2")
    assert not np.isnan(gaze.scored("angular").values).any()
    write_gaze(tmp_path / "L1.h5", gaze, corpus)
    again = read_gaze(tmp_path / "L1.h5", corpus)
    assert list(again.signals) == ["anterior", "angular"], "the configuration's order"
    assert (again.steps, again.modality, again.left_out) == (None, "fMRI", gaze.left_out)
    table = reliance(again, corpus)
    assert table.groupby("signal")["reader"].apply(list).to_dict() == {
        "anterior": ["0", "1", "2"],
        "angular": ["0", "2"],
    }


def authors_ceiling(data: list[Any], *, slip: bool) -> list[float]:
    """As the authors' code does it, in plain loops: with the slip the mean gathers in the first reader's arrays."""
    readers = [[[np.array(m, dtype=float) for m in article] for article in reader] for reader in data]
    mean = readers[0] if slip else [[m.copy() for m in article] for article in readers[0]]
    for reader in readers[1:]:
        for a, article in enumerate(reader):
            for s, matrix in enumerate(article):
                mean[a][s] += matrix
    for article in mean:
        for matrix in article:
            matrix /= len(readers)
    scores = []
    for reader in readers:
        r = []
        for a, article in enumerate(reader):
            for s, matrix in enumerate(article):
                below = np.tril_indices(len(matrix))
                if np.ptp(matrix[below]) > 0 and np.ptp(mean[a][s][below]) > 0:
                    r.append(stats.pearsonr(matrix[below], mean[a][s][below]).statistic)
        scores.append(float(np.mean(r)))
    return scores


def test_ceilings_with_and_without_the_slip_are_the_authors_loops(tmp_path: Path) -> None:
    data = [matrices(k) for k in range(4)]
    data[2][0][0] = [[0] * 4] * 4  # type: ignore[list-item]  # a sentence without any signal has no r
    path = written(tmp_path / "a.pkl", data)
    gaze, corpus = brain(path)
    table = ceilings(gaze, corpus)
    assert set(table["ceiling"]) == {
        "gao2023",
        "pearson",
        "group_mean",
        "leave_one_out",
        "leave_one_out_cv",
        "leave_one_out_cv_ols",
    }
    assert table.groupby("ceiling")["unit"].first().to_dict()["gao2023"] == "r"
    for kind, slip in (("gao2023", True), ("pearson", False)):
        found = table[table["ceiling"] == kind]["value"].to_numpy()
        np.testing.assert_allclose(found, authors_ceiling(data, slip=slip), atol=SAME)


@pytest.mark.parametrize(
    ("exclude", "said"),
    [
        ({"score": {"9": "x"}}, r"anterior\.exclude\.score: no reader 9; readers are counted from 0 to 4"),
        ({"ceiling": {"0": "x", "2": "x", "4": "x"}}, "anterior: no reader is left for ceilings"),
    ],
)
def test_exclusions_are_checked(region: Path, exclude: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        brain(region, **exclude)


def test_another_corpus_is_refused_by_the_sentence(region: Path) -> None:
    corpus = region_corpus(region)
    longer = Corpus((*corpus.sentences[:4], Sentence(2, 2, ("",) * 8)))
    with pytest.raises(CorpusError, match="reader 0: article 2, sentence 2: 7 words, the corpus has 8"):
        group_regions("L1", {"anterior": region}, longer, {})
    with pytest.raises(CorpusError, match="article 2, sentence 2 is not in the corpus"):
        group_regions("L1", {"anterior": region}, Corpus(corpus.sentences[:4]), {})
    more = Corpus((*corpus.sentences, Sentence(2, 3, ("", ""))))
    with pytest.raises(CorpusError, match="article 2, sentence 3: 0 words, the corpus has 2"):
        group_regions("L1", {"anterior": region}, more, {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"a": 1}, "expected a list of readers"),
        ([[1, 2]], "article 1 is a int, expected a list of sentences"),
        ([[[[[1.0, 2.0]]]]], r"a matrix of shape \(1, 2\), expected words x words"),
        ([[[[["x"]]]], [[[[float("nan")]]]]], "no reader has numbers in all articles"),
    ],
)
def test_files_that_are_no_region_are_refused(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(FileFormatError, match=said):
        read_region(written(tmp_path / "x.pkl", content))


def test_readers_of_different_texts_are_no_corpus(tmp_path: Path) -> None:
    other = matrices(1)
    other[1][0] = [[1.0]]
    path = written(tmp_path / "x.pkl", [matrices(0), other])
    with pytest.raises(FileFormatError, match="article 2, sentence 1: 5 words for reader 0, 1 for 1"):
        region_corpus(path)


def test_released_means_stand_beside_ours(tmp_path: Path) -> None:
    corpus = Corpus(tuple(Sentence(a, s, ("x",) * n) for a, row in enumerate(LENGTHS, 1) for s, n in enumerate(row, 1)))
    released = read_mean(
        written(tmp_path / "m.pkl", [[np.array(m) for m in article] for article in matrices(5)]), corpus
    )
    np.testing.assert_array_equal(corpus.matrix(released, 1), np.tril(matrices(5)[0][1]))
    number = np.random.default_rng(0).poisson(released, (3, corpus.n_pairs)).astype(float)
    gaze = Gaze("L1", ("a", "b", "c"), {"number": number}, number.sum(axis=1).astype(int), means={"number": released})
    write_gaze(tmp_path / "L1.h5", gaze, corpus)
    (row,) = compared_means(read_gaze(tmp_path / "L1.h5", corpus)).to_dict("records")
    assert row["r"] == pytest.approx(stats.pearsonr(number.mean(axis=0), released).statistic, abs=SAME)
    assert (row["n"], row["sum_of_released"]) == (3, pytest.approx(released.sum()))


def test_lengths_come_back_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "lengths.tsv"
    path.write_text("article\tsentence\twords\n1\t1\t3\n1\t2\t2\n2\t1\t4\n", encoding="utf-8")
    corpus = read_lengths(path)
    assert corpus.lengths.tolist() == [3, 2, 4]
    write_corpus(tmp_path / "sentences.tsv", tmp_path / "words.tsv", corpus)
    again = read_corpus(tmp_path / "words.tsv")
    assert again == corpus
    assert not again.has_text
    path.write_text("article\tsentence\twords\n1\t1\tthree\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="line 2: words 'three' must be a whole number"):
        read_lengths(path)
    path.write_text("article\tsentence\twords\n1\t1\t0\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="line 2 .*: no words"):
        read_lengths(path)
