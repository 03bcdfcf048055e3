"""Resemblance to two groups of readers -> tests of one above the other, by layer and scale."""

from readalike.files.contracts.human import CEILINGS
from readalike.files.contracts.resemblance import RESEMBLANCE, THINNED
from readalike.files.contracts.statistics import TESTS
from readalike.files.sums import read_sums
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.readers import resemblance_group_tests


def main(
    *,
    resemblance: list[In],
    thinned: list[In],
    sums: list[In],
    thinned_sums: list[In],
    human_sums: list[In],
    ceilings: list[In],
    contrasts: Json[list[tuple[str, str]]],
    seed: int,
    permutations: int,
    table: Out,
) -> None:
    """
    contrasts : pairs of groups
    """
    found = resemblance_group_tests(
        gather(resemblance, RESEMBLANCE),
        gather(thinned, THINNED),
        {(own.labels["model"], own.labels["group"]): own for own in map(read_sums, sums)},
        {(own.labels["model"], own.labels["group"]): own for own in map(read_sums, thinned_sums)},
        {own.labels["group"]: own for own in map(read_sums, human_sums)},
        gather(ceilings, CEILINGS),
        contrasts,
        permutations=permutations,
        seed=seed,
    )
    write_table(table, found, TESTS)


if __name__ == "__main__":
    run(main)
