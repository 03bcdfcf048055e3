"""Regressors against a loop over pairs of words."""

import numpy as np

from readalike.corpus import Corpus, Sentence
from readalike.measures.regressors import BASELINE, REGRESSORS, baseline

CORPUS = Corpus((Sentence(1, 1, ("a", "bb", "ccc.")), Sentence(2, 1, tuple("x" * (k + 1) for k in range(12)))))


def test_the_baseline_is_position_and_word_length() -> None:
    rows = [
        [j == 0, *(i - j == d for d in range(10)), i, len(item.words[i]), len(item.words[j])]
        for item in CORPUS.sentences
        for i in range(len(item.words))
        for j in range(i + 1)
    ]
    np.testing.assert_array_equal(baseline(CORPUS), np.array(rows, dtype=float))


def test_every_regressor_has_a_row_a_pair_and_varies() -> None:
    for name, regressor in REGRESSORS.items():
        values = regressor(CORPUS)
        assert values.ndim == 2
        assert len(values) == CORPUS.n_pairs, name
        assert (np.ptp(values, axis=0) > 0).all(), name


def test_a_baseline_is_the_regressors_that_are_named() -> None:
    assert set(BASELINE) <= set(REGRESSORS)
    np.testing.assert_array_equal(baseline(CORPUS, ["place"]), REGRESSORS["place"](CORPUS))
