"""Attention of one model -> divergence between each condition and plain."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.attention import open_attention
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.measures.divergence import sensitivity


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    with open_attention(arguments.attention, corpus) as attention:
        table = sensitivity(attention, corpus, arguments.formula).assign(corpus=arguments.name)
    write_table(arguments.output, table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--name", required=True, help="name of the corpus")
    parser.add_argument("--attention", type=Path, nargs="+", required=True, help="all blocks of one model")
    parser.add_argument("--formula", choices=["computed", "printed"], required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
