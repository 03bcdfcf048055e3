"""Table 5: readers' reliance on the trivial patterns."""

import argparse
from pathlib import Path

from readalike import tables
from readalike.command import run
from readalike.files.tables import gather


def main(arguments: argparse.Namespace) -> None:
    reliance = gather(arguments.reliance, ["group", "readers", "signal", "reader", "r2"])
    caption = "Table 5. R2 of saccade number on first word, previous word and self."
    tables.save(tables.reader_reliance(reliance), arguments.output, caption)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reliance", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True, help="stem; .csv and .tex are appended")
    run(main, parser)
