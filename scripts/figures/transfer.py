"""Each claim's size in every corpus and group."""

from typing import Any

from readalike.figures.style import drawing, read_style, save
from readalike.figures.transfer import transfer_map
from readalike.files.contracts.statistics import TRANSFER
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, transfer: In, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    look = read_style(style)
    with drawing(look):
        figure, frame = transfer_map(read_table(transfer, TRANSFER), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
