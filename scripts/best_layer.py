"""Resemblance of all models and groups -> the layer that stands for each model."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.tables import gather, write_table
from readalike.statistics.best_layer import best_layers


def main(arguments: argparse.Namespace) -> None:
    resemblance = gather(
        arguments.resemblance, ["model", "group", "readers", "signal", "layer", "reader", "r2", "r2_cv", "r2_null"]
    )
    folds = gather(
        arguments.folds, ["model", "group", "readers", "signal", "layer", "reader", "article", "r2_train", "sse", "sst"]
    )
    ceilings = gather(arguments.ceilings, ["group", "signal", "kind", "reader", "value"])
    write_table(arguments.output, best_layers(resemblance, folds, ceilings))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resemblance", type=Path, nargs="+", required=True)
    parser.add_argument("--folds", type=Path, nargs="+", required=True)
    parser.add_argument("--ceilings", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
