"""Entropy of attention against scipy, word by word."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from readalike.corpus import Corpus, Sentence
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.measures.entropy import entropy, entropy_of_rows

CORPUS = Corpus((Sentence(1, 1, ("a", "b", "c")), Sentence(1, 2, ("d", "e"))))
HEADS = np.random.default_rng(4).random((3, CORPUS.n_pairs)) * 0.3
HEADS[1, 3:6] = 0  # word c of the second head has no mass
HEADS[2, 1:3] = 0.25  # word b of the third head looks evenly at a and b


def rows() -> list[tuple[int, int, slice]]:
    """Sentence, place of the word and its pairs."""
    return [
        (k, i, slice(CORPUS.offsets[k] + i * (i + 1) // 2, CORPUS.offsets[k] + (i + 1) * (i + 2) // 2))
        for k, item in enumerate(CORPUS.sentences)
        for i in range(len(item.words))
    ]


def test_entropy_is_scipys() -> None:
    found = entropy_of_rows(HEADS, CORPUS)
    for word, (_, _, pairs) in enumerate(rows()):
        for head in range(3):
            values = HEADS[head, pairs]
            expected = stats.entropy(values) if values.sum() else np.nan
            assert found[head, word] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_a_heads_mean_leaves_out_first_words_and_words_without_mass(tmp_path: Path) -> None:
    values = HEADS.astype(np.float32)[None]
    attributes = {"model": "m", "layers": 1, "heads": 3}
    write_attention(tmp_path / "a.h5", {"plain": ConditionResult(values)}, CORPUS, first=0, attributes=attributes)
    with open_attention([tmp_path / "a.h5"], CORPUS) as attention:
        table = entropy(attention, CORPUS)
    for head, row in table.set_index("head").iterrows():
        later = [(i, values[0, head, pairs].astype(float)) for _, i, pairs in rows() if i > 0]
        found = [(i, stats.entropy(v)) for i, v in later if v.sum()]
        assert row["entropy"] == pytest.approx(np.mean([e for _, e in found]))
        assert row["evenness"] == pytest.approx(np.mean([e / np.log(i + 1) for i, e in found]))
        assert row["rows_left_out"] == len(later) - len(found)
    assert table["rows_left_out"].tolist() == [0, 1, 0]
