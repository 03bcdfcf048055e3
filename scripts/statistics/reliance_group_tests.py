"""Readers' reliance on trivial patterns -> tests of one group against another."""

from readalike.files.bootstrap import read_draws
from readalike.files.contracts.human import READER_RELIANCE
from readalike.files.contracts.statistics import TESTS
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.readers import reliance_group_tests


def main(
    *,
    reliance: list[In],
    human_bootstrap: list[In],
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
        {d.labels["group"]: d for d in map(read_draws, human_bootstrap)},
        contrasts,
        permutations=permutations,
        seed=seed,
    )
    write_table(table, found, TESTS)


if __name__ == "__main__":
    run(main)
