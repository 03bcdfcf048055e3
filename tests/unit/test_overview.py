"""A model at a glance: means against a loop."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike.errors import FileFormatError
from readalike.files.contracts.attention import LOSS, RELIANCE
from readalike.files.contracts.overview import OVERVIEW
from readalike.files.contracts.resemblance import THINNED
from readalike.measures.overview import measure_of, overview


def test_means_are_those_of_a_loop_and_keys_that_are_missing_are_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    rows = [(c, k, h) for c in ("plain", "noise") for k in (0, 1) for h in range(3)]
    values = rng.random((len(rows), 4))
    reliance = pd.DataFrame(rows, columns=["condition", "layer", "head"]).assign(model="m", corpus="x")
    reliance[["r2", "to_first", "to_previous", "to_self"]] = values
    monkeypatch.chdir(tmp_path)
    of_reliance, of_loss_table = Path("results/reliance/x/m.csv"), Path("results/loss/x/m.csv")
    for path in (of_reliance, of_loss_table):
        path.parent.mkdir(parents=True)
    reliance.to_csv(of_reliance, index=False)
    loss = {"model": "m", "corpus": "x", "condition": "plain", "loss_per_token": 2.0, "loss_per_word": 3.0}
    others = dict.fromkeys(set(LOSS.names) - set(loss), 7.0)
    pd.DataFrame([{**others, **loss, "loss_per_character": 1.0}]).to_csv(of_loss_table, index=False)
    found = overview([of_reliance, of_loss_table], "m", Path("results"))
    assert list(found.columns) == OVERVIEW.names
    for condition in ("plain", "noise"):
        for layer in (0, 1):
            chosen = [values[i, 2] for i, row in enumerate(rows) if row[:2] == (condition, layer)]
            mine = found[(found["condition"] == condition) & (found["layer"] == layer)]
            row = mine[mine["quantity"] == "to_previous"].iloc[0]
            assert row["mean"] == pytest.approx(sum(chosen) / 3)
            assert row["sd"] == pytest.approx(np.std(chosen, ddof=1))
            assert row["n"] == 3
    of_loss = found[found["measure"] == "loss"]
    assert of_loss["layer"].isna().all()
    assert of_loss.set_index("quantity")["mean"].to_dict() == {
        "loss_per_token": 2.0,
        "loss_per_word": 3.0,
        "loss_per_character": 1.0,
    }


def test_a_table_without_a_quantity_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("results/reliance/x/m.csv")
    path.parent.mkdir(parents=True)
    pd.DataFrame(columns=[name for name in RELIANCE.names if name != "r2"]).to_csv(path, index=False)
    with pytest.raises(FileFormatError, match=r"results/reliance/x/m\.csv: no column r2"):
        overview([path], "m", Path("results"))


def test_a_measure_is_called_by_its_folder_or_by_what_stands_behind_the_groups() -> None:
    assert [measure_of(table) for table in (RELIANCE, LOSS, THINNED)] == ["reliance", "loss", "thinned"]
