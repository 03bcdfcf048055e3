"""The landing model: what it knows of every word, held out as a loop does it; planted truths found, noise not."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from readalike.cells import cells
from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.errors import CorpusError, FileFormatError
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.contracts.landing import LANDING
from readalike.files.gains import read_gains, write_gains
from readalike.files.landings import Landings, read_landings, write_landings
from readalike.gaze.saccades import landings, saccades
from readalike.measures import landing as module
from readalike.measures.landing import BACKWARD, MIRRORED, Landing, landing, parts
from readalike.measures.landing_regressors import baseline, of_attention, standardised
from readalike.measures.swaps import swaps


def corpus(articles: int = 3, sentences: int = 4, words: tuple[int, ...] = (5, 7, 6, 7)) -> Corpus:
    rng = np.random.default_rng(8)
    return Corpus(
        tuple(
            Sentence(a + 1, s + 1, tuple("x" * int(k) for k in rng.integers(1, 9, words[s % len(words)])))
            for a in range(articles)
            for s in range(sentences)
        )
    )


SMALL = corpus()
LARGE = corpus(5, 12, (8, 11, 9, 10, 9))


def attention(of: Corpus, heads: int = 2, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).random((heads, of.n_pairs))


def read(
    of: Corpus, X: FloatArray, weights: FloatArray, readers: int = 4, per_row: int = 30, seed: int = 3
) -> Landings:
    """Readers who land by X @ weights, (cells,)."""
    rng = np.random.default_rng(seed)
    layout = cells(of)
    value = np.exp(X @ weights)
    p = value / layout.by_row(np.add.reduceat(value, layout.starts))
    bounds = [*layout.starts, len(p)]
    counts = [np.concatenate([rng.multinomial(per_row, p[a:b]) for a, b in pairwise(bounds)]) for _ in range(readers)]
    return Landings("G", tuple(f"r{k}" for k in range(readers)), np.stack(counts))


def test_cells_are_every_word_after_every_word() -> None:
    layout = cells(SMALL)
    expected = [(s, i, j) for s, n in enumerate(SMALL.lengths) for i in range(n) for j in range(n)]
    assert list(zip(layout.sentence, layout.from_word, layout.to_word, strict=True)) == expected
    for cell, (s, i, j) in enumerate(expected):
        pair = layout.pair[cell]
        of_pair = [int(index[pair]) for index in SMALL.pairs]
        assert of_pair == [s, max(i, j), min(i, j)]
        assert layout.back[cell] == (j <= i)
    assert layout.starts.tolist() == [cell for cell, (_, _, j) in enumerate(expected) if j == 0]
    np.testing.assert_array_equal(layout.by_row(SMALL.lengths[layout.row_sentence]), SMALL.lengths[layout.sentence])


@pytest.mark.parametrize("follows", [False, True])
def test_landings_count_every_step_and_agree_with_saccades(follows: bool) -> None:
    rng = np.random.default_rng(4)
    place = np.sort(rng.integers(0, len(SMALL.sentences), 300))
    frame = pd.DataFrame({"place": place, "word": rng.integers(0, SMALL.lengths[place]), "duration_ms": 200.0})
    if follows:
        frame["follows"] = rng.random(300) < 0.7
    expected = np.zeros(int((SMALL.lengths**2).sum()))
    layout = cells(SMALL)
    for k in range(1, 300):
        if place[k] == place[k - 1] and (not follows or frame["follows"][k]):
            n = SMALL.lengths[place[k]]
            expected[layout.offsets[place[k]] + frame["word"][k - 1] * n + frame["word"][k]] += 1
    found = landings(frame, SMALL)
    np.testing.assert_array_equal(found, expected)
    one = saccades(frame, SMALL)
    assert found.sum() == one.steps
    np.testing.assert_array_equal(np.bincount(layout.pair[layout.back], found[layout.back]), one.number)


def test_baseline_is_what_its_words_say() -> None:
    found = baseline(SMALL, cells(SMALL))
    row = 0
    for item in SMALL.sentences:
        middles, at = [], 0.0
        for word in item.words:
            middles.append(at + len(word) / 2)
            at += len(word) + 1
        n = len(item.words)
        for i in range(n):
            for j in range(n):
                d, length, gap = j - i, len(item.words[j]), middles[j] - middles[i]
                near = [float(d == k) for k in range(-9, 10)]
                expected = [float(j == 0), float(j == n - 1), *near, float(d > 9), max(d, 0), max(-d, 0)]
                expected += [max(gap, 0), max(-gap, 0), length, np.log(length), length * (d == 0), length * (d == 1)]
                np.testing.assert_allclose(found[row], expected)
                row += 1
    assert row == len(found)


def test_attention_stands_on_its_side() -> None:
    values, layout = attention(SMALL), cells(SMALL)
    found = of_attention(values, layout, MIRRORED)
    for cell in range(0, len(found), 7):
        s, i, j = (int(index[cell]) for index in (layout.sentence, layout.from_word, layout.to_word))
        for head in range(2):
            matrix = SMALL.matrix(values[head], s)
            assert found[cell, head] == matrix[i, j]
            assert found[cell, 2 + head] == (matrix[j, i] if j > i else 0)
    np.testing.assert_array_equal(of_attention(values, layout, BACKWARD), found[:, :2])


def test_what_a_row_shares_is_taken_off_and_a_column_without_more_is_zero() -> None:
    layout = cells(SMALL)
    X = np.column_stack([layout.to_word, layout.from_word]).astype(float)
    found = standardised(X, layout)
    assert (found[:, 1] == 0).all()
    np.testing.assert_allclose(np.add.reduceat(found[:, 0], layout.starts), 0, atol=1e-12)
    assert (found[:, 0] ** 2).mean() == pytest.approx(1)


def optimum(model: Landing, X: FloatArray, seen: np.ndarray, penalty: FloatArray) -> FloatArray:
    """(cells,) log probabilities of the best coefficients for what is seen, by scipy."""
    counts = model.base.counts * seen

    def log_p(b: FloatArray) -> FloatArray:
        value = X @ b
        return np.asarray(value - model.cells.by_row(np.log(np.add.reduceat(np.exp(value), model.cells.starts))))

    def objective(b: FloatArray) -> tuple[float, FloatArray]:
        p = log_p(b)
        chosen = model.cells.by_row(np.add.reduceat(counts, model.cells.starts))
        return float(-counts @ p + penalty @ b**2 / 2), X.T @ (chosen * np.exp(p) - counts) + penalty * b

    options = {"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-7}
    return log_p(optimize.minimize(objective, np.zeros(X.shape[1]), jac=True, method="L-BFGS-B", options=options).x)


@pytest.mark.parametrize("sides", [BACKWARD, MIRRORED])
def test_held_out_is_what_a_loop_over_articles_and_penalties_gives(
    sides: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PENALTIES", (10.0, 1000.0, np.inf))
    values, layout = attention(SMALL), cells(SMALL)
    base = standardised(baseline(SMALL, layout), layout)
    heads = standardised(of_attention(values, layout, sides), layout)
    X = np.column_stack([base, heads])
    truth = np.concatenate([np.random.default_rng(0).normal(0, 0.3, 30), np.full(heads.shape[1], 0.15)])
    model = Landing(read(SMALL, X, truth), SMALL)
    found = model.held_out(values, sides)
    article = SMALL.articles[layout.sentence] - 1
    counts = model.base.counts
    ridge = {x: np.concatenate([np.ones(30), np.full(heads.shape[1], x)]) for x in (10.0, 1000.0)}
    for k in range(3):
        others = [m for m in range(3) if m != k]
        gains = {np.inf: 0.0}
        for x, penalty in ridge.items():
            gains[x] = 0.0
            for m in others:
                seen = (article != k) & (article != m)
                difference = optimum(model, X, seen, penalty) - optimum(model, base, seen, np.ones(30))
                gains[x] += float(counts[article == m] @ difference[article == m])
        best = max(gains, key=lambda x: gains[x])
        assert found.penalty[k] == best
        assert found.inner[k] == pytest.approx(gains[best] / counts[article != k].sum(), abs=1e-6)
        seen = article != k
        expected = optimum(model, base, seen, np.ones(30))
        np.testing.assert_allclose(model.baseline_log_p[article == k], expected[article == k], atol=2e-4)
        if np.isfinite(best):
            expected = optimum(model, X, seen, ridge[best])
        np.testing.assert_allclose(found.log_p[article == k], expected[article == k], atol=2e-4)


def test_planted_coefficients_come_back_and_their_gain_is_what_it_can_be() -> None:
    """Readers of a known model: its coefficients within their standard errors, its gain that of the truth."""
    values, layout = attention(LARGE), cells(LARGE)
    X = standardised(np.column_stack([baseline(LARGE, layout), of_attention(values, layout)]), layout)
    truth = np.zeros(32)
    truth[[0, 10, 12, -4, -2, -1]] = 0.3, 0.5, 0.6, 0.2, 0.25, -0.2
    found = read(LARGE, X, truth, readers=8, per_row=60)
    model = Landing(found, LARGE)
    held = model.held_out(values)
    gain = model.by_sentence(held.log_p - model.baseline_log_p).sum() / found.counts.sum()
    ideal = X @ truth
    ideal -= layout.by_row(np.log(np.add.reduceat(np.exp(ideal), layout.starts)))
    lost = model.by_sentence(ideal - held.log_p).sum() / found.counts.sum()
    # 32 coefficients cost some 16 nats in sample and as many held out, of 200,000 saccades' worth.
    assert 0 <= lost < 1e-3
    assert gain > 0.01
    heads = standardised(of_attention(values, layout), layout)
    choices = module.Choices(
        np.column_stack([model.base.X, heads]), model.base.counts, model.base.part, model.base.n_parts, layout
    )
    B = module.fit(choices, np.ones((5, 1)), np.ones((32, 1)), np.zeros(32)).B[:, 0]
    np.testing.assert_allclose(B[-2:], truth[-2:], atol=0.02)  # some six standard errors


@pytest.mark.parametrize("seed", range(3))
def test_noise_and_another_sentence_s_attention_tell_nothing(seed: int) -> None:
    values, layout = attention(LARGE, 4), cells(LARGE)
    X = standardised(np.column_stack([baseline(LARGE, layout), of_attention(values, layout)]), layout)
    truth = np.concatenate([np.zeros(30), np.full(4, 0.2)])
    found = read(LARGE, X, truth, seed=seed)
    model = Landing(found, LARGE)

    def gain(of: FloatArray) -> float:
        return model.by_sentence(model.held_out(of).log_p - model.baseline_log_p).sum() / found.counts.sum()

    own = gain(values)
    assert own > 0.01
    for other in (values[:, swaps(LARGE, seed, 1).order(0)], attention(LARGE, 4, seed=99 + seed)):
        # What is fitted to noise costs at most about a nat a head: here four of 67,000 saccades.
        assert -2e-4 < gain(other) < 2e-4


def test_side_and_word_are_the_whole() -> None:
    layout = cells(SMALL)
    X = standardised(baseline(SMALL, layout), layout)
    model = Landing(read(SMALL, X, np.full(30, 0.1)), SMALL)
    log_p = model.baseline_log_p
    side = model.side(log_p)
    for first, n in zip(layout.starts, layout.row_lengths, strict=True):
        p, back = np.exp(log_p[first : first + n]), layout.back[first : first + n]
        expected = np.where(back, p[back].sum(), p[~back].sum())
        np.testing.assert_allclose(np.exp(side[first : first + n]), expected)
    word = log_p - side
    np.testing.assert_allclose(np.add.reduceat(np.exp(word) * layout.back, layout.starts), 1)


def written(folder: Path, values: FloatArray, of: Corpus) -> Path:
    path = folder / "m" / f"layers-0-{len(values) - 1}.h5"
    labels = {"model": "m", "layers": len(values), "heads": values.shape[1]}
    write_attention(path, {"plain": ConditionResult(values.astype(np.float32))}, of, first=0, attributes=labels)
    return path


def test_the_table_is_by_reader_and_the_sums_are_its_parts(tmp_path: Path) -> None:
    of = corpus(2, 5)
    layout = cells(of)
    X = standardised(baseline(of, layout), layout)
    found = read(of, X, np.full(30, 0.1))
    found.counts[3] = 0  # a reader without a saccade
    values = np.stack([attention(of, seed=k) for k in range(2)])
    with open_attention([written(tmp_path, values, of)], of) as model:
        scores = landing(model, found, of, seed=1)
        again = landing(model, found, of, seed=1)
    pd.testing.assert_frame_equal(scores.table, again.table)
    assert list(scores.table.columns) == LANDING.names
    assert scores.table["layer"].tolist() == [0] * 4 + [1] * 4
    assert scores.table["reader"].tolist() == list(found.readers) * 2
    model = Landing(found, of)
    taken = values[1].astype(np.float32).astype(float)[:, swaps(of, 1, 1).order(0)]
    nats = model.by_sentence(model.held_out(taken).log_p - model.baseline_log_p)
    np.testing.assert_allclose(scores.sums["gain_swapped"][1], nats)
    total = found.counts.sum(axis=1)
    assert scores.table["saccades"].tolist() == [*total] * 2
    for layer in range(2):
        for name in ("gain", "gain_swapped"):
            sums = scores.sums[name][layer].sum(axis=1)
            rows = scores.table[scores.table["layer"] == layer][name].to_numpy()
            np.testing.assert_allclose(rows[:3], sums[:3] / total[:3])
            assert np.isnan(rows[3])
    assert (scores.table["baseline"].dropna() > 0).all()
    assert scores.sums["inner"].shape == (2, 2)
    write_gains(
        tmp_path / "s.h5", scores.sums, of, labels={"model": "m", "group": "G"}, readers=found.readers, layers=(0, 1)
    )
    back = read_gains(tmp_path / "s.h5")
    assert back.readers == found.readers
    assert back.labels["model"] == "m"
    for name, sums in scores.sums.items():
        np.testing.assert_array_equal(back.sums[name], sums)
    with pytest.raises(FileFormatError, match="has no nothing"):
        back.sums["nothing"]


def test_two_articles_are_cut_in_parts() -> None:
    part, article = parts(np.array([7] * 5 + [9] * 4))
    assert part.tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7]
    assert article.tolist() == [0] * 4 + [1] * 4
    assert [x.tolist() for x in parts(np.array([7, 7, 8, 9]))] == [[0, 0, 1, 2], [0, 1, 2]]


def test_what_cannot_be_scored_is_refused() -> None:
    silent = Corpus(tuple(Sentence(a, 1, ("",) * 3) for a in (1, 2)))
    with pytest.raises(CorpusError, match="lengths only"):
        Landing(Landings("G", ("r",), np.ones((1, 18), dtype=np.int64)), silent)
    single = corpus(1)
    with pytest.raises(CorpusError, match="one article"):
        Landing(Landings("G", ("r",), np.ones((1, int(cells(single).offsets[-1])), dtype=np.int64)), single)


def test_landings_come_back_from_their_file(tmp_path: Path) -> None:
    found = read(SMALL, np.zeros((int(cells(SMALL).offsets[-1]), 1)), np.zeros(1))
    write_landings(tmp_path / "l.h5", found, SMALL)
    back = read_landings(tmp_path / "l.h5", SMALL)
    np.testing.assert_array_equal(back.counts, found.counts)
    assert (back.group, back.readers, back.readers_are) == ("G", found.readers, "measured")
    with pytest.raises(FileFormatError, match="another corpus"):
        read_landings(tmp_path / "l.h5", LARGE)
