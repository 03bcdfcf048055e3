"""Figure 7: resemblance against size."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.resemblance import resemblance_by_size
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import read_table


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    law = read_table(arguments.scaling_law, ["group", "readers", "signal", "column", "parameters", "score", "fit"])
    with drawing(style):
        figure, frame = resemblance_by_size(law, style)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scaling-law", type=Path, required=True)
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
