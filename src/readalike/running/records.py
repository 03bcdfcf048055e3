"""Where an output comes from: provenance/ in the folder of results mirrors that folder, one JSON file for every file.

It tells the script and a digest of it and of the library that it uses, versions of packages and the device, the
project's revision, the entries of the configuration that were used (the script's arguments), and checksums of what was
read and of what was written. What was read and written is what the script's signature says. No times: the same work on
the same machine leaves the same record.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from readalike.errors import FileFormatError
from readalike.files.atomic import replacing

FOLDER = "provenance"
# Set for jobs by the workflow: the revision, which it asks git for once, and the folder of the results.
REVISION = "READALIKE_REVISION"
RESULTS = "READALIKE_RESULTS"
# What is larger, such as weights of large models, is told by names and sizes: reading it twice would take too long.
LARGEST = 2_000_000_000

# What a record holds.
FIELDS = {"file": str, "sha256": str, "script": str, "code": str, "revision": str, "arguments": dict, "inputs": dict}
AGAIN = "delete it, and run the workflow, which makes it again"

SOURCE = Path(__file__).parents[2]


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


def folder_of_results() -> Path:
    """Where the workflow that started this job has its results; `results` for a script that is started by hand."""
    return Path(os.environ.get(RESULTS, "results"))


def record_of(output: Path, results: Path) -> Path:
    """Where the record of an output stands: results/demo/loss/x.csv has results/demo/provenance/loss/x.csv.json."""
    return results / FOLDER / output.relative_to(results).with_name(f"{output.name}.json")


def read(output: Path, results: Path, folder: Path = Path()) -> dict[str, Any]:
    """The record of an output, below `results`, of a run in `folder`.

    Raises FileFormatError where there is none, or it is not as `write` leaves it.
    """
    place, own = folder / record_of(output, results), output.relative_to(results)
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileFormatError(f"{output}: {place}, the record of how it was made, is missing; {AGAIN}") from None
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{place}: cannot be read ({error}); delete {output}, and run the workflow") from None
    if not isinstance(found, dict) or {key: type(found.get(key)) for key in FIELDS} != FIELDS:
        raise FileFormatError(f"{place}: not a record of this workflow; delete {output}, and run the workflow")
    # As seen from where the workflow ran, which may be elsewhere.
    if Path(found["file"]).parts[-len(own.parts) :] != own.parts:
        raise FileFormatError(f"{place}: the record of {found['file']}; delete {output}, and run the workflow")
    return found


def read_verified(output: Path, results: Path, folder: Path = Path()) -> dict[str, Any]:
    """The record of an output that is what its record says.

    Raises FileFormatError for one that was edited, cut off or replaced since it was made, and as `read` does.
    """
    found = read(output, results, folder)
    if checksum(folder / output) != found["sha256"]:
        raise FileFormatError(f"{output}: edited, cut off or replaced since the workflow made it; {AGAIN}")
    return found


def verified(paths: Sequence[Path], results: Path) -> dict[str, str]:
    """Checksum of each file or folder that is there; those below `results` must be what their records say.

    Raises FileFormatError as `read_verified` does.
    """
    there = [path for path in paths if path.exists()]
    return {
        str(path): read_verified(path, results)["sha256"] if path.is_relative_to(results) else checksum(path)
        for path in there
    }


def name_of(path: Path) -> str:
    """A file of the project as seen from its root; of another file its name."""
    place = path.resolve()
    return str(place.relative_to(SOURCE.parent)) if place.is_relative_to(SOURCE.parent) else place.name


def write(
    script: Path,
    arguments: Mapping[str, Any],
    *,
    code: str,
    environment: Mapping[str, Any],
    inputs: Mapping[str, str],
    outputs: Sequence[Path],
    results: Path,
) -> None:
    """Leave a record of every output below `results`, and of none elsewhere.

    arguments : those of the script that are no paths
    code : digest of what the script does
    environment : versions and device (`running.environment`)
    inputs : what was read -> its checksum
    """
    kept = [path for path in outputs if path.is_relative_to(results)]
    if not kept:
        return
    record = {
        "script": name_of(script),
        "code": code,
        "environment": dict(environment),
        "revision": os.environ.get(REVISION, "unknown"),
        "arguments": dict(arguments),
        "inputs": dict(inputs),
    }
    for output in kept:
        with replacing(record_of(output, results)) as temporary:
            own = {"file": str(output), "sha256": checksum(output), **record}
            temporary.write_text(json.dumps(own, indent=1, sort_keys=True, default=str) + "\n", encoding="utf-8")
