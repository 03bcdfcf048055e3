"""A task -> what counts of words know of it."""

import pandas as pd

from readalike.files.contracts.incontext_models import BAG_OF_WORDS
from readalike.files.tables import write_table
from readalike.incontext.bag_of_words import held_out_accuracy
from readalike.incontext.task import read_task
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, texts: In, task: str, table: Out) -> None:
    """
    texts : of the task with their labels
    """
    own = read_task(texts, task)
    row = (task, len(own.examples), len(own.labels), held_out_accuracy(own))
    write_table(table, pd.DataFrame([row], columns=BAG_OF_WORDS.names), BAG_OF_WORDS)


if __name__ == "__main__":
    run(main)
