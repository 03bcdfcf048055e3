"""Results of a finished run -> one file to keep or to publish: a Workflow Run RO-Crate."""

from dataclasses import asdict
from pathlib import Path

from readalike.configuration import with_results
from readalike.experiment.experiment import experiment_of
from readalike.running.archive import (
    made_by,
    make_report,
    parts_of,
    require_genuine,
    resolved,
    source_of,
    write_archive,
)
from readalike.running.arguments import In, Out
from readalike.running.command import log, run
from readalike.strict_yaml import read_strict

ROOT = Path(__file__).parents[2]


def main(*, config: In, folder: In = Path(), output: Out) -> None:
    """
    config : configuration that was run
    folder : where it was run (default: here)
    output : archive to write (.zip)
    """
    experiment, _ = experiment_of(with_results(read_strict(config), config), ROOT, dry_run=False)
    results = Path(experiment.config["results"])
    source = source_of(ROOT)
    if not source.clean:
        log.warning("files of the project differ from its last commit: the archive holds them, and says so")
    made = made_by(ROOT, folder, config, results)
    if old := require_genuine(ROOT, folder, results, [output for output, _ in made]):
        log.warning(
            "%d outputs, %s first, were made by other versions of their scripts; their records say so, and "
            "make verify-archive will refuse the archive",
            len(old),
            old[0],
        )
    make_report(ROOT, folder, config, results)
    parts = parts_of(ROOT, folder, results, source, resolved(experiment.config, experiment.layers), made)
    revisions = {name: asdict(entry) for name, entry in experiment.locked.items()}
    write_archive(output, parts, results, source, revisions, experiment.config.get("archive", {}))
    log.info("%s: %d files, %.1f MB", output, len(parts), output.stat().st_size / 1e6)


if __name__ == "__main__":
    run(main)
