"""Attention without its sinks: against loops over words and fits by fold, and what must not change what."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.contracts.sinks import SINKS
from readalike.files.gaze import Gaze
from readalike.measures.regression import shuffles
from readalike.measures.regressors import baseline, baselines
from readalike.measures.resemblance import layer_scores
from readalike.measures.sinks import VARIANTS, BesideBaseline, Sinks, kept, renormalised, sinks
from readalike.measures.swaps import swaps
from readalike.statistics.clustered import r2_scores
from readalike.statistics.scored import SCORES, by_layer, joined
from tests import oracles

SAME = 1e-9  # sums of products against fits to the rows
ROUNDING = 1e-12
SEED, LAYERS, HEADS = 5, 2, 3
RNG = np.random.default_rng(41)
# A sentence between others has one word only, hence no look at another than the first.
CORPUS = Corpus(
    tuple(
        Sentence(
            a, s, tuple("x" * int(n) for n in RNG.integers(1, 9, 1 if a == 3 and s == 2 else int(RNG.integers(8, 13))))
        )
        for a in (1, 2, 3)
        for s in range(1, 9)
    )
)
SENTENCE, FROM, TO = CORPUS.pairs
# A head's row: much for the first word, sums below 1; one head looks at nothing from the third word of all.
VALUES = RNG.uniform(0.01, 1, (LAYERS, HEADS, CORPUS.n_pairs))
VALUES[:, :, TO == 0] *= 20
VALUES /= 40 + 10 * RNG.random(CORPUS.n_words)[np.cumsum(TO == 0) - 1]
NOTHING = (SENTENCE == 0) & (FROM == 2)
VALUES[1, 2, NOTHING] = 0
NUMBER = RNG.poisson(0.5, (4, CORPUS.n_pairs)).astype(float)
NUMBER[3, TO > 0] = 0  # looks at first words alone
GAZE = Gaze("G", tuple("abcd"), {"number": NUMBER, "duration": NUMBER * 200 + 1}, NUMBER.sum(axis=1).astype(np.int64))


def by_hand(A: FloatArray, name: str) -> FloatArray:
    """(pairs, heads) -> what is left of it, word by word."""
    found = []
    for s in range(len(CORPUS.sentences)):
        own = A[CORPUS.pairs_of(s)]
        for i in range(int(CORPUS.lengths[s])):
            row = own[i * (i + 1) // 2 : (i + 1) * (i + 2) // 2]
            row = row[1:] if "others" in name else row
            for cell in row:
                mass = row.sum(axis=0) if "renormalised" in name else np.ones(HEADS)
                found.append([a / m if m > 0 else 0 for a, m in zip(cell, mass, strict=True)])
    return np.array(found)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Sinks:
    return of(VALUES, tmp_path_factory.mktemp("attention"))


def of(values: FloatArray, folder: Path) -> Sinks:
    file = folder / "layers-0-1.h5"
    attributes = {"model": "m", "layers": LAYERS, "heads": HEADS}
    write_attention(file, {"plain": ConditionResult(values.astype(np.float32))}, CORPUS, first=0, attributes=attributes)
    with open_attention([file], CORPUS) as attention:
        return sinks(attention, GAZE, CORPUS, seed=SEED)


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("layer", range(LAYERS))
def test_every_variant_is_what_loops_and_fits_by_fold_say(found: Sinks, name: str, layer: int) -> None:
    A = VALUES[layer].astype(np.float32).astype(float).T
    left = np.array([j > 0 or "others" not in name for j in TO])
    B, X, article = baseline(CORPUS)[left], by_hand(A, name), CORPUS.articles[SENTENCE[left]]
    Y = NUMBER[:3].T[left]
    alone, both = (oracles.held_out(Z, Y, article) for Z in (B, np.column_stack([B, X])))
    table = found.table[(found.table["layer"] == layer) & (found.table["signal"] == "number")].set_index("reader")
    np.testing.assert_allclose(table.loc[list("abc"), f"r2_unique_b2_{name}"], both.r2 - alone.r2, atol=SAME)
    place = {int(pair): k for k, pair in enumerate(np.flatnonzero(left))}
    nulls = []
    for k in range(20):
        order = [
            place[int(pair)] for pair in np.random.default_rng([SEED, k]).permutation(CORPUS.n_pairs) if left[pair]
        ]
        nulls.append(oracles.held_out(np.column_stack([B, X[order]]), Y, article).r2 - alone.r2)
    null = table.loc[list("abc"), f"r2_unique_b2_{name}_null"]
    np.testing.assert_allclose(null, np.mean(nulls, axis=0), atol=SAME)
    sums = found.sums[f"number/r2_unique_b2_{name}"]
    taken = (Y - alone.predicted) ** 2 - (Y - both.predicted) ** 2
    sentences = [s for s in range(len(CORPUS.sentences)) if (SENTENCE[left] == s).any()]
    by_sentence = [taken[SENTENCE[left] == s].sum(axis=0) for s in sentences]
    np.testing.assert_allclose((sums.sst - sums.sse[layer])[:, :3], by_sentence, atol=SAME)
    scores = r2_scores(sums.sse[layer], sums.sst, sums.readers)
    np.testing.assert_allclose(scores.value[:3], both.r2 - alone.r2, atol=SAME)
    assert (len(sums.sst), scores.readers) == (len(CORPUS.sentences) - ("others" in name), tuple("abcd"))


def test_a_reader_without_looks_at_other_words_has_no_score_of_them(found: Sinks) -> None:
    own = found.table[found.table["reader"] == "d"]
    for name, variant in VARIANTS.items():
        assert (own[f"r2_unique_b2_{name}"].isna() == variant.others).all()
    assert found.table[found.table["reader"] != "d"].notna().all(axis=None)


def test_as_extracted_the_score_is_that_of_resemblance() -> None:
    X, Y = VALUES[0].T, NUMBER[:3].T
    given = shuffles(CORPUS, SEED), swaps(CORPUS, SEED)
    expected = layer_scores(X, Y, CORPUS, baselines(CORPUS), *given).columns
    own = BesideBaseline(CORPUS, Y, kept(CORPUS, SEED, others=False)).beyond(X)
    np.testing.assert_allclose(own.r2, expected["r2_unique_b2"], atol=ROUNDING)
    np.testing.assert_allclose(own.null, expected["r2_unique_b2_null"], atol=ROUNDING)


def test_rows_that_sum_to_1_are_as_extracted() -> None:
    scored = BesideBaseline(CORPUS, NUMBER[:3].T, kept(CORPUS, SEED, others=False))
    X = by_hand(VALUES[0].T, "renormalised")
    again = renormalised(X, scored.left.rows)
    np.testing.assert_allclose(again, X, atol=ROUNDING)
    np.testing.assert_allclose(scored.beyond(again).r2, scored.beyond(X).r2, atol=ROUNDING)
    assert np.abs(scored.beyond(VALUES[0].T).r2 - scored.beyond(X).r2).max() > 1e-4, "else nothing was looked at"


@pytest.mark.parametrize(
    ("what", "same"),
    [
        ("mass of rows", {"renormalised", "others_renormalised"}),
        ("first word", {"others", "others_renormalised"}),
    ],
)
def test_what_goes_to_a_sink_changes_nothing(found: Sinks, tmp_path: Path, what: str, same: set[str]) -> None:
    """A row's mass is what a start token leaves of it; what the first word gets is taken from no other word."""
    rng = np.random.default_rng(6)
    if what == "first word":
        changed = np.where(TO == 0, VALUES * rng.uniform(0, 1, VALUES.shape), VALUES)
    else:
        changed = VALUES * rng.uniform(0.1, 1, (LAYERS, HEADS, CORPUS.n_words))[:, :, np.cumsum(TO == 0) - 1]
    other = of(changed, tmp_path).table
    for name in VARIANTS:
        gap = (other[f"r2_unique_b2_{name}"] - found.table[f"r2_unique_b2_{name}"]).abs().max()
        # Attention is kept as float32.
        assert gap < 1e-5 if name in same else gap > 1e-4, name


def test_a_row_without_mass_stays_zero(found: Sinks) -> None:
    left = kept(CORPUS, SEED, others=False)
    X = renormalised(VALUES[1].T, left.rows)
    assert (X[NOTHING, 2] == 0).all()
    sums = np.add.reduceat(X, left.rows, axis=0)
    assert sorted(set(sums.ravel().round(12))) == [0, 1]
    assert (sums == 0).sum() == 1


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("renormalised", "r2_unique_b2_renormalised"),
        ("no first word", "r2_unique_b2_others"),
        ("no first word, renormalised", "r2_unique_b2_others_renormalised"),
    ],
)
def test_scores_without_sinks_stand_beside_those_of_resemblance(found: Sinks, name: str, column: str) -> None:
    keys, score = [key.name for key in SINKS.keys], SCORES[f"beyond b2, {name}"]
    resemblance = found.table[keys].assign(**{value.name: 0.1 for value in RESEMBLANCE.values})
    beside, own = joined(resemblance, [(found.table.sample(frac=1, random_state=1), SINKS)]), found.table
    pd.testing.assert_frame_equal(beside[SINKS.names], own)
    scored = by_layer(beside[beside["signal"] == "number"], score, (), "number")
    part = own[(own["signal"] == "number") & (own["layer"] == 1)].set_index("reader")
    expected = (part[column] - part[f"{column}_null"]).dropna()
    pd.testing.assert_series_equal(scored[1].value, expected, check_names=False)
    assert f"number/{score.sums}" in found.sums
    # Not asked for: no such scores, and the others as before.
    none = joined(resemblance, [(pd.DataFrame(columns=SINKS.names), SINKS)])
    assert by_layer(none[none["signal"] == "number"], score, (), "number") == {}
    assert len(by_layer(none[none["signal"] == "number"], SCORES["beyond b2"], (), "number")) == LAYERS
