"""Preemption, limits, and daemons of SLURM that are away: a run goes on, or the same command again finishes."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster import slurm
from tests.cluster.runs import EXTRACTION, MEASURES, WRITER, Run, assert_finished, process_of
from tests.running import ROOT

pytestmark = pytest.mark.cluster


def urgent_job() -> str:
    """Somebody else's job on all GPUs, in a partition that may take them from others. It lasts some seconds."""
    words = ("--parsable", "--partition", "urgent", f"--gpus={slurm.GPUS}", "--mem=100", "--wrap", "sleep 8")
    return slurm.client("sbatch", "--output", "/dev/null", *words).strip()


@pytest.mark.rare
def test_a_job_is_preempted_and_put_back(run: Callable[..., Run], local: Path) -> None:
    """PreemptMode=REQUEUE: the same job again, and no attempt is used."""
    started = run("--retries", "0", "--set-resources", "attention:slurm_partition=requeued")
    process_of(started, WRITER)
    job = started.until_job(EXTRACTION, "RUNNING")
    urgent_job()
    slurm.wait_for("the job to be put back", lambda: started.until_job(EXTRACTION, "PENDING") == job, 120)
    # SLURM itself would wait two minutes.
    slurm.client("scontrol", "update", f"JobId={job}", "StartTime=now")
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    jobs = started.jobs()
    assert (jobs[EXTRACTION, "COMPLETED"], jobs[MEASURES, "COMPLETED"]) == (1, 1)


@pytest.mark.parametrize("asked", ["squeue", pytest.param("sacct", marks=pytest.mark.rare)])
def test_a_job_is_preempted_and_cancelled(run: Callable[..., Run], local: Path, asked: str) -> None:
    """PreemptMode=CANCEL: submitted again. Without `running/slurm_states.py` snakemake waits for it for ever."""
    started = run(
        *("--workflow-profile", str(ROOT / "workflow" / "profiles" / "preemptible")),
        *("--set-resources", "attention:slurm_partition=cancelled", "--slurm-status-command", asked),
    )
    process_of(started, WRITER)
    urgent_job()
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    jobs = started.jobs()
    assert jobs[EXTRACTION, "PREEMPTED"] >= 1
    assert (jobs[EXTRACTION, "COMPLETED"], jobs[MEASURES, "COMPLETED"]) == (1, 1)


@pytest.mark.rare
def test_a_job_that_somebody_cancels_is_seen_by_sacct(run: Callable[..., Run], local: Path) -> None:
    """`CANCELLED by 0`, which the plugin takes for a job that runs."""
    started = run("--slurm-status-command", "sacct")
    process_of(started, WRITER)
    slurm.client("scancel", started.until_job(EXTRACTION, "RUNNING"))
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs()[EXTRACTION, "CANCELLED"] == 1


@pytest.mark.rare
def test_a_job_runs_out_of_time(run: Callable[..., Run], local: Path) -> None:
    """Stopped until SLURM ends it after its minute; the second attempt has the rule's own limit."""
    started = run("--set-resources", "attention:runtime=1 if attempt == 1 else 20")
    process_of(started, WRITER).suspend()
    slurm.wait_for("the time limit", lambda: any(job["State"] == "TIMEOUT" for job in slurm.jobs_done()[-3:]), 180)
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "TIMEOUT"): 1, (EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


@pytest.mark.rare
def test_the_controller_is_restarted(run: Callable[..., Run], cluster: slurm.Cluster, local: Path) -> None:
    """While a job runs; questions about it are not answered in between."""
    started = run()
    process_of(started, WRITER)
    cluster.controller_restarts(6)
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    assert started.jobs() == {(EXTRACTION, "COMPLETED"): 1, (MEASURES, "COMPLETED"): 1}


@pytest.mark.rare
def test_the_accounting_database_is_away(run: Callable[..., Run], cluster: slurm.Cluster, local: Path) -> None:
    """From before the first job until after the last: squeue is asked, which needs no database."""
    started = run()
    with cluster.database_away():
        assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)


@contextlib.contextmanager
def at_most(jobs: int) -> Iterator[None]:
    """A limit of the account on jobs in the queue."""

    def limit(jobs: int) -> None:
        slurm.client("sacctmgr", "-i", "modify", "user", "root", "set", f"MaxSubmitJobs={jobs}")

    limit(jobs)
    try:
        yield
    finally:
        limit(-1)


@pytest.mark.rare
def test_the_account_may_have_no_more_jobs_in_the_queue(run: Callable[..., Run], local: Path) -> None:
    """sbatch refuses, which counts as a failure of the job; the same command goes on once there is room."""
    with at_most(1):
        slurm.client("sbatch", "--output", "/dev/null", "--mem=100", "--wrap", "sleep 120")
        started = run()
        assert started.wait() != 0
        assert "MaxSubmitJob" in started.said() or "job submit limit" in started.said(), started.said()[-3000:]
    started.again()
    assert_finished(started, local)
    jobs = started.jobs()
    assert (jobs[EXTRACTION, "COMPLETED"], jobs[MEASURES, "COMPLETED"]) == (1, 1)


@pytest.mark.rare
def test_gpus_are_asked_for_by_gres(run: Callable[..., Run], local: Path) -> None:
    started = run("--set-resources", "attention:gpu=0", "attention:gres='gpu:1'")
    assert started.wait() == 0, started.said()[-3000:]
    assert_finished(started, local)
    (job,) = (job for job in slurm.jobs_done() if job["JobID"] not in started.known and EXTRACTION in job["Comment"])
    assert "gres/gpu=1" in job["AllocTRES"]
