"""A script ends in one message for a user's mistake, and in a logged traceback for a defect."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import argparse
from readalike.command import run
from readalike.errors import {error}

def main(arguments: argparse.Namespace) -> None:
    raise {error}("file x, line 3: wrong; do this")

run(main, argparse.ArgumentParser())
"""


@pytest.mark.parametrize(("error", "status"), [("CorpusError", 1), ("ValueError", 2)])
def test_messages_and_tracebacks(tmp_path: Path, error: str, status: int) -> None:
    text = SCRIPT.format(error=error)
    if error == "ValueError":
        text = text.replace("from readalike.errors import ValueError\n", "")
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    log = tmp_path / "logs" / "a.log"
    command = [sys.executable, str(tmp_path / "script.py"), "--log", str(log)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status
    said = log.read_text(encoding="utf-8")
    assert said == done.stderr
    assert "file x, line 3: wrong; do this" in said
    assert ("Traceback" in said) == (status == 2)


def test_what_a_library_raised_behind_a_message_stands_in_the_log_alone(tmp_path: Path) -> None:
    text = SCRIPT.format(error="CorpusError").replace('do this")', 'do this") from KeyError("of a library")')
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "script.py"), "--log", str(tmp_path / "a.log")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "ERROR file x, line 3: wrong; do this\n"
    assert (tmp_path / "a.log").read_text(encoding="utf-8") == f"{done.stderr}KeyError: 'of a library'\n"


def test_a_full_disk_is_no_defect(tmp_path: Path) -> None:
    text = SCRIPT.format(error="ReadalikeError").replace("raise ReadalikeError(", "raise OSError(28, 'No space left', ")
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, str(tmp_path / "script.py")], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No space left" in done.stderr
    assert "free some space" in done.stderr
    assert "Traceback" not in done.stderr


def test_arguments_reach_main(monkeypatch: pytest.MonkeyPatch) -> None:
    from readalike.command import run

    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int)
    monkeypatch.setattr(sys, "argv", ["script", "--n", "3"])
    seen: list[int] = []
    run(lambda arguments: seen.append(arguments.n), parser)
    assert seen == [3]
