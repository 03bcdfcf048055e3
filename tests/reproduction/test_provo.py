"""Provo's 84 readers through the layout of fixations: steps by a plain loop over the file, ceilings and baseline."""

import gzip
import itertools
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import yaml

from readalike.corpus import Corpus, read_sentences
from readalike.files.gaze import Gaze
from readalike.gaze.layouts import read_group
from readalike.measures.human import baseline_of_readers, ceilings
from tests.conftest import ROOT

# Seen with another program, on steps by order within a sentence; the fourth digit depends on which steps count.
CEILING, BASELINE, SEEN = 0.2104, 0.0867, 0.01


@pytest.fixture(scope="module")
def corpus(provo: Path) -> Corpus:
    return read_sentences(provo / "sentences.tsv")


@pytest.fixture(scope="module")
def gaze(provo: Path, corpus: Corpus) -> Gaze:
    """As config/provo.yaml says it is to be read."""
    group = yaml.safe_load((ROOT / "config" / "provo.yaml").read_text(encoding="utf-8"))["groups"]["Provo"]["saccades"]
    file = provo / Path(group["path"]).name
    layout = {key: value for key, value in group.items() if key != "path"}
    return read_group("Provo", [file], corpus, layout=layout, exclude={}, means={})


def test_steps_are_those_of_a_plain_loop(provo: Path, corpus: Corpus, gaze: Gaze) -> None:
    """A step where trial_fix goes up by one and the sentence stays; nothing else counts."""
    with gzip.open(provo / "fixations.csv.gz", "rt", encoding="utf-8") as file:
        header = file.readline().rstrip("\n").split(",")
        rows = [dict(zip(header, line.rstrip("\n").split(","), strict=True)) for line in file]
    by_reader = defaultdict(list)
    for row in rows:
        by_reader[row["reader"]].append(
            (int(row["article"]), int(row["trial_fix"]), int(row["sentence"]), int(row["word"]), float(row["duration"]))
        )
    assert len(by_reader) == 84
    assert set(gaze.readers) == set(by_reader)
    assert gaze.steps is not None
    for k, reader in enumerate(gaze.readers):
        fixations, steps = sorted(by_reader[reader]), 0
        number: Counter[tuple[int, int, int, int]] = Counter()
        duration: Counter[tuple[int, int, int, int]] = Counter()
        for (article, order, sentence, word, _), (other, next_order, same, to, ms) in itertools.pairwise(fixations):
            if (other, next_order, same) == (article, order + 1, sentence):
                steps += 1
                if to <= word:
                    number[article, sentence, word, to] += 1
                    duration[article, sentence, word, to] += ms
        assert gaze.steps[k] == steps
        for signal, counted in (("number", number), ("duration", duration)):
            values = gaze.signals[signal][k]
            assert values.sum() == sum(counted.values())
            for (article, sentence, i, j), expected in list(counted.items())[::7]:
                matrix = corpus.matrix(values, corpus.index(article, sentence))
                assert matrix[i, j] == expected


def test_a_return_to_a_sentence_is_no_step_in_it(provo: Path, corpus: Corpus, gaze: Gaze) -> None:
    columns = {"reader": "reader", "article": "article", "sentence": "sentence", "word": "word", "duration": "duration"}
    layout = {"layout": "fixations", "words_from": 0, "columns": {**columns, "order": "trial_fix"}}
    joined = read_group("P", [provo / "fixations.csv.gz"], corpus, layout=layout, exclude={}, means={})
    assert gaze.steps is not None
    assert joined.steps is not None
    assert (joined.steps > gaze.steps).all()
    lost = 1 - gaze.steps.sum() / joined.steps.sum()
    assert 0.01 < lost < 0.1


@pytest.mark.slow
def test_ceiling_and_baseline(corpus: Corpus, gaze: Gaze) -> None:
    table = ceilings(gaze, corpus)
    own = table[(table["signal"] == "number") & (table["ceiling"] == "group_mean")]
    assert own["value"].mean() == pytest.approx(CEILING, abs=SEEN)
    known = baseline_of_readers(gaze, corpus)
    own = known[(known["signal"] == "number") & (known["baseline"] == "b0")]
    assert own["r2_cv"].mean() == pytest.approx(BASELINE, abs=SEEN)
    # With 55 articles the two ways of leaving one out say the same.
    np.testing.assert_allclose(known["r2_cv"], known["r2_cv_ols"], rtol=0, atol=0.002)
