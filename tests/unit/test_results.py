"""Results from Python: a small folder written with the project's own writers, read back value by value."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import readalike as ra
from readalike.corpus import Corpus, Sentence
from readalike.errors import FileFormatError, ResultsError
from readalike.files.attention import ConditionResult, write_attention
from readalike.files.contracts import Table
from readalike.files.contracts.dictionary import contract_of
from readalike.files.corpora import write_corpus
from readalike.files.gaze import Gaze, LeftOut, write_gaze
from readalike.files.tables import write_table
from readalike.results import BLOCKS, GAZE, WORDS, Results
from tests.running import ROOT

CORPUS = Corpus((Sentence(1, 1, ("Could", "humans")), Sentence(2, 4, ("live", "on", "Mars?"))))
OTHER = Corpus((Sentence(1, 1, ("No", "text", "of", "theirs")),))
# (condition) -> (layers, heads, pairs): no value twice, so that none can stand for another.
VALUES = {
    name: (at + np.arange(3 * 2 * CORPUS.n_pairs).reshape(3, 2, -1) / 1000).astype(np.float32)
    for at, name in enumerate(("plain", "noise"))
}
NUMBER = np.arange(3 * CORPUS.n_pairs, dtype=float).reshape(3, -1)


def made_up(table: Table, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows with what is given, text `x` and numbers 1.5 elsewhere."""
    rest = {column.name: "x" if column.holds == "text" else 1.5 for column in table.columns}
    return pd.DataFrame([rest | row for row in rows])[table.names]


def put_table(folder: Path, name: str, *rows: dict[str, object]) -> None:
    table = contract_of(f"{name}.csv")
    path = folder / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(path, made_up(table, list(rows)), table)


def put_attention(folder: Path, corpus: Corpus, model: str, first: int, conditions: dict[str, np.ndarray]) -> None:
    last = first + len(next(iter(conditions.values()))) - 1
    for name, values in conditions.items():
        path = folder / name / f"layers-{first}-{last}.h5"
        path.parent.mkdir(parents=True, exist_ok=True)
        attributes = {"model": model, "layers": 3, "heads": 2}
        write_attention(
            path, {name.partition("+")[0]: ConditionResult(values)}, corpus, first=first, attributes=attributes
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two corpora, a model in two blocks on the first and another on both, a group with one reader left out."""
    results = tmp_path / "own"
    for name, corpus in (("short", CORPUS), ("other", OTHER)):
        (results / "corpus" / name).mkdir(parents=True)
        write_corpus(results / "corpus" / name / "sentences.tsv", results / WORDS.format(corpus=name), corpus)
    for first, last in ((0, 1), (2, 2)):
        part = {name: values[first : last + 1] for name, values in VALUES.items()}
        put_attention(results / "attention" / "short" / "m", CORPUS, "m", first, part)
    none = np.zeros((3, 2, OTHER.n_pairs), dtype=np.float32)
    put_attention(results / "attention" / "other" / "both", OTHER, "both", 0, {"plain": none})
    put_attention(results / "attention" / "short" / "both", CORPUS, "both", 0, {"plain": VALUES["plain"]})
    (results / "gaze").mkdir()
    gaze = Gaze(
        group="L1",
        readers=("01", "02", "NA"),
        signals={"number": NUMBER, "duration": NUMBER * 200},
        steps=np.array([9, 9, 9]),
        left_out={"number": LeftOut(score={"02": "constant"})},
    )
    write_gaze(results / "gaze" / "L1.h5", gaze, CORPUS)
    put_table(results, "resemblance/m/L1", {"model": "m", "group": "L1", "layer": 2, "reader": "NA", "r2": 0.25})
    put_table(results, "resemblance/m/L1-folds", {"model": "m"})
    put_table(results, "tables/table-headline", {"model": "m", "r2": 0.125}, {"model": "both", "r2": 0.5})
    for name in ("table-04-changed-layers", "table-06-changed-layers", "table-01-loss-and-resemblance"):
        put_table(results, f"tables/{name}", {"model": name})
    put_table(results, "statistics/scaling-law", {"group": "L1"})
    put_table(results, "landing/m/L1", {"model": "m"})
    put_table(results, "tables/table-landing", {"model": "m"})
    # What is there but is no table of a contract.
    (results / "figures").mkdir()
    (results / "figures" / "figure-05-loss.csv").write_text("x\n1\n")
    return results


def test_what_is_there_is_listed(folder: Path) -> None:
    results = ra.open_results(str(folder))
    assert (results.corpora, results.models, results.groups) == (["other", "short"], ["both", "m"], ["L1"])
    assert results.tables == [
        "landing/m/L1",
        "resemblance/m/L1",
        "resemblance/m/L1-folds",
        "statistics/scaling-law",
        "tables/table-01-loss-and-resemblance",
        "tables/table-04-changed-layers",
        "tables/table-06-changed-layers",
        "tables/table-headline",
        "tables/table-landing",
    ]
    assert results.layers("m") == (0, 1, 2)
    assert results.conditions("m") == ("noise", "plain")
    assert repr(results) == f"Results('{folder}': models both, m; groups L1)"


def test_tables_by_any_of_their_names(folder: Path) -> None:
    results = ra.open_results(folder)
    assert results.headline()["r2"].tolist() == [0.125, 0.5]
    for name in ("headline", "table-headline", "tables/table-headline", "tables/table-headline.csv"):
        pd.testing.assert_frame_equal(results.table(name), results.headline())
    assert results.table("loss-and-resemblance")["model"].tolist() == ["table-01-loss-and-resemblance"]
    # Not that of one model and group.
    assert results.table("landing").columns.tolist() == contract_of("tables/table-landing.csv").names
    pd.testing.assert_frame_equal(results.statistics("scaling-law"), results.table("scaling-law"))
    found = results.resemblance("m", "L1")
    assert found.loc[0, ["reader", "layer", "r2"]].tolist() == ["NA", 2, 0.25]
    assert found.columns.tolist() == contract_of("resemblance/m/L1.csv").names


def test_attention_of_a_sentence_is_what_was_written(folder: Path) -> None:
    results = ra.open_results(folder)
    for condition, values in VALUES.items():
        for layer in range(3):
            words, found = results.attention("m", layer=layer, article=2, sentence=4, condition=condition)
            assert words == ("live", "on", "Mars?")
            assert found.shape == (2, 3, 3)
            # The second sentence: behind the three pairs of the first, row by row.
            at = 3
            for i in range(3):
                for j in range(3):
                    expected = values[layer, :, at] if j <= i else 0
                    np.testing.assert_array_equal(found[:, i, j], expected)
                    at += j <= i
    np.testing.assert_array_equal(results.all_pairs("m", layer=1, condition="noise"), VALUES["noise"][1].T)
    first = results.attention("both", layer=0, article=1, sentence=1, corpus="short")
    np.testing.assert_array_equal(first.values[:, 1, 0], VALUES["plain"][0, :, 1])


def test_gaze_of_a_reader_and_of_the_group(folder: Path) -> None:
    results = ra.open_results(folder)
    assert results.gaze("L1").readers == ("01", "02", "NA")
    assert results.corpus_of("L1") == CORPUS
    assert results.signal("L1").readers == ("01", "NA"), "one does not count"
    found = results.saccades("L1", "NA", article=2, sentence=4)
    assert found.words == ("live", "on", "Mars?")
    np.testing.assert_array_equal(found.values, [[21, 0, 0], [22, 23, 0], [24, 25, 26]])
    mean = results.saccades("L1", article=2, sentence=4).values
    np.testing.assert_array_equal(mean, [[12, 0, 0], [13, 14, 0], [15, 16, 17]])
    duration = results.saccades("L1", "02", article=1, sentence=1, signal="duration").values
    np.testing.assert_array_equal(duration, [[9 * 200, 0], [10 * 200, 11 * 200]])


def test_what_is_not_there_is_said_with_what_is(folder: Path) -> None:
    results = ra.open_results(folder)
    at = {"layer": 0, "article": 1, "sentence": 1}
    for call, message in (
        (lambda: results.table("headlines"), "no table headlines; there are statistics/scaling-law, tables/table-01-"),
        (
            lambda: results.table("changed-layers"),
            "changed-layers; name one of tables/table-04-changed-layers, tables/",
        ),
        (lambda: results.statistics("transfer"), "no statistics transfer; there are scaling-law"),
        (lambda: results.resemblance("gpt2", "L1"), "no model gpt2; there are both, m"),
        (lambda: results.resemblance("m", "L3"), "no group L3; there are L1"),
        (lambda: results.resemblance("both", "L1"), "both is not compared with L1; run"),
        (lambda: results.attention("gpt2", **at), "no model gpt2; there are both, m"),
        (lambda: results.attention("both", **at), "both has attention on other, short; name one with corpus="),
        (lambda: results.attention("m", corpus="other", **at), "no attention of m on other; there are short"),
        (lambda: results.attention("m", **at | {"layer": 3}), "no layer 3; there are 0, 1, 2"),
        (lambda: results.attention("m", condition="translate", **at), "no condition translate; there are noise, plain"),
        (
            lambda: results.attention("m", **at | {"sentence": 2}),
            "no sentence 2 in article 1; there are article 1 up to",
        ),
        (lambda: results.corpus(), "which corpus? There are other, short"),
        (lambda: results.corpus("demo"), "no corpus demo; there are other, short"),
        (lambda: results.gaze("L2"), "no group L2; there are L1"),
        (lambda: results.signal("L1", "total"), "no signal of L1 total; there are number, duration"),
        (
            lambda: results.saccades("L1", "02", article=1, sentence=1),
            "no reader of L1 with number 02; there are 01, NA",
        ),
    ):
        with pytest.raises(ResultsError) as raised:
            call()
        assert message in str(raised.value)
        assert str(folder) in str(raised.value)
    with pytest.raises(FileFormatError, match="no rollout"):
        results.attention("m", kind="rollout", **at)


def test_attention_that_was_left_out_of_a_copy(folder: Path) -> None:
    shutil.rmtree(folder / "attention" / "short" / "m")
    results = ra.open_results(folder)
    assert results.models == ["both", "m"], "its tables are there"
    with pytest.raises(ResultsError, match="there is no attention of m; run the workflow"):
        results.attention("m", layer=0, article=1, sentence=1)


def test_gaze_of_a_corpus_that_is_gone(folder: Path) -> None:
    (folder / WORDS.format(corpus="short")).unlink()
    with pytest.raises(ResultsError, match=r"is none of the corpora here \(other\); delete it"):
        ra.open_results(folder).gaze("L1")


def test_folders_that_hold_no_results(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="nowhere: no such folder; `make demo` makes results/demo"):
        ra.open_results(tmp_path / "nowhere")
    (tmp_path / "demo").mkdir()
    with pytest.raises(ResultsError, match="holds no results; name the folder of one configuration"):
        ra.open_results(tmp_path)


def test_patterns_are_those_of_the_rules() -> None:
    rules = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")))
    for pattern in (WORDS, BLOCKS, GAZE):
        assert f'"<results>/{pattern}"' in rules


def test_needs_no_torch_and_costs_nothing_before_it_is_used() -> None:
    program = """
import sys
import readalike as ra
assert not {"pandas", "h5py", "numpy"} & set(sys.modules), "the package alone is light"
import readalike.results
assert not {"torch", "transformers", "snakemake", "matplotlib"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    assert isinstance(Results.__doc__, str)


def test_a_condition_whose_text_was_changed_counts_as_it_is_now(folder: Path) -> None:
    """Attention with the old text may still be there, beside it."""
    now = np.full_like(VALUES["plain"], 0.25)
    for first, last in ((0, 1), (2, 2)):
        place = folder / "attention" / "short" / "m"
        put_attention(place, CORPUS, "m", first, {"plain+10": now[first : last + 1]})
        put_attention(place, CORPUS, "m", first, {"plain+9": VALUES["plain"][first : last + 1] / 2})
    found = ra.open_results(folder).attention("m", layer=2, article=1, sentence=1)
    assert set(np.unique(found.values)) == {0.0, 0.25}
