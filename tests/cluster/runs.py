"""A snakemake in the background on the tests' SLURM, and what became of its jobs."""

import contextlib
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import psutil

from tests.cluster import slurm
from tests.running import ROOT, as_yaml

# The profile's own waits are for a cluster on which jobs take minutes.
IMPATIENT = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10")

# What a fault can hit: everything else of the model `one` and of the readers is made before.
TARGET = "results/overview/two.csv"
WRITER = "attention/extract.py"
EXTRACTION, MEASURES = "rule_attention", "rule_measures"


def command(folder: Path, configuration: dict[str, Any], *arguments: str) -> list[str]:
    """snakemake --profile slurm on a configuration, from the project's root; results in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(as_yaml({"results": "results", **configuration}), encoding="utf-8")
    return [
        *(sys.executable, "-m", "snakemake", "--profile", "slurm", "--directory", str(folder), *IMPATIENT),
        *(*arguments, "--configfile", str(folder / "config.yaml")),
    ]


def submit(folder: Path, configuration: dict[str, Any], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to the end; both streams in stdout."""
    return subprocess.run(
        ["timeout", "-k", "5", "-s", "INT", "900", *command(folder, configuration, *arguments)],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "check": False, "cwd": ROOT},
    )


def outputs(folder: Path) -> dict[str, bytes]:
    """Every result, by its path below results/; what jobs said and how long they took differs by run."""
    results = folder / "results"
    files = {str(path.relative_to(results)): path for path in results.rglob("*") if path.is_file()}
    return {name: file.read_bytes() for name, file in files.items() if not name.startswith(("logs/", "benchmarks/"))}


def assert_same(found: Path, expected: Path, below: str = "") -> None:
    """The same files with the same bytes, below a folder of results."""
    a, b = (
        {name: content for name, content in outputs(f).items() if name.startswith(below)} for f in (found, expected)
    )
    assert sorted(a) == sorted(b)
    assert [name for name in a if a[name] != b[name]] == []
    assert a, "there is something to compare"


def copied(folder: Path, to: Path) -> Path:
    """A folder of results with its metadata, times of files included."""
    shutil.copytree(folder, to, symlinks=True)
    return to


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

    def wait(self, seconds: float = 600) -> int:
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

        slurm.wait_for(f"a job {comment} to be {state}", there, 300)
        return found[0]

    def jobs(self) -> Counter[tuple[str, str]]:
        """Kind and state of every job since the start; jobs in the queue are not among them.

        Of this folder: jobs of an earlier test can reach the accounting late, where its database was away.
        """
        done = [job for job in slurm.jobs_done() if job["JobID"] not in self.known]
        done = [job for job in done if job["WorkDir"] == str(self.folder)]
        return Counter((_kind(job["Comment"]), job["State"].split()[0]) for job in done)


def _kind(comment: str) -> str:
    return next((kind for kind in (EXTRACTION, MEASURES) if comment.startswith(kind)), comment)


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
        found[:] = [process for process in psutil.process_iter() if is_script(process, word, run.folder)]
        return bool(found)

    slurm.wait_for(f"{word} to run", there, 300)
    return found[0]


def others_in(run: Run) -> list[int]:
    """Processes that work in a run's folder, but for its own snakemake."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if Path(process.cwd()) == run.folder and process.pid != run.process.pid:
                found.append(process.pid)
    return found


def is_script(process: psutil.Process, word: str, folder: Path) -> bool:
    """Whether a process is a script of this name that works in a folder."""
    try:
        return any(part.endswith(word) for part in process.cmdline()[:3]) and Path(process.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
