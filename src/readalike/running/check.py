"""`make check`: whether each file of a folder of results is what the workflow wrote, and what to do where it is not."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from readalike.errors import FileFormatError
from readalike.running import records
from readalike.running.accepted import ACCEPTED
from readalike.running.folder import OWNER, REPORT

# Of how it went, not of what came out; and Snakemake's own report, which is other bytes each time.
ASIDE = (records.FOLDER, "logs", "benchmarks", OWNER, REPORT, ACCEPTED)
# What one job hands on to the next, and what a run that was killed was writing.
HANDED_ON = "states-*.safetensors"
NAMED = 20


@dataclass(frozen=True)
class Checked:
    """Outputs below a folder of results, by what became of them.

    sound : as their records say; by_size : those of them that are too large for checksums (`records.LARGEST`)
    damaged : edited, cut off or replaced; missing : a record without its output; unknown : an output without a record
    records : what is wrong with records that cannot be read
    """

    sound: Sequence[Path]
    by_size: Sequence[Path]
    damaged: Sequence[Path]
    missing: Sequence[Path]
    unknown: Sequence[Path]
    records: Sequence[str]

    @property
    def whole(self) -> bool:
        return not (self.damaged or self.missing or self.unknown or self.records)


def check(results: Path, folder: Path = Path()) -> Checked:
    """Compare every output below `results`, of a run in `folder`, with its record. Takes as long as reading them."""
    sound, by_size, damaged, missing, unread = [], [], [], [], []
    own = folder / results / records.FOLDER
    outputs = [results / path.relative_to(own).with_name(path.name.removesuffix(".json")) for path in _files(own)]
    for output in outputs:
        try:
            expected = records.read(output, results, folder)["sha256"]
        except FileFormatError as error:
            unread.append(str(error))
            continue
        if not (folder / output).exists():
            missing.append(output)
        elif records.checksum(folder / output) != expected:
            damaged.append(output)
        else:
            sound.append(output)
            by_size += [output] if ":" in expected else []
    known = set(outputs)
    unknown = [
        output
        for path in _files(folder / results)
        if (output := path.relative_to(folder)).relative_to(results).parts[0] not in ASIDE
        and not output.match(HANDED_ON)
        and known.isdisjoint([output, *output.parents])
    ]
    return Checked(sound, by_size, damaged, missing, unknown, unread)


def _files(folder: Path) -> Iterable[Path]:
    yield from sorted(Path(place, name) for place, _, names in os.walk(folder) for name in names)


def told(found: Checked, results: Path, again: str) -> str:
    """What `make check` says; `again` is the command that makes what is not there."""
    if not found.sound and found.whole:
        return f"{results}: no results; {again} makes them"
    lines = [f"{results}: {len(found.sound)} results are what the workflow wrote"]
    if found.by_size:
        lines.append(f"  of these {len(found.by_size)} are too large for checksums: compared by size alone")
    for said, paths in (
        ("edited, cut off or replaced since", found.damaged),
        ("missing, though its record is there", found.missing),
        ("without a record: not made by this workflow, or its record was removed", found.unknown),
        ("with a record that tells nothing", found.records),
    ):
        lines += [f"  {said}: {path}" for path in paths[:NAMED]]
        lines += [f"  {said}: {len(paths) - NAMED} more"] if len(paths) > NAMED else []
    if not found.whole:
        lines.append(f"delete what is named here, and what is made of it will be made again where it changes: {again}")
    return "\n".join(lines)
