"""Figures 2 and 3 from the authors' divergences."""

from typing import Any

from readalike.figures.published import published_divergence
from readalike.figures.style import drawing, read_style, save
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, divergences: In, comparison: str, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    """
    divergences : the authors' folder divergence
    comparison : scaling or tuning
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = published_divergence(divergences, comparison, look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
