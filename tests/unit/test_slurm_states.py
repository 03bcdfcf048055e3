"""States of jobs as the executor plugin is told of them; on a real SLURM: tests/cluster/test_faults_of_slurm.py."""

import asyncio
import importlib
import inspect
import re
import types

import pytest

from readalike.running.slurm_states import PLUGIN, as_the_plugin_knows, mend

# What squeue and sacct say of a job that is over, by their manuals.
ENDS = (
    *("BOOT_FAIL", "CANCELLED", "CANCELLED by 1000", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY"),
    *("PREEMPTED", "TIMEOUT"),
)
LIVES = (
    "PENDING",
    "RUNNING",
    "COMPLETING",
    "CONFIGURING",
    "REQUEUED",
    "RESIZING",
    "SUSPENDED",
    "STOPPED",
    "REQUEUE_HOLD",
)


def known_ends() -> set[str]:
    """The plugin's own lists, as they stand in its text."""
    text = inspect.getsource(importlib.import_module(PLUGIN))
    listed = re.search(r"fail_stati = \((.*?)\)", text, flags=re.DOTALL)
    assert listed
    return {"COMPLETED", *re.findall(r'"(\w+)"', listed[1])}


@pytest.mark.parametrize("state", ENDS)
def test_every_end_is_told_as_one_that_the_plugin_knows(state: str) -> None:
    assert as_the_plugin_knows(state) in known_ends()


def test_without_it_the_plugin_would_wait_for_ever() -> None:
    """If this fails the plugin knows them by itself, and the module can go."""
    assert known_ends().isdisjoint(["PREEMPTED", "CANCELLED by 1000"])


@pytest.mark.parametrize("state", LIVES)
def test_jobs_that_live_are_told_as_they_are(state: str) -> None:
    assert as_the_plugin_knows(state) == state
    assert state not in known_ends()


def test_the_plugins_query_is_wrapped_once() -> None:
    async def query(command: str, logger: object) -> tuple[dict[str, str] | None, float | None]:
        return ({"1": "PREEMPTED", "2": "CANCELLED by 0", "3": "RUNNING", "4": ""}, 0.1) if command else (None, None)

    plugin = types.ModuleType("plugin")
    plugin.query_job_status = query  # type: ignore[attr-defined]
    mend(plugin)
    once = plugin.query_job_status
    mend(plugin)
    assert plugin.query_job_status is once
    assert asyncio.run(once("squeue", None)) == ({"1": "CANCELLED", "2": "CANCELLED", "3": "RUNNING", "4": ""}, 0.1)
    assert asyncio.run(once("", None)) == (None, None)
    mend(None)


def test_the_plugin_that_is_installed_calls_what_is_wrapped() -> None:
    plugin = importlib.import_module(PLUGIN)
    assert re.search(r"await query_job_status\(", inspect.getsource(plugin))
    assert callable(plugin.query_job_status)
