"""What was made, and the headline numbers in plain words."""

import argparse
from pathlib import Path

from readalike import tables
from readalike.command import run
from readalike.files.atomic import replacing
from readalike.files.tables import read_table


def main(arguments: argparse.Namespace) -> None:
    head = read_table(arguments.headline, ["group", "readers", "model", "layer", "r2", "r2_cv", "r2_null", "r2_unique"])
    with replacing(arguments.output) as temporary:
        temporary.write_text(tables.summary(head, arguments.made), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--headline", type=Path, required=True)
    parser.add_argument("--made", type=Path, nargs="+", required=True, help="figures and tables")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
