"""Gaze of one group -> its means beside those that others released."""

from readalike.files.contracts.human import MEANS
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.human import compared_means
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, gaze: In, means: Out) -> None:
    write_table(means, compared_means(read_gaze(gaze, read_corpus(words))), MEANS)


if __name__ == "__main__":
    run(main)
