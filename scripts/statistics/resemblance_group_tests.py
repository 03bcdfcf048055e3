"""Resemblance to two groups of readers -> tests of one above the other, by layer and scale."""

from readalike.files.bootstrap import read_draws
from readalike.files.contracts.human import CEILINGS
from readalike.files.contracts.resemblance import RESEMBLANCE, THINNED
from readalike.files.contracts.statistics import TESTS
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.readers import resemblance_group_tests


def main(
    *,
    resemblance: list[In],
    thinned: list[In],
    bootstrap: list[In],
    thinned_bootstrap: list[In],
    human_bootstrap: list[In],
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
        {(d.labels["model"], d.labels["group"]): d for d in map(read_draws, bootstrap)},
        {(d.labels["model"], d.labels["group"]): d for d in map(read_draws, thinned_bootstrap)},
        {d.labels["group"]: d for d in map(read_draws, human_bootstrap)},
        gather(ceilings, CEILINGS),
        contrasts,
        permutations=permutations,
        seed=seed,
    )
    write_table(table, found, TESTS)


if __name__ == "__main__":
    run(main)
