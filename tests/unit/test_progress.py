"""What a run shows on the screen, from the records that Snakemake logs."""

import logging
from typing import Any

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from readalike.running.progress import SECONDS, Brief, keep_brief


class Screen:
    """A handler as Snakemake has it, at a time that the test sets; `lines` has what is shown."""

    def __init__(self) -> None:
        self.now, self.lines = 0.0, list[str]()
        self.brief = Brief(logging.Formatter("as ever: %(message)s"), clock=lambda: self.now)

    def gets(self, event: LogEvent | None = None, message: str = "", **more: Any) -> None:
        record = logging.makeLogRecord({"msg": message, "event": event, **more})
        if self.brief.kept(record):
            self.lines.append(self.brief.format(record))


@pytest.fixture
def screen() -> Screen:
    return Screen()


def begin(screen: Screen, number: int, rule: str, **wildcards: str) -> None:
    screen.gets(LogEvent.JOB_INFO, "rule x: ...", jobid=number, rule_name=rule, wildcards=wildcards)


def test_a_run_is_told_in_a_few_lines(screen: Screen) -> None:
    screen.gets(LogEvent.RUN_INFO, "Job stats: ...", stats={"total": 3, "all": 1})
    begin(screen, 1, "extract", model="gpt2", corpus="demo")
    begin(screen, 2, "gaze", group="L1")
    screen.gets(LogEvent.SHELLCMD, "python scripts/...")
    screen.gets(LogEvent.JOB_FINISHED, "Finished", job_id=2)
    screen.now += SECONDS
    screen.gets(LogEvent.PROGRESS, "1 of 3 steps (33%) done", done=1, total=3)
    screen.gets(LogEvent.JOB_FINISHED, "Finished", job_id=1)
    screen.now += SECONDS / 2
    screen.gets(LogEvent.PROGRESS, "2 of 3 steps (66%) done", done=2, total=3)
    screen.gets(LogEvent.PROGRESS, "3 of 3 steps (100%) done", done=3, total=3)
    assert screen.lines == ["3 jobs to do", "1 of 3 jobs done; now extract gpt2 demo", "3 of 3 jobs done"]


def test_a_line_comes_every_ten_seconds_at_most(screen: Screen) -> None:
    for done in range(1, 100):
        screen.now += SECONDS / 4
        screen.gets(LogEvent.PROGRESS, done=done, total=100)
    assert len(screen.lines) == 99 // 4


def test_what_ran_last_is_named_and_ended_jobs_are_not(screen: Screen) -> None:
    begin(screen, 1, "first")
    begin(screen, 2, "second")
    screen.gets(LogEvent.JOB_FINISHED, job_id=2)
    screen.now += SECONDS
    screen.gets(LogEvent.PROGRESS, done=1, total=3)
    assert screen.lines == ["1 of 3 jobs done; now first"]


def test_a_run_without_a_job_has_no_number_of_jobs(screen: Screen) -> None:
    screen.gets(LogEvent.RUN_INFO, "Job stats: ...", stats={})
    assert screen.lines == []


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (LogEvent.ERROR, "MissingInputException"),
        (LogEvent.JOB_ERROR, "Error in rule extract"),
        (None, "group Provo is left out: optional"),
        (None, "Nothing to be done (all requested files are present and up to date)."),
    ],
)
def test_errors_and_notices_are_shown_as_ever(screen: Screen, event: LogEvent | None, message: str) -> None:
    screen.gets(event, message)
    assert screen.lines == [f"as ever: {message}"]


@pytest.mark.parametrize(
    "message",
    [
        "Building DAG of jobs...",
        "Using shell: /bin/bash",
        "Select jobs to execute...",
        "Removing temporary output a.safetensors.",
    ],
)
def test_what_snakemake_has_at_hand_is_not_shown(screen: Screen, message: str) -> None:
    screen.gets(None, message)
    assert screen.lines == []


def test_only_the_screens_handler_is_changed() -> None:
    screen, file = logging.StreamHandler(), logging.StreamHandler()
    screen.name, file.name = "DefaultStreamHandler", "DefaultLogFileHandler"
    for handler in (screen, file):
        handler.setFormatter(logging.Formatter())
    keep_brief([screen, file])
    assert isinstance(screen.formatter, Brief)
    assert screen.filters
    assert not isinstance(file.formatter, Brief)
    assert not file.filters
