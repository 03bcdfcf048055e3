"""Published values against those computed here, drawn."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.reproduction import published_against_computed
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import read_table
from readalike.reproduction.values import COLUMNS


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    values = read_table(arguments.values, COLUMNS, as_printed=["published", "size_billion"])
    with drawing(style):
        figure, frame = published_against_computed(values, style)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=Path, required=True, help="reproduction.csv")
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
