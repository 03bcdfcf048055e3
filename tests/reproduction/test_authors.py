"""The authors' released attention through the same Snakefile: every value of expected.csv that rests on it."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from tests.conftest import ROOT, SHARED
from tests.running import snakemake

MODELS = {"llama/30B": "llama-30b-gao", "gpt2/large": "gpt2-large-gao"}
LAYER = re.compile(r"(llama/30B|gpt2/large) layer (\d+): (.*)")


def expected() -> list[pd.Series]:
    if not SHARED.is_dir():
        return []
    table = pd.read_csv(SHARED / "expected.csv", keep_default_na=False)
    return [row for _, row in table.iterrows() if LAYER.match(row["quantity"])]


@pytest.fixture(scope="module")
def run(reading_brain: Path, authors: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = (ROOT / "config" / "reading-brain.yaml").read_text(encoding="utf-8")
    config: dict[str, Any] = yaml.safe_load(text.replace("data/ds", f"{reading_brain}/openneuro/ds"))

    def imported(path: str, **more: Any) -> dict[str, Any]:
        folder = str(authors / "model_attention" / path)
        return {"imported": {"layout": "gao2023", "path": folder, "crop": True}, **more}

    config["models"] = {
        "llama-30b-gao": imported("llama/30B", layers=60, parameters="33e9"),
        "gpt2-large-gao": imported("gpt2/large", parameters=774e6),
    }
    config |= {"bootstrap_draws": 100, "permutations": 100}
    folder = tmp_path_factory.mktemp("authors")
    done = snakemake(folder, config)
    assert done.returncode == 0, done.stdout[-6000:]
    return folder / "results"


@pytest.mark.parametrize("row", expected(), ids=lambda row: f"{row['quantity']} {row['group']}")
def test_expected_value(run: Path, row: pd.Series) -> None:
    found = LAYER.match(row["quantity"])
    assert found is not None
    model, layer, what = MODELS[found[1]], int(found[2]), found[3]
    if what.startswith("reliance"):
        table = pd.read_csv(run / f"reliance/reading-brain/{model}.csv")
        values = table[(table["condition"] == "plain") & (table["layer"] == layer)]["r2"]
    elif what.startswith("sensitivity"):
        table = pd.read_csv(run / f"sensitivity/reading-brain/{model}.csv")
        values = table[(table["condition"] == "translate") & (table["layer"] == layer)]["divergence"]
    else:
        table = pd.read_csv(run / f"resemblance/{model}/{row['group']}.csv")
        values = table[(table["signal"] == "number") & (table["layer"] == layer)][what.split(",")[0]]
    assert values.mean() == pytest.approx(float(row["value"]), abs=float(row["tolerance"]))


def test_a_model_that_lacks_layers_has_no_best_layer(run: Path) -> None:
    best = pd.read_csv(run / "statistics/best-layer.csv")
    assert set(best["model"]) == {"gpt2-large-gao"}
    row = best[(best["group"] == "L1") & (best["signal"] == "number") & (best["column"] == "r2")]
    assert row["layer"].item() == 3 or row["layer"].item() == "3"
    assert sorted(path.name for path in (run / "attention/reading-brain/llama-30b-gao").iterdir()) == [
        f"layers-{first}-{last}.h5" for first, last in ((0, 1), (15, 15), (30, 30), (45, 45), (59, 59))
    ]


def test_files_that_are_not_word_level_say_so(run: Path) -> None:
    log = (run.parent / "logs/attention/reading-brain/gpt2-large-gao/layers-0-35.log").read_text(encoding="utf-8")
    assert "rows and words differ in 147 of 148 sentences" in log
    assert "these files are not word level" in log
