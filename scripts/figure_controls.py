"""Attention against position and word length, for every reader."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.controls import controls
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import gather


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    resemblance = gather(
        arguments.resemblance,
        ["model", "group", "readers", "signal", "layer", "reader", "r2", "r2_cv", "r2_null", "r2_unique"],
    )
    baseline = gather(arguments.baseline, ["group", "signal", "reader", "r2_cv"])
    ceilings = gather(arguments.ceilings, ["group", "signal", "kind", "reader", "value"])
    with drawing(style):
        figure, frame = controls(resemblance, baseline, ceilings, style)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resemblance", type=Path, nargs="+", required=True)
    parser.add_argument("--baseline", type=Path, nargs="+", required=True)
    parser.add_argument("--ceilings", type=Path, nargs="+", required=True)
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
