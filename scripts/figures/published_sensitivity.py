"""Figures 4 and 10 from the authors' divergences."""

from typing import Any

from readalike.figures.published import published_sensitivity
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.reproduction import SIGNIFICANCE
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *, divergences: In, tests: In, condition: str, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out
) -> None:
    """
    divergences : the authors' folder divergence
    tests : published-significance.csv
    condition : translate or noise
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = published_sensitivity(divergences, condition, read_table(tests, SIGNIFICANCE), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
