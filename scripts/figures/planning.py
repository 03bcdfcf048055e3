"""What differences of a run could have shown -> power against readers."""

from typing import Any

from readalike.figures.planning import power_by_readers
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.statistics import PLANNING
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, planning: In, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    look = read_style(style)
    with drawing(look):
        figure, frame = power_by_readers(read_table(planning, PLANNING), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
