"""Divergence by scaling and by tuning -> tests against the reference pair."""

from readalike.files.contracts.divergence import DIVERGENCE
from readalike.files.contracts.statistics import TESTS
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.comparisons import Comparisons
from readalike.statistics.divergence import divergence_tests


def main(
    *,
    compared: list[In],
    reference: list[In],
    comparisons: Json[Comparisons],
    seed: int,
    permutations: int,
    table: Out,
) -> None:
    """
    reference : none: describe, do not test
    """
    found = divergence_tests(
        gather(compared, DIVERGENCE),
        gather(reference, DIVERGENCE),
        comparisons,
        permutations=permutations,
        seed=seed,
    )
    write_table(table, found, TESTS)


if __name__ == "__main__":
    run(main)
