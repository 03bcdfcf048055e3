"""Resemblance of tuned models and their bases -> tests over readers, by layer."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.bootstrap import read_draws
from readalike.files.tables import gather, write_table
from readalike.statistics.readers import resemblance_tuning_tests


def main(arguments: argparse.Namespace) -> None:
    table = resemblance_tuning_tests(
        gather(arguments.tables, ["model", "group", "readers", "signal", "layer", "reader", "r2", "r2_cv", "r2_null"]),
        {(d.labels["model"], d.labels["group"]): d for d in map(read_draws, arguments.bootstrap)},
        gather(arguments.ceilings, ["group", "signal", "kind", "reader", "value"]),
        json.loads(arguments.comparisons),
        bound=arguments.equivalence,
        permutations=arguments.permutations,
        seed=arguments.seed,
    )
    write_table(arguments.output, table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--bootstrap", type=Path, nargs="+", required=True)
    parser.add_argument("--ceilings", type=Path, nargs="+", required=True)
    parser.add_argument("--comparisons", required=True, help="JSON: scaling, tuning, reference")
    parser.add_argument("--equivalence", type=float, required=True, help="bound as a share of the ceiling")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--permutations", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
