"""The authors' divergences -> the paper's significance tests, and their lists of layers."""

from readalike.files.contracts.reproduction import LAYER_LISTS, SIGNIFICANCE
from readalike.files.tables import write_table
from readalike.reproduction.significance import layer_lists, significance
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, divergences: In, seed: int, permutations: int, tests: Out, lists: Out) -> None:
    """
    divergences : the authors' folder divergence
    """
    found = significance(divergences, permutations=permutations, seed=seed)
    write_table(tests, found, SIGNIFICANCE)
    write_table(lists, layer_lists(found), LAYER_LISTS)


if __name__ == "__main__":
    run(main)
