"""Figure 15: resemblance to brain regions by layer."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.fmri import by_layer
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import gather


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    columns = ["model", "group", "readers", "signal", "layer", "reader", "r2", "r2_cv"]
    resemblance = gather(arguments.resemblance, columns)
    with drawing(style):
        figure, frame = by_layer(resemblance, style)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resemblance", type=Path, nargs="+", required=True, help="of one group")
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
