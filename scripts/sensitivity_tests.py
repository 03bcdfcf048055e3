"""Sensitivity of all models -> tests against the reference pair in plain."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.tables import gather, write_table
from readalike.statistics.divergence import sensitivity_tests


def main(arguments: argparse.Namespace) -> None:
    table = sensitivity_tests(
        gather(arguments.tables, ["corpus", "model", "condition", "layer", "article", "sentence", "divergence"]),
        gather(
            arguments.reference,
            ["corpus", "kind", "a", "b", "condition", "unit", "index", "article", "sentence", "divergence"],
        ),
        json.loads(arguments.comparisons),
        permutations=arguments.permutations,
        seed=arguments.seed,
    )
    write_table(arguments.output, table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--reference", type=Path, nargs="*", default=[], help="none: describe, do not test")
    parser.add_argument("--comparisons", required=True, help="JSON: scaling, tuning, reference")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--permutations", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
