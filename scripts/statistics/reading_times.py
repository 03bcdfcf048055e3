"""What each predictor of reading times gains, and its slope, by sentence and reader -> tests, corrected."""

from readalike.files.contracts.statistics import TESTS
from readalike.files.gains import read_gains
from readalike.files.tables import write_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.reading_times import reading_time_tests


def main(
    *,
    sentences: list[In],
    corpora: Json[dict[str, str]],
    contrasts: Json[list[list[str]]],
    equivalence: float,
    untrained: list[str],
    table: Out,
) -> None:
    """
    sentences : what is gained in each sentence and its part in slopes, a file a model and group
    corpora : group -> the corpus it read
    equivalence : bound as a multiple of what as many columns gain with nothing to tell; of slopes of 0.01
    untrained : models whose weights were drawn
    """
    found = [read_gains(path) for path in sentences]
    write_table(table, reading_time_tests(found, corpora, contrasts, equivalence, untrained), TESTS)


if __name__ == "__main__":
    run(main)
