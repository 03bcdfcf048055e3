"""Every column of resemblance side by side, with ceilings and baseline."""

import argparse
from pathlib import Path

from readalike import tables
from readalike.command import run
from readalike.files.tables import gather, read_table


def main(arguments: argparse.Namespace) -> None:
    head = tables.headline(
        gather(
            arguments.resemblance,
            [
                "model",
                "group",
                "readers",
                "signal",
                "layer",
                "reader",
                "r2",
                "r2_cv",
                "r2_null",
                "r2_unique",
                "r2_adjusted",
                "r2_unique_null",
            ],
        ),
        read_table(
            arguments.best_layer, ["model", "group", "readers", "signal", "rule", "column", "layer", "score", "percent"]
        ),
        gather(arguments.ceilings, ["group", "signal", "kind", "reader", "value"]),
        gather(arguments.baseline, ["group", "signal", "reader", "r2_cv"]),
    )
    tables.save(head, arguments.output, "Resemblance at the layer with the highest in-sample R2, means over readers.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resemblance", type=Path, nargs="+", required=True)
    parser.add_argument("--best-layer", type=Path, required=True)
    parser.add_argument("--ceilings", type=Path, nargs="+", required=True)
    parser.add_argument("--baseline", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True, help="stem; .csv and .tex are appended")
    run(main, parser)
