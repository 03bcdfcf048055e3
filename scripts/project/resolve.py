"""Look up the commit of every repository of the Hugging Face Hub that a configuration names, and what it holds."""

from pathlib import Path

from readalike.configuration import check, read_schema
from readalike.resolve import resolve
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.strict_yaml import read_strict
from readalike.weights.revisions import read_revisions, write_revisions

ROOT = Path(__file__).parents[2]


def main(*, config: In, lock: Out, update: bool = False) -> None:
    """
    lock : revisions.lock, read and written
    update : take newer commits of what is there already
    """
    models = check(read_strict(config), read_schema(ROOT))["models"]
    write_revisions(lock, resolve(models, read_revisions(lock), update=update))


if __name__ == "__main__":
    run(main)
