"""Figures 13 and 16: resemblance to brain regions against loss or size."""

from typing import Any

from readalike.figures.fmri import AGAINST, against
from readalike.figures.style import drawing, read_style, save
from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.tables import FMRI
from readalike.files.tables import gather, read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.tables.regions import with_model_column


def main(
    *,
    table: In,
    loss: list[In],
    column: str,
    group: str,
    models: list[str],
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    """
    table : table-08-fmri.csv
    column : loss_per_token or parameters
    models : those that have all their layers
    """
    look = read_style(style)
    points = with_model_column(read_table(table, FMRI), gather(loss, LOSS), column, group, models)
    with drawing(look):
        figure, frame = against(points, column, AGAINST[column], look, log_axis=column == "parameters")
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
