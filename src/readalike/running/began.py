"""A job runs the code that its run began with, or is refused: the first process of a run tells it, each job compares.

A script is read when its job begins, and on a cluster every job reads rules, configuration and library anew. Without
this an edit during a run would get into its later jobs, beside results of before.
"""

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from readalike.errors import ConfigurationError
from readalike.running import digests, records

# Of the run, for its jobs: when it began, a digest of its plan, and of the code of each script that its rules call.
BEGAN = "READALIKE_BEGAN"
# Of a process of a job, for its scripts: what to say where the plan is another one by now.
CHANGED = "READALIKE_CHANGED"
NAMED = 5
REMEDY = (
    "undo the change, or stop the run and start the same command again: it keeps what is not concerned, and makes the "
    "rest with the code as it is then"
)


def begin(plan: str) -> None:
    """Tell the jobs of a run, which inherit variables, that it begins now, with a plan."""
    os.environ.pop(CHANGED, None)
    os.environ[BEGAN] = json.dumps({"at": time.time(), "plan": plan, "code": {}})


def tell(script: Path, code: str) -> None:
    """Add the digest of a script's code to what jobs are told."""
    told = json.loads(os.environ[BEGAN])
    told["code"][records.name_of(script)] = code
    os.environ[BEGAN] = json.dumps(told)


def compare(plan: str, files: Iterable[Path]) -> None:
    """In a process of a job: note for its scripts where the plan, made of `files`, is not what the run began with."""
    told = _told()
    if told is not None and told["plan"] != plan:
        os.environ[CHANGED] = (
            f"rules, configuration or library are not what this run began with{_since(told, files)}; {REMEDY}"
        )


def require_same(script: Path, code: str = "") -> None:
    """Raise ConfigurationError where this job would run other code, or by another plan, than its run began with.

    One that is started by hand may run what it likes. code : digest of what the script does, loaded by now
    """
    if CHANGED in os.environ:
        raise ConfigurationError(os.environ[CHANGED])
    told = _told()
    if told is not None and told["code"].get(records.name_of(script), code) != code:
        files = [script, *digests.files_reached(script, records.SOURCE)]
        raise ConfigurationError(
            f"the code of {records.name_of(script)} is not what this run began with{_since(told, files)}; {REMEDY}"
        )


def _told() -> dict[str, Any] | None:
    told: dict[str, Any] | None = json.loads(os.environ.get(BEGAN, "null"))
    return told


def _since(told: Mapping[str, Any], files: Iterable[Path]) -> str:
    newer = sorted(records.name_of(path) for path in files if path.is_file() and path.stat().st_mtime > told["at"])
    more = f" and {len(newer) - NAMED} more" if len(newer) > NAMED else ""
    return f" (changed since: {', '.join(newer[:NAMED])}{more})" if newer else ""


def plan_files(root: Path) -> list[Path]:
    """Of the project, what decides which jobs there are, and their commands: rules, and the library behind them."""
    rules, library = root / "workflow" / "rules", root / "src" / "readalike"
    behind = [*(library / "experiment").glob("*.py"), library / "jobs.py"]
    return [root / "Snakefile", *sorted(rules.glob("*.smk")), *sorted(behind)]


def plan_digest(files: Iterable[Path], configured: Any) -> str:
    """SHA-256 (16 digits) over a plan: what files of Python do, the text of others, and what is configured."""
    texts = [digests.module_text(path) if path.suffix == ".py" else path.read_text(encoding="utf-8") for path in files]
    texts.append(json.dumps(configured, default=str))
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
