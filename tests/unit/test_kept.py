"""What blocks in one allocation leave for another try: taken where it is of the same work, and of nothing else."""

import os
import subprocess
import sys
from pathlib import Path

from readalike.running.kept import keep, key_of, restore

SCRIPT = """
from readalike.running.arguments import HandedOn, In, Out
from readalike.running.command import run


def main(*, words: In, seed: int, table: list[Out], states: HandedOn) -> None:
    if seed == 9:
        raise RuntimeError("killed")
    for path in table:
        path.write_text(words.read_text() + str(seed))
    states.write_text("handed on")


run(main)
"""


def start(folder: Path, seed: int, *more: str) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    paths = ("--words", "words.tsv", "--table", "a.txt", "b.txt", "--states", "s", "--log", "log.txt")
    command = [sys.executable, "script.py", *paths, "--seed", str(seed), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def taken(folder: Path) -> bool:
    return "taken as an earlier try left it" in (folder / "log.txt").read_text(encoding="utf-8")


def test_a_second_try_takes_what_the_first_left_unless_something_differs(tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("x", encoding="utf-8")
    assert start(tmp_path, 1, "--keep", "kept").returncode == 0
    assert not taken(tmp_path)
    for name in ("a.txt", "b.txt", "s"):
        (tmp_path / name).unlink()  # as Snakemake does where another job of the allocation failed
    os.utime(tmp_path / "words.tsv")
    assert start(tmp_path, 1, "--keep", "kept").returncode == 0
    assert taken(tmp_path)
    assert [(tmp_path / name).read_text() for name in ("a.txt", "b.txt", "s")] == ["x1", "x1", "handed on"]
    assert (tmp_path / "a.txt").stat().st_mtime_ns >= (tmp_path / "words.tsv").stat().st_mtime_ns
    # Another argument, another input, no folder: all is done.
    assert start(tmp_path, 2, "--keep", "kept").returncode == 0
    assert not taken(tmp_path)
    assert (tmp_path / "a.txt").read_text() == "x2"
    (tmp_path / "words.tsv").write_text("y", encoding="utf-8")
    assert start(tmp_path, 1, "--keep", "kept").returncode == 0
    assert not taken(tmp_path)
    assert (tmp_path / "b.txt").read_text() == "y1"
    assert start(tmp_path, 1, "--keep").returncode == 0
    assert not taken(tmp_path)


def test_the_last_job_removes_the_folder_and_one_that_failed_does_not(tmp_path: Path) -> None:
    (tmp_path / "words.tsv").write_text("x", encoding="utf-8")
    assert start(tmp_path, 1, "--keep", "kept", "--drop").returncode == 0
    assert start(tmp_path, 9, "--keep", "--drop", "kept").returncode == 2
    assert len(list((tmp_path / "kept").iterdir())) == 1
    assert start(tmp_path, 3, "--keep", "--drop", "kept").returncode == 0
    assert not (tmp_path / "kept").exists()


def test_outputs_are_kept_all_or_none(tmp_path: Path) -> None:
    outputs = [tmp_path / "a", tmp_path / "b"]
    for path in outputs:
        path.write_text(path.name, encoding="utf-8")
    key = key_of({"seed": 1}, {"words.tsv": "0"}, "code", outputs)
    others = [({"seed": 2}, {"words.tsv": "0"}, "code"), ({"seed": 1}, {"words.tsv": "1"}, "code"),
              ({"seed": 1}, {"words.tsv": "0"}, "other")]  # fmt: skip
    assert key not in [key_of(*other, outputs) for other in others]
    keep(tmp_path / "kept", key, outputs)
    assert outputs[0].stat().st_nlink == 2, "no second copy"
    (tmp_path / "kept" / key / "1").unlink()
    outputs[0].unlink()
    assert not restore(tmp_path / "kept", key, outputs)
    assert not outputs[0].exists()
