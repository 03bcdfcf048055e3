"""Resemblance of tuned models and their bases -> tests over readers, and over readers and sentences, by layer."""

from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.contracts.statistics import TESTS
from readalike.files.sums import read_sums
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.comparisons import Comparisons
from readalike.statistics.readers import resemblance_tuning_tests


def main(
    *,
    resemblance: list[In],
    sums: list[In],
    comparisons: Json[Comparisons],
    equivalence: float,
    seed: int,
    permutations: int,
    table: Out,
) -> None:
    """
    equivalence : what counts as no effect, as a multiple of what as many heads explain by chance
    """
    found = resemblance_tuning_tests(
        gather(resemblance, RESEMBLANCE),
        {(own.labels["model"], own.labels["group"]): own for own in map(read_sums, sums)},
        comparisons,
        bound=equivalence,
        permutations=permutations,
        seed=seed,
    )
    write_table(table, found, TESTS)


if __name__ == "__main__":
    run(main)
