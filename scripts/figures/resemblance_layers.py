"""Figure 6: resemblance by layer, with intervals over readers."""

from typing import Any

from readalike.figures.resemblance import Models, resemblance_by_layer
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.human import CEILINGS
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.tables import gather
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.sizes import parameters_of


def main(
    *,
    resemblance: list[In],
    ceilings: list[In],
    loss: list[In],
    layers: Json[dict[str, int]],
    tuned: list[str],
    untrained: list[str],
    signal: str,
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    """
    loss : of models with weights, which tells their parameters
    layers : of every whole model
    tuned : models that were tuned from another
    untrained : models whose weights were drawn
    """
    look = read_style(style)
    with drawing(look):
        scores, sizes = gather(resemblance, RESEMBLANCE), parameters_of(gather(loss, LOSS))
        about = Models(sizes, layers, tuned, untrained)
        figure, frame = resemblance_by_layer(scores, gather(ceilings, CEILINGS), about, look, signal)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
