"""A model at a glance: means against a loop."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from readalike.errors import FileFormatError
from readalike.measures.overview import COLUMNS, overview


def test_means_are_those_of_a_loop_and_keys_that_are_missing_are_empty(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    rows = [(c, k, h) for c in ("plain", "noise") for k in (0, 1) for h in range(3)]
    values = rng.random((len(rows), 4))
    reliance = pd.DataFrame(rows, columns=["condition", "layer", "head"]).assign(model="m", corpus="x")
    reliance[["r2", "to_first", "to_previous", "to_self"]] = values
    reliance.to_csv(tmp_path / "reliance.csv", index=False)
    loss = {"model": "m", "corpus": "x", "condition": "plain", "loss_per_token": 2.0, "loss_per_word": 3.0}
    pd.DataFrame([{**loss, "loss_per_character": 1.0}]).to_csv(tmp_path / "loss.csv", index=False)
    found = overview({"reliance": [tmp_path / "reliance.csv"], "loss": [tmp_path / "loss.csv"]}, "m")
    assert tuple(found.columns) == COLUMNS
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


def test_a_table_without_a_quantity_is_named(tmp_path: Path) -> None:
    pd.DataFrame({"layer": [0]}).to_csv(tmp_path / "reliance.csv", index=False)
    with pytest.raises(FileFormatError, match="reliance.csv: no column r2"):
        overview({"reliance": [tmp_path / "reliance.csv"]}, "m")
