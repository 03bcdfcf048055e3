"""Resemblance of tuned models and their bases -> tests over readers, by layer."""

from readalike.files.bootstrap import read_draws
from readalike.files.contracts.human import CEILINGS
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.contracts.statistics import TESTS
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.comparisons import Comparisons
from readalike.statistics.readers import resemblance_tuning_tests


def main(
    *,
    resemblance: list[In],
    bootstrap: list[In],
    ceilings: list[In],
    comparisons: Json[Comparisons],
    equivalence: float,
    seed: int,
    permutations: int,
    table: Out,
) -> None:
    """
    equivalence : share of the ceiling that counts as no effect
    """
    found = resemblance_tuning_tests(
        gather(resemblance, RESEMBLANCE),
        {(d.labels["model"], d.labels["group"]): d for d in map(read_draws, bootstrap)},
        gather(ceilings, CEILINGS),
        comparisons,
        bound=equivalence,
        permutations=permutations,
        seed=seed,
    )
    write_table(table, found, TESTS)


if __name__ == "__main__":
    run(main)
