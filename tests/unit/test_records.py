"""Records of where outputs come from."""

import hashlib
import json
from pathlib import Path

import pytest

from readalike.running import records
from readalike.running.digests import code_digest
from tests.running import ROOT

SCRIPT = ROOT / "scripts" / "measures" / "loss.py"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(records.REVISION, "abc-dirty")
    Path("results/loss").mkdir(parents=True)
    for name in ("a.tsv", "results/loss/x.csv", "results/loss/y.csv"):
        Path(name).write_text(name, encoding="utf-8")
    return tmp_path


def test_a_record_tells_inputs_arguments_code_and_revision(here: Path) -> None:
    outputs = [Path("results/loss/x.csv"), Path("results/loss/y.csv")]
    records.write(SCRIPT, {"seed": 1, "conditions": {"plain": ""}}, inputs=[Path("a.tsv")], outputs=outputs)
    for output in outputs:
        assert json.loads(records.record_of(output).read_text(encoding="utf-8")) == {
            "file": str(output),
            "sha256": sha256(output),
            "script": "scripts/measures/loss.py",
            "code": code_digest(SCRIPT, ROOT / "src"),
            "revision": "abc-dirty",
            "arguments": {"seed": 1, "conditions": {"plain": ""}},
            "inputs": {"a.tsv": sha256(Path("a.tsv"))},
        }


def test_what_is_not_below_results_has_no_record(here: Path) -> None:
    Path("elsewhere.csv").write_text("1\n", encoding="utf-8")
    records.write(SCRIPT, {}, inputs=[], outputs=[Path("elsewhere.csv")])
    assert not Path("results/provenance").exists()


def test_a_script_that_is_not_the_projects_is_called_by_its_name(here: Path) -> None:
    Path("own.py").write_text("def main() -> None: ...\n", encoding="utf-8")
    records.write(Path("own.py"), {}, inputs=[], outputs=[Path("results/loss/x.csv")])
    assert json.loads(records.record_of(Path("results/loss/x.csv")).read_text())["script"] == "own.py"


def test_a_folder_changes_its_checksum_with_any_file_of_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("folder/inner").mkdir(parents=True)
    Path("folder/inner/x").write_text("1", encoding="utf-8")
    first = records.checksum(Path("folder"))
    Path("folder/inner/x").write_text("2", encoding="utf-8")
    assert records.checksum(Path("folder")) != first
    monkeypatch.setattr(records, "LARGEST", 0)
    assert records.checksum(Path("folder")).startswith("sizes:")
    assert records.checksum(Path("folder/inner/x")) == "bytes:1"
