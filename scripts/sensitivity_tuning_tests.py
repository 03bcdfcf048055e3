"""Sensitivity of tuned models and their bases -> tests of tuned above base, and of its excess over noise."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.tables import gather, write_table
from readalike.statistics.divergence import sensitivity_tuning_tests


def main(arguments: argparse.Namespace) -> None:
    table = sensitivity_tuning_tests(
        gather(arguments.tables, ["corpus", "model", "condition", "layer", "article", "sentence", "divergence"]),
        json.loads(arguments.comparisons),
        permutations=arguments.permutations,
        seed=arguments.seed,
    )
    write_table(arguments.output, table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--comparisons", required=True, help="JSON: scaling, tuning, reference")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--permutations", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
