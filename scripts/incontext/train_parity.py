"""Parity heads, trained: how accurate each start is, and where its weight stands."""

from typing import Literal

from readalike.files.contracts.incontext import TRAINED_PARITY, TRAINED_WEIGHT
from readalike.files.tables import write_table
from readalike.incontext.parity_tables import Parity
from readalike.incontext.trained_tables import trained_parity
from readalike.running.arguments import Json, Out
from readalike.running.command import run


def main(*, settings: Json[Parity], z: Literal["finite", "exact"], seed: int, accuracy: Out, weight: Out) -> None:
    """
    settings : incontext.parity of the configuration
    z : of N demonstrations, or as endlessly many give it
    """
    tested, weights = trained_parity(settings, z, seed)
    write_table(accuracy, tested, TRAINED_PARITY)
    write_table(weight, weights, TRAINED_WEIGHT)


if __name__ == "__main__":
    run(main)
