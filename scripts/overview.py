"""Tables of one model -> its measures at a glance."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.tables import write_table
from readalike.measures.overview import VALUES, overview


def main(arguments: argparse.Namespace) -> None:
    tables = {measure: getattr(arguments, measure) for measure in VALUES}
    write_table(arguments.output, overview(tables, arguments.model))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="name in the configuration")
    for name in VALUES:
        parser.add_argument(f"--{name}", type=Path, nargs="*", default=[], help=f"tables of {name}")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
