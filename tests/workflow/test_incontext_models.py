"""Models asked about tasks: nothing of the readers is made for it, and another task makes nothing again."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from readalike.files.context_attention import read_context_attention
from readalike.files.contracts.incontext_models import ANSWERS
from readalike.files.tables import read_table
from tests.running import ROOT, snakemake


def settings(folder: Path, *tasks: str) -> dict[str, Any]:
    """config/incontext-models.yaml with one bundled model, and tasks of twelve short texts."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "config" / "incontext-models.yaml").read_text(encoding="utf-8"))
    config["models"] = {"tiny-0.1m": {"weights": {"folder": "resources/models/tiny-0.1m"}}}
    asking = config["incontext"]["models"]
    asking |= {"items": 4, "demonstrations": 4, "sets": 2, "noises": ["labels"], "rates": [0, 1]}
    asking["tasks"] = {}
    for task in tasks:
        lines = [f"{task} number {k}\t{('yes', 'no')[k % 2]}" for k in range(12)]
        path = folder / f"{task}.tsv"
        path.write_text("\n".join(["text\tlabel", *lines]), encoding="utf-8")
        asking["tasks"][task] = str(path)
    return config


@pytest.mark.slow
def test_a_task_is_asked_without_readers_and_another_makes_nothing_again(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = snakemake(folder, settings(tmp_path, "one"), "incontext")
    assert done.returncode == 0, done.stdout[-3000:]
    assert not (folder / "results" / "attention").exists()
    of_task = folder / "results" / "incontext" / "models" / "tiny-0.1m" / "one"
    found = read_table(of_task / "answers.csv", ANSWERS)
    # Two rates of flips with two sets, and without demonstrations.
    assert found.groupby(["noise", "rate"]).size().to_dict() == {("labels", 0): 8, ("labels", 1): 8, ("none", 0): 4}
    looks = read_context_attention(of_task / "attention.h5")
    assert (looks.model, looks.task) == ("tiny-0.1m", "one")
    pd.testing.assert_series_equal(found["item"], pd.Series(looks.item, name="item"))
    planned = snakemake(folder, settings(tmp_path, "one", "two"), "incontext", "--dry-run")
    assert planned.returncode == 0, planned.stdout[-3000:]
    assert "output: results/incontext/models/tiny-0.1m/two/answers.csv" in planned.stdout
    assert "output: results/incontext/models/tiny-0.1m/one" not in planned.stdout


def test_a_file_of_texts_that_is_needed_and_not_named_is_asked_for(tmp_path: Path) -> None:
    config = settings(tmp_path, "one")
    del config["incontext"]["models"]["irrelevant"]
    config["incontext"]["models"]["noises"] = ["irrelevant"]
    done = snakemake(tmp_path / "run", config, "incontext", "--dry-run")
    assert done.returncode != 0
    assert "incontext.models.irrelevant: needed for the noise irrelevant" in done.stdout
