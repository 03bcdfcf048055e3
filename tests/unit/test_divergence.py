"""Divergence against scipy row by row, by hand, and by its properties."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.errors import ConfigurationError, FileFormatError
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.measures.divergence import FLOOR, between_models, divergence, sensitivity

SAME = 1e-12  # a few logarithms summed in another order

CORPUS = Corpus(
    (
        Sentence(1, 1, tuple("abcde")),
        Sentence(1, 2, ("a",)),
        Sentence(2, 1, tuple("abc")),
        Sentence(2, 2, tuple("abcdefg")),
    )
)


def attention(heads: int, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    return rng.random((heads, CORPUS.n_pairs)) ** 3


def rows_of(A: FloatArray, sentence: int, head: int) -> list[FloatArray]:
    matrix = CORPUS.matrix(A[head], sentence)
    return [matrix[i, : i + 1] for i in range(len(matrix))]


def test_computed_equals_scipy_row_by_row() -> None:
    A, B = attention(3, 0), attention(3, 1)
    found = divergence(A, B, CORPUS)
    for s in range(len(CORPUS.sentences)):
        heads = [
            np.mean([jensenshannon(p, q) ** 2 for p, q in zip(rows_of(A, s, h), rows_of(B, s, h), strict=True)])
            for h in range(3)
        ]
        assert found.value[s] == pytest.approx(np.mean(heads), abs=SAME)
    assert found.rows_left_out.tolist() == [0, 0, 0, 0]


def test_printed_equals_scipy_row_by_row() -> None:
    A, B = attention(2, 0), attention(2, 1)
    A[0, 3], B[1, 4] = 0, 0  # where the formula is infinite but for the floor
    found = divergence(A, B, CORPUS, "printed")
    for s in range(len(CORPUS.sentences)):
        heads = []
        for h in range(2):
            total = 0.0
            for p, q in zip(rows_of(A, s, h), rows_of(B, s, h), strict=True):
                p, q = np.maximum(p / p.sum(), FLOOR), np.maximum(q / q.sum(), FLOOR)
                total += 0.5 * ((p * np.log(p / q)).sum() + (q * np.log(q / p)).sum())
            heads.append(total)
        assert found.value[s] == pytest.approx(np.mean(heads), rel=SAME)


def test_printed_is_the_symmetric_kullback_leibler_where_nothing_is_zero() -> None:
    A, B = attention(1, 0) + 0.1, attention(1, 1) + 0.1
    rows = zip(rows_of(A, 3, 0), rows_of(B, 3, 0), strict=True)
    expected = sum(0.5 * (entropy(p, q) + entropy(q, p)) for p, q in rows)
    # The floor plays no part here, so scipy's own renormalised relative entropy is the oracle.
    assert divergence(A, B, CORPUS, "printed").value[3] == pytest.approx(expected, rel=SAME)


def test_by_hand() -> None:
    """Two words: row 0 is certain in both, row 1 is (1, 0) against (1/2, 1/2)."""
    corpus = Corpus((Sentence(1, 1, ("Why", "not")),))
    A, B = np.array([[0.3, 0.2, 0.0]]), np.array([[0.9, 0.1, 0.1]])
    row = 0.5 * (np.log(1 / 0.75) + 0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25))
    assert divergence(A, B, corpus).value[0] == pytest.approx((0 + row) / 2, abs=SAME)


def test_an_unknown_formula_is_named() -> None:
    with pytest.raises(ConfigurationError, match="'hellinger' is neither computed nor printed"):
        divergence(attention(1, 0), attention(1, 1), CORPUS, "hellinger")


@pytest.mark.parametrize("formula", ["computed", "printed"])
def test_rows_without_mass_are_left_out_and_counted(formula: str) -> None:
    A, B = attention(2, 0), attention(2, 1)
    start = CORPUS.pairs_of(2).start
    A[0, start + 1 : start + 3] = 0  # row 1 of the third sentence, head 0
    B[0, start + 3 : start + 6] = 0  # row 2
    A[1, CORPUS.pairs_of(1)] = 0  # the one row of the second sentence, head 1: the head has no mean
    found = divergence(A, B, CORPUS, formula)
    assert found.rows_left_out.tolist() == [0, 1, 2, 0]
    assert np.isfinite(found.value).all()
    head_0 = divergence(A[:1, :], B[:1, :], CORPUS, formula).value
    head_1 = divergence(A[1:, :], B[1:, :], CORPUS, formula).value
    assert np.isnan(head_1[1])
    assert found.value[1] == pytest.approx(head_0[1])
    # Only row 0 of head 0 is left, where both are certain.
    assert head_0[2] == pytest.approx(0, abs=SAME)
    assert found.value[2] == pytest.approx(head_1[2] / 2)


def test_a_sentence_without_any_mass_has_no_divergence() -> None:
    A = attention(2, 0)
    A[:, CORPUS.pairs_of(0)] = 0
    found = divergence(A, attention(2, 1), CORPUS)
    assert np.isnan(found.value).tolist() == [True, False, False, False]
    assert found.rows_left_out.tolist() == [10, 0, 0, 0]


# Attention is stored as float32 at best, whose smallest values are about 1e-45: none that halving would lose.
weights = st.one_of(st.just(0.0), st.floats(min_value=1e-40, max_value=1.0))
attentions = arrays(np.float64, (2, CORPUS.n_pairs), elements=weights)


@settings(max_examples=60, deadline=None)
@given(attentions, attentions)
def test_computed_is_symmetric_and_bounded_by_ln_2(A: FloatArray, B: FloatArray) -> None:
    found, other = divergence(A, B, CORPUS), divergence(B, A, CORPUS)
    np.testing.assert_array_equal(found.rows_left_out, other.rows_left_out)
    np.testing.assert_allclose(found.value, other.value, rtol=0, atol=SAME)
    defined = found.value[~np.isnan(found.value)]
    assert (defined >= -SAME).all()
    assert (defined <= np.log(2) + SAME).all()


@settings(max_examples=60, deadline=None)
@given(attentions, st.sampled_from([0.25, 1.0, 8.0]))
def test_an_attention_does_not_diverge_from_a_multiple_of_itself(A: FloatArray, factor: float) -> None:
    """Rows are renormalised, so that what <s> or a prefix takes away does not count; powers of two do not round."""
    found = divergence(A, factor * A, CORPUS).value
    assert (found[~np.isnan(found)] == 0).all()


def write(
    folder: Path, name: str, layers: int, heads: int, seed: int, conditions: tuple[str, ...] = ("plain", "noise")
) -> Path:
    rng = np.random.default_rng(seed)
    values = {
        condition: ConditionResult(rng.random((layers, heads, CORPUS.n_pairs), dtype=np.float32))
        for condition in conditions
    }
    path = folder / name / f"layers-0-{layers - 1}.h5"
    attributes = {"model": name, "layers": layers, "heads": heads}
    write_attention(path, values, CORPUS, first=0, attributes=attributes)
    return path


def test_sensitivity_is_head_by_head_against_plain(tmp_path: Path) -> None:
    path = write(tmp_path, "tiny", 3, 2, 0, ("plain", "noise", "translate"))
    with open_attention([path], CORPUS) as model:
        table = sensitivity(model, CORPUS, "computed")
        expected = divergence(model.layer("plain", 2), model.layer("translate", 2), CORPUS)
    assert list(table.columns) == [
        *("model", "condition", "layer", "article", "sentence", "divergence", "rows_left_out")
    ]
    assert len(table) == 2 * 3 * len(CORPUS.sentences)
    rows = table[(table["condition"] == "translate") & (table["layer"] == 2)]
    np.testing.assert_array_equal(rows["divergence"], expected.value)
    assert list(zip(rows["article"], rows["sentence"], strict=True)) == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_sensitivity_needs_a_prefix(tmp_path: Path) -> None:
    with (
        open_attention([write(tmp_path, "tiny", 2, 2, 0, ("plain",))], CORPUS) as model,
        pytest.raises(ConfigurationError, match="tiny has no condition but plain"),
    ):
        sensitivity(model, CORPUS, "computed")


def test_quarters_average_heads_and_layers_before_rows_are_renormalised(tmp_path: Path) -> None:
    """Models of other depth and width can be compared: six layers of two heads with four of three."""
    small, large = write(tmp_path, "small", 4, 3, 0), write(tmp_path, "large", 6, 2, 1)
    with open_attention([small], CORPUS) as a, open_attention([large], CORPUS) as b:
        table = between_models(a, b, CORPUS, ["quarter"], "computed")
        A = a.layer("plain", 1).mean(axis=0)
        B = np.mean([b.layer("plain", layer).mean(axis=0) for layer in (1, 2)], axis=0)
    assert list(table.columns) == [
        *("a", "b", "condition", "unit", "index", "article", "sentence", "divergence", "rows_left_out")
    ]
    assert len(table) == 2 * 4 * len(CORPUS.sentences)
    rows = table[(table["condition"] == "plain") & (table["index"] == 1)]
    for s, found in enumerate(rows["divergence"]):
        pairs = zip(rows_of(A[None], s, 0), rows_of(B[None], s, 0), strict=True)
        assert found == pytest.approx(np.mean([jensenshannon(p, q) ** 2 for p, q in pairs]), abs=SAME)


def test_layers_compare_head_by_head(tmp_path: Path) -> None:
    paths = [write(tmp_path, name, 4, 2, seed) for seed, name in enumerate(("base", "tuned"))]
    with open_attention(paths[:1], CORPUS) as a, open_attention(paths[1:], CORPUS) as b:
        table = between_models(a, b, CORPUS, ["layer", "quarter"], "computed")
        expected = divergence(a.layer("noise", 3), b.layer("noise", 3), CORPUS).value
    assert table.groupby(["unit", "condition"])["index"].nunique().tolist() == [4] * 4
    rows = table[(table["condition"] == "noise") & (table["unit"] == "layer") & (table["index"] == 3)]
    np.testing.assert_array_equal(rows["divergence"], expected)


def test_layers_of_other_width_or_depth_cannot_be_compared(tmp_path: Path) -> None:
    small = write(tmp_path, "small", 4, 3, 0)
    for name, layers, heads in (("wide", 4, 2), ("deep", 6, 3)):
        other = write(tmp_path, name, layers, heads, 1)
        with (
            open_attention([small], CORPUS) as a,
            open_attention([other], CORPUS) as b,
            pytest.raises(ConfigurationError, match=f"small has 4 layers of 3 heads, {name} {layers} of {heads}"),
        ):
            between_models(a, b, CORPUS, ["layer"], "computed")


def test_quarters_need_four_layers_and_all_of_them(tmp_path: Path) -> None:
    few, whole = write(tmp_path, "few", 3, 2, 0), write(tmp_path, "whole", 4, 2, 1)
    with open_attention([few], CORPUS) as a, open_attention([whole], CORPUS) as b:
        with pytest.raises(ConfigurationError, match="few has 3 layers: too few for quarters"):
            between_models(a, b, CORPUS, ["quarter"], "computed")
        b.layers = (0, 1, 3)
        with pytest.raises(FileFormatError, match="divergence by quarter needs all"):
            between_models(b, b, CORPUS, ["quarter"], "computed")


def test_only_conditions_of_both_are_compared(tmp_path: Path) -> None:
    a_path, b_path = write(tmp_path, "a", 4, 2, 0), write(tmp_path, "b", 4, 2, 1, ("plain",))
    with open_attention([a_path], CORPUS) as a, open_attention([b_path], CORPUS) as b:
        assert set(between_models(a, b, CORPUS, ["quarter"], "computed")["condition"]) == {"plain"}
