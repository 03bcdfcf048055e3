"""An archive of `make archive` -> whether it is whole and of one piece, and how to rebuild what is in it.

    python3 verify_archive.py readalike.zip

Needs Python 3.10 or newer and nothing else, so it travels in the archive that it checks. Of the archive it runs one
file, src/readalike/running/digests.py, which says what a script does; that needs only Python as well.
"""

import csv
import hashlib
import importlib.util
import io
import json
import re
import struct
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote

CHECKSUMS, METADATA, INPUTS = "sha256.txt", "ro-crate-metadata.json", "inputs.csv"
CONFIG, REPORT, RECORDS = "config/archived.yaml", "snakemake-report.html", "provenance"
# Codes that were found to write the same bytes (`make accept`).
ACCEPTED = "accepted.json"
DIGESTS = "src/readalike/running/digests.py"
# By no script of the project: the text before the sentences, which are in its record whole.
CONDITIONS = "Snakefile", re.compile(r"corpus/conditions(-[0-9]+)?\.json")
# As records have it: above it names and sizes stand in place of checksums.
LARGEST = 2_000_000_000
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
# Of a SHA-256, at the end of the archive's comment.
DIGITS = 64
FIELDS = {"file": str, "sha256": str, "script": str, "code": str, "arguments": dict, "inputs": dict}
REBUILD = """To rebuild statistics and figures from the measures in it (Python 3.11 or newer, a network for the
packages, neither weights nor a GPU):

  unzip {archive} -d elsewhere && cd elsewhere
  make environment
  rm -r {results}/figures {results}/statistics
  .venv/bin/snakemake figures statistics --profile workflow/profiles/demo --configfile {config}

docs/archive.md in it says more."""


def main(*, archive: Path) -> int:
    """0 where everything holds; 1 where something does not, which is named.

    archive : made by make archive
    """
    try:
        with zipfile.ZipFile(archive) as file:
            problems = [*zip_problems(file, archive), *content_problems(file)]
            about = summary(file) if not problems else ""
    except FileNotFoundError:
        problems = ["there is no such file"]
    except (*DAMAGED, OSError, ValueError, LookupError, TypeError, AttributeError, struct.error) as error:
        problems = [f"cannot be read as an archive: {type(error).__name__}: {error}"]
    if problems:
        print(f"{archive}: NOT what make archive wrote:")
        print("".join(f"  {line}\n" for line in problems), end="")
        print("Get it again from where it was published, or have it made again, and compare its checksum.")
        return 1
    with archive.open("rb") as whole:
        print(f"{archive}: {about}\nIts own SHA-256, to be compared with the published one: {_sha256(whole)}\n")
    print(REBUILD.format(archive=archive, results=_results(archive), config=CONFIG))
    return 0


def zip_problems(file: zipfile.ZipFile, path: Path) -> Iterable[str]:
    """What is wrong with the container: its comment ends in the SHA-256 of all bytes before."""
    names = file.namelist()
    for name in sorted({name for name in names if names.count(name) > 1 or _leads_out(name)}):
        yield f"{name!r}: a name that stands in it twice, or that leads out of it"
    with path.open("rb") as raw:
        found = _sha256(raw, path.stat().st_size - DIGITS)
        if raw.read() != found.encode():
            yield "a byte of it is another than was written: at its end stands another checksum than that of the rest"


def content_problems(file: zipfile.ZipFile) -> list[str]:
    """What is wrong with what is in it: checksums, the list of them, records and the code that they tell."""
    sums, sizes, problems = {}, {}, []
    for entry in file.infolist():
        try:
            with file.open(entry) as content:
                sums[entry.filename] = _sha256(content)
            sizes[entry.filename] = entry.file_size
        except DAMAGED as error:
            problems.append(f"{entry.filename}: damaged ({error})")
    lost = {CHECKSUMS, METADATA, INPUTS, CONFIG, DIGESTS} - set(file.namelist())
    if problems or lost:
        return problems + [f"{name}: missing" for name in sorted(lost)]
    problems += list(_listed(file, sums)) + list(_described(file, sums, sizes))
    if not problems:
        problems += _of_records(file, sums, sizes)
    return problems


def _listed(file: zipfile.ZipFile, sums: Mapping[str, str]) -> Iterable[str]:
    lines = [line.split("  ", 1) for line in file.read(CHECKSUMS).decode().splitlines()]
    listed = {name: digest for digest, name in lines}
    for name in sorted(set(listed) - set(sums)):
        yield f"{name}: missing"
    for name in sorted(set(sums) - set(listed) - {CHECKSUMS, METADATA}):
        yield f"{name}: unknown, it has no line in {CHECKSUMS}"
    for name in sorted(set(sums) & set(listed)):
        if sums[name] != listed[name]:
            yield f"{name}: another checksum than in {CHECKSUMS}"


def _described(file: zipfile.ZipFile, sums: Mapping[str, str], sizes: Mapping[str, int]) -> Iterable[str]:
    graph = {unquote(entity["@id"]): entity for entity in json.loads(file.read(METADATA))["@graph"]}
    for name in sorted(set(sums) - {METADATA}):
        entity = graph.get(name, {})
        if entity.get("sha256") != sums[name] or entity.get("contentSize", str(sizes[name])) != str(sizes[name]):
            yield f"{name}: {METADATA} tells of another"


def _of_records(file: zipfile.ZipFile, sums: Mapping[str, str], sizes: Mapping[str, int]) -> list[str]:
    results = PurePosixPath(_results_of(file))
    folder = results / RECORDS
    made = {name for name in sums if PurePosixPath(name).is_relative_to(results)}
    records = {name for name in made if PurePosixPath(name).is_relative_to(folder)}
    found: dict[str, dict[str, Any]] = {}
    problems = []
    for name in sorted(records):
        output = str(results / PurePosixPath(name).relative_to(folder)).removesuffix(".json")
        record = json.loads(file.read(name))
        if not isinstance(record, dict) or {key: type(record.get(key)) for key in FIELDS} != FIELDS:
            problems.append(f"{name}: not a record")
        elif PurePosixPath(record["file"]).parts[-len(PurePosixPath(output).parts) :] != PurePosixPath(output).parts:
            problems.append(f"{name}: the record of {record['file']}")
        else:
            found[output] = record
    for output, record in found.items():
        if (sha256 := checksum(output, sums, sizes)) is None:
            problems.append(f"{output}: missing, though its record is there")
        elif sha256 != record["sha256"]:
            problems.append(f"{output}: not what its record says was written")
        problems += [
            f"{output}: made from another {read} than is here"
            for read, digest in record["inputs"].items()
            if read in found and found[read]["sha256"] != digest
        ]
    for name in sorted(made - records - {str(results / REPORT), str(results / ACCEPTED)}):
        if not {name, *map(str, PurePosixPath(name).parents)} & set(found):
            problems.append(f"{name}: unknown, it has no record")
    accepted = _accepted(file, results)
    problems += list(_other_evidence(accepted, found, results))
    return problems + list(_other_code(file, found, results, accepted)) + list(_other_inputs(file, found, results))


def _accepted(file: zipfile.ZipFile, results: PurePosixPath) -> Sequence[Mapping[str, Any]]:
    name = str(results / ACCEPTED)
    return json.loads(file.read(name))["compared"] if name in file.namelist() else []


def _other_evidence(
    accepted: Iterable[Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]], results: PurePosixPath
) -> Iterable[str]:
    """What two codes were compared by must be here as it was then; entries that no result here needs do not count."""
    codes = {(record["script"], record["code"]) for record in found.values()}
    for entry in accepted:
        if (entry["script"], entry["made_by"]) not in codes:
            continue
        here = {name: found[str(results / name)] for name in entry["files"] if str(results / name) in found}
        for name, record in here.items():
            if record["script"] != entry["script"] or record["sha256"] != entry["files"][name]:
                yield f"{results / ACCEPTED}: tells of another {name} than is here"
        if not here:
            yield f"{results / ACCEPTED}: accepts code {entry['made_by']} by files that are not here"


def checksum(output: str, sums: Mapping[str, str], sizes: Mapping[str, int]) -> str | None:
    """What a record has as the checksum of a file or a folder of the archive; None where there is neither."""
    if output in sums:
        return sums[output] if sizes[output] <= LARGEST else f"bytes:{sizes[output]}"
    inner = {PurePosixPath(name).relative_to(output): name for name in sums if name.startswith(f"{output}/")}
    # Hidden files are Snakemake's.
    inner = {path: name for path, name in inner.items() if not any(part.startswith(".") for part in path.parts)}
    if not inner:
        return None
    large = sum(sizes[name] for name in inner.values()) > LARGEST
    lines = [f"{path} {sizes[inner[path]] if large else sums[inner[path]]}" for path in sorted(inner)]
    return ("sizes:" if large else "") + hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _other_code(
    file: zipfile.ZipFile,
    found: Mapping[str, Mapping[str, Any]],
    results: PurePosixPath,
    accepted: Iterable[Mapping[str, Any]],
) -> Iterable[str]:
    """Results of scripts that are not in the archive as they were when they made them."""
    with tempfile.TemporaryDirectory() as place:
        code = [name for name in file.namelist() if name.startswith(("src/", "scripts/")) and not _leads_out(name)]
        file.extractall(place, code)
        digest_of = _digests(Path(place))
        for output, record in found.items():
            script = record["script"]
            by_workflow, name = CONDITIONS
            if script == by_workflow and name.fullmatch(str(PurePosixPath(output).relative_to(results))):
                continue
            if script not in code or not script.startswith("scripts/"):
                yield f"{output}: its record names {script!r}, which is no script in here"
            elif not is_covered(record, digest_of(script), accepted):
                yield f"{output}: made by another {script} than is here, or with another library"


def is_covered(record: Mapping[str, Any], digest: str, accepted: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the code that a record tells is the code that is here, or was found to write the same bytes."""
    codes = {(entry["script"], entry["made_by"]) for entry in accepted if entry["now"] == digest}
    return record["code"] == digest or (record["script"], record["code"]) in codes


def _digests(root: Path) -> Callable[[str], str]:
    """By the archive's own module: script -> digest of what it does."""
    spec = importlib.util.spec_from_file_location("archived_digests", root / DIGESTS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    known: dict[str, str] = {}

    def digest_of(script: str) -> str:
        if script not in known:
            known[script] = module.code_digest(root / script, root / "src")
        return known[script]

    return digest_of


def _other_inputs(
    file: zipfile.ZipFile, found: Mapping[str, Mapping[str, Any]], results: PurePosixPath
) -> Iterable[str]:
    """What was read and is not in the archive, by records and by the list of it, must be the same."""
    rows = csv.DictReader(io.StringIO(file.read(INPUTS).decode(), newline=""))
    listed = {(row["path"], row["sha256"]) for row in rows}
    read = {
        (name, digest)
        for record in found.values()
        for name, digest in record["inputs"].items()
        if not PurePosixPath(name).is_relative_to(results)
    }
    for name in sorted({name for name, _ in listed ^ read}):
        yield f"{INPUTS}: {name} is there otherwise than in the records"


def _results_of(file: zipfile.ZipFile) -> str:
    named = re.search(r"^results: *(\S+) *$", file.read(CONFIG).decode(), flags=re.MULTILINE)
    if named is None:
        raise ValueError(f"{CONFIG} names no folder of results")
    return named[1].strip("'\"")


def _results(archive: Path) -> str:
    with zipfile.ZipFile(archive) as file:
        return _results_of(file)


def summary(file: zipfile.ZipFile) -> str:
    """How much is in an archive that is whole."""
    records = [name for name in file.namelist() if name.startswith(f"{_results_of(file)}/{RECORDS}/")]
    return (
        f"all {len(file.namelist())} files are what {CHECKSUMS} and {METADATA} say, and all {len(records)} results "
        f"what their records say, made by the code in it. Read and not in it: {INPUTS}."
    )


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name or not name or name.endswith("/")


def _sha256(content: IO[bytes], size: int = -1) -> str:
    """Of the first `size` bytes, or of all."""
    digest = hashlib.sha256()
    while block := content.read(1 << 20 if size < 0 else min(size, 1 << 20)):
        digest.update(block)
        size -= len(block) if size > 0 else 0
    return digest.hexdigest()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print("usage: python3 verify_archive.py FILE", file=sys.stderr)
        sys.exit(0 if sys.argv[1:] in (["-h"], ["--help"]) else 2)
    sys.exit(main(archive=Path(sys.argv[1])))
