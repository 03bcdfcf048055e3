"""Resemblance of all models and groups -> the layer that stands for each model."""

from readalike.files.contracts.human import CEILINGS
from readalike.files.contracts.resemblance import FOLDS, RESEMBLANCE
from readalike.files.contracts.statistics import BEST_LAYER
from readalike.files.tables import gather, write_table
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.statistics.best_layer import best_layers


def main(*, resemblance: list[In], folds: list[In], ceilings: list[In], table: Out) -> None:
    found = best_layers(gather(resemblance, RESEMBLANCE), gather(folds, FOLDS), gather(ceilings, CEILINGS))
    write_table(table, found, BEST_LAYER)


if __name__ == "__main__":
    run(main)
