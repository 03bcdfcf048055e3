"""Attention files of one model -> its loss in every condition."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.attention import open_attention
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.measures.loss import loss


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    with open_attention(arguments.attention, corpus) as attention:
        write_table(arguments.output, loss(attention, corpus).assign(corpus=arguments.name))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--name", required=True, help="name of the corpus")
    parser.add_argument("--attention", type=Path, nargs="+", required=True, help="all blocks of one model")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
