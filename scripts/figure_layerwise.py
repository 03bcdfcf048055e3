"""Figure 6: resemblance by layer, with intervals over readers."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.resemblance import resemblance_by_layer
from readalike.figures.style import drawing, read_style, save
from readalike.files.tables import gather


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    resemblance = gather(
        arguments.resemblance,
        ["model", "group", "readers", "signal", "layer", "reader", "r2", "r2_cv", "r2_null", "r2_unique"],
    )
    ceilings = gather(arguments.ceilings, ["group", "signal", "kind", "reader", "value"])
    with drawing(style):
        figure, frame = resemblance_by_layer(resemblance, ceilings, style)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resemblance", type=Path, nargs="+", required=True)
    parser.add_argument("--ceilings", type=Path, nargs="+", required=True)
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
