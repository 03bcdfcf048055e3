"""Resemblance against plain loops; its tables, folds and sums of squares; the thinned group."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.contracts import resemblance as contracts
from readalike.files.gaze import Gaze
from readalike.measures.regression import shuffles
from readalike.measures.regressors import baseline_of_words, baselines, trivial_patterns
from readalike.measures.resemblance import Resemblance, layer_scores, resemblance, thinned
from readalike.measures.swaps import swaps
from tests import oracles

SCORES = tuple(score.name for score in contracts.SCORES)

SAME = 1e-10  # sums of products against fits to the rows; both round a few thousand products

RNG = np.random.default_rng(7)
CORPUS = Corpus(
    tuple(
        Sentence(a, s, tuple("x" * int(n) + "." * int(n == 5) for n in RNG.integers(1, 9, int(RNG.integers(5, 13)))))
        for a in (1, 2, 3)
        for s in range(1, 9)
    )
)
LAYERS, HEADS, READERS = 3, 4, 5


# Baselines beside which shuffled attention is scored too.
NULLS = ("b2", "b3")


def of_words() -> FloatArray:
    rng = np.random.default_rng(9)
    return baseline_of_words(CORPUS, rng.random(CORPUS.n_words), rng.random(CORPUS.n_words))


def gaze(name: str = "L1", rate: float = 0.5, seed: int = 0) -> Gaze:
    rng = np.random.default_rng(seed)
    number = rng.poisson(rate, (READERS, CORPUS.n_pairs)).astype(float)
    return Gaze(
        group=name,
        readers=tuple(f"sub-{k:02d}" for k in range(READERS)),
        signals={"number": number, "duration": number * rng.integers(100, 400, number.shape)},
        steps=number.sum(axis=1).astype(np.int64),
        simulated=True,
    )


@pytest.fixture(scope="module")
def attention_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("attention") / "layers-0-2.h5"
    values = np.random.default_rng(3).random((LAYERS, HEADS, CORPUS.n_pairs), dtype=np.float32)
    attributes = {"model": "tiny", "layers": LAYERS, "heads": HEADS}
    write_attention(path, {"plain": ConditionResult(values)}, CORPUS, first=0, attributes=attributes)
    return path


@pytest.mark.parametrize("rare", [False, True], ids=["every head varies everywhere", "one varies in one pair"])
def test_every_column_equals_a_loop(rare: bool) -> None:
    article = CORPUS.articles[CORPUS.pairs.sentence]
    rng = np.random.default_rng(1)
    X, known = rng.random((CORPUS.n_pairs, HEADS)), {**baselines(CORPUS), "b3": of_words()}
    if rare:
        # One fold of least squares has to be solved from the rows.
        X[:, 3] = np.arange(CORPUS.n_pairs) == 17
    Y = gaze().signals["number"].T
    orders = shuffles(CORPUS, seed=2, number=4)
    swapped = swaps(CORPUS, 2, 3)
    found = layer_scores(X, Y, CORPUS, known, orders, swapped).columns
    assert (*found, "r2_residual") == SCORES
    r2 = np.array([LinearRegression().fit(X, y).score(X, y) for y in Y.T])
    n, r2_cv = len(X), oracles.held_out(X, Y, article).r2
    swap = np.mean([oracles.held_out(X[swapped.order(k)], Y, article).r2 for k in range(3)], axis=0)

    def beyond(name: str, heads: FloatArray, way: Callable[..., oracles.Folds] = oracles.held_out) -> FloatArray:
        B = known[name]
        r2: FloatArray = way(np.column_stack([B, heads]), Y, article).r2 - way(B, Y, article).r2
        return r2

    expected = {
        "r2": r2,
        "r2_adjusted": 1 - (1 - r2) * (n - 1) / (n - HEADS - 1),
        "r2_cv": r2_cv,
        "r2_cv_ols": oracles.least_squares(X, Y, article).r2,
        "r2_null": np.mean([oracles.held_out(X[order], Y, article).r2 for order in orders], axis=0),
        "r2_swap": swap,
        "r2_specific": r2_cv - swap,
        **{f"r2_unique_{name}": beyond(name, X) for name in ("b0", "b1", "b2", "b3")},
        **{f"r2_unique_{name}_null": np.mean([beyond(name, X[order]) for order in orders], axis=0) for name in NULLS},
        "baseline_b3_cv": oracles.held_out(known["b3"], Y, article).r2,
        "r2_unique_b0_ols": beyond("b0", X, oracles.least_squares),
    }
    for name in found:
        np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=SAME, err_msg=name)


def test_lengths_only_leave_unique_empty() -> None:
    X = np.random.default_rng(1).random((CORPUS.n_pairs, HEADS))
    orders, swapped = shuffles(CORPUS, 1, 2), swaps(CORPUS, 1, 2)
    found = layer_scores(X, gaze().signals["number"].T, CORPUS, {}, orders, swapped).columns
    empty = {name for name in found if np.isnan(found[name]).all()}
    assert empty == {name for name in found if "unique" in name or "baseline" in name}
    assert len(empty) == 8


def test_baseline_b3_is_that_of_the_model(attention_file: Path) -> None:
    with open_attention([attention_file], CORPUS) as attention:
        found = resemblance(attention, gaze(), CORPUS, seed=1, of_words=of_words()).table
        without = resemblance(attention, gaze(), CORPUS, seed=1).table
    of_b3 = ["r2_unique_b3", "r2_unique_b3_null", "baseline_b3_cv"]
    assert without[of_b3].isna().all(axis=None)
    pd.testing.assert_frame_equal(found.drop(columns=of_b3), without.drop(columns=of_b3))
    # Alone it is the same in every layer.
    by_layer = found.pivot(index=["signal", "reader"], columns="layer", values="baseline_b3_cv").to_numpy()
    np.testing.assert_array_equal(by_layer, by_layer[:, :1].repeat(LAYERS, axis=1))
    article = CORPUS.articles[CORPUS.pairs.sentence]
    expected = oracles.held_out(of_words(), gaze().signals["number"].T, article).r2
    own = found[(found["layer"] == 1) & (found["signal"] == "number")]
    np.testing.assert_allclose(own["baseline_b3_cv"], expected, rtol=0, atol=SAME)


def test_the_patterns_are_regressed_out_of_both_sides(attention_file: Path) -> None:
    group = gaze()
    table = found_for(attention_file, group).table
    patterns = trivial_patterns(CORPUS)

    def left(values: FloatArray) -> FloatArray:
        return values - LinearRegression().fit(patterns, values).predict(patterns)

    with open_attention([attention_file], CORPUS) as attention:
        X = left(attention.layer("plain", 2).T)
    own = table[(table["layer"] == 2) & (table["signal"] == "number")].set_index("reader")["r2_residual"]
    for reader, y in zip(group.readers, group.signals["number"], strict=True):
        assert own[reader] == pytest.approx(LinearRegression().fit(X, left(y)).score(X, left(y)), abs=SAME)


def found_for(path: Path, group: Gaze) -> Resemblance:
    with open_attention([path], CORPUS) as attention:
        return resemblance(attention, group, CORPUS, seed=1)


def test_tables_folds_and_sums_agree(attention_file: Path) -> None:
    group = gaze()
    found = found_for(attention_file, group)
    table = found.table
    assert list(table.columns) == ["model", "group", "readers_are", "signal", "layer", "reader", *SCORES]
    assert len(table) == LAYERS * 2 * READERS
    assert set(table["readers_are"]) == {"simulated"}
    with open_attention([attention_file], CORPUS) as attention:
        X, y = attention.layer("plain", 1).T, group.signals["duration"][3]
    row = table.set_index(["layer", "signal", "reader"]).loc[(1, "duration", "sub-03")]
    assert row["r2"] == pytest.approx(LinearRegression().fit(X, y).score(X, y), abs=SAME)
    sums = found.folds.groupby(["layer", "signal", "reader"])[["sse", "sst"]].sum()
    cv = table.set_index(["layer", "signal", "reader"])["r2_cv"]
    pd.testing.assert_series_equal(1 - sums["sse"] / sums["sst"], cv.sort_index(), check_names=False, rtol=SAME)
    errors = found.folds.groupby(["layer", "signal", "reader"]).sum(numeric_only=True)
    means = table.set_index(["layer", "signal", "reader"]).sort_index()
    differences = {
        ("sst", "sse_null"): means["r2_null"],
        ("sst", "sse_swap"): means["r2_swap"],
        ("sse_b2_null", "sse_b2"): means["r2_unique_b2"] - means["r2_unique_b2_null"],
    }
    for (a, b), expected in differences.items():
        own = (errors[a] - errors[b]) / errors["sst"]
        np.testing.assert_allclose(own, expected, rtol=0, atol=SAME, err_msg=f"{a} less {b}")
    for signal in group.signals:
        for column in ("r2", "r2_cv"):
            own = found.sums[f"{signal}/{column}"]
            assert own.sse.shape == (LAYERS, len(CORPUS.sentences), READERS)
            assert own.readers == group.readers
            scores = table[table["signal"] == signal].pivot(index="layer", columns="reader", values=column)
            r2 = 1 - own.sse.sum(axis=1) / own.sst.sum(axis=0)
            np.testing.assert_allclose(r2, scores[list(own.readers)], rtol=0, atol=SAME)
    # By chance as many directions as the heads have, of those that the pairs have.
    np.testing.assert_allclose(found.chance, HEADS / (CORPUS.n_pairs - 1))


def test_training_r2_is_of_the_other_articles(attention_file: Path) -> None:
    group = gaze()
    folds = found_for(attention_file, group).folds
    with open_attention([attention_file], CORPUS) as attention:
        X = attention.layer("plain", 0).T
    kept = CORPUS.articles[CORPUS.pairs.sentence] != 2
    y = group.signals["number"][0]
    row = folds.set_index(["layer", "signal", "reader", "article"]).loc[(0, "number", "sub-00", 2)]
    assert row["r2_train"] == pytest.approx(LinearRegression().fit(X[kept], y[kept]).score(X[kept], y[kept]), abs=SAME)


def test_a_reader_without_variation_is_empty_and_named(attention_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    group = gaze()
    group.signals["number"][2] = 0
    with caplog.at_level(logging.WARNING):
        table = found_for(attention_file, group).table
    assert "reader sub-02: number never varies" in caplog.text
    empty = table[table["r2"].isna()]
    assert set(empty["reader"]) == {"sub-02"}
    assert set(empty["signal"]) == {"number"}
    assert empty[list(SCORES)].isna().all(axis=None)


def test_nothing_to_find_costs_what_heads_cost() -> None:
    """With nothing to find r2 is about H / pairs, and held out about minus that; the null says as much."""
    rng = np.random.default_rng(5)
    X, Y = rng.standard_normal((CORPUS.n_pairs, 20)), rng.standard_normal((CORPUS.n_pairs, 300))
    found = layer_scores(X, Y, CORPUS, {}, shuffles(CORPUS, 1, 3), swaps(CORPUS, 1, 20)).columns
    share = 20 / (CORPUS.n_pairs - 1)
    assert found["r2"].mean() == pytest.approx(share, rel=0.05)
    assert abs(found["r2_adjusted"].mean()) < 0.05 * share
    # Two thirds of the pairs train, so that the cost is about 3/2 of the share.
    assert -2 * share < found["r2_cv_ols"].mean() < -share
    assert found["r2_cv"].mean() == pytest.approx(found["r2_cv_ols"].mean(), rel=1e-9)
    for name in ("r2_null", "r2_swap"):
        assert found[name].mean() == pytest.approx(found["r2_cv"].mean(), abs=0.1 * share), name


def test_thinning_keeps_the_other_groups_number(attention_file: Path) -> None:
    high, low = gaze("L2", 1.5, seed=1), gaze("L1", 0.9, seed=2)
    with open_attention([attention_file], CORPUS) as attention:
        found = thinned(attention, high, low, CORPUS, seed=4)
        again = thinned(attention, high, low, CORPUS, seed=4)
        X = attention.layer("plain", 2).T
    pd.testing.assert_frame_equal(found.table, again.table)
    table = found.table
    keep = low.signals["number"].sum() / high.signals["number"].sum()
    assert table["keep"].unique() == pytest.approx([keep])
    assert table["draw"].nunique() == 20
    assert len(table) == LAYERS * 20 * READERS
    # An independent thinning has the same expectation: compare means over readers and thinnings.
    rng = np.random.default_rng(99)
    own = [
        LinearRegression().fit(X, y).score(X, y)
        for counts in high.signals["number"]
        for y in rng.binomial(counts.astype(int), keep, (20, CORPUS.n_pairs))
    ]
    last = table[table["layer"] == 2]["r2"]
    error = np.sqrt((np.var(own) + last.var()) / 100)
    assert abs(last.mean() - np.mean(own)) < 4 * error
    mean = table.groupby(["layer", "reader"])["r2"].mean().unstack("reader")
    r2 = 1 - found.sums.sse.sum(axis=1) / found.sums.sst.sum(axis=0)
    np.testing.assert_allclose(r2, mean[list(found.sums.readers)], rtol=0, atol=SAME)


def test_nothing_is_thinned_where_the_first_group_has_fewer(
    attention_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    high, low = gaze("L2", 0.5), gaze("L1", 0.9)
    with open_attention([attention_file], CORPUS) as attention, caplog.at_level(logging.WARNING):
        table = thinned(attention, high, low, CORPUS, seed=4, thinnings=2).table
    assert "nothing to thin" in caplog.text
    assert (table["keep"] == 1).all()
    by_draw = table.pivot(index=["layer", "reader"], columns="draw", values="r2")
    np.testing.assert_array_equal(by_draw[0], by_draw[1])
