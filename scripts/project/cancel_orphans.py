"""Cancel the SLURM jobs that a killed snakemake left behind: those that work in its folder."""

import subprocess
from pathlib import Path

import psutil

from readalike.errors import ReadalikeError
from readalike.running.arguments import In
from readalike.running.command import log, run


def main(*, folder: In = Path()) -> None:
    """
    folder : where snakemake was started (default: here)
    """
    folder = folder.resolve()
    running = [process.pid for process in psutil.process_iter() if _is_snakemake_in(process, folder)]
    if running:
        raise ReadalikeError(
            f"{folder}: snakemake is running there (process {', '.join(map(str, running))}), so that its jobs are no "
            "orphans; end it with Ctrl-C, which cancels them"
        )
    jobs = [job.split("|", 2) for job in _slurm("squeue", "-h", "--me", "-o", "%A|%k|%Z").splitlines()]
    # The plugin puts the rule or the group into a job's comment; other jobs that work here are not snakemake's.
    orphans = [
        (number, comment)
        for number, comment, place in jobs
        if Path(place).resolve() == folder and comment.startswith(("rule_", "group_"))
    ]
    for number, comment in orphans:
        _slurm("scancel", number)
        log.info("cancelled job %s (%s)", number, comment)
    log.info("%s: %d jobs cancelled", folder, len(orphans))


def _is_snakemake_in(process: psutil.Process, folder: Path) -> bool:
    """Whether it is a snakemake of this machine that works in the folder, and not a job of its own."""
    try:
        words = process.cmdline()
        # A job's snakemake is told which rules it may run.
        return (
            any(Path(word).name == "snakemake" for word in words[:3])
            and "--allowed-rules" not in words
            and Path(process.cwd()) == folder
        )
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _slurm(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    except FileNotFoundError:
        raise ReadalikeError(f"{command[0]} is not installed here; run this where jobs are submitted") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said = getattr(error, "stderr", None) or error
        raise ReadalikeError(f"{' '.join(command)}: {said}".strip()) from None


if __name__ == "__main__":
    run(main)
