"""Figures 8 and 9: change of the reliance on trivial patterns by size and by tuning."""

from typing import Any

from readalike.figures.reliance import change_by_quarter
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.statistics import RELIANCE_CHANGE
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *, change: In, corpus_name: str, comparison: str, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out
) -> None:
    """
    change : reliance-change.csv
    comparison : scaling or tuning
    """
    look = read_style(style)
    with drawing(look):
        whole = read_table(change, RELIANCE_CHANGE)
        figure, frame = change_by_quarter(whole[whole["corpus"] == corpus_name], comparison, look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
