"""Heads of all layers at once: against scikit-learn's Ridge fold by fold, and what it must say of known attention."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, Ridge

from readalike.corpus import Corpus, FloatArray, IntArray, Sentence
from readalike.errors import CorpusError
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.contracts.all_layers import ALL_LAYERS
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.gaze import Gaze
from readalike.files.sums import SumsOf
from readalike.measures.all_layers import (
    PENALTIES,
    SCORE,
    AllLayers,
    all_layers,
    chosen_penalties,
    inner_groups,
    predict,
    regressors,
    ridge,
)
from readalike.measures.held_out import Split, total_of
from readalike.measures.regression import shuffles
from readalike.measures.regressors import baseline, baselines
from readalike.measures.resemblance import layer_scores
from readalike.measures.swaps import swaps
from readalike.statistics.clustered import r2_scores
from readalike.statistics.scored import ALL, AT_ONCE, BEST, OWN, SCORES, by_layer, chosen, joined
from tests import oracles

SAME = 1e-8  # sums of products against fits to the rows
LAYERS, HEADS = 3, 4
RNG = np.random.default_rng(17)


def corpus_of(articles: int) -> Corpus:
    return Corpus(
        tuple(
            Sentence(a, s, tuple("x" * int(n) for n in RNG.integers(1, 9, int(RNG.integers(7, 11)))))
            for a in range(1, articles + 1)
            for s in range(1, 7)
        )
    )


CORPUS = corpus_of(4)
ARTICLE = CORPUS.articles[CORPUS.pairs.sentence]
TEXT = RNG.normal(size=CORPUS.n_pairs)
# Every head has a little of what readers do, so that one alone has next to nothing of it.
VALUES = np.exp(0.4 * (TEXT + RNG.normal(0, 1.5, (LAYERS, HEADS, CORPUS.n_pairs)))) / 20
VALUES[1, 2] = 0.05  # never varies
NUMBER = RNG.poisson(np.exp(RNG.normal(-0.5, 0.2, (3, 1)) + 0.8 * TEXT)).astype(float)
NOTHING = RNG.poisson(0.6, (3, CORPUS.n_pairs)).astype(float)


def gaze_of(number: FloatArray, duration: FloatArray) -> Gaze:
    signals = {"number": number, "duration": duration}
    return Gaze("G", tuple("abcdef"[: len(number)]), signals, number.sum(axis=1).astype(np.int64))


def of(values: FloatArray, gaze: Gaze, folder: Path, corpus: Corpus = CORPUS) -> AllLayers:
    file = folder / "layers-0-2.h5"
    attributes = {"model": "m", "layers": len(values), "heads": HEADS}
    write_attention(file, {"plain": ConditionResult(values.astype(np.float32))}, corpus, first=0, attributes=attributes)
    with open_attention([file], corpus) as attention:
        return all_layers(attention, gaze, corpus)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> AllLayers:
    """Readers who do what attention tells, by number; by duration readers who do not."""
    return of(VALUES, gaze_of(NUMBER, NOTHING), tmp_path_factory.mktemp("attention"))


def fitted(B: FloatArray, Z: FloatArray, Y: FloatArray, inside: FloatArray, penalty: float) -> FloatArray:
    """Predictions of the rows `inside` from the others: what varies of B by least squares, Z by Ridge beside it.

    Least squares of heads and readers on B first, then Ridge on what is left, is the same fit (Frisch and Waugh 1933).
    """
    U, singular, _ = np.linalg.svd(B - B.mean(axis=0), full_matrices=False)
    W = U[:, singular > 1e-8 * singular.max()]
    own = W[~inside] - W[~inside].mean(axis=0)
    _, length, axes = np.linalg.svd(own, full_matrices=False)
    K = W @ axes[length**2 >= oracles.FLOOR * len(own) / len(W)].T
    known = LinearRegression().fit(K[~inside], np.column_stack([Y, Z])[~inside])
    left = np.column_stack([Y, Z]) - known.predict(K)
    of_baseline = known.predict(K)[inside][:, : Y.shape[1]]
    if np.isinf(penalty):
        return of_baseline
    n = int((~inside).sum())
    model = Ridge(alpha=n * penalty, fit_intercept=False, solver="svd").fit(
        left[~inside][:, Y.shape[1] :], left[~inside][:, : Y.shape[1]]
    )
    prediction: FloatArray = of_baseline + model.predict(left[inside][:, Y.shape[1] :])
    return prediction


def by_hand(values: FloatArray, Y: FloatArray, corpus: Corpus) -> tuple[FloatArray, list[float]]:
    """What is added by reader, and the penalty of each article: nested loops over articles."""
    article = corpus.articles[corpus.pairs.sentence]
    B = baseline(corpus)
    Z = values.astype(np.float32).astype(float).reshape(-1, corpus.n_pairs).T
    Z = Z[:, np.ptp(Z, axis=0) > 0]
    Z = (Z - Z.mean(axis=0)) / Z.std(axis=0)
    names, penalties = np.unique(article), []
    sse, alone, sst = np.zeros((3, Y.shape[1]))
    for name in names:
        train, inside = article != name, article == name
        groups = [[other for other in names if other != name][k::5] for k in range(5)]
        mean = []
        for penalty in PENALTIES:
            wrong, total = np.zeros((2, Y.shape[1]))
            for group in (own for own in groups if own):
                left = np.isin(article[train], group)
                there = Y[train]
                wrong += ((there[left] - fitted(B[train], Z[train], there, left, penalty)) ** 2).sum(axis=0)
                total += ((there[left] - there[~left].mean(axis=0)) ** 2).sum(axis=0)
            mean.append((1 - wrong / total).mean())
        best = max(range(len(PENALTIES)), key=lambda k: (mean[k], k))
        penalties.append(PENALTIES[best])
        sse += ((Y[inside] - fitted(B, Z, Y, inside, PENALTIES[best])) ** 2).sum(axis=0)
        alone += ((Y[inside] - fitted(B, Z, Y, inside, np.inf)) ** 2).sum(axis=0)
        sst += ((Y[inside] - Y[train].mean(axis=0)) ** 2).sum(axis=0)
    return (alone - sse) / sst, penalties


def scores(found: AllLayers, signal: str) -> FloatArray:
    values: FloatArray = found.table.loc[found.table["signal"] == signal, SCORE].to_numpy()
    return values


@pytest.mark.parametrize(("signal", "number"), [("number", NUMBER), ("duration", NOTHING)])
def test_it_is_what_ridge_by_fold_says(found: AllLayers, signal: str, number: FloatArray) -> None:
    expected, penalties = by_hand(VALUES, number.T, CORPUS)
    np.testing.assert_allclose(scores(found, signal), expected, atol=SAME)
    own = found.table[found.table["signal"] == signal]
    assert set(own["penalty"]) == {np.median(penalties)}
    assert (max(penalties) < 1) if signal == "number" else (max(penalties) == np.inf), "what tells nothing is left out"
    assert list(found.table.columns) == ALL_LAYERS.names
    assert set(own["heads"]) == {LAYERS * HEADS - 1}


def test_all_layers_tell_more_than_any_where_each_has_a_part(found: AllLayers) -> None:
    given = baselines(CORPUS), shuffles(CORPUS, 1), swaps(CORPUS, 1)
    each = [
        layer_scores(layer.T, NUMBER.T, CORPUS, *given).columns["r2_unique_b2"]
        for layer in VALUES[[0, 2]]
    ]  # fmt: skip
    assert (scores(found, "number") > np.max(each, axis=0) + 0.02).all()


def test_attention_that_tells_nothing_adds_nothing(found: AllLayers) -> None:
    """Exactly, where every article's others leave it out; else what chance leaves of it."""
    assert np.abs(scores(found, "duration")).max() < 0.002


def test_sums_by_sentence_are_those_of_the_score(found: AllLayers) -> None:
    for signal in ("number", "duration"):
        sums = found.sums[f"{signal}/{SCORE}"]
        again = r2_scores(sums.sse[0], sums.sst, sums.readers)
        np.testing.assert_allclose(again.value, scores(found, signal), atol=SAME)
        assert (sums.sse.shape, sums.readers) == ((1, len(CORPUS.sentences), 3), tuple("abc"))


def test_coefficients_are_of_rows_with_a_penalty_for_each_head() -> None:
    """Least squares on the rows and, of each penalised column, a row sqrt(n penalty) whose value is 0."""
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(60, 5)) + np.array([5, 0, 0, -3, 1]), rng.normal(size=(60, 2)) + 2
    split = Split(Y, np.repeat([1, 2], 30))
    total = total_of(split.by_article(X))
    centred = X - X.mean(axis=0)
    known = np.linalg.inv(centred[:, :2].T @ centred[:, :2])
    penalties = (0.01, 1.0, 100.0, np.inf)
    for penalty, B in zip(penalties, ridge(total, 2, known, penalties), strict=True):
        rows = np.zeros((3, 5))
        rows[:, 2:] = np.sqrt(60 * min(penalty, 1e12)) * np.eye(3)
        expected = np.linalg.lstsq(np.vstack([centred, rows]), np.vstack([split.centred, np.zeros((3, 2))]))[0]
        np.testing.assert_allclose(B, expected, atol=1e-9)


def test_many_articles_are_grouped_to_choose_a_penalty(tmp_path: Path) -> None:
    corpus = corpus_of(8)
    text = RNG.normal(size=corpus.n_pairs)
    values = np.exp(0.4 * (text + RNG.normal(0, 1.5, (1, HEADS, corpus.n_pairs)))) / 20
    number = RNG.poisson(np.exp(0.5 * text - 0.5), (2, corpus.n_pairs)).astype(float)
    assert inner_groups([0, 1, 2, 4, 5, 6, 7]) == [[0, 6], [1, 7], [2], [4], [5]]
    own = of(values, gaze_of(number, number), tmp_path, corpus)
    np.testing.assert_allclose(scores(own, "number"), by_hand(values, number.T, corpus)[0], atol=SAME)


def test_one_article_to_learn_from_chooses_no_penalty(tmp_path: Path) -> None:
    corpus = corpus_of(2)
    values = RNG.uniform(0, 0.1, (1, HEADS, corpus.n_pairs))
    number = RNG.poisson(0.5, (2, corpus.n_pairs)).astype(float)
    own = of(values, gaze_of(number, number), tmp_path, corpus).table
    assert set(own["penalty"]) == {np.inf}
    np.testing.assert_allclose(own[SCORE], 0, atol=SAME)
    alone = corpus_of(1)
    with pytest.raises(CorpusError, match="one article only"):
        of(values[:, :, : alone.n_pairs], gaze_of(*(2 * [number[:, : alone.n_pairs]])), tmp_path, alone)


def test_heads_that_never_vary_tell_nothing(tmp_path: Path) -> None:
    """Every penalty is as good: the largest is chosen."""
    own = of(np.full((1, HEADS, CORPUS.n_pairs), 0.1), gaze_of(NUMBER, NUMBER), tmp_path).table
    assert set(own["heads"]) == {0}
    assert set(own["penalty"]) == {np.inf}
    np.testing.assert_allclose(own[SCORE], 0, atol=SAME)
    assert (min(PENALTIES), sorted(PENALTIES)[-2], len(PENALTIES)) == (0.001, 10_000, 16)


def test_a_reader_who_never_looks_back_has_no_score_and_no_say(tmp_path: Path) -> None:
    number = NUMBER.copy()
    number[1] = 1.0  # the same everywhere
    own = of(VALUES, gaze_of(number, number), tmp_path).table
    own = own[own["signal"] == "number"].set_index("reader")
    assert own[SCORE].isna().tolist() == [False, True, False]
    others = of(VALUES, gaze_of(*(2 * [number[[0, 2]]])), tmp_path).table
    np.testing.assert_allclose(own[SCORE].dropna(), others.loc[others["signal"] == "number", SCORE], atol=SAME)


def test_a_reader_who_looks_back_in_one_article_only_chooses_nothing_for_it(tmp_path: Path) -> None:
    """Without that article the reader's signal is the same everywhere, but for what rounding makes of it."""
    number = NUMBER + 0.1
    number[1, ARTICLE != 2] = 0.3
    own = of(VALUES, gaze_of(number, number), tmp_path).table.query("signal == 'number'")
    split = Split(number.T, ARTICLE)
    X, columns = regressors(CORPUS, [layer.T for layer in VALUES], LAYERS * HEADS)
    folds = split.by_article(X)
    alone, all_three = chosen_penalties(folds, columns, [slice(1, 2)]), chosen_penalties(folds, columns, [slice(0, 3)])
    two = chosen_penalties(Split(number[[0, 2]].T, ARTICLE).by_article(X), columns, [slice(0, 2)])
    assert alone[1, 0] == np.inf, "there is nothing to choose by"
    assert all_three[1, 0] == two[1, 0]
    assert own[SCORE].notna().all()


def test_it_stands_beside_the_layers_once(found: AllLayers) -> None:
    table, score = found.table, SCORES[AT_ONCE]
    keys = [key.name for key in RESEMBLANCE.keys]
    layers = pd.concat([table.assign(layer=layer) for layer in (4, 5)])[keys]  # of a model that is there in part
    resemblance = layers.assign(**{value.name: 0.1 for value in RESEMBLANCE.values})
    beside = joined(resemblance, [(table, ALL_LAYERS)])
    assert len(beside) == len(resemblance)
    sums = [SumsOf(found.sums, {"model": "m"})]
    scored = by_layer(beside[beside["signal"] == "number"], score, sums, "number")
    (only,) = scored.values()
    assert only.parts is not None
    np.testing.assert_allclose(only.parts.sum(), scores(found, "number").mean(), atol=SAME)
    np.testing.assert_allclose(only.value.to_numpy(), scores(found, "number"))
    assert score.rules == (ALL,)
    whole = chosen(scored, ALL, None)
    assert whole is not None
    pd.testing.assert_series_equal(whole.value, only.value)
    assert {BEST, OWN}.isdisjoint(score.rules)
    assert f"number/{score.sums}" in found.sums
    none = joined(resemblance, [(pd.DataFrame(columns=ALL_LAYERS.names), ALL_LAYERS)])
    assert by_layer(none[none["signal"] == "number"], score, (), "number") == {}


def test_predictions_of_an_article_do_not_hang_on_its_readers() -> None:
    X = np.column_stack([baseline(CORPUS), VALUES[[0, 2]].reshape(-1, CORPUS.n_pairs).T])
    columns = baseline(CORPUS).shape[1]
    inside: IntArray = np.flatnonzero(ARTICLE == 2)
    changed = NUMBER.T.copy()
    changed[inside] = RNG.poisson(3, (len(inside), 3))
    first, second = (predict(Split(Y, ARTICLE), X, columns, [slice(None)]) for Y in (NUMBER.T, changed))
    assert ((first.penalties[1] == second.penalties[1]).all()).all()
    np.testing.assert_allclose(first.predicted[inside], second.predicted[inside], atol=SAME)
    assert np.abs(first.predicted[~np.isin(np.arange(len(ARTICLE)), inside)]
                  - second.predicted[~np.isin(np.arange(len(ARTICLE)), inside)]).max() > 0.01  # fmt: skip
