"""Figure 12: the best layer's score in each brain region."""

from typing import Any

from readalike.figures.fmri import best_by_region
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.tables import FMRI
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, table: In, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    """
    table : table-08-fmri.csv
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = best_by_region(read_table(table, FMRI), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
