"""Attention to previous word, first word and self, by layer."""

from typing import Any

from readalike.figures.patterns import patterns_by_layer
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.attention import RELIANCE
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, reliance: list[In], kind: str, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    """
    kind : of attention
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = patterns_by_layer(gather(reliance, RELIANCE), kind, look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
