"""Sums of squares by sentence and reader -> what differences of a run could have shown, and what an effect needs."""

from readalike.files.contracts.statistics import PLANNING
from readalike.files.sums import read_sums
from readalike.files.tables import write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.comparisons import Comparisons
from readalike.statistics.planning import planning


def main(
    *,
    sums: list[In],
    comparisons: Json[Comparisons],
    contrasts: Json[list[tuple[str, str]]],
    groups: list[str],
    signal: str,
    equivalence: float,
    table: Out,
) -> None:
    """
    contrasts : pairs of groups; groups : those that saccades were recorded of
    equivalence : the effect to plan for, as a multiple of what as many heads explain by chance
    """
    found = planning(
        {(own.labels["model"], own.labels["group"]): own for own in map(read_sums, sums)},
        comparisons,
        contrasts,
        groups,
        signal,
        bound=equivalence,
    )
    write_table(table, found, PLANNING)


if __name__ == "__main__":
    run(main)
