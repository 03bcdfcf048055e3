"""Bounds from halves of readers: against loops over readers and articles, and against readers of known reliability."""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.files.gaze import Gaze
from readalike.measures.bounds import bound, bounds, halvings, on_others, products, reliability
from readalike.measures.held_out import Split
from readalike.measures.human import bounds_by_signal, bounds_of_readers, bounds_table, ceilings
from readalike.measures.regression import orthonormal
from readalike.measures.regressors import baseline, baselines
from tests import oracles

SAME = 1e-10  # sums of products against fits to the rows
RNG = np.random.default_rng(23)
CORPUS = Corpus(
    tuple(
        Sentence(a, s, tuple("x" * int(n) for n in RNG.integers(1, 9, int(RNG.integers(6, 13)))))
        for a in (1, 2, 3)
        for s in range(1, 9)
    )
)
ARTICLE = CORPUS.articles[CORPUS.pairs.sentence]
B = baseline(CORPUS, "b1")


def readers(n: int = 7, seed: int = 1) -> FloatArray:
    """Readers on scales of their own, far from zero, who share something and follow the baseline somewhat."""
    rng = np.random.default_rng(seed)
    shared = rng.gamma(1, 1, CORPUS.n_pairs) + 0.3 * B[:, -2]
    return np.array([10 * k + (1 + 0.2 * k) * (shared + 2 * rng.random(CORPUS.n_pairs)) for k in range(n)])


def left_by_rows(values: FloatArray, X: FloatArray) -> FloatArray:
    return np.array([y - LinearRegression(tol=oracles.RANK).fit(X, y).predict(X) for y in values])


def test_the_mean_of_the_others_beyond_nothing_is_leave_one_out() -> None:
    values = readers()
    found = on_others(products(values, ARTICLE))
    for k, y in enumerate(values):
        x = np.delete(values, k, axis=0).mean(axis=0)[:, None]
        assert found.in_sample[k] == pytest.approx(LinearRegression().fit(x, y).score(x, y), abs=SAME)
        assert found.held_out[k] == pytest.approx(oracles.held_out(x, y[:, None], ARTICLE).r2[0], abs=SAME)


@pytest.mark.parametrize("name", ["b0", "b1"])
def test_the_mean_of_the_others_beyond_a_baseline_is_a_fit_of_both(name: str) -> None:
    """No direction is left out in these folds, so that it is the same whether the mean joins before or after."""
    values, known = readers(), baseline(CORPUS, name)
    assert not Split(values.T, ARTICLE).held_out(orthonormal(known)).dropped.any()
    found = on_others(products(values, ARTICLE, known))
    for k, y in enumerate(values):
        both = np.column_stack([known, np.delete(values, k, axis=0).mean(axis=0)])
        with_mean, alone = (oracles.held_out(X, y[:, None], ARTICLE) for X in (both, known))
        assert found.held_out[k] == pytest.approx(with_mean.r2[0] - alone.r2[0], abs=SAME)
        r2 = [LinearRegression(tol=oracles.RANK).fit(X, y).score(X, y) for X in (both, known)]
        assert found.in_sample[k] == pytest.approx(r2[0] - r2[1], abs=SAME)


def test_a_direction_that_hardly_varies_in_training_is_left_out_of_the_baseline() -> None:
    values = readers()
    known = np.column_stack([B[:, 0], ((ARTICLE == 2) & (CORPUS.pairs.to_word == 1)) * 1.0])
    found = on_others(products(values, ARTICLE, known)).held_out
    for k, y in enumerate(values):
        x = np.delete(values, k, axis=0).mean(axis=0)
        sse = [0.0, 0.0]
        for a in (1, 2, 3):
            inside = a == ARTICLE
            # Article 2 holds the second column: without it one axis of the two columns, whitened, is constant.
            whole = np.linalg.svd(known - known.mean(axis=0), full_matrices=False)[0]
            train = whole[~inside] - whole[~inside].mean(axis=0)
            _, length, axes = np.linalg.svd(train, full_matrices=False)
            kept = length**2 >= oracles.FLOOR * len(train) / len(whole)
            assert kept.tolist() == [True, a != 2]
            X = whole @ axes[kept].T
            for place, columns in enumerate((X, np.column_stack([X, x]))):
                fitted = LinearRegression(tol=oracles.RANK).fit(columns[~inside], y[~inside])
                sse[place] += ((y[inside] - fitted.predict(columns[inside])) ** 2).sum()
        sst = sum(((y[a == ARTICLE] - y[a != ARTICLE].mean()) ** 2).sum() for a in (1, 2, 3))
        assert found[k] == pytest.approx((sse[0] - sse[1]) / sst, abs=SAME)


@pytest.mark.parametrize("n", [2, 6, 7])
def test_reliability_is_that_of_halves_correlated_one_by_one(n: int) -> None:
    values = left_by_rows(readers(n), B)
    orders = halvings(n, 4, 30)
    assert all(sorted(order) == list(range(n)) for order in orders)
    half = n // 2
    r = np.mean(
        [
            stats.pearsonr(values[order[:half]].mean(axis=0), values[order[half : 2 * half]].mean(axis=0)).statistic
            for order in orders
        ]
    )
    found_r, share = reliability(products(readers(n), ARTICLE, B).all, orders)
    assert found_r == pytest.approx(r, abs=SAME)
    # Spearman and Brown from h readers to n - 1, by way of one reader.
    single = r / (half - (half - 1) * r)
    assert share == pytest.approx((n - 1) * single / (1 + (n - 2) * single), abs=SAME)


def test_the_jackknife_rebuilds_every_mean() -> None:
    values = readers(6)
    orders = halvings(6, 4, 25)
    found = bound(products(values, ARTICLE, B), orders, held_out=True)
    assert found.mean == pytest.approx(found.value.mean())
    assert found.mean == pytest.approx(found.lower / found.reliability)
    means = []
    for k in range(6):
        others = np.delete(values, k, axis=0)
        # The same halvings without reader k.
        fewer = np.array([[r - (r > k) for r in order if r != k] for order in orders])
        scores = on_others(products(others, ARTICLE, B)).held_out
        means.append(scores.mean() / reliability(products(others, ARTICLE, B).all, fewer)[1])
    error = np.sqrt(5 / 6 * ((np.array(means) - np.mean(means)) ** 2).sum())
    assert found.error == pytest.approx(error, rel=1e-9)
    assert found.interval[1] - found.mean == pytest.approx(stats.t.ppf(0.975, 5) * error, rel=1e-9)


def test_readers_of_known_reliability_are_bounded_without_bias() -> None:
    """y = baseline + m + e with e of each reader's own: R2 on m is known. `leave_one_out` is below it, and
    `group_mean`, with six readers, twice as high."""
    of_shared, of_noise = 0.3, 1.7
    lower, upper, mean_of_all = [], [], []
    known = baseline(CORPUS, "b0")
    for seed in range(40):
        rng = np.random.default_rng([7, seed])
        m = np.sqrt(of_shared) * rng.standard_normal(CORPUS.n_pairs)
        values = m + np.sqrt(of_noise) * rng.standard_normal((6, CORPUS.n_pairs)) + rng.random((6, 1)) * known[:, 0]
        own = bounds(values, ARTICLE, {"b0": known}, seed=seed)["split_half_beyond_b0"]
        lower.append(own.lower)
        upper.append(own.mean)
        everyone = np.broadcast_to(values.mean(axis=0), values.shape)
        mean_of_all.append(np.mean([np.corrcoef(y, x)[0, 1] ** 2 for y, x in zip(values, everyone, strict=True)]))
    truth = of_shared / (of_shared + of_noise)
    # A first-word column of variance about 0.1 times a third adds two percent to the total variance.
    assert np.mean(upper) == pytest.approx(truth, abs=0.012)
    assert np.std(upper) / np.sqrt(40) < 0.004, "so that the tolerance is three standard errors"
    assert np.mean(lower) < 0.6 * truth
    assert np.mean(mean_of_all) > 1.8 * truth


def test_nothing_in_common_leaves_no_bound() -> None:
    rng = np.random.default_rng(3)
    values = rng.random((5, CORPUS.n_pairs))
    values -= 0.9 * values.mean(axis=0)  # halves now correlate below zero
    found = bounds(values, ARTICLE, {}, seed=1)
    assert set(found) == {"split_half", "split_half_cv"}
    assert found["split_half"].r < 0
    assert np.isnan(found["split_half"].value).all()
    alone = bounds(values[:1], ARTICLE, {"b1": B}, seed=1)
    assert all(np.isnan(own.value).all() and np.isnan(own.mean) for own in alone.values())


def test_a_reader_who_never_varies_has_no_bound_and_does_not_spoil_the_others() -> None:
    values = readers(6)
    values[2] = 4.2
    found = bounds(values, ARTICLE, {"b1": B}, seed=1)
    for own in found.values():
        assert np.isnan(own.value).tolist() == [False, False, True, False, False, False]
        assert np.isfinite(own.mean)


def test_a_seed_brings_halvings_back() -> None:
    np.testing.assert_array_equal(halvings(9, 1), halvings(9, 1))
    assert not np.array_equal(halvings(9, 1), halvings(9, 2))


def test_tables_of_a_group_hold_the_bounds_of_its_signals() -> None:
    number = readers()
    gaze = Gaze("L1", tuple(f"r{k}" for k in range(7)), {"number": number, "duration": number**2}, np.full(7, 9))
    found = bounds_by_signal(gaze, CORPUS, seed=5)
    table, rows = bounds_table(gaze, found), bounds_of_readers(gaze, found)
    names = ["split_half", "split_half_cv", *(f"split_half_beyond_{name}" for name in baselines(CORPUS))]
    assert table[["signal", "bound"]].to_numpy().tolist() == [[s, n] for s in ("number", "duration") for n in names]
    assert list(rows.columns) == list(ceilings(gaze, CORPUS).columns)
    for signal, values in gaze.signals.items():
        expected = bounds(values, ARTICLE, baselines(CORPUS), seed=5)
        for name, own in expected.items():
            at = rows[(rows["signal"] == signal) & (rows["ceiling"] == name)]
            np.testing.assert_array_equal(at["value"], own.value)
            row = table[(table["signal"] == signal) & (table["bound"] == name)].iloc[0]
            assert (row["n"], row["bound_mean"], row["lower"]) == (7, own.mean, own.lower)
