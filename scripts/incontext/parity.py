"""Sparse parity in context: margins of closed-form heads, and accuracy by formula beside drawn prompts."""

from readalike.files.contracts.incontext import ACCURACY, MARGINS, ORDER
from readalike.files.tables import write_table
from readalike.incontext.parity_tables import Parity, accuracies, margins, order
from readalike.running.arguments import Json, Out
from readalike.running.command import run


def main(*, settings: Json[Parity], seed: int, margin: Out, accuracy: Out, turning: Out) -> None:
    """
    settings : incontext.parity of the configuration
    """
    write_table(margin, margins(settings), MARGINS)
    found = accuracies(settings, seed)
    write_table(accuracy, found, ACCURACY)
    write_table(turning, order(found, settings), ORDER)


if __name__ == "__main__":
    run(main)
