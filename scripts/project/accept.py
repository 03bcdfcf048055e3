"""Attention made before its code changed is kept, where models that are extracted anew agree with it in all bytes."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from readalike.configuration import Configuration, with_results
from readalike.errors import ReadalikeError
from readalike.experiment.experiment import experiment_of
from readalike.running import accept, records
from readalike.running.accepted import ACCEPTED, read_accepted, write_accepted
from readalike.running.arguments import In
from readalike.running.asked import revision_of, snakemake
from readalike.running.command import log, run
from readalike.running.digests import code_digest
from readalike.strict_yaml import read_strict

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "attention" / "extract.py"


def main(*, config: In, folder: Path = Path(), profile: str = "demo", models: list[str]) -> None:
    """
    config : configuration that was run
    folder : where it was run (default: here)
    profile : of the workflow, by which models are extracted anew
    models : to extract anew (default: the bundled ones of the configuration)
    """
    given = with_results(read_strict(config), config)
    experiment, _ = experiment_of(given, ROOT, dry_run=False)
    if unknown := sorted(set(models) - set(experiment.extracted)):
        raise ReadalikeError(f"{config}: no model {', '.join(unknown)} is extracted")
    results, now = Path(experiment.results), code_digest(SCRIPT, ROOT / "src")
    jobs, before = accept.done(experiment, folder), read_accepted(folder / results)
    older = [job for job, made in jobs.items() if made.code != now]
    if all(before.known_as(job, now) != now for job in older):
        log.info("%s: nothing to accept: attention is of the present code, accepted, or not there", results)
        return
    anew = accept.to_extract(jobs, models or accept.bundled(experiment), now)
    files = [file for job in anew for file in jobs[job].files]
    for file in files:
        records.read_verified(results / file, results, folder)
    with _place(given, folder, results) as (place, written):
        _extract(written, folder, profile, [place / file for file in files])
        differ = accept.differences(folder / results, folder / place, files)
    if differ:
        raise ReadalikeError(accept.told(results, differ, len(files)))
    accepted = accept.accepted(
        before,
        jobs,
        anew,
        script=records.name_of(SCRIPT),
        now=now,
        revision=revision_of(ROOT),
        there=folder / results,
    )
    write_accepted(folder / results, accepted)
    log.info(
        "%s: %d files of %s, extracted anew, are the same in all bytes. Attention of %s stays (%d jobs), as %s says; "
        "docs/results.md says what this does not prove.",
        *(results, len(files), _models(jobs, anew), _models(jobs, older), len(older), results / ACCEPTED),
    )


def _models(jobs: accept.Jobs, named: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(jobs[job].model for job in named))


@contextmanager
def _place(given: Configuration, folder: Path, results: Path) -> Iterator[tuple[Path, Path]]:
    """A folder of results for what is extracted anew, and its configuration; both are removed at the end.

    With the lots of the results: which conditions share a batch decides the last bits.
    """
    place = results.with_name(f"{results.name}.accept")
    written = folder / place.with_name(f"{place.name}.yaml")
    shutil.rmtree(folder / place, ignore_errors=True)
    for lot in sorted((folder / results / "corpus").glob("conditions-*.json")):
        name = lot.relative_to(folder / results)
        for file in (name, records.record_of(name, Path())):
            (folder / place / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / results / file, folder / place / file)
    written.write_text(yaml.safe_dump({**given, "results": str(place)}, sort_keys=False), encoding="utf-8")
    try:
        yield place, written
    finally:
        shutil.rmtree(folder / place, ignore_errors=True)
        written.unlink()


def _extract(written: Path, folder: Path, profile: str, files: Sequence[Path]) -> None:
    command = snakemake(ROOT, folder, written, *map(str, files), profile=profile)
    if subprocess.run(command, check=False).returncode != 0:
        raise ReadalikeError(f"{written}: could not be extracted anew, as is said above; nothing was accepted")


if __name__ == "__main__":
    run(main)
