"""Best layers and numbers of parameters -> the line of resemblance on ln(parameters)."""

from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.statistics import BEST_LAYER, SCALING_LAW
from readalike.files.tables import gather, read_table, write_table
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.statistics import scaling


def main(*, best_layer: In, loss: list[In], scaling_law: list[str], table: Out) -> None:
    """
    scaling_law : base models
    """
    found = scaling.scaling_law(read_table(best_layer, BEST_LAYER), gather(loss, LOSS), scaling_law)
    write_table(table, found, SCALING_LAW)


if __name__ == "__main__":
    run(main)
