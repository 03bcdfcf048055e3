"""Figures 2 and 3: divergence between sizes by quarter, by tuning by layer."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.divergence import divergence_between_models
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import gather


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    columns = ["a", "b", "condition", "unit", "index", "article", "sentence", "divergence"]
    compared, reference = gather(arguments.divergence, columns), gather(arguments.reference, columns)
    with drawing(style):
        figure, frame = divergence_between_models(compared, reference, arguments.kind, style)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=["scaling", "tuning"], required=True)
    parser.add_argument("--divergence", type=Path, nargs="+", required=True)
    parser.add_argument("--reference", type=Path, nargs="*", default=[])
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
