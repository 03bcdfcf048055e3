"""Attention to previous word, first word and self, by layer."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.patterns import patterns_by_layer
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import gather


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    columns = ["model", "condition", "layer", "head", "to_first", "to_previous", "to_self"]
    with drawing(style):
        figure, frame = patterns_by_layer(gather(arguments.reliance, columns), style)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reliance", type=Path, nargs="+", required=True)
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
