"""A finished experiment as one file: a Workflow Run RO-Crate (profile 0.5) whose checksums can be verified anywhere.

It holds the project as it was, the configuration as resolved, results with the word-level attention and their records,
the report, run times, and the checksums of what was read and is not in it. With the attention in it, statistics and
figures are made again without weights, readers' data or a GPU. The same results give the same bytes.
"""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from readalike.errors import FileFormatError, ReadalikeError
from readalike.files.atomic import replacing
from readalike.running import records
from readalike.running.accepted import ACCEPTED, read_accepted
from readalike.running.asked import snakemake
from readalike.running.crate import CHECKSUMS, CONFIG, INPUTS, RUN_TIMES, Contents, Source, describe, zenodo
from readalike.running.digests import code_digest
from readalike.running.folder import REPORT
from readalike.running.records import FOLDER, record_of

# ZIP knows no earlier time; the real ones would make every archive another.
TIME = (1980, 1, 1, 0, 0, 0)
# Comment of the ZIP; digits follow.
SEAL, DIGITS = b"SHA-256 of all bytes before these digits: ", 64
CODE = ("Snakefile", "workflow", "scripts", "src", "envs", "config")
# Packed already.
STORED = (".h5", ".png", ".pdf", ".gz", ".safetensors")
# Folder of files that no script makes (workflow/rules/attention.smk): conditions.json and those of each lot.
CONDITIONS = "corpus"
METADATA = "ro-crate-metadata.json"
ZENODO = ".zenodo.json"


@dataclass(frozen=True)
class Part:
    """One file of the archive: what stands in it, or where on disk it is."""

    content: bytes | Path

    @property
    def size(self) -> int:
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def open(self) -> io.BufferedIOBase:
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")

    def sha256(self) -> str:
        with self.open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def source_of(root: Path) -> Source:
    """What git says of the project. Raises ReadalikeError where it is no clone."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ReadalikeError(f"{root}: git does not tell the project's files ({done.stderr.strip()}); clone it")
        return done.stdout

    files = tuple(sorted(name for name in git("ls-files", "-z").split("\0") if name and (root / name).is_file()))
    # A new file that is not tracked may be what was run.
    changed = git("status", "--porcelain", "-uno") + git("status", "--porcelain", "--", *CODE)
    return Source(
        files, git("rev-parse", "HEAD").strip(), git("log", "-1", "--format=%cI").strip(), not changed.strip()
    )


def resolved(config: Mapping[str, Any], layers: Mapping[str, int]) -> str:
    """The configuration with all defaults, as YAML; with every model's number of layers it needs no weights.

    Elsewhere are other versions: they make nothing again.
    """
    models = {name: {**model, "layers": layers[name]} for name, model in config["models"].items()}
    return yaml.safe_dump(
        {**config, "models": models, "archived": True, "rerun_on": []}, sort_keys=False, allow_unicode=True
    )


def made_by(root: Path, folder: Path, config: Path, results: Path) -> list[tuple[Path, Path]]:
    """Every output of a configuration below `results` with its log, as Snakemake tells them: none that an earlier
    configuration left.

    Raises ReadalikeError where one is missing or not up to date.
    """
    told = _snakemake(root, folder, config, "--summary")
    rows = list(csv.DictReader(io.StringIO(told), delimiter="\t"))
    waiting = [row["output_file"] for row in rows if row["plan"] != "no update" or row["status"] == "missing"]
    if waiting:
        raise ReadalikeError(
            f"{folder}: {len(waiting)} outputs are still to be made, {waiting[0]} first; run make archive"
        )
    there = [(Path(row["output_file"]), Path(row["log-file(s)"])) for row in rows]
    # Weights are not results, nor are the states between blocks that a killed run left.
    kept = [
        (output, log) for output, log in there if output.is_relative_to(results) and output.suffix != ".safetensors"
    ]
    unknown = [output for output, log in kept if log.name == "-"]
    if unknown:
        raise ReadalikeError(f"{folder}: nothing is known of how {unknown[0]} was made; keep .snakemake with {results}")
    return [(output, log) for output, log in kept if (folder / output).exists()]


def make_report(root: Path, folder: Path, config: Path, results: Path) -> None:
    """Let Snakemake write its report, once for the same results: each one is other bytes."""
    report, summary = (folder / results / name for name in (REPORT, "summary.txt"))
    if not report.exists() or report.stat().st_mtime < summary.stat().st_mtime:
        _snakemake(root, folder, config, "--report", str(report))


def _snakemake(root: Path, folder: Path, config: Path, *arguments: str) -> str:
    """What Snakemake says of a run in `folder`."""
    done = subprocess.run(snakemake(root, folder, config, *arguments), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ReadalikeError(f"{folder}: snakemake {arguments[0]} fails:\n{done.stderr.strip()}")
    return done.stdout


def parts_of(
    root: Path, folder: Path, results: Path, source: Source, configuration: str, made: Sequence[tuple[Path, Path]]
) -> dict[str, Part]:
    """Every file of the archive but the lists about it.

    root : the project; folder : where it was run; results : in it; made : outputs and their logs
    """
    outputs = [file for output, _ in made for file in _files(folder, output)]
    told = [record_of(output, results) for output, _ in made]
    aside = [name for name in [results / REPORT, results / ACCEPTED] if (folder / name).is_file()]
    logs, kept = results / "logs", results / "benchmarks"
    benchmarks = sorted({(kept / log.relative_to(logs)).with_suffix(".tsv") for _, log in made})
    parts = {name: Part(root / name) for name in source.files if not (root / name).is_symlink()}
    parts |= {str(name): Part(folder / name) for name in [*outputs, *told, *aside]}
    parts[CONFIG] = Part(configuration.encode())
    parts[INPUTS] = Part(_inputs([folder / name for name in told], folder, results))
    parts[RUN_TIMES] = Part(_run_times([name for name in benchmarks if (folder / name).is_file()], folder, kept))
    return parts


def require_genuine(root: Path, folder: Path, results: Path, outputs: Sequence[Path]) -> list[Path]:
    """Outputs that another version of their script made (`snakemake --touch` keeps such), unless `make accept` found
    both to write the same; all must be what was written.

    Raises FileFormatError for the first output that is not what its record says, or whose record cannot be true: true
    ones name a script of the project, and what each read is what another wrote.
    """
    old = []
    found = {output: records.read_verified(output, results, folder) for output in outputs}
    accepted = read_accepted(folder / results)
    by_script = {output for output in outputs if output.parent != results / CONDITIONS}
    digests: dict[str, str] = {}
    for output, record in found.items():
        name = record["script"]
        if output in by_script and name not in digests:
            script = root / name
            if not (name.startswith("scripts/") and script.is_file() and ".." not in script.parts):
                raise FileFormatError(f"{output}: its record names {name!r}, which is no script; {records.AGAIN}")
            digests[name] = code_digest(script, root / "src")
        if output in by_script and not accepted.covers(name, record["code"], digests[name]):
            old.append(output)
        for read, sha256 in record["inputs"].items():
            if Path(read) in found and found[Path(read)]["sha256"] != sha256:
                raise FileFormatError(f"{output}: its record tells of another {read} than is there; {records.AGAIN}")
    return old


def _files(folder: Path, output: Path) -> list[Path]:
    """The output, or the files in it."""
    if (folder / output).is_file():
        return [output]
    return sorted(path.relative_to(folder) for path in (folder / output).rglob("*") if path.is_file())


def _record(part: Part) -> dict[str, Any]:
    with part.open() as file:
        found: dict[str, Any] = json.load(file)
    return found


def _inputs(records: Iterable[Path], folder: Path, results: Path) -> bytes:
    """What was read and is no result: weights, readers, sentences, with checksums."""
    found = {
        (name, digest)
        for record in records
        for name, digest in _record(Part(record))["inputs"].items()
        if not Path(name).is_relative_to(results)
    }
    return _table(("path", "bytes", "sha256"), [(name, _size(folder / name), digest) for name, digest in sorted(found)])


def _size(path: Path) -> int | str:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) if path.is_dir() else ""


def _run_times(benchmarks: Iterable[Path], folder: Path, kept: Path) -> bytes:
    """Seconds and peak memory (MB) of every job, by the name of its benchmark: stage, then what it worked on."""
    rows = []
    for path in benchmarks:
        with (folder / path).open(encoding="utf-8", newline="") as file:
            row = next(csv.DictReader(file, delimiter="\t"))
        stage, *rest = path.relative_to(kept).with_suffix("").parts
        rows.append((stage, "/".join(rest), row["s"], row["max_rss"]))
    return _table(("stage", "job", "seconds", "peak_mb"), rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def write_archive(
    path: Path,
    parts: Mapping[str, Part],
    results: Path,
    source: Source,
    revisions: Mapping[str, Any],
    about: Mapping[str, Any],
) -> None:
    """Write the ZIP: parts in order of their names, with the list of checksums and the crate's description.

    Its comment ends in the SHA-256 of all bytes before, those of the container too: `make verify-archive` compares it.

    revisions : entries of revisions.lock; about : `archive` of the configuration
    """
    ordered = dict(sorted(parts.items()))
    if about:
        ordered[ZENODO] = Part(zenodo(about))
    sums = {name: part.sha256() for name, part in ordered.items()}
    ordered[CHECKSUMS] = Part("".join(f"{digest}  {name}\n" for name, digest in sums.items()).encode())
    sums[CHECKSUMS] = ordered[CHECKSUMS].sha256()
    contents = Contents(
        sums=sums,
        sizes={name: part.size for name, part in ordered.items()},
        results=results,
        revisions=[
            _record(part)["revision"] for name, part in parts.items() if Path(name).is_relative_to(results / FOLDER)
        ],
        code=frozenset(source.files),
    )
    ordered[METADATA] = Part(describe(contents, source, revisions, about))
    with replacing(path) as temporary:
        with zipfile.ZipFile(temporary, "w") as archive:
            for name, part in ordered.items():
                entry = zipfile.ZipInfo(name, TIME)
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_STORED if name.endswith(STORED) else zipfile.ZIP_DEFLATED
                entry.file_size = part.size
                with part.open() as source_file, archive.open(entry, "w") as target:
                    shutil.copyfileobj(source_file, target)
            archive.comment = SEAL + bytes(DIGITS)
        with temporary.open("r+b") as whole:
            whole.truncate(temporary.stat().st_size - DIGITS)
            digest = hashlib.file_digest(whole, "sha256").hexdigest()
            whole.seek(0, io.SEEK_END)
            whole.write(digest.encode())
