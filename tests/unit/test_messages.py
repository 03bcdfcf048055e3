"""Snakemake's log ends with what failed jobs said, once; where they said nothing, with its own words."""

import logging
import os
from pathlib import Path

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from readalike.running.messages import LAST, LastWords, last_message

MESSAGE = "a.tsv, line 3: two words; remove one"


@pytest.fixture
def words() -> LastWords:
    return LastWords()


def log_of(folder: Path, *lines: str) -> Path:
    path = folder / "x.log"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def record(text: str, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", logging.ERROR, "x", 1, text, (), None)
    vars(made).update(more)
    return made


def job_error(log: Path, rule: str = "gaze") -> logging.LogRecord:
    return record("Error in rule", event=LogEvent.JOB_ERROR, rule_name=rule, log=[str(log)])


def test_a_message_stands_at_the_end_and_nowhere_else(words: LastWords, tmp_path: Path) -> None:
    log = log_of(tmp_path, "INFO 3 readers", f"ERROR {MESSAGE}")
    assert not words.filter(record("RuleException:\nCalledProcessError in file x, line 2:\nCommand 'python x'"))
    assert not words.filter(job_error(log))
    end = record(LAST)
    assert words.filter(end)
    assert end.getMessage() == f"\ngaze: {MESSAGE}\n(log: {log})"


def test_a_job_that_is_tried_again_is_told_once_and_others_beside_it(words: LastWords, tmp_path: Path) -> None:
    log = log_of(tmp_path, f"ERROR {MESSAGE}")
    for rule in ("gaze", "gaze", "regions"):
        assert not words.filter(job_error(log, rule))
    end = record(LAST)
    words.filter(end)
    assert end.getMessage().count(MESSAGE) == 2


def test_jobs_of_a_group_are_told_too(words: LastWords, tmp_path: Path) -> None:
    jobs = [{"rule_name": "loss", "log": [str(log_of(tmp_path, f"ERROR {MESSAGE}"))]}, {"rule_name": "x", "log": []}]
    assert not words.filter(record("Error in group", event=LogEvent.GROUP_ERROR, job_error_info=jobs))
    end = record(LAST)
    words.filter(end)
    assert f"loss: {MESSAGE}" in end.getMessage()


@pytest.mark.parametrize("lines", [[], ["INFO 3 readers"], ["WARNING ERROR of a kind"]])
def test_a_job_without_a_message_is_told_in_snakemakes_words(
    words: LastWords, lines: list[str], tmp_path: Path
) -> None:
    for log in (log_of(tmp_path, *lines), tmp_path / "none.log"):
        assert words.filter(job_error(log))
    end = record(LAST)
    assert words.filter(end)
    assert end.getMessage() == LAST
    assert words.filter(record("WorkflowError:\nthe configuration is wrong"))


def test_a_message_has_all_its_lines_and_not_the_cause_behind_it(tmp_path: Path) -> None:
    log = log_of(
        tmp_path, "ERROR old", "INFO x", "ERROR first", "  second", "Traceback (most recent call last):", "  y"
    )
    assert last_message(log, since=0) == "first\n  second"


def test_a_log_of_an_earlier_run_says_nothing(tmp_path: Path) -> None:
    log = log_of(tmp_path, f"ERROR {MESSAGE}")
    os.utime(log, (1000, 1000))
    assert last_message(log, since=2000) == ""
    assert last_message(log, since=500) == MESSAGE
