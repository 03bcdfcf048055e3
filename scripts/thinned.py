"""Resemblance to a group whose saccades are thinned to the number of another group."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.attention import open_attention
from readalike.files.bootstrap import write_draws
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.regression import sentence_draws
from readalike.measures.resemblance import thinned


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    high, low = read_gaze(arguments.high, corpus), read_gaze(arguments.low, corpus)
    with open_attention(arguments.attention, corpus) as attention:
        draws = sentence_draws(corpus, arguments.seed, arguments.draws)
        found = thinned(attention, high, low, corpus, seed=arguments.seed, draws=draws)
        labels = {
            "model": attention.model,
            "group": high.group,
            "readers_are": high.kind,
            "seed": arguments.seed,
            "draws": arguments.draws,
        }
    write_table(arguments.table, found.table)
    write_draws(arguments.bootstrap, {"number/r2": found.draws}, corpus, labels=labels, readers=high.readers)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--attention", type=Path, nargs="+", required=True, help="all blocks of one model")
    parser.add_argument("--high", type=Path, required=True, help="gaze of the group to thin")
    parser.add_argument("--low", type=Path, required=True, help="gaze of the other group")
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--bootstrap", type=Path, required=True)
    parser.add_argument("--draws", type=int, required=True, help="bootstrap draws of sentences")
    parser.add_argument("--seed", type=int, required=True)
    run(main, parser)
