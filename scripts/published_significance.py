"""The authors' divergences -> the paper's significance tests, and their lists of layers."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.tables import write_table
from readalike.reproduction.significance import layer_lists, significance


def main(arguments: argparse.Namespace) -> None:
    tests = significance(arguments.divergences, permutations=arguments.permutations, seed=arguments.seed)
    write_table(arguments.tests, tests)
    write_table(arguments.lists, layer_lists(tests))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--divergences", type=Path, required=True, help="the authors' folder divergence")
    parser.add_argument("--permutations", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--tests", type=Path, required=True)
    parser.add_argument("--lists", type=Path, required=True)
    run(main, parser)
