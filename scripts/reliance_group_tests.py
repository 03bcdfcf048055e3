"""Readers' reliance on trivial patterns -> tests of one group against another."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.bootstrap import read_draws
from readalike.files.tables import gather, write_table
from readalike.statistics.readers import reliance_group_tests


def main(arguments: argparse.Namespace) -> None:
    table = reliance_group_tests(
        gather(arguments.tables, ["group", "readers", "signal", "reader", "r2"]),
        {d.labels["group"]: d for d in map(read_draws, arguments.human_bootstrap)},
        json.loads(arguments.contrasts),
        permutations=arguments.permutations,
        seed=arguments.seed,
    )
    write_table(arguments.output, table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=Path, nargs="+", required=True)
    parser.add_argument("--human-bootstrap", type=Path, nargs="+", required=True)
    parser.add_argument("--contrasts", required=True, help="JSON: pairs of groups")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--permutations", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
