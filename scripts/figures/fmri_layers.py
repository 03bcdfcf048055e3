"""Figure 15: resemblance to brain regions by layer."""

from typing import Any

from readalike.figures.fmri import by_layer
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, resemblance: list[In], style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    """
    resemblance : of one group
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = by_layer(gather(resemblance, RESEMBLANCE), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
