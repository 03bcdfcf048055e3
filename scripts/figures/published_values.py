"""Figures 5 and 7 from the values that the paper prints."""

from typing import Any

from readalike.figures.published import published_loss, published_size
from readalike.figures.style import drawing, read_style, save
from readalike.reproduction.values import read_published
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run

DRAWN = {"loss": published_loss, "size": published_size}


def main(*, published: In, against: str, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    """
    published : published-values.csv
    against : loss or size
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = DRAWN[against](read_published(published), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
