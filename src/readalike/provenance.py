"""Where an output comes from: results/provenance/ mirrors results/, with one JSON file for every file of it.

It tells the script and a digest of it and of the library modules it imports, the revision of the project, the entries
of the configuration that were used (the script's arguments), and checksums of what was read and of what was written.
No times: the same work leaves the same record.
"""

import argparse
import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from readalike.digests import code_digest
from readalike.files.atomic import replacing

RESULTS = "results"
FOLDER = "provenance"
# Set for jobs by the workflow, which asks git once.
REVISION = "READALIKE_REVISION"
# What is larger, such as weights of large models, is told by names and sizes: reading it twice would take too long.
LARGEST = 2_000_000_000

# NAME=FILE; not any text that holds an equals sign.
NAMED = re.compile(r"[\w.-]+=([^\n]{1,255})")
# What scripts write that are given a stem.
ENDINGS = (".csv", ".tex", ".pdf", ".png")

State = tuple[int, int, int]


def named_paths(arguments: argparse.Namespace) -> list[Path]:
    """Paths among a script's arguments: single, in lists, and behind NAME=."""
    return sorted({path for value in vars(arguments).values() for path in _paths(value)})


def _paths(value: Any) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _paths(part)
    elif isinstance(value, str) and (named := NAMED.fullmatch(value)) and Path(named[1]).is_file():
        yield Path(named[1])


def states(paths: list[Path]) -> dict[Path, State]:
    """What is there, by path: a file that was replaced or written to has another state."""
    return {file: _state(file) for path in paths for file in _there(path)}


def _there(path: Path) -> list[Path]:
    """The path; of a folder of results also the files in it; of a stem the files that have it."""
    if not path.exists():
        named = (path.with_name(f"{path.name}{ending}") for ending in ENDINGS)
        return [file for file in named if file.exists()]
    inside = path.is_dir() and path.parts[:1] == (RESULTS,)
    return [path, *(sorted(file for file in path.iterdir() if file.is_file()) if inside else ())]


def _state(path: Path) -> State:
    stat = path.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def checksum(path: Path) -> str:
    """SHA-256 of a file, or of the names and checksums of a folder's files; above LARGEST of their names and sizes."""
    if path.is_file():
        if path.stat().st_size > LARGEST:
            return f"bytes:{path.stat().st_size}"
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    files = sorted(file for file in path.rglob("*") if file.is_file() and not _hidden(file.relative_to(path)))
    large = sum(file.stat().st_size for file in files) > LARGEST
    lines = [f"{file.relative_to(path)} {file.stat().st_size if large else checksum(file)}" for file in files]
    return ("sizes:" if large else "") + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def record_of(output: Path) -> Path:
    """Where the record of an output stands: results/loss/x.csv has results/provenance/loss/x.csv.json."""
    return Path(RESULTS, FOLDER, *output.parts[1:-1], f"{output.name}.json")


def write_records(
    script: Path, arguments: argparse.Namespace, before: Mapping[Path, State], *, without: Collection[Path | None] = ()
) -> list[Path]:
    """Leave a record of every output below results/ that a script has written, and tell which those are.

    before : `states` of its named paths before it ran; what has another state now is an output, the rest was read
    without : what is neither, such as the log
    """
    after = {path: state for path, state in states(named_paths(arguments)).items() if path not in without}
    outputs = [path for path, state in after.items() if before.get(path) != state and path.parts[:1] == (RESULTS,)]
    if not outputs:
        return []
    inputs = [path for path, state in after.items() if before.get(path) == state]
    record = {
        "script": f"scripts/{script.name}",
        "code": code_digest(script, Path(__file__).parents[1]),
        "revision": os.environ.get(REVISION, "unknown"),
        "arguments": {
            name: value
            for name, value in sorted(vars(arguments).items())
            if not isinstance(value, Path) and not (isinstance(value, list) and all(isinstance(v, Path) for v in value))
        },
        "inputs": {str(path): checksum(path) for path in inputs},
    }
    for output in outputs:
        with replacing(record_of(output)) as temporary:
            own = {"file": str(output), "sha256": checksum(output), **record}
            temporary.write_text(json.dumps(own, indent=1, sort_keys=True, default=str) + "\n", encoding="utf-8")
    return outputs
