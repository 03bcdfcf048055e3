"""In-context learning needs no model, and its files are the same to the bit on one core and on two."""

from pathlib import Path

import pytest
import yaml

from readalike.files.contracts.dictionary import contract_of
from tests.running import ROOT, snakemake

# Small, but with matrices large enough for a library that multiplies them in threads to use several.
SMALLER = {"prompts": 2_000}


def settings() -> dict[str, object]:
    """config/incontext.yaml with few draws and short training."""
    config = yaml.safe_load((ROOT / "config" / "incontext.yaml").read_text(encoding="utf-8"))
    for setting in config["incontext"].values():
        setting |= SMALLER
        setting["training"] |= {"steps": 20, "test_prompts": 200}
    return dict(config)


@pytest.mark.slow
def test_the_number_of_cores_changes_no_bit(tmp_path: Path) -> None:
    """All but the figures, which are drawn of these tables."""
    shown = ("incontext/verdict.txt", "incontext/regression-shrinkage.csv", "incontext/regression-descent.csv")
    made = []
    for cores in ("1", "2"):
        folder = tmp_path / cores
        done = snakemake(folder, settings(), *(f"results/{name}" for name in shown), "--cores", cores)
        assert done.returncode == 0, done.stdout[-3000:]
        results = folder / "results"
        assert not (results / "attention").exists()
        for path in (results / "incontext").glob("*.csv"):
            with path.open(encoding="utf-8") as file:
                own = contract_of(path.relative_to(results).as_posix())
                assert file.readline().strip().split(",") == own.names, path
        paths = [*results.rglob("*.csv"), results / "incontext" / "verdict.txt"]
        made.append({path.relative_to(results): path.read_bytes() for path in paths})
    assert len(made[0]) >= 10
    assert made[0] == made[1]
