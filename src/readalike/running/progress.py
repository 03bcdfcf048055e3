"""What a run shows on the screen: how far it is, warnings and errors. All else stands in its log file.

Snakemake writes a dozen lines about every job: its files, why it runs, that it began and that it ended. On the screen
one line every ten seconds at most takes their place; .snakemake/log has all of them, and `--verbose` or
`--printshellcmds` brings them back.
"""

import logging
import time
from collections.abc import Callable

from snakemake_interface_logger_plugins.common import LogEvent

# Of jobs and of what Snakemake has at hand.
EVENTS = (
    LogEvent.JOB_INFO,
    LogEvent.GROUP_INFO,
    LogEvent.JOB_STARTED,
    LogEvent.JOB_FINISHED,
    LogEvent.SHELLCMD,
    LogEvent.RESOURCES_INFO,
    LogEvent.WORKFLOW_STARTED,
)
SAID = (
    "Building DAG of jobs",
    "Using shell:",
    "Select jobs to execute",
    "Group jobs: inactive",
    "Conda environments: ignored",
    "Singularity containers: ignored",
    "Removing temporary output",
)
# Seconds between two lines.
SECONDS = 10.0


class Brief(logging.Formatter):
    """Formats what is shown as `inner` does, but for progress, which it tells at most every `SECONDS`."""

    def __init__(self, inner: logging.Formatter, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._inner, self._clock = inner, clock
        self._told, self._total = clock(), 0
        self._running: dict[int, str] = {}  # number of a job -> what it does, in the order they began

    def kept(self, record: logging.LogRecord) -> bool:
        """Whether a record is shown at all; a handler's filter."""
        event, more = getattr(record, "event", None), vars(record)
        if event == LogEvent.RUN_INFO:
            self._total = int(more["stats"].get("total", 0))
        if event == LogEvent.JOB_INFO:
            self._running[more["jobid"]] = " ".join([more["rule_name"], *map(str, dict(more["wildcards"]).values())])
        if event == LogEvent.JOB_FINISHED:
            self._running.pop(more["job_id"], None)
        if event == LogEvent.RUN_INFO:
            return self._total > 0
        if event == LogEvent.PROGRESS:
            due = self._clock() - self._told >= SECONDS or more["done"] == more["total"]
            self._told = self._clock() if due else self._told
            return due
        return event not in EVENTS and not record.getMessage().startswith(SAID)

    def format(self, record: logging.LogRecord) -> str:
        event, more = getattr(record, "event", None), vars(record)
        if event == LogEvent.RUN_INFO:
            return f"{self._total} jobs to do"
        if event == LogEvent.PROGRESS:
            doing = f"; now {next(reversed(self._running.values()))}" if self._running else ""
            return f"{more['done']} of {more['total']} jobs done{doing}"
        return self._inner.format(record)


def keep_brief(handlers: list[logging.Handler]) -> None:
    """Let the screen's handler among Snakemake's tell progress in place of every job."""
    for handler in handlers:
        if handler.name == "DefaultStreamHandler" and handler.formatter is not None:
            brief = Brief(handler.formatter)
            handler.addFilter(brief.kept)
            handler.setFormatter(brief)
