"""Reliance of models -> relative change by size and by tuning, by quarter."""

from readalike.files.bootstrap import read_draws
from readalike.files.contracts.attention import RELIANCE
from readalike.files.contracts.statistics import RELIANCE_CHANGE
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.comparisons import Comparisons
from readalike.statistics.reliance_change import reliance_change


def main(*, reliance: list[In], bootstrap: list[In], comparisons: Json[Comparisons], table: Out) -> None:
    draws = {(d.labels["corpus"], d.labels["model"]): d for d in map(read_draws, bootstrap)}
    write_table(table, reliance_change(gather(reliance, RELIANCE), draws, comparisons), RELIANCE_CHANGE)


if __name__ == "__main__":
    run(main)
