"""What measures write: the formula that was asked for, names of models, units and rows, and what is left empty."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.contracts.overview import OVERVIEW
from readalike.files.gaze import Gaze
from readalike.measures.divergence import between_models, divergence, sensitivity
from readalike.measures.entropy import entropy
from readalike.measures.loss import loss
from readalike.measures.overview import overview
from readalike.measures.regression import adjusted, sentence_draws, shuffles
from readalike.measures.regressors import baselines
from readalike.measures.reliance import reliance, resampled
from readalike.measures.resemblance import layer_scores, resemblance, thinned
from readalike.measures.swaps import swaps

LENGTHS = (4, 6, 5, 7, 3, 6)
CORPUS = Corpus(
    tuple(Sentence(a, s + 1, tuple("x" * (1 + i % 4) for i in range(n))) for a in (1, 2) for s, n in enumerate(LENGTHS))
)
ONCE = np.ones((1, len(CORPUS.sentences)))
CONDITIONS = ("plain", "noise")


def write(folder: Path, model: str, values: FloatArray, corpus: Corpus = CORPUS, **more: object) -> Sequence[Path]:
    """values : (layers, heads, pairs), doubled after noise."""
    found = {name: ConditionResult((k + 1) * values.astype(np.float32), **more) for k, name in enumerate(CONDITIONS)}
    labels = {"model": model, "layers": len(values), "heads": values.shape[1], "parameters": 7}
    path = folder / model / f"layers-0-{len(values) - 1}.h5"
    write_attention(path, found, corpus, first=0, attributes={**labels, "first_token_predicted": True})
    return [path]


def heads(seed: int, layers: int = 4) -> FloatArray:
    return np.random.default_rng(seed).random((layers, 2, CORPUS.n_pairs)) ** 2


def assert_numbered(table: pd.DataFrame) -> None:
    assert table.index.tolist() == list(range(len(table)))


@pytest.mark.parametrize("formula", ["computed", "printed"])
def test_divergence_is_by_the_formula_and_under_the_names_given(tmp_path: Path, formula: str) -> None:
    small, large = write(tmp_path, "small", heads(1)), write(tmp_path, "large", heads(2))
    with open_attention(small, CORPUS) as a, open_attention(large, CORPUS) as b:
        between = between_models(a, b, CORPUS, ["layer", "quarter"], formula)
        expected = {
            "layer": divergence(a.layer("plain", 2), b.layer("plain", 2), CORPUS, formula).value,
            # Four layers: a quarter is one of them, heads averaged.
            "quarter": divergence(
                a.layer("plain", 2).mean(0)[None], b.layer("plain", 2).mean(0)[None], CORPUS, formula
            ).value,
        }
        sensitive = sensitivity(a, CORPUS, formula)
    assert (set(between["a"]), set(between["b"])) == ({"small"}, {"large"})
    assert_numbered(between)
    for unit, values in expected.items():
        own = between[(between["condition"] == "plain") & (between["unit"] == unit) & (between["index"] == 2)]
        np.testing.assert_allclose(own["divergence"], values)
    np.testing.assert_allclose(sensitive["divergence"], 0, atol=1e-12), "rows are renormalised"
    assert set(sensitive["model"]) == {"small"}


def test_sensitivity_is_by_the_formula_given(tmp_path: Path) -> None:
    values = heads(1)
    found = {
        name: ConditionResult(part.astype(np.float32))
        for name, part in zip(CONDITIONS, (values, values[::-1]), strict=True)
    }
    labels = {"model": "m", "layers": 4, "heads": 2}
    write_attention(tmp_path / "layers-0-3.h5", found, CORPUS, first=0, attributes=labels)
    with open_attention([tmp_path / "layers-0-3.h5"], CORPUS) as attention:
        for formula in ("computed", "printed"):
            table = sensitivity(attention, CORPUS, formula)
            expected = divergence(attention.layer("plain", 3), attention.layer("noise", 3), CORPUS, formula).value
            np.testing.assert_allclose(table.loc[table["layer"] == 3, "divergence"], expected)


def gaze(group: str, readers: int, rate: float, seed: int) -> Gaze:
    number = np.random.default_rng(seed).poisson(rate, (readers, CORPUS.n_pairs)).astype(float)
    return Gaze(group, tuple(f"{group}-{k}" for k in range(readers)), {"number": number}, number.sum(1).astype(int))


def test_resemblance_is_beside_the_baseline_of_a_corpus_with_text(tmp_path: Path) -> None:
    group = gaze("L1", 3, 0.8, 1)
    paths = write(tmp_path, "m", heads(3))
    with open_attention(paths, CORPUS) as attention:
        found = resemblance(attention, group, CORPUS, seed=1)
        X = attention.layer("plain", 2).T
    beside = baselines(CORPUS), shuffles(CORPUS, 1), swaps(CORPUS, 1)
    scores = layer_scores(X, group.signals["number"].T, CORPUS, *beside).columns
    own = found.table[found.table["layer"] == 2]
    for name in scores:
        np.testing.assert_allclose(own[name], scores[name])
    for table in (found.table, found.folds):
        assert_numbered(table)
        assert set(table["model"]) == {"m"}
    blank = Corpus(tuple(Sentence(s.article, s.sentence, ("",) * len(s.words)) for s in CORPUS.sentences))
    with open_attention(write(tmp_path / "blank", "m", heads(3), blank), blank) as attention:
        table = resemblance(attention, group, blank, seed=1).table
    assert table[[name for name in scores if "unique" in name]].isna().all(axis=None), "lengths of words are not known"
    assert table[["r2", "r2_cv", "r2_null", "r2_swap", "r2_specific"]].notna().all(axis=None)


def test_saccades_are_thinned_to_the_number_of_a_reader_whatever_the_size_of_the_groups(tmp_path: Path) -> None:
    high, low = gaze("L2", 6, 1.6, 1), gaze("L1", 2, 0.4, 2)
    with open_attention(write(tmp_path, "m", heads(3)), CORPUS) as attention:
        found = thinned(attention, high, low, CORPUS, seed=1, thinnings=3).table
        other = thinned(attention, high, low, CORPUS, seed=2, thinnings=3).table
    by_reader = [group.signals["number"].sum() / len(group.readers) for group in (low, high)]
    assert set(found["keep"]) == {by_reader[0] / by_reader[1]}
    assert (set(found["signal"]), set(found["group"]), set(found["model"])) == ({"number"}, {"L2"}, {"m"})
    assert found["reader"].tolist() == [f"L2-{k}" for k in range(6)] * 3 * 4
    assert found["draw"].tolist() == [draw for _ in range(4) for draw in range(3) for _ in range(6)]
    assert_numbered(found)
    assert (found["r2"] != other["r2"]).all(), "another seed thins otherwise"


def test_a_sentence_of_which_one_token_is_predicted_counts(tmp_path: Path) -> None:
    corpus = Corpus((Sentence(1, 1, ("No",)), Sentence(1, 2, ("Why", "not?"))))
    values = np.ones((1, 2, corpus.n_pairs))
    paths = write(tmp_path, "m", values, corpus, loss=np.array([3.0, 8.0]), tokens=np.array([1, 4]))
    with open_attention(paths, corpus) as attention:
        (row, _) = loss(attention, corpus).to_dict("records")
    assert row["loss_mean_of_sentences"] == (3 + 2) / 2
    assert row["loss_per_token_squared"] == (3 + 2 / 4) / 2
    assert row["first_token_predicted"] is True


def test_imported_attention_has_the_same_columns_of_loss(tmp_path: Path) -> None:
    values = heads(1)
    known = {"loss": np.full(len(CORPUS.sentences), 8.0), "tokens": np.full(len(CORPUS.sentences), 4)}
    with (
        open_attention(write(tmp_path / "a", "m", values, **known), CORPUS) as whole,
        open_attention(write(tmp_path / "b", "m", values), CORPUS) as imported,
    ):
        assert loss(imported, CORPUS).columns.tolist() == loss(whole, CORPUS).columns.tolist()


def test_entropy_names_the_model_and_is_empty_for_a_head_without_mass(tmp_path: Path) -> None:
    values = heads(2)
    values[1, 0] = 0
    # Of one head a single row has mass: word 2 of the first sentence, even over two words.
    values[2, 1] = 0
    values[2, 1, 1:3] = 0.5
    with open_attention(write(tmp_path, "m", values), CORPUS) as attention:
        table = entropy(attention, CORPUS)
    assert set(table["model"]) == {"m"}
    assert_numbered(table)
    by_head = table[table["condition"] == "plain"].set_index(["layer", "head"])
    assert by_head.index[by_head["entropy"].isna()].tolist() == [(1, 0)]
    assert by_head.loc[(2, 1), ["entropy", "evenness"]].tolist() == pytest.approx([np.log(2), 1])


def test_reliance_of_a_layer_is_that_of_its_only_head_that_varies(tmp_path: Path) -> None:
    values = heads(3)
    values[2, 0] = 0.5
    with open_attention(write(tmp_path, "m", values), CORPUS) as attention:
        quarters = resampled(attention, CORPUS, ONCE)["plain"][:, 0]
        table = reliance(attention, CORPUS)
    by_head = table[table["condition"] == "plain"].set_index(["layer", "head"])["r2"]
    assert quarters[2] == pytest.approx(by_head[2, 1])
    assert quarters[1] == pytest.approx(by_head[1].mean())


def test_attention_to_places_is_a_mean_over_one_word_too(tmp_path: Path) -> None:
    corpus = Corpus((Sentence(1, 1, ("a", "b")),))
    paths = write(tmp_path, "m", np.array([[[1.0, 0.25, 0.5], [1.0, 0.125, 0.0]]]), corpus)
    with open_attention(paths, corpus) as attention:
        table = reliance(attention, corpus)
    found = table.loc[table["condition"] == "plain", ["to_first", "to_previous", "to_self"]]
    assert found.to_numpy().tolist() == [[0.25, 0.25, 0.5], [0.125, 0.125, 0]]


def test_an_overview_names_the_model_and_may_be_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    empty = overview([], "m", Path("results"))
    assert (empty.columns.tolist(), len(empty)) == (OVERVIEW.names, 0)
    tables = []
    for corpus in ("text", "other"):
        tables.append(Path(f"results/reliance/{corpus}/m.csv"))
        tables[-1].parent.mkdir(parents=True)
        with open_attention(write(tmp_path / corpus, "m", heads(1)), CORPUS) as attention:
            reliance(attention, CORPUS).assign(corpus=corpus).to_csv(tables[-1], index=False)
    found = overview(tables, "m", Path("results"))
    assert_numbered(found)
    assert set(found["model"]) == {"m"}
    assert set(found["measure"]) == {"reliance"}
    # A quantity at a time, conditions as the table has them.
    first = found[(found["corpus"] == "text") & (found["quantity"] == found["quantity"][0])]
    assert (
        first["condition"].drop_duplicates().tolist() == pd.read_csv(tables[0])["condition"].drop_duplicates().tolist()
    )


@pytest.mark.parametrize(("n", "expected"), [(3, np.nan), (4, np.nan), (5, 1 - 0.5 * 4), (6, 1 - 0.5 * 5 / 2)])
def test_adjusted_r2_needs_a_degree_of_freedom(n: int, expected: float) -> None:
    np.testing.assert_allclose(adjusted(np.array([0.5]), n, 3), [expected])


def test_draws_of_sentences_depend_on_the_seed_and_the_corpus_alone() -> None:
    assert np.array_equal(sentence_draws(CORPUS, 1, 9), sentence_draws(CORPUS, 1, 9))
    assert not np.array_equal(sentence_draws(CORPUS, 1, 9), sentence_draws(CORPUS, 2, 9))
