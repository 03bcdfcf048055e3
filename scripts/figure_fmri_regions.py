"""Figure 12: the best layer's score in each brain region."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.fmri import best_by_region
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import read_table


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    table = read_table(arguments.table, ["model", "group", "readers", "region", "n", "r2", "r2_cv"])
    with drawing(style):
        figure, frame = best_by_region(table, style)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", type=Path, required=True, help="table-08-fmri.csv")
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
