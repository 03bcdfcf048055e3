"""Figures 4 and 10: sensitivity to instructions, and to noise, by layer."""

from typing import Any

from readalike.figures.divergence import sensitivity as draw
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.divergence import DIVERGENCE, SENSITIVITY
from readalike.files.contracts.statistics import TESTS
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    sensitivity: list[In],
    reference: list[In],
    tests: list[In],
    corpus_name: str,
    conditions: list[str],
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    """
    tests : sensitivity.csv and, with tuned models, sensitivity-tuning.csv
    conditions : those that are drawn
    """
    look = read_style(style)
    with drawing(look):
        own, asked = gather(sensitivity, SENSITIVITY), gather(tests, TESTS)
        own, asked = own[own["condition"].isin(conditions)], asked[asked["corpus"] == corpus_name]
        figure, frame = draw(own, gather(reference, DIVERGENCE), asked, look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
