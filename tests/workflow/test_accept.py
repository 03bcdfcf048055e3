"""Attention that stays although the code of extraction changed: where models extracted anew agree in all bytes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from readalike.running.check import check
from readalike.running.records import record_of
from tests.running import as_yaml, snakemake
from tests.workflow.conftest import CONDITIONS, CORPUS, Moved, edit

TAP = "src/readalike/attention/tap.py"
RESULTS = Path("results")
FIRST = "results/attention/short/middle/plain/layers-0-4.h5"


def accept(moved: Moved, *arguments: str) -> subprocess.CompletedProcess[str]:
    """By the moved project's script, with the moved library."""
    config = moved.folder / "config.yaml"
    config.write_text(as_yaml({"results": "results", **moved.config}), encoding="utf-8")
    command = [sys.executable, str(moved.project / "scripts/project/accept.py"), "--config", str(config)]
    return subprocess.run(
        [*command, "--folder", str(moved.folder), *arguments],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "check": False},
        env=os.environ | {"PYTHONPATH": str(moved.project / "src")},
    )


def attention(outputs: list[str]) -> list[str]:
    return [path for path in outputs if path.startswith("results/attention/") and path.endswith(".h5")]


@pytest.mark.slow
def test_attention_is_kept_where_models_extracted_anew_agree(moved: Moved) -> None:
    edit(moved.project / TAP, "def _collect(", "len('called on import')\n\n\ndef _collect(")
    everything = attention(moved.planned())
    assert len(everything) == 6 * len(CONDITIONS)
    record = (moved.folder / record_of(Path(FIRST), RESULTS)).read_text(encoding="utf-8")

    done = accept(moved)
    assert done.returncode == 1
    assert "MODELS=" in done.stdout, "no bundled model is in this configuration"
    assert attention(moved.planned()) == everything

    done = accept(moved, "--models", "small")
    assert done.returncode == 0, done.stdout
    assert "3 files of small, extracted anew, are the same in all bytes" in done.stdout
    assert moved.planned() == []
    assert (moved.folder / record_of(Path(FIRST), RESULTS)).read_text(encoding="utf-8") == record
    told = json.loads((moved.folder / "results/accepted.json").read_text(encoding="utf-8"))
    (entry,) = told["compared"]
    assert set(entry["files"]) == {f"attention/{CORPUS}/small/{name}/layers-0-3.h5" for name in CONDITIONS}
    assert len(told["jobs"]) == 6
    assert check(RESULTS, moved.folder).whole
    assert not list(moved.folder.glob("results.accept*"))
    assert "nothing to accept" in accept(moved, "--models", "small").stdout

    # What is made after that stays as well, and is not made twice.
    (moved.folder / FIRST).unlink()
    again = attention(moved.planned())
    assert again == [f"results/attention/{CORPUS}/middle/{name}/layers-0-4.h5" for name in sorted(CONDITIONS)]
    done = snakemake(moved.folder, moved.config, FIRST, project=moved.project)
    assert done.returncode == 0, done.stdout
    assert attention(moved.planned()) == []

    # It holds for the code that was compared, and for no other.
    edit(moved.project / TAP, "len('called on import')", "len('called on import too')")
    assert attention(moved.planned()) == everything
    done = accept(moved, "--models", "small", "middle")
    assert done.returncode == 0, done.stdout
    assert attention(moved.planned()) == []
    told = json.loads((moved.folder / "results/accepted.json").read_text(encoding="utf-8"))
    assert len({entry["made_by"] for entry in told["compared"]}) == 2, "middle was made by the code in between"


@pytest.mark.slow
def test_nothing_is_kept_where_a_number_changes(moved: Moved) -> None:
    edit(moved.project / TAP, "tap.words[layer] = tap.averaging", "tap.words[layer] = 0.999 * tap.averaging")
    everything = attention(moved.planned())
    assert everything
    done = accept(moved, "--models", "small")
    assert done.returncode == 1, done.stdout
    assert "nothing is accepted, since 3 of 3 files" in done.stdout
    assert " by up to " in done.stdout
    assert not (moved.folder / "results/accepted.json").exists()
    assert not list(moved.folder.glob("results.accept*"))
    assert attention(moved.planned()) == everything


def test_a_damaged_file_is_nothing_to_compare_with(moved: Moved) -> None:
    edit(moved.project / TAP, "def _collect(", "len('called on import')\n\n\ndef _collect(")
    path = moved.folder / "results/attention/short/small/plain/layers-0-3.h5"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    done = accept(moved, "--models", "small")
    assert done.returncode == 1
    assert f"{path.relative_to(moved.folder)}: edited, cut off or replaced" in done.stdout


@pytest.mark.parametrize("content", ["{", "[]", '{"compared": [{}], "jobs": {}}', '{"jobs": {}}'])
def test_a_file_that_is_not_as_written_is_named(moved: Moved, content: str) -> None:
    (moved.folder / "results/accepted.json").write_text(content, encoding="utf-8")
    done = snakemake(moved.folder, moved.config, "--dry-run", project=moved.project)
    assert done.returncode == 1
    assert "results/accepted.json: not as make accept wrote it" in done.stdout
    assert "Traceback" not in done.stdout
