"""Contracts of tables say what stands in each; tables are written and read as their contract says."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from readalike.errors import FileFormatError
from readalike.files.contracts import Table, attention, divergence, flag, number, reproduction, text, whole
from readalike.files.contracts import human as readers
from readalike.files.contracts.dictionary import DICTIONARY, all_tables, contract_of, dictionary
from readalike.files.contracts.overview import OVERVIEW
from readalike.files.contracts.resemblance import FOLDS, RESEMBLANCE, THINNED
from readalike.files.contracts.statistics import BEST_LAYER, TESTS
from readalike.files.tables import gather, read_table, write_table

SCORES = Table(
    paths=("scores.csv",),
    keys=(text("reader", meaning="a person"), whole("layer", meaning="from 0")),
    values=(number("r2", meaning="a score"), flag("shown", meaning="whether it is drawn")),
)


def scores(**changed: Any) -> pd.DataFrame:
    columns = {
        "reader": ["NA", "01", "nan"],
        "layer": [0, 1, 2],
        "r2": [0.5, np.nan, -1.0],
        "shown": [True, False, True],
    }
    return pd.DataFrame({**columns, **changed})


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.paths[0])
def test_a_contract_names_each_column_once_and_says_what_it_means(table: Table) -> None:
    assert len(set(table.names)) == len(table.names)
    assert table.paths
    assert table.meaning
    assert [column.name for column in table.columns if not column.meaning.strip()] == []
    assert {column.holds for column in table.columns} <= {"text", "whole number", "number", "flag"}
    assert [column.name for column in table.columns if column.holds in ("text", "flag") and column.unit] == []
    assert set(table.overview) <= {column.name for column in table.values} & set(table.numeric)


def test_no_two_contracts_have_one_path() -> None:
    paths = [path for table in all_tables() for path in table.paths]
    assert len(set(paths)) == len(paths) > 20


def test_columns_are_told_by_what_they_hold() -> None:
    assert SCORES.names == ["reader", "layer", "r2", "shown"]
    assert (SCORES.text, SCORES.numeric) == (["reader"], ["layer", "r2"])


@pytest.mark.parametrize(
    ("path", "table"),
    [
        ("resemblance/m-1.5b/L1.csv", RESEMBLANCE),
        ("resemblance/m-1.5b/L1-folds.csv", FOLDS),
        ("resemblance/m-1.5b/L2--L1-thinned.csv", THINNED),
        ("resemblance/m-1.5b/thinned.csv", RESEMBLANCE),
        ("reliance/text/m.csv", attention.RELIANCE),
        ("loss/text/m.csv", attention.LOSS),
        ("sensitivity/text/m.csv", divergence.SENSITIVITY),
        ("divergence/text/scaling/small--large.csv", divergence.DIVERGENCE),
        ("human/L1/ceilings.csv", readers.CEILINGS),
        ("human/L1/baseline.csv", readers.READER_BASELINE),
        ("overview/m.csv", OVERVIEW),
        ("statistics/best-layer.csv", BEST_LAYER),
        ("statistics/resemblance-groups.csv", TESTS),
        ("statistics/published-significance.csv", reproduction.SIGNIFICANCE),
        ("tables/published-significance.csv", reproduction.LAYER_LISTS),
        ("columns.csv", DICTIONARY),
    ],
)
def test_a_file_has_the_contract_of_its_place(path: str, table: Table) -> None:
    assert contract_of(path) is table


@pytest.mark.parametrize("table", all_tables(), ids=lambda table: table.paths[0])
def test_every_contract_is_found_by_each_of_its_paths(table: Table) -> None:
    wildcards = {
        name: f"{name}-1.b" for name in ("corpus", "model", "group", "high", "low", "comparison", "a", "b", "z")
    }
    for path in table.paths:
        assert contract_of(path.format(**wildcards)) is table


@pytest.mark.parametrize(
    "path",
    [
        "nothing.csv",
        "resemblance/m/L2--L1.csv",
        "resemblance/m/n/L1.csv",
        "resemblance/m/.csv",
        "statistics/other.csv",
        "elsewhere/columns.csv",
        "columns.csv.json",
        "columns_csv",
    ],
)
def test_a_file_of_no_table_is_named(path: str) -> None:
    with pytest.raises(FileFormatError, match=": no table of this workflow") as caught:
        contract_of(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_the_data_dictionary_has_every_column_of_every_path_once(tmp_path: Path) -> None:
    frame = dictionary()
    assert list(frame.columns) == DICTIONARY.names
    expected = [(path, name) for table in all_tables() for path in table.paths for name in table.names]
    assert list(zip(frame["table"], frame["column"], strict=True)) == expected
    assert len(set(expected)) == len(expected)
    write_table(tmp_path / "columns.csv", frame, DICTIONARY)
    pd.testing.assert_frame_equal(read_table(tmp_path / "columns.csv", DICTIONARY), frame, check_dtype=False)


def test_the_data_dictionary_tells_keys_from_values() -> None:
    frame = dictionary()
    rows = frame[frame["table"] == FOLDS.paths[0]].set_index("column")
    assert rows.loc["article", "role"] == "key"
    own = FOLDS.values[0].meaning
    assert rows.loc["r2_train"].tolist() == [FOLDS.paths[0], "value", "number", "R2", own, FOLDS.meaning]


def test_text_stays_text(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_table(path, scores(reader=["NA", "01", ""]), SCORES)
    assert read_table(path, SCORES)["reader"].tolist() == ["NA", "01", ""]


def test_floats_come_back_bit_for_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate(
        [
            rng.standard_normal(2000) * 10.0 ** rng.integers(-300, 300, 2000),
            [0.1, 1 / 3, -0.0, 5e-324, np.finfo(float).max, np.inf, -np.inf, np.nan],
        ]
    )
    path = tmp_path / "scores.csv"
    write_table(path, pd.DataFrame({"reader": "r", "layer": 0, "r2": values, "shown": True}), SCORES)
    assert read_table(path, SCORES)["r2"].to_numpy().tobytes() == values.tobytes()


def test_columns_are_written_in_the_order_of_the_contract_and_others_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "scores.csv"
    write_table(path, scores()[["shown", "r2", "reader", "layer"]], SCORES)
    assert path.read_text(encoding="utf-8").splitlines()[:2] == ["reader,layer,r2,shown", "NA,0,0.5,True"]
    scores().assign(more=1)[["more", "shown", "r2", "reader", "layer"]].to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_table(path, SCORES), scores(), check_dtype=False)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (scores().drop(columns="r2"), r"columns missing: \['r2'\], not in the contract: \[\]"),
        (scores(more=1), r"columns missing: \[\], not in the contract: \['more'\]"),
        (scores().rename(columns={"r2": "R2"}), r"columns missing: \['r2'\], not in the contract: \['R2'\]"),
    ],
)
def test_a_frame_of_other_columns_is_not_written(tmp_path: Path, frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        write_table(tmp_path / "scores.csv", frame, SCORES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"reader,layer,shown\na,0,True\n", "no column r2; delete it"),
        (b"reader,shown\na,True\n", "no column layer, r2; delete it"),
        (b"reader,layer,r2,shown\na,0,much,True\n", "column r2 holds text"),
        (b"reader,layer,r2,shown\na,0,NA,True\n", "column r2 holds text"),
        (b"reader,layer,r2,shown\na,first,0.5,True\n", "column layer holds text"),
        (b"", "not a table"),
        (b"\x89HDF\r\n\x1a\n\xff\xfe", "not a table"),
        (b"reader,layer,r2,shown\na,0,0.5,True,1,2,3\na,0\nb,1,2,3,4,5,6,7,8\n", "not a table"),
        (b'reader,layer,r2,shown\n"a,0,0.5,True\n', "not a table"),
    ],
)
def test_a_damaged_table_is_one_message_that_names_file_and_column(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "scores.csv"
    path.write_bytes(content)
    with pytest.raises(FileFormatError) as caught:
        read_table(path, SCORES)
    assert str(caught.value).startswith(f"{path}: {said}")


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileFormatError, match=r"none\.csv: no such table; run the workflow"):
        read_table(tmp_path / "none.csv", SCORES)


def test_a_column_of_numbers_may_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_table(path, scores(r2=np.nan), SCORES)
    assert read_table(path, SCORES)["r2"].isna().all()
    write_table(path, scores().iloc[:0], SCORES)
    assert list(read_table(path, SCORES).columns) == SCORES.names


def test_gathered_tables_keep_their_order_and_empty_ones_add_nothing(tmp_path: Path) -> None:
    frames = [scores(), scores().iloc[:0], scores(reader=["x", "y", "z"])]
    paths = [tmp_path / f"{name}.csv" for name in ("b", "empty", "a")]
    for path, frame in zip(paths, frames, strict=True):
        write_table(path, frame, SCORES)
    found = gather(paths, SCORES)
    pd.testing.assert_frame_equal(found, pd.concat([frames[0], frames[2]], ignore_index=True), check_dtype=False)
    assert found["layer"].dtype == np.int64, "an empty table does not turn whole numbers into others"


def test_gathering_nothing_gives_the_columns() -> None:
    found = gather([], SCORES)
    assert (list(found.columns), len(found)) == (SCORES.names, 0)
