"""Equal numbers of features against fits to the rows and scikit-learn's PCA, and planted models of more heads."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from readalike.corpus import FloatArray
from readalike.errors import FileFormatError
from readalike.files.attention import ConditionResult, features_of, open_attention, write_attention
from readalike.files.contracts.equal_features import EQUAL_FEATURES, EQUAL_FOLDS, EQUAL_SLOPES
from readalike.files.gaze import Gaze
from readalike.measures.equal_features import EqualFeatures, EqualScores, equal_features, equal_scores, subsets
from readalike.measures.held_out import Split
from readalike.measures.regression import orthonormal
from readalike.statistics.equal_features import equal_slopes, nested_equal
from tests import oracles
from tests.unit.test_held_out import rarely_varies
from tests.unit.test_regression import (
    ARTICLE,
    CORPUS,
    HEADS,
    ILL_CONDITIONED,
    SIGNALS,
    one_never_varies,
    over_regressors,
)

SAME = 1e-10  # sums of products against fits to the rows of heads that are far from collinear
LAYERS, MODEL_HEADS, K, READERS = 2, 7, 3, 4  # 35 subsets, so that quantiles over 20 draws differ


def scored(X: FloatArray, features: int, Y: FloatArray = SIGNALS, draws: int = 12) -> EqualScores:
    return equal_scores(X, Split(Y, ARTICLE), subsets(X.shape[1], features, 1, draws), features)


def on_components(X: FloatArray, features: int, Y: FloatArray = SIGNALS) -> FloatArray:
    """SSE (articles, signals): scikit-learn's components of the other articles, and a fit to the rows, anew a fold."""
    sse = []
    for k, name in enumerate(np.unique(ARTICLE)):
        made = PCA(features, svd_solver="full").fit(X[name != ARTICLE])
        sse.append(oracles.held_out(made.transform(X), Y, ARTICLE).sse[k])
    return np.array(sse)


def r2(sse: FloatArray, Y: FloatArray = SIGNALS) -> FloatArray:
    found: FloatArray = 1 - sse.sum(axis=0) / oracles.held_out(HEADS, Y, ARTICLE).sst.sum(axis=0)
    return found


@over_regressors
def test_every_subset_equals_a_fit_to_its_heads(regressors: Callable[[], FloatArray]) -> None:
    X = regressors()
    drawn, found = subsets(X.shape[1], 3, 1, 12), scored(X, 3)
    expected = [oracles.held_out(X[:, chosen], SIGNALS, ARTICLE) for chosen in drawn]
    by_draw = sorted(fold.r2.tolist() for fold in expected)
    np.testing.assert_allclose(sorted(found.draws.tolist()), by_draw, rtol=0, atol=ILL_CONDITIONED)
    mean = np.mean([fold.sse for fold in expected], axis=0)
    np.testing.assert_allclose(found.sse_subsets, mean, rtol=ILL_CONDITIONED)


@pytest.mark.parametrize("features", [1, 2, 4])
@pytest.mark.parametrize("scale", [1, 0.3, 0.05, 1e-4], ids=str)
def test_components_equal_those_of_the_training_rows(features: int, scale: float) -> None:
    """Also of heads that move much more in one article: components of all articles would be others."""
    X = rarely_varies(scale) * np.array([1, 3, 0.5, 2, 1, 1, 1])  # no two heads with one variance
    found = scored(X, features)
    np.testing.assert_allclose(found.components.sse, on_components(X, features), rtol=SAME)
    np.testing.assert_allclose(found.components.r2, r2(on_components(X, features)), rtol=0, atol=SAME)


def test_components_are_of_training_articles_and_not_of_all() -> None:
    X = rarely_varies(0.3)
    of_all = oracles.held_out(PCA(1, svd_solver="full").fit_transform(X), SIGNALS, ARTICLE).sse
    assert np.abs(scored(X, 1).components.sse / of_all - 1).max() > 1e-4


def test_components_are_of_heads_about_their_means_and_in_their_units() -> None:
    """A constant added to a head says nothing of it; a head that varies ten times as much comes first."""
    found = scored(HEADS, 2).components.sse
    moved = scored(HEADS + np.arange(6) * 5.0, 2).components.sse
    np.testing.assert_allclose(moved, found, rtol=SAME)
    scaled = HEADS * np.array([1, 1, 1, 1, 1, 100.0])
    alone = oracles.held_out(HEADS[:, 5:], SIGNALS, ARTICLE).sse
    assert np.abs(scored(scaled, 1).components.sse / alone - 1).max() < 1e-3  # the others are a ten-thousandth of it


@over_regressors
def test_with_all_heads_subsets_and_components_are_the_plain_score(regressors: Callable[[], FloatArray]) -> None:
    X = regressors()
    found, expected = scored(X, X.shape[1]), Split(SIGNALS, ARTICLE).held_out(orthonormal(X))
    assert found.counts.tolist() == [12]
    for own in (found.plain, *found.of_subsets, found.components):
        np.testing.assert_allclose(own.sse, expected.sse, rtol=ILL_CONDITIONED)
        np.testing.assert_allclose(own.r2_train, expected.r2_train, rtol=0, atol=ILL_CONDITIONED)
        assert own.dropped.tolist() == expected.dropped.tolist()


def test_a_subset_of_heads_that_never_vary_knows_the_mean_only() -> None:
    X = one_never_varies()
    found = equal_scores(X, Split(SIGNALS, ARTICLE), np.array([[6], [0]]), 1)
    nothing = Split(SIGNALS, ARTICLE).held_out(np.zeros((len(X), 0)))
    np.testing.assert_allclose(found.of_subsets[1].sse, nothing.sse, rtol=SAME)


def test_a_subset_of_copies_is_one_head() -> None:
    """What rounding leaves of their difference is no direction; components of copies are as many as what is copied."""
    copies = np.column_stack([HEADS[:, 0], 3 * HEADS[:, 0], HEADS[:, 0] / 7])
    drawn, split = np.array([[0, 1], [1, 2]]), Split(SIGNALS, ARTICLE)
    alone = oracles.held_out(HEADS[:, :1], SIGNALS, ARTICLE)
    beside_others = equal_scores(np.column_stack([copies, HEADS[:, 1:]]), split, drawn, 2)
    for own in (*beside_others.of_subsets, equal_scores(copies, split, drawn, 2).components):
        np.testing.assert_allclose(own.sse, alone.sse, rtol=SAME)


def test_draws_are_different_heads_seeded_and_of_every_head_alike() -> None:
    drawn = subsets(10, 4, 1, 2000)
    assert all(len(set(row)) == 4 for row in drawn.tolist())
    np.testing.assert_array_equal(drawn, subsets(10, 4, 1, 2000))
    assert not np.array_equal(drawn, subsets(10, 4, 2, 2000))
    # 800 of 2000 are expected of each head; five standard deviations of a binomial are 110.
    assert np.abs(np.bincount(drawn.ravel(), minlength=10) - 800).max() < 110


def planted(seed: int) -> tuple[FloatArray, FloatArray]:
    """Twelve heads of which readers follow every one alike, and readers."""
    rng = np.random.default_rng(seed)
    heads = rng.standard_normal((len(ARTICLE), 12))
    return heads, heads.sum(axis=1, keepdims=True) + rng.standard_normal((len(ARTICLE), READERS))


def test_a_model_with_more_heads_alike_gains_on_all_of_them_and_nothing_at_equal_numbers() -> None:
    heads, Y = planted(1)
    small, large = scored(heads[:, :4], 4, Y, draws=100), scored(heads, 4, Y, draws=100)
    assert large.plain.r2.mean() > small.plain.r2.mean() + 0.5
    low, high = np.quantile(large.draws.mean(axis=1), (0.025, 0.975))
    assert low < small.draws.mean() < high
    assert abs(large.draws.mean() - small.draws.mean()) < 0.1


def test_copies_and_noise_gain_nothing_at_equal_numbers() -> None:
    heads, Y = planted(2)
    own = heads[:, :4] * np.array([4, 3, 2, 1.5])
    noise = np.random.default_rng(3).standard_normal((len(ARTICLE), 8))
    small = scored(own, 4, Y, draws=100)
    copies, noisy = (scored(np.column_stack([own, more]), 4, Y, draws=100) for more in (np.tile(own, 2), 0.1 * noise))
    # Copies span what they are copies of, and components are the same; a subset may hold one head twice.
    np.testing.assert_allclose(copies.components.r2, small.components.r2, rtol=0, atol=ILL_CONDITIONED)
    np.testing.assert_allclose(copies.plain.r2, small.plain.r2, rtol=0, atol=ILL_CONDITIONED)
    assert copies.draws.mean() < small.draws.mean()
    # Noise that varies little turns the components by little, and is most of a subset.
    assert np.abs(noisy.components.r2 - small.components.r2).max() < 0.01
    assert noisy.draws.mean() < small.draws.mean() - 0.1
    # As much noise as there is attention takes places among the components.
    assert scored(np.column_stack([own, 4 * noise]), 4, Y).components.r2.max() < small.components.r2.min()


def gaze() -> Gaze:
    number = np.random.default_rng(4).poisson(0.5, (READERS, CORPUS.n_pairs)).astype(float)
    number[1] = 0  # has no R2
    signals = {"number": number, "duration": 200 * number**2}
    return Gaze("L1", ("a", "b", "c", "d"), signals, number.sum(axis=1).astype(int))


@pytest.fixture(scope="module")
def attention_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("attention") / "layers-0-1.h5"
    values = np.random.default_rng(5).random((LAYERS, MODEL_HEADS, CORPUS.n_pairs), dtype=np.float32)
    attributes = {"model": "tiny", "layers": LAYERS, "heads": MODEL_HEADS}
    rollout = {"rollout": values[:, :1]}
    write_attention(path, {"plain": ConditionResult(values, other=rollout)}, CORPUS, first=0, attributes=attributes)
    return path


def tables(path: Path, features: int = K) -> EqualFeatures:
    with open_attention([path], CORPUS) as attention:
        return equal_features(attention, gaze(), CORPUS, features=features, seed=1, draws=20)


def test_the_tables_equal_loops(attention_file: Path) -> None:
    found, group = tables(attention_file), gaze()
    assert list(found.table.columns) == EQUAL_FEATURES.names
    assert list(found.folds.columns) == EQUAL_FOLDS.names
    assert len(found.table) == 2 * LAYERS
    assert len(found.folds) == 2 * LAYERS * READERS * 4
    kept = [0, 2, 3]
    Y = group.signals["duration"][kept].T
    with open_attention([attention_file], CORPUS) as attention:
        X = attention.layer("plain", 1).T
    drawn = subsets(MODEL_HEADS, K, 1, 20)
    row = found.table.set_index(["signal", "layer"]).loc[("duration", 1)]
    of_draws = [oracles.held_out(X[:, chosen], Y, ARTICLE) for chosen in drawn]
    by_draw = [fold.r2.mean() for fold in of_draws]
    assert (row["heads"], row["features"], row["n"], row["subsets"]) == (
        MODEL_HEADS,
        K,
        3,
        len(set(map(tuple, drawn.tolist()))),
    )
    assert row["r2_cv"] == pytest.approx(oracles.held_out(X, Y, ARTICLE).r2.mean(), abs=SAME)
    assert row["r2_subsets"] == pytest.approx(np.mean(by_draw), abs=SAME)
    expected = np.quantile(by_draw, [0.025, 0.975])
    assert (row["r2_subsets_low"], row["r2_subsets_high"]) == pytest.approx(expected, abs=SAME)
    assert row["r2_components"] == pytest.approx(r2(on_components(X, K, Y), Y).mean(), abs=SAME)
    errors = found.folds.set_index(["signal", "layer", "reader", "article"]).sort_index().loc[("duration", 1)]
    for k, article in enumerate(np.unique(ARTICLE)):
        own = errors.xs(article, level="article").loc[["a", "c", "d"]]
        mean = np.mean([fold.sse[k] for fold in of_draws], axis=0)
        np.testing.assert_allclose(own["sse_subsets"], mean, rtol=SAME)
        np.testing.assert_allclose(own["sse_components"], on_components(X, K, Y)[k], rtol=SAME)
        np.testing.assert_allclose(own["sst"], of_draws[0].sst[k], rtol=SAME)


@pytest.mark.parametrize("features", [0, 8])
def test_more_features_than_heads_are_a_message(attention_file: Path, features: int) -> None:
    with pytest.raises(FileFormatError, match=f"layer 0 has 7 heads, and {features} were asked for"):
        tables(attention_file, features)


def test_features_of_a_file_are_its_heads_or_one(attention_file: Path) -> None:
    assert (features_of(attention_file), features_of(attention_file, "rollout")) == (MODEL_HEADS, 1)
    with pytest.raises(FileFormatError, match="layers-0-1.h5"):
        features_of(attention_file, "value-norms")


MODELS = {"small": (1e6, 0.1), "middle": (1e7, 0.2), "large": (1e8, 0.4)}


def errors() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of three models and two layers: layer 1 stands for article 1 and layer 0 for article 2."""
    folds, equal = [], []
    for model, (_, gain) in MODELS.items():
        for layer, article, reader in [(a, b, c) for a in (0, 1) for b in (1, 2) for c in "xy"]:
            where = {"model": model, "group": "L1", "readers_are": "measured", "signal": "number"}
            where |= {"layer": layer, "reader": reader, "article": article}
            folds.append(where | {"r2_train": float(layer == (article == 1))})
            sse = 10.0 * (1 - gain) + article + 5 * layer
            equal.append(where | {"features": 2, "sse_subsets": sse, "sse_components": sse - 2, "sst": 10.0 + article})
    return pd.DataFrame(folds), pd.DataFrame(equal)


def test_the_nested_layer_is_that_of_all_heads() -> None:
    found = nested_equal(*errors()).set_index(["model", "column"])["score"]
    for model, (_, gain) in MODELS.items():
        # Layer 1 of article 1 and layer 0 of article 2; both readers alike.
        sse = 2 * 10 * (1 - gain) + (1 + 5) + 2
        assert found[model, "subsets"] == pytest.approx(1 - sse / 23)
        assert found[model, "components"] == pytest.approx(1 - (sse - 4) / 23)


def test_slopes_stand_beside_those_on_all_heads() -> None:
    folds, equal = errors()
    plain = {"small": 0.3, "middle": 0.2, "large": 0.4}
    best = pd.DataFrame(
        [
            ("L1", "measured", "number", model, rule, column, score + more)
            for model, score in plain.items()
            for rule, column, more in (
                *(("nested", "r2_cv", 0), ("nested", "r2_cv - r2_null", model == "large")),
                *(("maximum", "r2_cv", 5 * score), ("nested", "r2_specific", 9 * score)),
            )
        ],
        columns=["group", "readers_are", "signal", "model", "rule", "column", "score"],
    )
    loss = pd.DataFrame({"model": list(MODELS), "parameters": [size for size, _ in MODELS.values()]})
    found = equal_slopes(folds, equal, best, loss, list(MODELS), dict.fromkeys(MODELS, "one"), seed=1)
    assert list(found.columns) == EQUAL_SLOPES.names
    assert set(found["features"]) == {2}
    assert set(found["column"]) == {"subsets", "components", "r2_cv", "r2_cv - r2_null"}
    size = np.log([size for size, _ in MODELS.values()])
    nested = nested_equal(folds, equal)
    expected = {
        **{name: nested[nested["column"] == name]["score"].tolist() for name in ("subsets", "components")},
        "r2_cv": [0.3, 0.2, 0.4],
        "r2_cv - r2_null": [0.3, 0.2, 1.4],
    }
    for fit in ("pooled", "within families"):
        slopes = found[found["fit"] == fit].set_index("column")["slope"]
        for column, scores in expected.items():
            assert slopes[column] == pytest.approx(np.polyfit(size, scores, 1)[0]), (fit, column)
