"""Attention against what is known without it, for every reader."""

from typing import Any

from readalike.figures.controls import controls
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.human import CEILINGS, READER_BASELINE
from readalike.files.contracts.resemblance import RESEMBLANCE, YARDSTICKS
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    resemblance: list[In],
    yardsticks: list[In],
    baseline: list[In],
    ceilings: list[In],
    untrained: list[str],
    signal: str,
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    """
    untrained : models whose weights were drawn
    """
    look = read_style(style)
    with drawing(look):
        beside = gather(baseline, READER_BASELINE), gather(ceilings, CEILINGS)
        scores = gather(resemblance, RESEMBLANCE), gather(yardsticks, YARDSTICKS)
        figure, frame = controls(*scores, *beside, look, signal, untrained)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
