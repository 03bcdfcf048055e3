"""Figures of sparse parity in context: closed-form heads."""

from typing import Any, Literal

from readalike.figures import incontext_parity as figures
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.incontext import ACCURACY, ORDER
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    accuracy: In,
    turning: In,
    which: Literal["accuracy", "order"],
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    look = read_style(style)
    with drawing(look):
        if which == "accuracy":
            figure, frame = figures.parity_accuracy(read_table(accuracy, ACCURACY), look)
        else:
            figure, frame = figures.parity_order(read_table(turning, ORDER), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
