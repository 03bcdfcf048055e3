"""Tables of one model -> its measures at a glance."""

from pathlib import Path

from readalike.files.contracts.overview import OVERVIEW
from readalike.files.tables import write_table
from readalike.measures.overview import overview
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, model: str, results: str, measures: list[In], table: Out) -> None:
    """
    results : the folder that the tables are in
    measures : every table of a measure of the model
    """
    write_table(table, overview(measures, model, Path(results)), OVERVIEW)


if __name__ == "__main__":
    run(main)
