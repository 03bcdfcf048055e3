"""What attention adds to a baseline, by sentence and reader, against fits by a plain loop."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.gaze import Gaze
from readalike.files.sums import Sums
from readalike.measures.beyond import beyond
from readalike.measures.regressors import BASELINES, baselines
from readalike.statistics.clustered import parts, r2_scores

SAME = 1e-9  # sums of products against fits to the rows
RNG = np.random.default_rng(21)
CORPUS = Corpus(
    tuple(
        Sentence(a, s, tuple("x" * int(n) for n in RNG.integers(1, 9, int(RNG.integers(11, 16)))))
        for a in (1, 2, 3)
        for s in range(1, 9)
    )
)
ARTICLE = CORPUS.articles[CORPUS.pairs.sentence]
VALUES = RNG.random((2, 3, CORPUS.n_pairs), dtype=np.float32)
NUMBER = RNG.poisson(0.5, (4, CORPUS.n_pairs)).astype(float)
GAZE = Gaze("G", tuple("abcd"), {"number": NUMBER, "duration": NUMBER * 200 + 1}, NUMBER.sum(axis=1).astype(np.int64))


def errors(X: FloatArray, y: FloatArray) -> FloatArray:
    """Squared error of each pair, predicted from the other articles."""
    found = np.empty(len(y))
    for article in np.unique(ARTICLE):
        own = article == ARTICLE
        found[own] = (y[own] - LinearRegression().fit(X[~own], y[~own]).predict(X[own])) ** 2
    return found


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sums]:
    file = tmp_path_factory.mktemp("attention") / "layers-0-1.h5"
    attributes = {"model": "m", "layers": 2, "heads": 3}
    write_attention(file, {"plain": ConditionResult(VALUES)}, CORPUS, first=0, attributes=attributes)
    with open_attention([file], CORPUS) as attention:
        return beyond(attention, GAZE, CORPUS)


@pytest.mark.parametrize("signal", ["number", "duration"])
def test_every_sentence_has_the_error_that_attention_takes_from_the_baseline(
    sums: dict[str, Sums], signal: str
) -> None:
    # Of b0 every column varies in every fold, so that plain least squares is the same fit.
    B, Y, own = baselines(CORPUS)["b0"], GAZE.signals[signal], sums[f"{signal}/r2_unique_b0"]
    scale = float(Y.var())
    for layer in range(2):
        scores = r2_scores(own.sse[layer], own.sst, own.readers)
        for r in range(4):
            y, X = Y[r], np.column_stack([B, VALUES[layer].T])
            taken = errors(B, y) - errors(X, y)
            by_sentence = np.add.reduceat(taken, CORPUS.offsets[:-1])
            np.testing.assert_allclose((own.sst - own.sse[layer])[:, r] / scale, by_sentence / scale, atol=SAME)
            mean = np.array([y[a != ARTICLE].mean() for a in ARTICLE])
            assert scores.value[r] == pytest.approx(taken.sum() / ((y - mean) ** 2).sum(), abs=SAME)
        assert parts(scores).sum() == pytest.approx(scores.value.mean(), abs=SAME)


def test_there_is_a_score_beyond_every_baseline(sums: dict[str, Sums]) -> None:
    assert set(sums) == {f"{signal}/r2_unique_{name}" for signal in ("number", "duration") for name in BASELINES}
