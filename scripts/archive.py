"""Results of a finished run -> one file to keep or to publish: a Workflow Run RO-Crate."""

import argparse
from dataclasses import asdict
from pathlib import Path

import yaml

from readalike import configuration
from readalike.archive import made_by, parts_of, resolved, source_of, write_archive
from readalike.command import log, run
from readalike.weights.revisions import read_revisions

ROOT = Path(__file__).parents[1]


def main(arguments: argparse.Namespace) -> None:
    schema = yaml.safe_load((ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8"))
    checked = configuration.check(configuration.read_strict(arguments.config), schema)
    config, _ = configuration.without_absent(checked, ROOT)
    revisions = read_revisions(ROOT / "revisions.lock")
    layers = {
        name: configuration.number_of_layers(name, model, ROOT, revisions, archived=config["archived"])
        for name, model in config["models"].items()
    }
    source = source_of(ROOT)
    if not source.clean:
        log.warning("files of the project differ from its last commit: the archive holds them, and says so")
    made = made_by(ROOT, arguments.folder, arguments.config)
    parts = parts_of(ROOT, arguments.folder, source, resolved(config, layers), made)
    write_archive(arguments.output, parts, source, {name: asdict(entry) for name, entry in revisions.items()})
    log.info("%s: %d files, %.1f MB", arguments.output, len(parts), arguments.output.stat().st_size / 1e6)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="configuration that was run")
    parser.add_argument("--folder", type=Path, default=Path(), help="where it was run (default: here)")
    parser.add_argument("--output", type=Path, required=True, help="archive to write (.zip)")
    run(main, parser)
