"""What the SLURM executor plugin is told of jobs: states that are an end are told as one that it takes for an end.

Two states make version 2.8.0 of the plugin wait for ever. PREEMPTED: it leaves such a job "to SLURM to resume", which
SLURM does where PreemptMode is REQUEUE (the job is PENDING then), but where it is CANCEL nobody will. And "CANCELLED by
1000", which sacct says of a job that somebody cancelled. Both count as CANCELLED here: the job has failed, and is
submitted again as often as `retries` says.
"""

import functools
import sys
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

PLUGIN = "snakemake_executor_plugin_slurm"
Query = Callable[..., Awaitable[tuple[dict[str, str] | None, float | None]]]


def as_the_plugin_knows(state: str) -> str:
    """A state of squeue or sacct as one that the plugin's lists have."""
    first = state.split(maxsplit=1)[0] if state.strip() else state
    return "CANCELLED" if first == "PREEMPTED" else first


def mend(plugin: ModuleType | None) -> None:
    """Let the plugin, if it is loaded, ask for states through `as_the_plugin_knows`; a second call changes nothing.

    Raises AttributeError for a version of the plugin without `query_job_status`: see then whether it still needs this.
    """
    if plugin is not None and not hasattr(plugin.query_job_status, "__wrapped__"):
        plugin.query_job_status = _told(plugin.query_job_status)  # type: ignore[attr-defined]


def _told(query: Query) -> Query:
    @functools.wraps(query)
    async def told(*arguments: Any, **named: Any) -> tuple[dict[str, str] | None, float | None]:
        states, seconds = await query(*arguments, **named)
        if states is not None:
            states = {job: as_the_plugin_knows(state) for job, state in states.items()}
        return states, seconds

    return told


def mend_loaded() -> None:
    """Snakemake loads every plugin that is installed, whichever is used."""
    mend(sys.modules.get(PLUGIN))
