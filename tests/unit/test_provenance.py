"""Records of where outputs come from."""

import argparse
import hashlib
import json
from pathlib import Path

import pytest
from readalike.digests import code_digest

from readalike import provenance
from tests.running import ROOT

SCRIPT = ROOT / "scripts" / "loss.py"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(provenance.REVISION, "abc-dirty")
    Path("results/loss").mkdir(parents=True)
    for name in ("a.tsv", "b.tsv", "mean.pkl"):
        Path(name).write_text(name, encoding="utf-8")
    return tmp_path


def test_a_record_tells_inputs_arguments_code_and_revision(here: Path) -> None:
    arguments = argparse.Namespace(
        **{"corpus": Path("a.tsv"), "tables": [Path("b.tsv")], "means": ["number=mean.pkl"], "seed": 1, "empty": []},
        **{"output": Path("results/loss/x.csv"), "log": Path("x.log")},
    )
    before = provenance.states(provenance.named_paths(arguments))
    Path("results/loss/x.csv").write_text("y\n", encoding="utf-8")
    Path("x.log").write_text("said\n", encoding="utf-8")
    assert provenance.write_records(SCRIPT, arguments, before, without=[arguments.log]) == [Path("results/loss/x.csv")]
    record = json.loads(Path("results/provenance/loss/x.csv.json").read_text(encoding="utf-8"))
    assert record == {
        "file": "results/loss/x.csv",
        "sha256": sha256(Path("results/loss/x.csv")),
        "script": "scripts/loss.py",
        "code": code_digest(SCRIPT, ROOT / "src"),
        "revision": "abc-dirty",
        "arguments": {"means": ["number=mean.pkl"], "seed": 1},
        "inputs": {name: sha256(Path(name)) for name in ("a.tsv", "b.tsv", "mean.pkl")},
    }


def test_an_output_that_is_written_again_is_one_and_an_input_below_results_is_none(here: Path) -> None:
    Path("results/loss/old.csv").write_text("1\n", encoding="utf-8")
    Path("results/loss/x.csv").write_text("1\n", encoding="utf-8")
    arguments = argparse.Namespace(table=Path("results/loss/old.csv"), output=Path("results/loss/x.csv"))
    before = provenance.states(provenance.named_paths(arguments))
    Path("results/loss/new").write_text("1\n", encoding="utf-8")
    Path("results/loss/new").replace("results/loss/x.csv")
    assert provenance.write_records(SCRIPT, arguments, before) == [Path("results/loss/x.csv")]
    assert list(json.loads(Path("results/provenance/loss/x.csv.json").read_text())["inputs"]) == [
        "results/loss/old.csv"
    ]


def test_a_stem_stands_for_its_files_and_a_folder_for_what_is_in_it(here: Path) -> None:
    arguments = argparse.Namespace(output=Path("results/loss/figure"), other=Path("results/corpus"))
    before = provenance.states(provenance.named_paths(arguments))
    Path("results/corpus").mkdir()
    for name in ("loss/figure.pdf", "loss/figure.csv", "corpus/words.tsv"):
        Path("results", name).write_text(name, encoding="utf-8")
    written = provenance.write_records(SCRIPT, arguments, before)
    assert {str(path) for path in written} >= {"results/loss/figure.pdf", "results/corpus/words.tsv"}
    assert Path("results/provenance/corpus/words.tsv.json").is_file()
    assert Path("results/provenance/loss/figure.csv.json").is_file()


def test_what_is_not_below_results_has_no_record(here: Path) -> None:
    arguments = argparse.Namespace(output=Path("elsewhere.csv"))
    before = provenance.states(provenance.named_paths(arguments))
    Path("elsewhere.csv").write_text("1\n", encoding="utf-8")
    assert provenance.write_records(SCRIPT, arguments, before) == []
    assert not Path("results/provenance").exists()


def test_a_folder_changes_its_checksum_with_any_file_of_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("folder/inner").mkdir(parents=True)
    Path("folder/inner/x").write_text("1", encoding="utf-8")
    first = provenance.checksum(Path("folder"))
    Path("folder/inner/x").write_text("2", encoding="utf-8")
    assert provenance.checksum(Path("folder")) != first
    monkeypatch.setattr(provenance, "LARGEST", 0)
    assert provenance.checksum(Path("folder")).startswith("sizes:")
    assert provenance.checksum(Path("folder/inner/x")) == "bytes:1"
