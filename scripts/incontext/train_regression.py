"""Linear attention layers of several ranks, trained on prompts of regressions."""

from readalike.files.contracts.incontext import TRAINED_REGRESSION
from readalike.files.tables import write_table
from readalike.incontext.regression_tables import Regression
from readalike.incontext.trained_tables import trained_regression
from readalike.running.arguments import Json, Out
from readalike.running.command import run


def main(*, settings: Json[Regression], seed: int, table: Out) -> None:
    """
    settings : incontext.regression of the configuration
    """
    write_table(table, trained_regression(settings, seed), TRAINED_REGRESSION)


if __name__ == "__main__":
    run(main)
