"""A script ends in one message for a user's mistake, in a logged traceback for a defect, and leaves a record."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
'''What it is for.'''
from readalike.errors import CorpusError, ReadalikeError
from readalike.running.arguments import HandedOn, In, Out
from readalike.running.command import run


def main(*, words: In | None = None, seed: int = 0, table: Out | None = None, states: HandedOn | None = None) -> None:
    {body}


run(main)
"""


def start(folder: Path, body: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(SCRIPT.format(body=body), encoding="utf-8")
    command = [sys.executable, str(folder / "script.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.mark.parametrize(("error", "status"), [("CorpusError", 1), ("ValueError", 2)])
def test_messages_and_tracebacks(tmp_path: Path, error: str, status: int) -> None:
    log = tmp_path / "logs" / "a.log"
    done = start(tmp_path, f'raise {error}("file x, line 3: wrong; do this")', "--log", log)
    assert done.returncode == status
    said = log.read_text(encoding="utf-8")
    assert said == done.stderr
    assert "file x, line 3: wrong; do this" in said
    assert ("Traceback" in said) == (status == 2)


def test_what_a_library_raised_behind_a_message_stands_in_the_log_alone(tmp_path: Path) -> None:
    done = start(tmp_path, 'raise CorpusError("wrong; do this") from KeyError("of a library")', "--log", "a.log")
    assert done.returncode == 1
    assert done.stderr == "ERROR wrong; do this\n"
    assert (tmp_path / "a.log").read_text(encoding="utf-8") == f"{done.stderr}KeyError: 'of a library'\n"


def test_a_full_disk_is_no_defect(tmp_path: Path) -> None:
    done = start(tmp_path, "raise OSError(28, 'No space left')")
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "free some space" in done.stderr
    assert "Traceback" not in done.stderr


def test_arguments_reach_main_and_the_record(tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("x", encoding="utf-8")
    body = "assert seed == 3; table.parent.mkdir(); table.write_text('y'); states.write_text('z')"
    paths = ("--words", "words.tsv", "--table", "results/t.csv", "--states", "results/states")
    done = start(tmp_path, body, "--seed", 3, *paths)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "results/provenance/t.csv.json").read_text(encoding="utf-8"))
    assert list(record["inputs"]) == ["words.tsv"]
    assert record["arguments"] == {"seed": 3}
    assert not (tmp_path / "results/provenance/states.json").exists(), "it is handed on, and removed"


@pytest.mark.parametrize("option", ["--table", "--states"])
def test_an_output_that_was_not_written_is_a_defect(tmp_path: Path, option: str) -> None:
    done = start(tmp_path, "pass", option, "results/t.csv")
    assert done.returncode == 2
    assert "results/t.csv is declared as written and is not there" in done.stderr
    assert not (tmp_path / "results/provenance").exists()
