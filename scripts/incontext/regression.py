"""Linear regression in context: risks, crossings and shrinkage by formula, each beside drawn prompts."""

from readalike.files.contracts.incontext import CROSSINGS, DESCENT, RISK, SHRINKAGE
from readalike.files.tables import write_table
from readalike.incontext.regression_tables import Regression, crossings, descents, risks, shrinkage
from readalike.running.arguments import Json, Out
from readalike.running.command import run


def main(*, settings: Json[Regression], seed: int, risk: Out, crossing: Out, kept: Out, descent: Out) -> None:
    """
    settings : incontext.regression of the configuration
    """
    write_table(risk, risks(settings, seed), RISK)
    write_table(crossing, crossings(settings, seed), CROSSINGS)
    write_table(kept, shrinkage(settings, seed), SHRINKAGE)
    write_table(descent, descents(settings, seed), DESCENT)


if __name__ == "__main__":
    run(main)
