"""Figure 6: resemblance by layer, with intervals over readers."""

from typing import Any

from readalike.figures.resemblance import resemblance_by_layer
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.human import CEILINGS
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *, resemblance: list[In], ceilings: list[In], signal: str, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out
) -> None:
    look = read_style(style)
    with drawing(look):
        scores = gather(resemblance, RESEMBLANCE)
        figure, frame = resemblance_by_layer(scores, gather(ceilings, CEILINGS), look, signal)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
