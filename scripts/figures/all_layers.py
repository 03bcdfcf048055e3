"""Figure 35: what attention adds to baseline b2, at one layer and over all layers at once."""

from typing import Any

from readalike.figures.all_layers import layer_and_all
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.tables import HEADLINE
from readalike.files.tables import gather, read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.sizes import parameters_of


def main(
    *,
    headline: In,
    loss: list[In],
    twins: Json[list[tuple[str, str]]],
    untrained: list[str],
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    """
    loss : of models with weights, which tells their parameters
    twins : trained and untrained model of the same weights
    untrained : models whose weights were drawn
    """
    look = read_style(style)
    with drawing(look):
        sizes, of = parameters_of(gather(loss, LOSS)), {drawn: trained for trained, drawn in twins}
        figure, frame = layer_and_all(read_table(headline, HEADLINE), sizes, of, untrained, look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
