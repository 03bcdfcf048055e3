"""Parameters of rules: values of the configuration as Snakemake hands them to a job, and not expanded."""

import json
import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from readalike.errors import ConfigurationError
from readalike.files.conditions import write_conditions
from readalike.running import began, records

# Linux takes 131,072 bytes as the text of a shell; paths of inputs and outputs need room too.
LONGEST = 60_000


def hand_over_conditions(path: str, conditions: Iterable[tuple[str, str]]) -> None:
    """Write conditions.json, with its record: the one output that no script makes."""
    began.require_same(records.SOURCE.parent / "Snakefile")
    entries = dict(conditions)
    write_conditions(Path(path), entries)
    records.write(
        records.SOURCE.parent / "Snakefile",
        {"conditions": entries},
        code="",
        environment={},
        inputs={},
        outputs=[Path(path)],
        results=records.folder_of_results(),
    )


def one_of(names: Iterable[str]) -> str:
    """A wildcard that is one of some names, so that no file of one rule looks like another's."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


def as_json(value: Any) -> Callable[[Any], str]:
    """A parameter that is equal when the entries are equal, in whatever order they were written.

    A function of the wildcards, since Snakemake takes braces in a parameter that is text for wildcards; `value` may be
    one itself. It raises ConfigurationError where the text would be too long for a command line.
    """

    def entries(wildcards: Any) -> str:
        found = value(wildcards) if callable(value) else value
        text = json.dumps(found, sort_keys=True, ensure_ascii=False)
        if (size := len(shlex.quote(text).encode())) > LONGEST:
            raise ConfigurationError(
                f"{text[:60]}... ({wildcards}): {size} bytes, more than the {LONGEST} of a command line; shorten it"
            )
        return text

    return entries


def given(value: Any) -> Any:
    """A parameter that may be left open: nothing on the command line where it is None."""
    return [] if value is None else value
