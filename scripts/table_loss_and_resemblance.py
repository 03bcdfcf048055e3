"""Table 1: loss and resemblance of every model."""

import argparse
from pathlib import Path

from readalike import tables
from readalike.command import run
from readalike.files.tables import gather, read_table


def main(arguments: argparse.Namespace) -> None:
    best_layer = read_table(
        arguments.best_layer, ["model", "group", "readers", "signal", "rule", "column", "layer", "score", "percent"]
    )
    loss = gather(arguments.loss, ["corpus", "model", "parameters", "condition", "loss_per_token", "loss_per_word"])
    caption = "Table 1. Loss (nats) and resemblance of the best layer."
    tables.save(tables.loss_and_resemblance(best_layer, loss), arguments.output, caption)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--best-layer", type=Path, required=True)
    parser.add_argument("--loss", type=Path, nargs="+", required=True)
    parser.add_argument("--output", type=Path, required=True, help="stem; .csv and .tex are appended")
    run(main, parser)
