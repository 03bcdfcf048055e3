"""What goes wrong on a cluster, done on purpose: the same command again finishes, and repeats only what was lost."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cluster import slurm
from tests.cluster.conftest import assert_same, command, copied, submit
from tests.running import ROOT, script, snakemake

pytestmark = pytest.mark.cluster

# What a fault can hit: everything else of the model `one` and of the readers is made before.
TARGET = "results/overview/two.csv"
WRITER = "attention/extract.py"
EXTRACTION, MEASURES = "rule_attention", "rule_measures"


class Run:
    """A snakemake in the background, in a copy of what is prepared."""

    def __init__(self, folder: Path, configuration: dict[str, Any], *arguments: str) -> None:
        self.folder = folder
        self.configuration = configuration
        # First: some options take all words that follow.
        self.arguments = (TARGET, *arguments)
        self.known = {job["JobID"] for job in slurm.jobs_done()}
        self.log = folder / "snakemake.out"
        self.process = self.start()

    def start(self) -> "subprocess.Popen[str]":
        with self.log.open("a", encoding="utf-8") as output:
            return subprocess.Popen(
                command(self.folder, self.configuration, *self.arguments),
                **{
                    "stdin": subprocess.DEVNULL,
                    "stdout": output,
                    "stderr": subprocess.STDOUT,
                    "text": True,
                    "cwd": ROOT,
                },
                # As a shell in the foreground starts it: SIGINT ends it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait(self, seconds: float = 300) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"snakemake did not end:\n{self.said()[-3000:]}") from None

    def again(self, *arguments: str) -> None:
        """The same command again, to the end."""
        done = submit(self.folder, self.configuration, *self.arguments, *arguments)
        assert done.returncode == 0, done.stdout[-5000:]

    def until_job(self, comment: str, state: str) -> str:
        """Number of the job of this kind, once it is in this state."""
        found: list[str] = []

        def there() -> bool:
            assert self.process.poll() is None, self.said()[-3000:]
            found[:] = [
                job["JobID"]
                for job in slurm.jobs_known()
                if job["Comment"].startswith(comment) and job["State"] == state and job["WorkDir"] == str(self.folder)
            ]
            return bool(found)

        slurm.wait_for(f"a job {comment} to be {state}", there, 120)
        return found[0]

    def jobs(self) -> Counter[tuple[str, str]]:
        """Kind and state of every job since the start; jobs in the queue are not among them."""
        done = [job for job in slurm.jobs_done() if job["JobID"] not in self.known]
        return Counter((_kind(job["Comment"]), job["State"].split()[0]) for job in done)


def _kind(comment: str) -> str:
    return next((kind for kind in (EXTRACTION, MEASURES) if comment.startswith(kind)), comment)


@pytest.fixture
def run(
    cluster: slurm.Cluster, prepared: Path, configuration: dict[str, Any], tmp_path: Path
) -> Iterator[Callable[..., Run]]:
    """Starts a run; nothing of it is left behind."""
    runs: list[Run] = []

    def starting(*arguments: str, folder: Path | None = None) -> Run:
        # Beside the prepared folder: paths of the inputs are relative to it.
        place = folder or copied(prepared, prepared.parent / f"run-{tmp_path.name}")
        runs.append(Run(place, configuration, *arguments))
        return runs[-1]

    yield starting
    for each in runs:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        shutil.rmtree(each.folder, ignore_errors=True)
    slurm.client("scancel", "-u", "root", check=False)
    slurm.wait_for("an empty queue", lambda: not slurm.jobs_known(), 60)
    cluster.node("resume")
    cluster.wait_until_idle()


def assert_finished(run: Run, local: Path) -> None:
    """All of the model's measures, and nothing half-written."""
    # Only a snakemake that lives removes what the next block of layers would start from.
    for states in (run.folder / "results/attention/short/two").glob("states-*"):
        states.unlink()
    for stage in ("attention/short/two", "resemblance/two", "overview/two"):
        assert_same(run.folder, local, stage)
    left = [path for path in (run.folder / "results").rglob("*") if ".tmp" in path.name]
    assert not left


def process_of(run: Run, word: str) -> psutil.Process:
    """The script of a job, once it runs."""
    found: list[psutil.Process] = []

    def there() -> bool:
        found[:] = [process for process in psutil.process_iter() if _is(process, word, run.folder)]
        return bool(found)

    slurm.wait_for(f"{word} to run", there, 120)
    return found[0]


def others_in(run: Run) -> list[int]:
    """Processes that work in a run's folder, but for its own snakemake."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if Path(process.cwd()) == run.folder and process.pid != run.process.pid:
                found.append(process.pid)
    return found


def _is(process: psutil.Process, word: str, folder: Path) -> bool:
    try:
        return any(part.endswith(word) for part in process.cmdline()[:3]) and Path(process.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def test_a_pending_extraction_is_cancelled(run: Callable[..., Run], cluster: slurm.Cluster, local: Path) -> None:
    cluster.node("drain")
    started = run()
    job = started.until_job(EXTRACTION, "PENDING")
    slurm.client("scancel", job)
    cluster.node("resume")
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "CANCELLED"): 1, (EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


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
def test_a_jobs_process_is_killed(run: Callable[..., Run], local: Path, kind: str, name: str) -> None:
    """Of a single job, and of one among others in a job."""
    started = run()
    process_of(started, name).kill()
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1, (kind, "FAILED"): 1}


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
    ("kind", "name"), [(EXTRACTION, "attention/extract.py"), (MEASURES, "measures/resemblance.py")]
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
    slurm.wait_for("an empty queue", lambda: not slurm.jobs_known(), 60)
    assert submit(started.folder, started.configuration, "--unlock").returncode == 0
    started.again()
    assert_finished(started, local)
    expected = {(EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1, (kind, "CANCELLED"): 1}
    assert started.jobs() == expected


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
        "a second writer", lambda: len([p for p in psutil.process_iter() if _is(p, WRITER, started.folder)]) == 2, 120
    )
    orphan.resume()
    assert second.wait() == 0, second.said()[-3000:]
    slurm.wait_for("an empty queue", lambda: not slurm.jobs_known(), 60)
    assert_finished(started, local)
    first, other = (
        job for job in slurm.jobs_done() if job["JobID"] not in started.known and EXTRACTION in job["Comment"]
    )
    assert first["Start"] < other["Start"] < first["End"], "they ran at the same time"


def test_interrupted_by_the_keyboard(run: Callable[..., Run], local: Path) -> None:
    started = run()
    process_of(started, "attention/extract.py")
    started.process.send_signal(signal.SIGINT)
    assert started.wait(60) != 0
    slurm.wait_for("an empty queue: its jobs are cancelled", lambda: not slurm.jobs_known(), 60)
    assert not (started.folder / "results/attention/short/two").is_dir() or not list(
        (started.folder / "results/attention/short/two").glob("*/*.h5")
    )
    started.again()
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "CANCELLED"): 1, (EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


def test_the_node_is_drained_and_resumed(run: Callable[..., Run], cluster: slurm.Cluster, local: Path) -> None:
    cluster.node("drain")
    started = run()
    started.until_job(EXTRACTION, "PENDING")
    time.sleep(5)
    cluster.node("resume")
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


def test_the_node_goes_down_and_comes_back(run: Callable[..., Run], cluster: slurm.Cluster, local: Path) -> None:
    started = run()
    process_of(started, "attention/extract.py")
    job = started.until_job(EXTRACTION, "RUNNING")
    cluster.node("down")
    # SLURM puts the job back under its number. On a node that is really down its processes would not live on.
    slurm.wait_for("the job to be put back", lambda: started.until_job(EXTRACTION, "PENDING") == job, 60)
    for pid in others_in(started):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    # A job that starts while its first try still ends is refused as a duplicate; SLURM itself waits two minutes.
    slurm.wait_for("the end of the first try", lambda: not others_in(started), 60)
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


def test_a_local_run_goes_on_where_the_cluster_stopped(run: Callable[..., Run], local: Path) -> None:
    """The two profiles keep the same records, so that neither makes again what the other made."""
    started = run()
    assert started.wait() == 0, started.said()[-3000:]
    done = snakemake(started.folder, started.configuration, "--dry-run", TARGET)
    assert "Nothing to be done" in done.stdout, done.stdout[-3000:]
