"""Reading times: by hand, and by a loop over the definitions; they come back from their file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.errors import FileFormatError
from readalike.files.hdf5 import replacing_hdf5
from readalike.files.reading_times import ReadingTimes, read_reading_times, write_reading_times
from readalike.gaze.reading_times import MEASURES, reading_times

# Two articles; sentences of 4, 3 and 5 words.
CORPUS = Corpus(
    tuple(Sentence(a, s, tuple("abcdefgh"[:n])) for a, s, n in ((1, 1, 4), (1, 2, 3), (2, 1, 5)))
)  # fmt: skip
FIRST = [0, 4, 7]  # first word of each sentence in the corpus
NONE = np.nan


def fixations(*made: tuple[int, int, float], follows: bool = False) -> pd.DataFrame:
    """made : sentence, word, ms"""
    frame = pd.DataFrame(made, columns=["place", "word", "duration_ms"])
    return frame.assign(follows=True) if follows else frame


def of_sentence(frame: pd.DataFrame, place: int) -> dict[str, list[float]]:
    found = reading_times(frame, CORPUS)
    return {name: found[name][FIRST[place] : FIRST[place] + int(CORPUS.lengths[place])].tolist() for name in MEASURES}


def same(found: list[float], expected: list[float]) -> bool:
    return bool(np.array_equal(found, expected, equal_nan=True))


@pytest.mark.parametrize(
    ("words", "first", "path", "total"),
    [
        # Straight through, 1, 2, 4, 8 ms; a word is skipped.
        ([0, 1, 3], [1, 2, NONE, 4], [1, 2, NONE, 4], [1, 2, NONE, 4]),
        # Refixated: two fixations are one first pass.
        ([0, 1, 1, 2], [1, 6, 8, NONE], [1, 6, 8, NONE], [1, 6, 8, NONE]),
        # Back from the third to the first, then past it.
        ([0, 2, 0, 2, 3], [1, NONE, 2, 16], [1, NONE, 2 + 4 + 8, 16], [1 + 4, NONE, 2 + 8, 16]),
        # The second was skipped: what it gets later is no first pass.
        ([0, 2, 1, 3], [1, NONE, 2, 8], [1, NONE, 2 + 4, 8], [1, 4, 2, 8]),
        # Left backward and come back to at once: the first pass is over.
        ([1, 0, 1, 1, 2], [NONE, 1, 16, NONE], [NONE, 1 + 2 + 4 + 8, 16, NONE], [2, 1 + 4 + 8, 16, NONE]),
        # Never gone past: until the sentence is left.
        ([3, 2, 0], [NONE, NONE, NONE, 1], [NONE, NONE, NONE, 7], [4, NONE, 2, 1]),
        ([], [NONE] * 4, [NONE] * 4, [NONE] * 4),
    ],
)
def test_times_by_hand(words: list[int], first: list[float], path: list[float], total: list[float]) -> None:
    found = of_sentence(fixations(*((0, word, 2.0**k) for k, word in enumerate(words))), 0)
    assert same(found["first-pass"], first)
    assert same(found["regression-path"], path)
    assert same(found["total"], total)


def test_sentences_are_texts_of_their_own_where_each_is_read_by_itself() -> None:
    frame = fixations((0, 3, 1), (1, 0, 2), (1, 1, 4), (2, 0, 8))
    assert same(of_sentence(frame, 0)["regression-path"], [NONE, NONE, NONE, 1])
    assert same(of_sentence(frame, 1)["first-pass"], [2, 4, NONE])
    assert same(of_sentence(frame, 2)["first-pass"], [8, NONE, NONE, NONE, NONE])


def test_a_text_shown_whole_is_read_as_one() -> None:
    """From the second sentence back into the first, and on: go-past time of the word that was left."""
    frame = fixations((0, 1, 1), (1, 0, 2), (0, 3, 4), (0, 1, 8), (1, 0, 16), (1, 2, 32), (2, 0, 64), follows=True)
    first, second, third = (of_sentence(frame, place) for place in range(3))
    assert same(first["first-pass"], [NONE, 1, NONE, NONE]), "its last word only after a later sentence"
    assert same(first["total"], [NONE, 1 + 8, NONE, 4])
    assert same(second["first-pass"], [2, NONE, 32])
    assert same(second["regression-path"], [2 + 4 + 8 + 16, NONE, 32])
    assert same(third["regression-path"][:1], [64]), "another article"


def test_a_time_of_nothing_is_none() -> None:
    frame = fixations((0, 1, 0), (0, 0, 5), (0, 1, 7), (0, 2, 0))
    found = of_sentence(frame, 0)
    assert same(found["first-pass"], [NONE] * 4)
    assert same(found["regression-path"], [NONE] * 4), "no path without a first pass"
    assert same(found["total"], [5, 7, NONE, NONE])


def by_definition(frame: pd.DataFrame, text: list[int]) -> dict[str, FloatArray]:
    """Word for word, by the sentences of the docstring; text : of each fixation which text it is of."""
    words = [FIRST[place] + word for place, word in zip(frame["place"], frame["word"], strict=True)]
    ms = frame["duration_ms"].tolist()
    found = {name: np.full(CORPUS.n_words, np.nan) for name in MEASURES}
    for word in range(CORPUS.n_words):
        on = [k for k, other in enumerate(words) if other == word]
        if not on:
            continue
        found["total"][word] = sum(ms[k] for k in on)
        k = on[0]
        if any(text[m] == text[k] and words[m] > word for m in range(k)):
            continue
        end = k
        while end < len(words) and text[end] == text[k] and words[end] == word:
            end += 1
        found["first-pass"][word] = sum(ms[k:end])
        while end < len(words) and text[end] == text[k] and words[end] <= word:
            end += 1
        found["regression-path"][word] = sum(ms[k:end])
    return found


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("follows", [False, True])
def test_times_are_those_of_a_loop_over_the_definitions(seed: int, follows: bool) -> None:
    rng = np.random.default_rng(seed)
    place = rng.integers(0, 2, 60)
    # By sentence where each is read by itself, else to and fro within the article.
    place = np.concatenate([place if follows else np.sort(place), np.full(20, 2)])
    frame = pd.DataFrame(
        {"place": place, "word": rng.integers(0, CORPUS.lengths[place]), "duration_ms": rng.integers(50, 400, 80)}
    )
    if follows:
        frame["follows"] = rng.random(80) < 0.7
    expected = by_definition(frame, (place == 2 if follows else place).tolist())
    found = reading_times(frame, CORPUS)
    for name in MEASURES:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=name)
    assert (found["first-pass"][~np.isnan(found["first-pass"])] > 0).any()


def test_times_come_back_from_their_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    times = {name: np.where(rng.random((2, 12)) < 0.3, np.nan, rng.integers(50, 900, (2, 12))) for name in MEASURES}
    path = tmp_path / "t.h5"
    write_reading_times(path, ReadingTimes("G", ("a", "é"), times, simulated=True), CORPUS)
    back = read_reading_times(path, CORPUS)
    assert (back.group, back.readers, back.readers_are, tuple(back.times)) == ("G", ("a", "é"), "simulated", MEASURES)
    for name in MEASURES:
        np.testing.assert_array_equal(back.times[name], times[name])
    with pytest.raises(FileFormatError, match="another corpus"):
        read_reading_times(path, Corpus(CORPUS.sentences[:2]))


def test_a_file_that_does_not_say_who_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.h5"
    with replacing_hdf5(path) as file:
        file.attrs["corpus_digest"] = CORPUS.digest
    with pytest.raises(FileFormatError, match=r"t\.h5"):
        read_reading_times(path, CORPUS)
