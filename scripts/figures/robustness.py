"""The robustness table -> specification curves, a panel a conclusion."""

from typing import Any

from readalike.figures.robustness import specification_curves
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.robustness import ROBUSTNESS
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, table: In, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    look = read_style(style)
    with drawing(look):
        figure, frame = specification_curves(read_table(table, ROBUSTNESS), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
