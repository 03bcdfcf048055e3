"""Figures of sparse parity in context: trained heads."""

from typing import Any, Literal

from readalike.figures import incontext_parity as figures
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.incontext import TRAINED_PARITY, TRAINED_WEIGHT
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    accuracy: list[In],
    weight: list[In],
    which: Literal["accuracy", "weight"],
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    look = read_style(style)
    with drawing(look):
        if which == "accuracy":
            figure, frame = figures.trained_accuracy(gather(accuracy, TRAINED_PARITY), look)
        else:
            figure, frame = figures.trained_weight(gather(weight, TRAINED_WEIGHT), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
