"""Sensitivity of tuned models and their bases -> tests of tuned above base, and of its excess over noise."""

from readalike.files.contracts.divergence import SENSITIVITY
from readalike.files.contracts.statistics import TESTS
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.comparisons import Comparisons
from readalike.statistics.divergence import sensitivity_tuning_tests


def main(*, sensitivity: list[In], comparisons: Json[Comparisons], seed: int, permutations: int, table: Out) -> None:
    rows = gather(sensitivity, SENSITIVITY)
    found = sensitivity_tuning_tests(rows, comparisons, permutations=permutations, seed=seed)
    write_table(table, found, TESTS)


if __name__ == "__main__":
    run(main)
