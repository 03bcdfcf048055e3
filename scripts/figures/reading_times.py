"""What surprisal and the spread of attention tell of how long words are read."""

from typing import Any

from readalike.figures.reading_times import reading_times as draw
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.reading_times import READING_TIMES
from readalike.files.contracts.statistics import TESTS
from readalike.files.tables import gather, read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, tests: In, reading_times: list[In], style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    """
    tests : statistics/reading-times.csv
    reading_times : of the groups that read one corpus
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = draw(read_table(tests, TESTS), gather(reading_times, READING_TIMES), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
