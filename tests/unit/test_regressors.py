"""Regressors against a loop over pairs of words, and how the baselines are nested."""

import numpy as np
import pytest

from readalike.corpus import Corpus, Sentence
from readalike.files.contracts.resemblance import SCORES
from readalike.files.contracts.tables import HEADLINE as HEADLINE_TABLE
from readalike.measures.regression import orthonormal
from readalike.measures.regressors import (
    BASELINES,
    HEADLINE,
    OF_WORDS,
    REGRESSORS,
    baseline,
    baseline_of_words,
    baselines,
)
from readalike.tables import headline

CORPUS = Corpus(
    (
        Sentence(1, 1, ("a", "bb,", "ccc.")),
        Sentence(2, 1, tuple("x" * (k + 1) + "?" * (k == 5) for k in range(12))),
        Sentence(2, 2, ("“Oh,”", "she", "said", "co-author")),
    )
)


def columns_of(words: tuple[str, ...], i: int, j: int) -> dict[str, list[float]]:
    """What each regressor is said to be, for one pair."""
    looks, looked_at, last = len(words[i]), len(words[j]), i == len(words) - 1
    marks = [words[k][-1] in ",.?”" for k in (i, j)]
    return {
        "first word": [j == 0],
        "distance": [i - j == d for d in range(10)],
        "place": [i],
        "length": [looks, looked_at],
        "refixation by length": [looks if i == j else 0],
        "first word by length": [looks if j == 0 else 0, looked_at if j == 0 else 0],
        "distance by length": [n if i - j == d else 0 for n in (looks, looked_at) for d in (1, 2, 3)],
        "place by length": [i * looks, i * looked_at],
        "words": [len(words)],
        "sentence end": [last, last and i == j, last and j == 0],
        "punctuation": [*marks, marks[0] and i == j],
    }


@pytest.mark.parametrize("name", REGRESSORS)
def test_every_regressor_equals_a_loop(name: str) -> None:
    rows = [
        columns_of(item.words, i, j)[name]
        for item in CORPUS.sentences
        for i in range(len(item.words))
        for j in range(i + 1)
    ]
    found = REGRESSORS[name](CORPUS)
    np.testing.assert_array_equal(found, np.array(rows, dtype=float))
    assert found.dtype == np.float64
    assert (np.ptp(found, axis=0) > 0).all(), "every column varies"


def test_each_baseline_holds_the_one_before() -> None:
    known = baselines(CORPUS)
    assert list(known) == list(BASELINES) == ["b0", "b1", "b2"]
    assert [values.shape[1] for values in known.values()] == [14, 15, 32]
    for smaller, larger in (("b0", "b1"), ("b1", "b2")):
        np.testing.assert_array_equal(known[larger][:, : known[smaller].shape[1]], known[smaller])
        assert list(BASELINES[larger])[: len(BASELINES[smaller])] == list(BASELINES[smaller])
        explained = np.linalg.norm(orthonormal(known[larger]).T @ orthonormal(known[smaller]), axis=0)
        np.testing.assert_allclose(explained, 1, rtol=0, atol=1e-9)


def test_a_baseline_is_the_regressors_that_are_named() -> None:
    for name, regressors in BASELINES.items():
        assert set(regressors) <= set(REGRESSORS)
        assert len(set(regressors)) == len(regressors)
        expected = np.column_stack([REGRESSORS[regressor](CORPUS) for regressor in regressors])
        np.testing.assert_array_equal(baseline(CORPUS, name), expected)
    np.testing.assert_array_equal(baseline(CORPUS), baseline(CORPUS, HEADLINE))
    lengths = Corpus((Sentence(1, 1, ("", "")), Sentence(2, 1, ("", ""))))
    assert baselines(lengths) == {}


def test_every_baseline_has_its_columns_in_the_tables() -> None:
    assert tuple(BASELINES) == headline.BASELINES
    assert list(BASELINES)[-1] == HEADLINE
    scores = {score.name for score in SCORES}
    assert {f"r2_unique_{name}" for name in (*BASELINES, OF_WORDS)} <= scores
    assert {f"r2_unique_{name}_null" for name in (HEADLINE, OF_WORDS)} | {f"baseline_{OF_WORDS}_cv"} <= scores
    assert {f"baseline_{name}_cv" for name in (*BASELINES, OF_WORDS)} <= set(HEADLINE_TABLE.names)


def test_the_baseline_of_words_has_both_words_values_by_a_loop() -> None:
    rng = np.random.default_rng(1)
    words = sum(len(item.words) for item in CORPUS.sentences)
    zipf, surprisal = rng.random(words), rng.random(words)
    firsts = [0, 3, 15]
    surprisal[firsts] = np.nan
    expected, start = [], 0
    for item in CORPUS.sentences:
        for i in range(len(item.words)):
            for j in range(i + 1):
                known = [
                    np.nanmean(surprisal) if np.isnan(surprisal[k]) else surprisal[k] for k in (start + i, start + j)
                ]
                expected.append([zipf[start + i], zipf[start + j], *known])
        start += len(item.words)
    found = baseline_of_words(CORPUS, zipf, surprisal)
    assert found.shape == (CORPUS.n_pairs, 36)
    np.testing.assert_array_equal(found[:, :32], baseline(CORPUS, "b2"))
    np.testing.assert_array_equal(found[:, 32:], expected)
