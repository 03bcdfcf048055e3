"""Figures 13 and 16: resemblance to brain regions against loss or size."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.fmri import against
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import gather, read_table
from readalike.tables import with_model_column

LABELS = {"loss_per_token": "loss (nats per token)", "parameters": "parameters"}


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    table = read_table(arguments.table, ["model", "group", "region", "r2", "r2_cv"])
    loss = gather(arguments.loss, ["corpus", "model", "condition", arguments.column])
    points = with_model_column(table, loss, arguments.column, arguments.group, arguments.models)
    with drawing(style):
        logarithmic = arguments.column == "parameters"
        figure, frame = against(points, arguments.column, LABELS[arguments.column], style, log_axis=logarithmic)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="table-08-fmri.csv")
    parser.add_argument("--loss", type=Path, nargs="+", required=True)
    parser.add_argument("--column", choices=list(LABELS), required=True)
    parser.add_argument("--group", required=True)
    parser.add_argument("--models", nargs="+", required=True, help="models that have all their layers")
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
