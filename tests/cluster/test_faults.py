"""What goes wrong on a cluster, done on purpose: the same command again finishes, and repeats only what was lost.

Those marked as rare are run by `make test-faults-all`, before a release; the others before each landing.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.cluster import slurm
from tests.cluster.runs import (
    EXTRACTION,
    MEASURES,
    TARGET,
    WRITER,
    Run,
    assert_finished,
    is_script,
    others_in,
    process_of,
    submit,
)
from tests.running import script, snakemake

pytestmark = pytest.mark.cluster
RARE = pytest.mark.rare


@RARE
def test_a_pending_extraction_is_cancelled(run: Callable[..., Run], cluster: slurm.Cluster, local: Path) -> None:
    cluster.node("drain")
    started = run()
    job = started.until_job(EXTRACTION, "PENDING")
    slurm.client("scancel", job)
    cluster.node("resume")
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "CANCELLED"): 1, (EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


@RARE
def test_a_running_extraction_is_cancelled(run: Callable[..., Run], local: Path) -> None:
    started = run()
    process_of(started, "attention/extract.py")
    slurm.client("scancel", started.until_job(EXTRACTION, "RUNNING"))
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "CANCELLED"): 1, (EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


@pytest.mark.parametrize(
    ("kind", "name"), [(EXTRACTION, "attention/extract.py"), (MEASURES, "measures/resemblance.py")]
)
@RARE
def test_a_jobs_process_is_killed(run: Callable[..., Run], local: Path, kind: str, name: str) -> None:
    """Of a single job, and of one among others in a job."""
    started = run()
    process_of(started, name).kill()
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1, (kind, "FAILED"): 1}


@RARE
def test_snakemake_is_killed_and_its_orphans_end_by_themselves(run: Callable[..., Run], local: Path) -> None:
    started = run()
    process_of(started, "attention/extract.py")
    started.process.kill()
    started.process.wait()
    slurm.wait_for("the orphans' end", lambda: not slurm.jobs_known(), 120)
    refused = submit(started.folder, started.configuration, TARGET)
    assert refused.returncode != 0
    assert "locked" in refused.stdout
    assert submit(started.folder, started.configuration, "--unlock").returncode == 0
    started.again()
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}, "the orphan's work counts"


@pytest.mark.parametrize(
    ("kind", "name"),
    [(EXTRACTION, "attention/extract.py"), pytest.param(MEASURES, "measures/resemblance.py", marks=RARE)],
)
def test_snakemake_is_killed_and_its_orphans_are_cancelled(
    run: Callable[..., Run], local: Path, kind: str, name: str
) -> None:
    started = run()
    process_of(started, name)
    refused = script("project/cancel_orphans.py", "--folder", started.folder)
    assert refused.returncode == 1
    assert "snakemake is running there" in refused.stdout
    job = started.until_job(kind, "RUNNING")
    started.process.kill()
    started.process.wait()
    done = script("project/cancel_orphans.py", "--folder", started.folder)
    assert done.returncode == 0, done.stdout
    assert f"cancelled job {job} ({kind}" in done.stdout
    assert "1 jobs cancelled" in done.stdout
    slurm.wait_for("an empty queue", lambda: not slurm.jobs_known(), 120)
    assert submit(started.folder, started.configuration, "--unlock").returncode == 0
    started.again()
    assert_finished(started, local)
    expected = {(EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1, (kind, "CANCELLED"): 1}
    assert started.jobs() == expected


@RARE
def test_two_writers_of_one_output_never_mix(run: Callable[..., Run], local: Path) -> None:
    """snakemake killed and started again at once: the orphan is held until the new job writes the same file."""
    started = run()
    orphan = process_of(started, "attention/extract.py")
    orphan.suspend()
    started.process.kill()
    started.process.wait()
    assert submit(started.folder, started.configuration, "--unlock").returncode == 0
    second = run(folder=started.folder)
    slurm.wait_for(
        "a second writer",
        lambda: len([p for p in psutil.process_iter() if is_script(p, WRITER, started.folder)]) == 2,
        120,
    )
    orphan.resume()
    assert second.wait() == 0, second.said()[-3000:]
    slurm.wait_for("an empty queue", lambda: not slurm.jobs_known(), 120)
    assert_finished(started, local)
    first, other = (
        job for job in slurm.jobs_done() if job["JobID"] not in started.known and EXTRACTION in job["Comment"]
    )
    assert first["Start"] < other["Start"] < first["End"], "they ran at the same time"


@RARE
def test_interrupted_by_the_keyboard(run: Callable[..., Run], local: Path) -> None:
    started = run()
    process_of(started, "attention/extract.py")
    started.process.send_signal(signal.SIGINT)
    assert started.wait(60) != 0
    slurm.wait_for("an empty queue: its jobs are cancelled", lambda: not slurm.jobs_known(), 120)
    assert not (started.folder / "results/attention/short/two").is_dir() or not list(
        (started.folder / "results/attention/short/two").glob("*/*.h5")
    )
    started.again()
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "CANCELLED"): 1, (EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


@RARE
def test_the_node_is_drained_and_resumed(run: Callable[..., Run], cluster: slurm.Cluster, local: Path) -> None:
    cluster.node("drain")
    started = run()
    started.until_job(EXTRACTION, "PENDING")
    time.sleep(5)
    cluster.node("resume")
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


@RARE
def test_the_node_goes_down_and_comes_back(run: Callable[..., Run], cluster: slurm.Cluster, local: Path) -> None:
    started = run()
    process_of(started, "attention/extract.py")
    job = started.until_job(EXTRACTION, "RUNNING")
    cluster.node("down")
    # SLURM puts the job back under its number. On a node that is really down its processes would not live on.
    slurm.wait_for("the job to be put back", lambda: started.until_job(EXTRACTION, "PENDING") == job, 120)
    for pid in others_in(started):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    # A job that starts while its first try still ends is refused as a duplicate; SLURM itself waits two minutes.
    slurm.wait_for("the end of the first try", lambda: not others_in(started), 120)
    time.sleep(5)
    cluster.node("resume")
    slurm.client("scontrol", "update", f"JobId={job}", "StartTime=now")
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    # The same job, which SLURM started twice.
    assert started.jobs() == {(EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


def test_a_job_over_its_memory_is_tried_again_with_more(run: Callable[..., Run], local: Path) -> None:
    """Given too little, it is killed by SLURM; the second attempt has what the rule says."""
    started = run("--set-resources", "attention:mem_mb=300 if attempt == 1 else 2500")
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "FAILED"): 1, (EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """A file system of its own in memory at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(folder: Path, leave_kilobytes: int) -> None:
    free = shutil.disk_usage(folder).free
    (folder / "filler").write_bytes(b"\0" * max(free - leave_kilobytes * 1024, 0))


@pytest.mark.parametrize("whole", [False, True], ids=["results", "results and .snakemake"])
@RARE
def test_a_full_disk(
    run: Callable[..., Run], cluster: slurm.Cluster, prepared: Path, local: Path, tmp_path: Path, whole: bool
) -> None:
    folder = prepared.parent / f"disk-{tmp_path.name}"
    disk = folder if whole else folder / "results"
    with small_disk(disk, 400_000):
        shutil.copytree(prepared, folder, symlinks=True, dirs_exist_ok=True)
        # Less than the attention of a model takes.
        _fill(disk, 200 if whole else 40)
        started = run("--retries", "0", folder=folder)
        assert started.wait() != 0
        # A snakemake that cannot write its own notes ends before its jobs do.
        cluster.wait_until_idle()
        assert "No space left" in started.said() + _logs(folder)
        assert not list((folder / "results/attention/short").glob("two/*/*.h5"))
        (disk / "filler").unlink()
        if "locked" in submit(folder, started.configuration, *started.arguments, "--dry-run").stdout:
            assert submit(folder, started.configuration, "--unlock").returncode == 0
        started.again()
        assert_finished(started, local)
        jobs = started.jobs()
        assert jobs[MEASURES, "COMPLETED"] == 1
        assert jobs[EXTRACTION, "COMPLETED"] == 1


def _logs(folder: Path) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8", errors="replace") for path in (folder / "results" / "logs").rglob("*.log")
    )


@RARE
def test_a_local_run_goes_on_where_the_cluster_stopped(run: Callable[..., Run], local: Path) -> None:
    """The two profiles keep the same records, so that neither makes again what the other made."""
    started = run()
    assert started.wait() == 0, started.said()[-3000:]
    done = snakemake(started.folder, started.configuration, "--dry-run", TARGET)
    assert "Nothing to be done" in done.stdout, done.stdout[-3000:]
