"""Attention of two models -> divergence between them in every condition."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.attention import open_attention
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.measures.divergence import between_models


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    with open_attention(arguments.a, corpus) as a, open_attention(arguments.b, corpus) as b:
        table = between_models(a, b, corpus, arguments.units, arguments.formula)
    write_table(arguments.output, table.assign(corpus=arguments.name, kind=arguments.kind))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--name", required=True, help="name of the corpus")
    parser.add_argument("--a", type=Path, nargs="+", required=True, help="all blocks of one model")
    parser.add_argument("--b", type=Path, nargs="+", required=True, help="all blocks of the other")
    parser.add_argument("--kind", choices=["scaling", "tuning", "reference"], required=True)
    parser.add_argument("--units", nargs="+", choices=["layer", "quarter"], required=True)
    parser.add_argument("--formula", choices=["computed", "printed"], required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
