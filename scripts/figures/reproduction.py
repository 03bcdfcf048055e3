"""Published values against those computed here, drawn."""

from typing import Any

from readalike.figures.reproduction import published_against_computed
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.reproduction import REPRODUCTION
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, values: In, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    """
    values : reproduction.csv
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = published_against_computed(read_table(values, REPRODUCTION), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
