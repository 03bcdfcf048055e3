"""Measures of several signals at once, in any unit, and the names their tables carry."""

from pathlib import Path

import numpy as np

from readalike.corpus import Corpus, Sentence
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.measures.divergence import sensitivity
from readalike.measures.held_out import Split
from readalike.measures.loss import loss
from readalike.measures.regression import orthonormal, r2_resampled, sentence_draws
from readalike.measures.regressors import trivial_patterns
from readalike.measures.reliance import reliance

CORPUS = Corpus(tuple(Sentence(a, s, tuple("abcdefgh"[: 4 + s % 4])) for a in (1, 2, 3) for s in range(1, 6)))
PATTERNS = trivial_patterns(CORPUS)
ARTICLE = CORPUS.articles[CORPUS.pairs.sentence]


def test_a_signal_that_is_flat_in_training_is_so_beside_others_that_vary() -> None:
    rng = np.random.default_rng(1)
    varies = rng.normal(0, 5, CORPUS.n_pairs)
    # A tenth, so that rounding leaves a sum of squares that is not quite zero.
    flat = np.where(ARTICLE == 2, rng.random(CORPUS.n_pairs), 0.1)
    found = Split(np.column_stack([varies, flat]), ARTICLE).held_out(orthonormal(PATTERNS))
    assert np.isnan(found.r2_train).tolist() == [[False, False], [False, True], [False, False]]
    assert found.predicted is None, "not asked for"


def test_resampled_scores_do_not_depend_on_the_unit() -> None:
    Y = np.random.default_rng(2).random((CORPUS.n_pairs, 2))
    draws = sentence_draws(CORPUS, 1, 60)
    basis = orthonormal(PATTERNS)
    expected = r2_resampled(basis, Y, CORPUS.offsets, draws)
    assert not np.isnan(expected).any()
    for unit in (1e-6, 1e6):
        np.testing.assert_allclose(r2_resampled(basis, Y * unit, CORPUS.offsets, draws), expected, rtol=1e-6)


def test_many_draws_are_scored_as_each_is_alone() -> None:
    Y = np.random.default_rng(2).random((CORPUS.n_pairs, 2))
    draws = sentence_draws(CORPUS, 1, 120)
    basis = orthonormal(PATTERNS)
    found = r2_resampled(basis, Y, CORPUS.offsets, draws)
    alone = [r2_resampled(basis, Y, CORPUS.offsets, draws[k : k + 1])[0] for k in (0, 49, 50, 99, 100, 119)]
    np.testing.assert_allclose(found[[0, 49, 50, 99, 100, 119]], alone)


def test_tables_name_the_model_and_number_their_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    found = {
        name: ConditionResult(
            rng.random((2, 3, CORPUS.n_pairs)).astype(np.float32), np.full(15, 8.0 + k), np.full(15, 4)
        )
        for k, name in enumerate(("noise", "plain"))
    }
    path = tmp_path / "layers-0-1.h5"
    labels = {"model": "tiny", "layers": 2, "heads": 3, "parameters": 1000, "first_token_predicted": True}
    write_attention(path, found, CORPUS, first=0, attributes=labels)
    with open_attention([path], CORPUS) as attention:
        tables = [reliance(attention, CORPUS), sensitivity(attention, CORPUS, "computed"), loss(attention, CORPUS)]
    for table in tables:
        assert set(table["model"]) == {"tiny"}
        assert table.index.tolist() == list(range(len(table)))
    assert tables[0]["head"].tolist() == [0, 1, 2] * 4
    assert tables[1]["layer"].tolist() == [0] * 15 + [1] * 15
    assert tables[2]["loss_per_token"].tolist() == [2, 2.25]
    assert tables[2]["parameters"].tolist() == [1000] * 2
