"""What the cluster tests take for their own leftovers, and what for a SLURM in use."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import slurm


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A link as the tests make below /etc/slurm, into a folder of theirs whose daemon has ended."""
    folder = tmp_path / "cluster"
    (folder / "run").mkdir(parents=True)
    (folder / slurm.MARK).touch()
    (folder / "slurm.conf").touch()
    ended = subprocess.Popen(["true"])
    ended.wait()
    (folder / "run" / "slurmctld.pid").write_text(f"{ended.pid}\n")
    link = tmp_path / "slurm.conf"
    link.symlink_to(folder / "slurm.conf")
    return link


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[int]:
    """Pid of a process named as SLURM's node daemon."""
    program = shutil.copy(shutil.which("sleep") or "", tmp_path / "slurmd")
    process = subprocess.Popen([program, "600"])
    # It has its name a moment after Popen returns.
    comm = Path(f"/proc/{process.pid}/comm")
    slurm.wait_for("the process's name", lambda: comm.read_text().strip() == "slurmd")
    yield process.pid
    process.kill()
    process.wait()


def test_a_killed_runs_links_are_taken_over(linked: Path) -> None:
    assert slurm.left_over(linked)


def test_they_are_where_their_folder_is_gone(linked: Path) -> None:
    shutil.rmtree(linked.resolve().parent)
    assert slurm.left_over(linked)


def test_another_process_with_the_daemons_number_counts_for_nothing(linked: Path) -> None:
    (linked.resolve().parent / "run" / "slurmctld.pid").write_text(str(os.getpid()))
    assert slurm.left_over(linked)


def test_a_run_under_way_keeps_its_links(linked: Path, daemon: int) -> None:
    (linked.resolve().parent / "run" / "slurmd.pid").write_text(str(daemon))
    assert not slurm.left_over(linked)


def test_a_sites_own_configuration_is_left_alone(linked: Path, tmp_path: Path) -> None:
    (linked.resolve().parent / slurm.MARK).unlink()
    assert not slurm.left_over(linked)
    assert not slurm.left_over(linked.resolve())
