"""Look up the commit of every repository of the Hugging Face Hub that a configuration names, and what it holds."""

import argparse
from pathlib import Path

import yaml

from readalike.command import run
from readalike.configuration import check, read_strict
from readalike.weights.resolve import resolve
from readalike.weights.revisions import read_revisions, write_revisions

SCHEMA = Path(__file__).parents[1] / "workflow" / "schemas" / "config.schema.yaml"


def main(arguments: argparse.Namespace) -> None:
    config = check(read_strict(arguments.config), yaml.safe_load(SCHEMA.read_text(encoding="utf-8")))
    known = read_revisions(arguments.lock)
    write_revisions(arguments.lock, resolve(config["models"], known, update=arguments.update))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--lock", type=Path, required=True, help="revisions.lock, read and written")
    parser.add_argument("--update", action="store_true", help="take newer commits of what is there already")
    run(main, parser)
