"""Reliance of heads and quarters on the trivial patterns against scikit-learn."""

import logging
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.errors import FileFormatError
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.measures.quarters import quarter
from readalike.measures.regression import sentence_draws
from readalike.measures.regressors import trivial_patterns
from readalike.measures.reliance import reliance, resampled

SAME = 1e-10  # sums of products against fits to the rows

CORPUS = Corpus(
    tuple(Sentence(a, s, tuple("abcdefgh"[: 4 + (a + s) % 5])) for a in (1, 2) for s in range(1, 9)),
)
PATTERNS = trivial_patterns(CORPUS)
LAYERS, HEADS = 6, 3


def heads() -> FloatArray:
    values = np.random.default_rng(0).random((LAYERS, HEADS, CORPUS.n_pairs)).astype(np.float32)
    values[0] = PATTERNS.T  # each head is one pattern
    values[2, 1] = 0.25  # a head that never varies
    return values


def write(folder: Path, values: FloatArray, layers: int = LAYERS) -> Path:
    path = folder / f"layers-0-{len(values) - 1}.h5"
    found = {name: ConditionResult(values.astype(np.float32)) for name in ("noise", "plain")}
    write_attention(path, found, CORPUS, first=0, attributes={"model": "tiny", "layers": layers, "heads": HEADS})
    return path


def test_heads_equal_fits_and_patterns_are_wholly_explained(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    values = heads()
    with open_attention([write(tmp_path, values)], CORPUS) as attention, caplog.at_level(logging.WARNING):
        table = reliance(attention, CORPUS)
    assert list(table.columns) == ["model", "condition", "layer", "head", "r2", "to_first", "to_previous", "to_self"]
    assert len(table) == 2 * LAYERS * HEADS
    found = table.set_index(["condition", "layer", "head"])["r2"]
    np.testing.assert_allclose(found["plain", 0], 1, rtol=0, atol=SAME)
    for layer, head in ((1, 0), (5, 2)):
        y = values[layer, head].astype(float)
        expected = LinearRegression().fit(PATTERNS, y).score(PATTERNS, y)
        assert found["plain", layer, head] == pytest.approx(expected, abs=SAME)
    assert found.isna().sum() == 2
    assert np.isnan(found["plain", 2, 1])
    assert "tiny, plain, layer 2: 1 heads never vary" in caplog.text


def test_attention_to_the_patterns_places_is_a_mean_over_words(tmp_path: Path) -> None:
    values = heads()
    with open_attention([write(tmp_path, values)], CORPUS) as attention:
        found = reliance(attention, CORPUS).set_index(["condition", "layer", "head"])
    first, previous, itself = [], [], []
    for k, sentence in enumerate(CORPUS.sentences):
        n = len(sentence.words)
        matrix = np.zeros((n, n))
        matrix[np.tril_indices(n)] = values[3, 2, CORPUS.pairs_of(k)]
        for i in range(1, n):
            first.append(matrix[i, 0])
            previous.append(matrix[i, i - 1])
            itself.append(matrix[i, i])
    row = found.loc[("plain", 3, 2), ["to_first", "to_previous", "to_self"]]
    assert row.tolist() == pytest.approx([np.mean(first), np.mean(previous), np.mean(itself)], abs=SAME)
    assert found.loc[("plain", 0, 1), "to_previous"] == pytest.approx(1), "this head is the pattern"


def test_quarters_are_means_over_heads_then_layers(tmp_path: Path) -> None:
    draws = np.concatenate([np.ones((1, len(CORPUS.sentences))), sentence_draws(CORPUS, 1, 3)])
    with open_attention([write(tmp_path, heads())], CORPUS) as attention:
        found = resampled(attention, CORPUS, draws)["plain"]
        table = reliance(attention, CORPUS)
    by_layer = table[table["condition"] == "plain"].groupby("layer")["r2"].mean()  # leaves out what has no R2
    # Six layers: 0 | 1 2 | 3 | 4 5.
    expected = [by_layer[0], by_layer.loc[1:2].mean(), by_layer[3], by_layer.loc[4:5].mean()]
    assert found.shape == (4, 4)
    np.testing.assert_allclose(found[:, 0], expected, rtol=0, atol=SAME)


def test_draws_equal_fits_to_the_sentences_drawn(tmp_path: Path) -> None:
    values, draws = heads(), sentence_draws(CORPUS, 1, 2)
    with open_attention([write(tmp_path, values)], CORPUS) as attention:
        found = resampled(attention, CORPUS, draws)["noise"]
    rows = np.repeat(np.arange(CORPUS.n_pairs), draws[1][CORPUS.pairs.sentence].astype(int))
    r2 = [
        LinearRegression().fit(PATTERNS[rows], y[rows]).score(PATTERNS[rows], y[rows]) for y in values[3].astype(float)
    ]
    assert found[2, 1] == pytest.approx(np.mean(r2), abs=SAME)


def test_a_layer_without_any_r2_makes_its_quarter_empty(tmp_path: Path) -> None:
    values = heads()
    values[0] = 0
    with open_attention([write(tmp_path, values)], CORPUS) as attention:
        found = resampled(attention, CORPUS, np.ones((1, len(CORPUS.sentences))))["plain"]
    assert np.isnan(found[:, 0]).tolist() == [True, False, False, False]


def test_quarters_need_all_layers(tmp_path: Path) -> None:
    with open_attention([write(tmp_path, heads(), layers=9)], CORPUS) as attention:
        assert set(reliance(attention, CORPUS)["layer"]) == set(range(6))
        with pytest.raises(FileFormatError, match="layers \\[6, 7, 8\\] of 9 are missing; reliance by quarter"):
            resampled(attention, CORPUS, np.ones((1, len(CORPUS.sentences))))


@pytest.mark.parametrize("layers", [2, 4, 6, 30, 32, 33, 60])
def test_quarters_share_out_all_layers_in_order(layers: int) -> None:
    parts = [quarter(layers, k) for k in range(4)]
    assert [layer for part in parts for layer in part] == list(range(layers))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_model_of_two_layers_has_two_empty_quarters(tmp_path: Path) -> None:
    with open_attention([write(tmp_path, heads()[:2], layers=2)], CORPUS) as attention:
        found = resampled(attention, CORPUS, np.ones((1, len(CORPUS.sentences))))["plain"]
    assert np.isnan(found[:, 0]).tolist() == [True, False, True, False]
