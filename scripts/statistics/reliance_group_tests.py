"""Readers' reliance on trivial patterns -> tests of one group against another."""

from readalike.files.contracts.human import READER_RELIANCE
from readalike.files.contracts.statistics import TESTS
from readalike.files.sums import read_sums
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.readers import reliance_group_tests


def main(
    *,
    reliance: list[In],
    human_sums: list[In],
    contrasts: Json[list[tuple[str, str]]],
    seed: int,
    permutations: int,
    table: Out,
) -> None:
    """
    contrasts : pairs of groups
    """
    found = reliance_group_tests(
        gather(reliance, READER_RELIANCE),
        {own.labels["group"]: own for own in map(read_sums, human_sums)},
        contrasts,
        permutations=permutations,
        seed=seed,
    )
    write_table(table, found, TESTS)


if __name__ == "__main__":
    run(main)
