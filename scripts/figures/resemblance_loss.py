"""Figure 5: loss against resemblance."""

from typing import Any

from readalike.figures.loss import resemblance_by_loss
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.tables import LOSS_AND_RESEMBLANCE
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, models: In, style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    """
    models : Table 1
    """
    look = read_style(style)
    with drawing(look):
        figure, frame = resemblance_by_loss(read_table(models, LOSS_AND_RESEMBLANCE), look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
