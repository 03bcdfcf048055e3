"""Figure 4: sensitivity to each condition by layer."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.divergence import sensitivity
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import gather


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    frame = gather(arguments.sensitivity, ["model", "condition", "layer", "article", "sentence", "divergence"])
    reference = gather(
        arguments.reference, ["a", "b", "condition", "unit", "index", "article", "sentence", "divergence"]
    )
    with drawing(style):
        figure, drawn = sensitivity(frame, reference, style)
        save(figure, drawn, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sensitivity", type=Path, nargs="+", required=True)
    parser.add_argument("--reference", type=Path, nargs="*", default=[])
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
