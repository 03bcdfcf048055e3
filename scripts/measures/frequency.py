"""Corpus -> how frequent its words are in English."""

from readalike.files.contracts.attention import FREQUENCY
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.measures.frequency import frequency
from readalike.running.arguments import In, Out
from readalike.running.command import run


def main(*, words: In, corpus_name: str, table: Out) -> None:
    write_table(table, frequency(read_corpus(words)).assign(corpus=corpus_name), FREQUENCY)


if __name__ == "__main__":
    run(main)
