"""Where a run leaves what: one folder a configuration, and a screen that a person can follow."""

import re
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from readalike.strict_yaml import read_strict
from tests.running import ROOT, copy_of_project, snakemake
from tests.workflow.conftest import Finished


def test_all_that_a_run_leaves_is_in_its_folder(finished: Finished) -> None:
    left = {path.name for path in finished.folder.iterdir()} - {".snakemake", "config.yaml", "checkpoints"}
    assert left == {"results"}
    assert (finished.folder / "results/configuration.txt").read_text(encoding="utf-8") == "config.yaml\n"


def test_another_configuration_does_not_get_into_a_folder_of_results(finished: Finished) -> None:
    stamp = finished.folder / "results" / "configuration.txt"
    stamp.write_text("other.yaml\n", encoding="utf-8")

    def others() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in (finished.folder / "results").rglob("*.*") if path != stamp}

    before = others()
    try:
        config = finished.changed()
        config["seed"] += 1
        done = snakemake(finished.folder, config)
    finally:
        stamp.write_text("config.yaml\n", encoding="utf-8")
    assert done.returncode != 0
    assert "results has the results of other.yaml, and this run is of config.yaml" in done.stdout
    assert "Traceback" not in done.stdout
    assert others() == before
    assert len(before) > 100


@pytest.mark.parametrize("name", ["config.yaml", "config/incontext.yaml"])
def test_no_command_has_a_path_that_was_not_filled_in(tmp_path: Path, name: str) -> None:
    config = read_strict(ROOT / name) | {"results": "made/here"}
    planned = snakemake(tmp_path, config, "--dry-run", "--printshellcmds").stdout
    assert planned.count("/scripts/") > 20
    assert re.findall(r"<\w+>", planned) == []
    outputs = re.findall(r"^ +output: (.*)$", planned, flags=re.MULTILINE)
    assert len(outputs) > 20
    assert all(path.startswith("made/here/") for line in outputs for path in line.split(", "))


def demo() -> dict[str, Any]:
    """Its configuration, for a run in a folder of its own."""
    config = read_strict(ROOT / "config.yaml") | {"results": "results"}
    config["corpora"]["demo"]["sentences"] = str(ROOT / config["corpora"]["demo"]["sentences"])
    return config


@pytest.mark.slow
def test_a_script_that_is_edited_during_a_run_is_not_run(tmp_path: Path) -> None:
    """The edit comes when the run has begun, long before the script's turn; what is not concerned is made."""
    project = copy_of_project(tmp_path / "project")
    script = project / "scripts" / "measures" / "human.py"
    shutil.copytree(ROOT / "resources" / "models", project / "resources" / "models")
    config, target = demo(), "results/human/L1/ceilings.csv"
    begun = tmp_path / "run" / "results" / "configuration.txt"

    def edit() -> None:
        while not begun.exists():
            time.sleep(0.05)
        script.write_text(script.read_text(encoding="utf-8") + "\n\nEXTRA = 1\n", encoding="utf-8")

    editor = threading.Thread(target=edit, daemon=True)
    editor.start()
    done = snakemake(tmp_path / "run", config, target, project=project)
    editor.join(timeout=10)
    assert done.returncode != 0
    said = "the code of {0} is not what this run began with (changed since: {0})".format("scripts/measures/human.py")
    assert said in done.stdout
    assert "start the same command again" in done.stdout
    assert "Traceback" not in done.stdout
    assert (tmp_path / "run" / "results" / "gaze" / "L1.h5").is_file()
    assert not (tmp_path / "run" / target).exists()
    again = snakemake(tmp_path / "run", config, target, "--printshellcmds", project=project)
    assert again.returncode == 0, again.stdout[-3000:]
    assert re.findall("rule ([a-z_]+):", again.stdout) == ["human"]


@pytest.mark.slow
def test_a_run_tells_how_far_it_is_and_no_more(tmp_path: Path) -> None:
    config = demo()
    done = snakemake(tmp_path, config, "results/human/L1/ceilings.csv")
    assert done.returncode == 0, done.stdout
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    assert re.match(r"\d+ jobs to do$", next(line for line in lines if "jobs" in line))
    assert re.search(r"^(\d+) of \1 jobs done$", done.stdout, flags=re.MULTILINE)
    assert len(lines) < 15, done.stdout
    for chatter in ("reason:", "findfont", "rule gaze", "Finished job", "Select jobs"):
        assert chatter not in done.stdout
    told = snakemake(tmp_path, config, "results/human/L2/ceilings.csv", "--printshellcmds")
    assert "/scripts/" in told.stdout, "as asked for"
