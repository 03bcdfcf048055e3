"""Figure 4: sensitivity to each condition by layer."""

from typing import Any

from readalike.figures.divergence import sensitivity as draw
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.divergence import DIVERGENCE, SENSITIVITY
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *, sensitivity: list[In], reference: list[In], style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out
) -> None:
    look = read_style(style)
    with drawing(look):
        figure, frame = draw(gather(sensitivity, SENSITIVITY), gather(reference, DIVERGENCE), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
