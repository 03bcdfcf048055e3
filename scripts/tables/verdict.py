"""What the run says on each question, as a table and on one screen."""

from readalike.files.atomic import replacing
from readalike.files.contracts.robustness import CONCLUSIONS
from readalike.files.contracts.statistics import SLOPES, TESTS
from readalike.files.contracts.verdict import VERDICT
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.tables.verdict import verdict, warnings
from readalike.tables.verdict_text import orders_of, screen


def main(
    *,
    conclusions: list[In],
    divergence: list[In],
    reading_times: list[In],
    slopes: list[In],
    signal: str,
    name: str,
    table: Out,
    text: Out,
) -> None:
    """
    conclusions : statistics/conclusions.csv, where a group has saccades
    divergence : statistics/divergence.csv, where models are compared
    reading_times : statistics/reading-times.csv, where it is asked for
    slopes : scaling-slopes.csv, where there are models enough
    name : of the run
    """
    pooled = gather(conclusions, CONCLUSIONS)
    found = verdict(pooled, gather(divergence, TESTS), gather(reading_times, TESTS))
    small = warnings(pooled) if len(pooled) else []
    write_table(table, found, VERDICT)
    with replacing(text) as temporary:
        temporary.write_text(screen(found, small, orders_of(gather(slopes, SLOPES), signal), name), encoding="utf-8")


if __name__ == "__main__":
    run(main)
