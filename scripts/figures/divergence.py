"""Figures 2 and 3: divergence between sizes by quarter, by tuning by layer."""

from typing import Any

from readalike.figures.divergence import divergence_between_models
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.divergence import DIVERGENCE
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    comparison: str,
    compared: list[In],
    reference: list[In],
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    """
    comparison : scaling or tuning
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = divergence_between_models(
            gather(compared, DIVERGENCE), gather(reference, DIVERGENCE), comparison, look
        )
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
