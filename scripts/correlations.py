"""Best layers and losses -> correlations of resemblance with size and with loss."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.tables import gather, read_table, write_table
from readalike.statistics.scaling import correlations


def main(arguments: argparse.Namespace) -> None:
    best_layer = read_table(
        arguments.best_layer, ["model", "group", "readers", "signal", "rule", "column", "layer", "score", "percent"]
    )
    loss = gather(arguments.loss, ["corpus", "model", "parameters", "condition", "loss_per_token"])
    law = json.loads(arguments.scaling_law)
    corpora = json.loads(arguments.corpora)
    write_table(arguments.output, correlations(best_layer, loss, law, corpora, seed=arguments.seed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--best-layer", type=Path, required=True)
    parser.add_argument("--loss", type=Path, nargs="+", required=True)
    parser.add_argument("--scaling-law", required=True, help="JSON: base models")
    parser.add_argument("--corpora", required=True, help="JSON: group -> the corpus it read")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
