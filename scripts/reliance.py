"""Attention of one model -> reliance of every head on the trivial patterns, and draws by quarter."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.attention import open_attention
from readalike.files.bootstrap import write_draws
from readalike.files.corpora import read_corpus
from readalike.files.tables import write_table
from readalike.measures.regression import sentence_draws
from readalike.measures.reliance import reliance, resampled


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    draws = sentence_draws(corpus, arguments.seed, arguments.draws)
    with open_attention(arguments.attention, corpus) as attention:
        write_table(arguments.table, reliance(attention, corpus).assign(corpus=arguments.name))
        # Quarters need all layers; imported attention may lack some, and has no draws then.
        by_condition = resampled(attention, corpus, draws) if attention.whole else {}
        values = {f"{condition}/r2": array for condition, array in by_condition.items()}
        labels = {
            "model": attention.model,
            "corpus": arguments.name,
            "seed": arguments.seed,
            "draws": arguments.draws,
        }
    write_draws(arguments.bootstrap, values, corpus, labels=labels)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--name", required=True, help="name of the corpus")
    parser.add_argument("--attention", type=Path, nargs="+", required=True, help="all blocks of one model")
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--bootstrap", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--draws", type=int, required=True, help="bootstrap draws of sentences")
    run(main, parser)
