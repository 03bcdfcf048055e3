"""Table 1: loss and resemblance of every model."""

from readalike import tables
from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.statistics import BEST_LAYER
from readalike.files.contracts.tables import LOSS_AND_RESEMBLANCE
from readalike.files.tables import gather, read_table
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, best_layer: In, loss: list[In], csv: Out, tex: Out) -> None:
    found = tables.loss_and_resemblance(read_table(best_layer, BEST_LAYER), gather(loss, LOSS))
    caption = "Table 1. Loss (nats) and resemblance of the best layer."
    tables.save(found, LOSS_AND_RESEMBLANCE, csv, tex, caption)


if __name__ == "__main__":
    run(main)
