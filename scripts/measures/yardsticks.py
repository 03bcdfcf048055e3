"""Gaze of one group -> how attention without a model resembles every reader."""

from readalike.files.contracts.resemblance import YARDSTICKS
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.yardsticks import yardsticks
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, gaze: In, seed: int, table: Out) -> None:
    corpus = read_corpus(words)
    write_table(table, yardsticks(read_gaze(gaze, corpus), corpus, seed=seed), YARDSTICKS)


if __name__ == "__main__":
    run(main)
