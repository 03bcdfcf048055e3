"""What Snakemake says of a job that failed: the job's own message, last and once.

Snakemake tells a failure three times, with the whole shell command, between lines of other jobs. Where the log of the
job ends in a message of its script, the message takes the place of all that at the end; where it does not (killed, out
of memory, a defect of the workflow), everything stays as Snakemake says it.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

START = "ERROR "
# The first of Snakemake's three; it says nothing that the second does not.
COMMAND_FAILED = "RuleException:\nCalledProcessError"
LAST = "WorkflowError:\nAt least one job did not complete successfully."
# Clocks of a cluster differ by so many seconds at most.
CLOCKS = 60.0


class LastWords(logging.Filter):
    """Keeps messages of failed jobs from Snakemake's log as they come, and lets it end with them."""

    def __init__(self) -> None:
        super().__init__()
        self.started = time.time() - CLOCKS
        self.messages: dict[str, None] = {}  # in order of appearance, each once

    def filter(self, record: logging.LogRecord) -> bool:
        event = getattr(record, "event", None)
        if event == LogEvent.JOB_ERROR:
            return not self._kept([vars(record)])
        if event == LogEvent.GROUP_ERROR:
            return not self._kept(vars(record)["job_error_info"])
        said = record.getMessage().lstrip()
        if said.startswith(COMMAND_FAILED):
            return False
        if self.messages and said.startswith(LAST):
            record.msg, record.args = "\n" + "\n".join(self.messages), ()
        return True

    def _kept(self, jobs: Iterable[Mapping[str, Any]]) -> bool:
        """Whether one of the jobs left a message, which is kept."""
        found = False
        for job in jobs:
            for log in map(str, job["log"] or ()):
                if text := last_message(Path(log), since=self.started):
                    self.messages[f"{job['rule_name']}: {text}\n(log: {log})"] = None
                    found = True
        return found


def last_message(log: Path, *, since: float) -> str:
    """What a script ended with, from its log; empty where it ended otherwise, or the log is of an earlier run.

    since : seconds of the epoch
    """
    try:
        if log.stat().st_mtime < since:
            return ""
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""  # no log: the script did not begin, and Snakemake's own words stand
    starts = [k for k, line in enumerate(lines) if line.startswith(START)]
    if not starts:
        return ""
    # What a library raised behind the message follows it in the log.
    end = next((k for k in range(starts[-1], len(lines)) if lines[k].startswith("Traceback ")), len(lines))
    return "\n".join(lines[starts[-1] : end]).removeprefix(START).strip()
