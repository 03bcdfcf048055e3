"""Records of where outputs come from."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from readalike.errors import FileFormatError
from readalike.running import records
from readalike.running.digests import code_digest
from tests.running import ROOT

SCRIPT = ROOT / "scripts" / "measures" / "loss.py"
RESULTS = Path("results")


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
    arguments = {"seed": 1, "conditions": {"plain": ""}}
    code, inputs = code_digest(SCRIPT, ROOT / "src"), records.verified([Path("a.tsv")], RESULTS)
    records.write(
        SCRIPT, arguments, code=code, environment={"python": "3"}, inputs=inputs, outputs=outputs, results=RESULTS
    )
    for output in outputs:
        assert json.loads(records.record_of(output, RESULTS).read_text(encoding="utf-8")) == {
            "file": str(output),
            "sha256": sha256(output),
            "script": "scripts/measures/loss.py",
            "code": code,
            "environment": {"python": "3"},
            "revision": "abc-dirty",
            "arguments": arguments,
            "inputs": {"a.tsv": sha256(Path("a.tsv"))},
        }


def test_what_is_not_below_results_has_no_record(here: Path) -> None:
    Path("elsewhere.csv").write_text("1\n", encoding="utf-8")
    records.write(SCRIPT, {}, code="", environment={}, inputs={}, outputs=[Path("elsewhere.csv")], results=RESULTS)
    assert not Path("results/provenance").exists()


def test_a_script_that_is_not_the_projects_is_called_by_its_name(here: Path) -> None:
    Path("own.py").write_text("def main() -> None: ...\n", encoding="utf-8")
    records.write(
        Path("own.py"), {}, code="", environment={}, inputs={}, outputs=[Path("results/loss/x.csv")], results=RESULTS
    )
    assert json.loads(records.record_of(Path("results/loss/x.csv"), RESULTS).read_text())["script"] == "own.py"


def written(*outputs: str) -> None:
    records.write(
        SCRIPT, {}, code="c", environment={}, inputs={}, outputs=[Path(output) for output in outputs], results=RESULTS
    )


def test_what_is_read_is_what_was_written_and_its_checksum_is_told(here: Path) -> None:
    written("results/loss/x.csv")
    paths = [Path("a.tsv"), Path("results/loss/x.csv"), Path("missing.tsv")]
    # One that is missing is for the script to tell.
    assert records.verified(paths, RESULTS) == {"a.tsv": sha256(paths[0]), "results/loss/x.csv": sha256(paths[1])}


@pytest.mark.parametrize("change", ["edited", "cut off", "replaced", "of the same size and time"])
def test_mending_3_a_result_that_was_changed_since_is_refused(here: Path, change: str) -> None:
    path, other = Path("results/loss/x.csv"), Path("results/loss/y.csv")
    other.write_text("another table", encoding="utf-8")
    written(str(path), str(other))
    before, text = path.stat(), path.read_text(encoding="utf-8")
    if change == "replaced":
        other.replace(path)
    else:
        changed = {"edited": text + "1", "cut off": text[:-3]}.get(change, text[:-1] + "X")
        path.write_text(changed, encoding="utf-8")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(FileFormatError, match=r"^results/loss/x\.csv: edited, .* delete it, and run"):
        records.verified([path], RESULTS)


def test_mending_3_a_folder_that_lacks_a_file_since_is_refused(here: Path) -> None:
    written("results/loss")
    Path("results/loss/x.csv").unlink()
    with pytest.raises(FileFormatError, match="^results/loss: edited"):
        records.verified([Path("results/loss")], RESULTS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "results/loss/x.csv: results/provenance/loss/x.csv.json, the record of how it was made, is missing"),
        ("", "results/provenance/loss/x.csv.json: cannot be read"),
        ("\0\1", "cannot be read"),
        ("[1]", "not a record"),
        ('{"file": "results/loss/x.csv", "sha256": 1}', "not a record"),
        ("other", "the record of results/loss/y.csv"),
    ],
)
def test_mending_3_a_result_without_a_record_of_its_own_is_refused(here: Path, text: str | None, said: str) -> None:
    written("results/loss/x.csv", "results/loss/y.csv")
    record, other = (records.record_of(Path(f"results/loss/{name}.csv"), RESULTS) for name in "xy")
    if text is None:
        record.unlink()
    else:
        record.write_text(other.read_text(encoding="utf-8") if text == "other" else text, encoding="utf-8")
    with pytest.raises(FileFormatError) as caught:
        records.verified([Path("results/loss/x.csv")], RESULTS)
    assert said in str(caught.value)
    assert "run the workflow" in str(caught.value)


def test_a_folder_changes_its_checksum_with_any_file_of_it(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("folder/inner").mkdir(parents=True)
    Path("folder/inner/x").write_text("1", encoding="utf-8")
    first = records.checksum(Path("folder"))
    Path("folder/inner/x").write_text("2", encoding="utf-8")
    assert records.checksum(Path("folder")) != first
    monkeypatch.setattr(records, "LARGEST", 0)
    assert records.checksum(Path("folder")).startswith("sizes:")
    assert records.checksum(Path("folder/inner/x")) == "bytes:1"
