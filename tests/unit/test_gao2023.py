"""Importing attention that the authors released: shapes, word counts and conditions are checked."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from readalike.corpus import Corpus, Sentence
from readalike.errors import ConfigurationError, FileFormatError, NumericsError
from readalike.imports.gao2023 import conditions_and_layers, import_attention, runs

CORPUS = Corpus((Sentence(1, 1, ("a", "b")), Sentence(1, 2, ("c", "d", "e")), Sentence(2, 1, ("f", "g"))))


def released(
    folder: Path, rows: tuple[int, int, int] = (2, 3, 2), prefix: str = "", layers: tuple[int, ...] = (0, 1, 3)
) -> Path:
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(len(prefix))
    for layer in layers:
        array = np.zeros((2, 2, 4, 5, 5), dtype=np.float16)
        for item, n in zip(CORPUS.sentences, rows, strict=True):
            array[item.article - 1, item.sentence - 1, :, :n, :n] = np.tril(rng.uniform(0.1, 1, (4, n, n)))
        np.save(folder / f"{prefix}rb_p1_layer{layer}.npy", array)
    return folder


def test_arrays_come_in_pair_order(tmp_path: Path) -> None:
    folder = released(tmp_path / "m")
    released(folder, prefix="instr_")
    assert conditions_and_layers(folder) == (["plain", "translate"], [0, 1, 3])
    result, odd = import_attention(folder, CORPUS, model="m", condition="plain", first=0, last=1, crop=False)
    assert odd == []
    array = np.load(folder / "rb_p1_layer1.npy")
    for k, item in enumerate(CORPUS.sentences):
        for head in range(4):
            for pair in range(CORPUS.offsets[k], CORPUS.offsets[k + 1]):
                i, j = int(CORPUS.pairs.from_word[pair]), int(CORPUS.pairs.to_word[pair])
                expected = np.float32(array[item.article - 1, item.sentence - 1, head, i, j])
                assert result.attention[1, head, pair] == expected


def test_runs_of_layers_are_files() -> None:
    assert runs([0, 1, 15, 30, 45, 59]) == [(0, 1), (15, 15), (30, 30), (45, 45), (59, 59)]
    assert runs(list(range(36))) == [(0, 35)]


@pytest.mark.parametrize(("rows", "said"), [((2, 5, 2), "5 rows, .* 3 words"), ((2, 2, 2), "2 rows, .* 3 words")])
def test_another_number_of_rows_is_an_error_unless_cropped(
    tmp_path: Path, rows: tuple[int, int, int], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = released(tmp_path / "m", rows)
    with pytest.raises(FileFormatError, match=f"article 1, sentence 2: {said}.*crop: true"):
        import_attention(folder, CORPUS, model="m", condition="plain", first=0, last=0, crop=False)
    result, odd = import_attention(folder, CORPUS, model="m", condition="plain", first=0, last=0, crop=True)
    assert odd == [f"article 1, sentence 2 ({rows[1]} rows, 3 words)"]
    assert "rows and words differ in 1 of 3 sentences: article 1, sentence 2" in caplog.text
    last_row = result.attention[0][:, CORPUS.pairs_of(1)][:, 3:]
    assert (last_row == 0).all() == (rows[1] == 2), "missing rows stay zero"


def test_words_that_an_array_has_no_room_for_stay_zero(tmp_path: Path) -> None:
    folder = released(tmp_path / "m")
    array = np.load(folder / "rb_p1_layer0.npy")[..., :2, :2]
    np.save(folder / "rb_p1_layer0.npy", array)
    result, odd = import_attention(folder, CORPUS, model="m", condition="plain", first=0, last=0, crop=True)
    assert odd == ["article 1, sentence 2 (2 rows, 3 words)"]
    found = result.attention[0][:, CORPUS.pairs_of(1)]
    expected = array[0, 1][:, [0, 1, 1], [0, 0, 1]]
    np.testing.assert_array_equal(found, np.concatenate([expected, np.zeros((4, 3))], axis=1))


def test_files_that_are_not_word_level_say_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    import_attention(
        released(tmp_path / "m", (3, 4, 3)), CORPUS, model="gpt2", condition="plain", first=0, last=0, crop=True
    )
    assert "gpt2: these files are not word level" in caplog.text


def test_a_file_with_other_heads_is_refused(tmp_path: Path) -> None:
    folder, name = released(tmp_path / "m"), "rb_p1_layer1.npy"
    # One head would fill the place of all four without an error.
    np.save(folder / name, np.load(folder / name)[:, :, :1])
    with pytest.raises(FileFormatError, match=rf"/{name}: 1 heads, 4 in the files before it"):
        import_attention(folder, CORPUS, model="m", condition="plain", first=0, last=1, crop=False)


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no rb_p1_layer"):
        conditions_and_layers(tmp_path)
    folder = released(tmp_path / "m")
    released(folder, prefix="ctrl_", layers=(0, 1))
    with pytest.raises(ConfigurationError, match="condition noise: layer 3 is not in every condition"):
        conditions_and_layers(folder)
    for array, said in (
        (np.zeros((2, 2, 4, 5, 6), dtype=np.float16), r"shape \(2, 2, 4, 5, 6\)"),
        (np.zeros((2, 2, 4, 5, 5), dtype=np.int64), "of int64"),
        (np.zeros((1, 2, 4, 5, 5)), "the corpus has"),
        (np.array([{}], dtype=object), "not an array of numbers"),
    ):
        other = tmp_path / "other"
        other.mkdir(exist_ok=True)
        np.save(other / "rb_p1_layer0.npy", array, allow_pickle=True)
        with pytest.raises(FileFormatError, match=said):
            import_attention(other, CORPUS, model="m", condition="plain", first=0, last=0, crop=True)
    array = np.load(folder / "rb_p1_layer0.npy")
    array[1, 0, 2, 0, 0] = np.nan
    np.save(other / "rb_p1_layer0.npy", array)
    with pytest.raises(NumericsError, match="article 2, sentence 1 holds values that are not numbers"):
        import_attention(other, CORPUS, model="m", condition="plain", first=0, last=0, crop=True)


VARIED = Corpus(tuple(Sentence(a, s, ("x",) * (2 + (3 * a + s) % 5)) for a in range(1, 5) for s in range(1, 7)))


def numbered(folder: Path, corpus: Corpus, articles: int, sentences: int) -> Path:
    """Files of a corpus that stands one place further than it should."""
    folder.mkdir()
    array = np.zeros((6, 8, 2, 8, 8), dtype=np.float32)
    for item in corpus.sentences:
        n = len(item.words)
        array[item.article - 1 + articles, item.sentence - 1 + sentences, :, :n, :n] = np.tril(np.ones((n, n)))
    np.save(folder / "rb_p1_layer0.npy", array)
    return folder


@pytest.mark.parametrize("crop", [False, True])
@pytest.mark.parametrize(("articles", "sentences"), [(1, 0), (0, 1), (1, 1)])
def test_mending_2_arrays_that_are_numbered_otherwise_are_refused(
    crop: bool, articles: int, sentences: int, tmp_path: Path
) -> None:
    """A corpus counted from 0 whose author added nothing, or files counted from 0 and written one place further."""
    folder = numbered(tmp_path / "m", VARIED, articles, sentences)
    with pytest.raises(FileFormatError, match=r"counted one later: .* from 1, as the arrays are") as caught:
        import_attention(folder, VARIED, model="m", condition="plain", first=0, last=0, crop=crop)
    assert "crop" not in str(caught.value)
    # As it should be.
    import_attention(
        numbered(tmp_path / "n", VARIED, 0, 0), VARIED, model="m", condition="plain", first=0, last=0, crop=False
    )


@pytest.mark.parametrize("crop", [False, True])
@pytest.mark.parametrize(("articles", "sentences"), [(0, 1), (1, 0), (0, 0)])
def test_mending_2_a_corpus_that_is_counted_from_0_is_refused(
    crop: bool, articles: int, sentences: int, tmp_path: Path
) -> None:
    corpus = Corpus(
        tuple(Sentence(s.article - 1 + articles, s.sentence - 1 + sentences, s.words) for s in VARIED.sentences)
    )
    folder = numbered(tmp_path / "m", VARIED, 0, 0)
    with pytest.raises(FileFormatError, match=r"(article 0|sentence 0).*the arrays are counted from 1") as caught:
        import_attention(folder, corpus, model="m", condition="plain", first=0, last=0, crop=crop)
    assert "crop" not in str(caught.value)


def test_sentences_of_another_length_are_no_fault_of_numbering(tmp_path: Path) -> None:
    """Files that are not word level: rows of tokens, more than words."""
    folder = tmp_path / "m"
    rows = [(s.article, s.sentence, ("x",) * (2 + 7 * k % 6)) for k, s in enumerate(VARIED.sentences)]
    tokens = Corpus(tuple(Sentence(*row) for row in rows))
    numbered(folder, tokens, 0, 0)
    _, odd = import_attention(folder, VARIED, model="m", condition="plain", first=0, last=0, crop=True)
    assert odd


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"not an array", "claims 31 TiB", "cut off"])
def test_files_that_are_no_arrays_are_named(content: bytes | str, tmp_path: Path) -> None:
    path = numbered(tmp_path / "m", VARIED, 0, 0) / "rb_p1_layer0.npy"
    whole = path.read_bytes()
    if content == "claims 31 TiB":
        before, after = b"(6, 8, 2, 8, 8), }      ", b"(6, 99999999, 999, 8, 8), }"
        content = whole.replace(before + b" " * (len(after) - len(before)), after)
        assert content != whole
    elif content == "cut off":
        content = whole[:-100]
    assert isinstance(content, bytes)
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"rb_p1_layer0\.npy: not an array of numbers"):
        import_attention(path.parent, VARIED, model="m", condition="plain", first=0, last=0, crop=True)


@pytest.mark.parametrize("crop", [False, True])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda array: array.swapaxes(3, 4), "looks at a word that follows"),
        (lambda array: array + array.swapaxes(3, 4), "looks at a word that follows"),
        (lambda array: array * -20, "is no share of attention"),
        (lambda array: array * 100, "is no share of attention"),
    ],
    ids=["transposed", "both sides", "scores before the softmax", "percent"],
)
def test_arrays_that_are_no_causal_attention_are_refused(crop: bool, change: Any, said: str, tmp_path: Path) -> None:
    """Above the diagonal nothing is read: of a transposed array next to nothing would be left, without a word."""
    folder = released(tmp_path / "m")
    array = np.load(folder / "rb_p1_layer1.npy")
    np.save(folder / "rb_p1_layer1.npy", change(array))
    with pytest.raises(NumericsError, match=rf"rb_p1_layer1\.npy: article 1, sentence \d.*{said}"):
        import_attention(folder, CORPUS, model="m", condition="plain", first=1, last=1, crop=crop)


def test_an_array_without_words_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "rb_p1_layer0.npy", np.zeros((6, 8, 2, 0, 0), dtype=np.float32))
    with pytest.raises(FileFormatError, match=r"rb_p1_layer0\.npy: shape \(6, 8, 2, 0, 0\)"):
        import_attention(tmp_path, VARIED, model="m", condition="plain", first=0, last=0, crop=True)
