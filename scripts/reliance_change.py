"""Reliance of models -> relative change by size and by tuning, by quarter."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.bootstrap import read_draws
from readalike.files.tables import gather, write_table
from readalike.statistics.reliance_change import reliance_change


def main(arguments: argparse.Namespace) -> None:
    table = reliance_change(
        gather(arguments.tables, ["corpus", "model", "condition", "layer", "head", "r2"]),
        {(d.labels["corpus"], d.labels["model"]): d for d in map(read_draws, arguments.bootstrap)},
        json.loads(arguments.comparisons),
    )
    write_table(arguments.output, table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--bootstrap", type=Path, nargs="+", required=True)
    parser.add_argument("--comparisons", required=True, help="JSON: scaling, tuning, reference")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
