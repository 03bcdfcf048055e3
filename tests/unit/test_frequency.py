"""Words' frequencies, tables with a row a word, and for which models there is a baseline of words."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from readalike.corpus import Corpus, Sentence
from readalike.errors import FileFormatError, ReadalikeError
from readalike.experiment import words as of_words
from readalike.experiment.experiment import Experiment
from readalike.files.contracts.attention import FREQUENCY
from readalike.files.tables import write_table
from readalike.files.words import value_of_words
from readalike.measures.frequency import frequency

CORPUS = Corpus((Sentence(1, 1, ("The", "NA", "--")), Sentence(2, 1, ("The,", "xqzzyq", "well-known"))))


def test_frequencies_are_those_of_published_lists() -> None:
    found = frequency(CORPUS)
    zipf = dict(zip(found["text"], found["zipf"], strict=True))
    # SUBTLEX-UK (van Heuven et al. 2014), another corpus by the scale's authors, has 7.67 for "the".
    assert zipf["The"] == pytest.approx(7.67, abs=0.15)
    assert zipf["The,"] == zipf["The"], "punctuation around a word is no part of it"
    assert zipf["--"] == zipf["xqzzyq"] == 0
    # wordfreq joins the parts of a word as resistors: 1 / (1 / f + 1 / g), a little less than the rarer.
    parts = frequency(Corpus((Sentence(1, 1, ("well", "known")),)))["zipf"]
    assert zipf["well-known"] == pytest.approx(-np.log10((10.0**-parts).sum()), abs=0.02)
    assert found[["article", "sentence", "word"]].values.tolist() == [
        *([1, 1, k] for k in range(3)), *([2, 1, k] for k in range(3)),
    ]  # fmt: skip


def test_without_the_package_a_user_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wordfreq", None)
    with pytest.raises(ReadalikeError, match="wordfreq is not installed.*pip install wordfreq=="):
        frequency(CORPUS)


def table(path: Path, **changed: Any) -> Path:
    write_table(path, frequency(CORPUS).assign(corpus="demo", **changed), FREQUENCY)
    return path


def test_values_of_words_are_those_of_the_same_corpus(tmp_path: Path) -> None:
    path = table(tmp_path / "demo.csv", zipf=np.arange(6.0))
    np.testing.assert_array_equal(value_of_words(path, FREQUENCY, "zipf", CORPUS), np.arange(6.0))
    longer = Corpus((*CORPUS.sentences, Sentence(2, 2, ("more",))))
    with pytest.raises(FileFormatError, match=r"demo.csv: words of another corpus: it ends after 6 words.*'more'"):
        value_of_words(path, FREQUENCY, "zipf", longer)
    shorter = Corpus(CORPUS.sentences[:1])
    with pytest.raises(FileFormatError, match=r"row 4 is \(2, 1, 0, 'The,'\), the corpus has 3 words; delete it"):
        value_of_words(path, FREQUENCY, "zipf", shorter)
    other = Corpus((CORPUS.sentences[0], Sentence(2, 1, ("The", "xqzzyq", "well-known"))))
    with pytest.raises(FileFormatError, match=r"row 4 is \(2, 1, 0, 'The,'\), expected \(2, 1, 0, 'The'\)"):
        value_of_words(path, FREQUENCY, "zipf", other)


def experiment(surprisal: bool) -> Experiment:
    models = {"own": {"weights": {}}, "theirs": {"imported": {}}}
    config = {"models": models, "corpora": {"text": {}, "bare": {"lengths": ""}}, "surprisal": surprisal}
    config["groups"] = {"L1": {"corpus": "text"}, "fmri": {"corpus": "bare"}}
    return Experiment(config, Path("."), {}, {})


def test_a_baseline_of_words_needs_weights_the_package_and_that_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, not_asked = experiment(True), experiment(False)
    assert (of_words.with_surprisal(asked), of_words.with_frequency(asked)) == (["own"], ["text"])
    assert of_words.without_b3(asked) == {"theirs": "attention that others released has no surprisal"}
    assert of_words.warning(asked) == ""
    found = [of_words.corpus_of_b3(asked, *pair) for pair in (("own", "L1"), ("own", "fmri"), ("theirs", "L1"))]
    assert found == [["text"], [], []]
    assert of_words.corpus_of_b3(not_asked, "own", "L1") == []
    assert (of_words.with_surprisal(not_asked), of_words.with_frequency(not_asked)) == ([], [])
    assert of_words.without_b3(not_asked) == dict.fromkeys(["own", "theirs"], "surprisal is not asked for")
    monkeypatch.setattr(of_words, "frequencies_known", lambda: False)
    assert (of_words.with_surprisal(asked), of_words.with_frequency(asked)) == (["own"], [])
    assert of_words.without_b3(asked) == dict.fromkeys(["own", "theirs"], "wordfreq is not installed")
    assert of_words.corpus_of_b3(asked, "own", "L1") == []
    assert "pip install wordfreq==" in of_words.warning(asked)
    assert of_words.warning(not_asked) == ""
