"""Resemblance to two groups of readers -> tests of one above the other, by layer and scale."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.bootstrap import read_draws
from readalike.files.tables import gather, write_table
from readalike.statistics.readers import resemblance_group_tests


def main(arguments: argparse.Namespace) -> None:
    table = resemblance_group_tests(
        gather(arguments.tables, ["model", "group", "readers", "signal", "layer", "reader", "r2", "r2_cv", "r2_null"]),
        gather(arguments.thinned, ["model", "group", "layer", "draw", "reader", "r2"]),
        {(d.labels["model"], d.labels["group"]): d for d in map(read_draws, arguments.bootstrap)},
        {(d.labels["model"], d.labels["group"]): d for d in map(read_draws, arguments.thinned_bootstrap)},
        {d.labels["group"]: d for d in map(read_draws, arguments.human_bootstrap)},
        gather(arguments.ceilings, ["group", "signal", "kind", "reader", "value"]),
        json.loads(arguments.contrasts),
        permutations=arguments.permutations,
        seed=arguments.seed,
    )
    write_table(arguments.output, table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--thinned", type=Path, nargs="+", required=True)
    parser.add_argument("--bootstrap", type=Path, nargs="+", required=True)
    parser.add_argument("--thinned-bootstrap", type=Path, nargs="+", required=True)
    parser.add_argument("--human-bootstrap", type=Path, nargs="+", required=True)
    parser.add_argument("--ceilings", type=Path, nargs="+", required=True)
    parser.add_argument("--contrasts", required=True, help="JSON: pairs of groups")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--permutations", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
