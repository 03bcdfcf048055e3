"""Attention without a model, against a loop over rows; scored as a layer of one head."""

import numpy as np
import pytest

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.files.contracts.resemblance import SCORES, YARDSTICKS
from readalike.files.gaze import Gaze
from readalike.measures.regression import shuffles
from readalike.measures.regressors import baselines
from readalike.measures.resemblance import layer_scores
from readalike.measures.swaps import swaps
from readalike.measures.yardsticks import ATTENTION, yardsticks
from tests import oracles

CORPUS = Corpus(
    tuple(Sentence(a, s + 1, tuple("x" * (1 + (a + i) % 5) for i in range(4 + s))) for a in (1, 2, 3) for s in range(5))
)
SAME = 1e-10  # sums of products against fits to the rows


def by_hand(name: str) -> FloatArray:
    rows = []
    for item in CORPUS.sentences:
        for i in range(len(item.words)):
            weights = [1.0 if name == "uniform" else float(np.exp(-(i - j) / 2)) for j in range(i + 1)]
            rows += [weight / sum(weights) for weight in weights]
    return np.array(rows)


def gaze() -> Gaze:
    number = np.random.default_rng(2).poisson(0.6, (3, CORPUS.n_pairs)).astype(float)
    return Gaze("L1", ("a", "b", "c"), {"number": number, "duration": 200 * number**2}, number.sum(axis=1).astype(int))


@pytest.mark.parametrize("name", ATTENTION)
def test_rows_are_shares_that_a_loop_gives(name: str) -> None:
    found = ATTENTION[name](CORPUS)
    np.testing.assert_allclose(found, by_hand(name), rtol=0, atol=1e-14)


def test_they_are_scored_as_a_layer_of_one_head() -> None:
    table, group = yardsticks(gaze(), CORPUS, seed=4), gaze()
    assert list(table.columns) == YARDSTICKS.names
    assert len(table) == 2 * 2 * 3
    beside = baselines(CORPUS), shuffles(CORPUS, 4), swaps(CORPUS, 4)
    article = CORPUS.articles[CORPUS.pairs.sentence]
    for name in ATTENTION:
        for signal, values in group.signals.items():
            own = table[(table["attention"] == name) & (table["signal"] == signal)].set_index("reader")
            X = by_hand(name)[:, None]
            assert own.index.tolist() == list(group.readers)
            np.testing.assert_allclose(own["r2_cv"], oracles.held_out(X, values.T, article).r2, rtol=0, atol=SAME)
            np.testing.assert_allclose(own["r2"], [np.corrcoef(X[:, 0], y)[0, 1] ** 2 for y in values], atol=SAME)
            for column, expected in layer_scores(X, values.T, CORPUS, *beside).columns.items():
                np.testing.assert_allclose(own[column], expected, rtol=0, atol=SAME, err_msg=column)
    # Surprisal is a model's.
    of_model = [score.name for score in SCORES if "b3" in score.name]
    assert table[of_model].isna().all(axis=None)
    assert table.drop(columns=of_model).notna().all(axis=None)


def test_what_falls_with_distance_only_is_not_specific_to_a_sentence() -> None:
    """Sentences of one length have the same of it: another one's attention scores what the own one does."""
    alike = Corpus(tuple(Sentence(a, s, ("x",) * 7) for a in (1, 2, 3) for s in (1, 2, 3)))
    number = np.random.default_rng(2).poisson(0.6, (3, alike.n_pairs)).astype(float)
    group = Gaze("L1", ("a", "b", "c"), {"number": number}, number.sum(axis=1).astype(int))
    np.testing.assert_allclose(yardsticks(group, alike, seed=1)["r2_specific"], 0, atol=SAME)
