"""Attention of one model and gaze of one group -> resemblance of every layer to every reader."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.attention import open_attention
from readalike.files.bootstrap import write_draws
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.regression import sentence_draws
from readalike.measures.resemblance import resemblance


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    gaze = read_gaze(arguments.gaze, corpus)
    draws = sentence_draws(corpus, arguments.seed, arguments.draws)
    with open_attention(arguments.attention, corpus) as attention:
        found = resemblance(attention, gaze, corpus, seed=arguments.seed, draws=draws)
        labels = {
            "model": attention.model,
            "group": gaze.group,
            "readers_are": gaze.kind,
            "first_layer": attention.layers[0],
            "seed": arguments.seed,
            "draws": arguments.draws,
        }
    write_table(arguments.table, found.table)
    write_table(arguments.folds, found.folds)
    write_draws(arguments.bootstrap, found.draws, corpus, labels=labels, readers=gaze.readers)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--attention", type=Path, nargs="+", required=True, help="all blocks of one model")
    parser.add_argument("--gaze", type=Path, required=True)
    parser.add_argument("--table", type=Path, required=True)
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--bootstrap", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--draws", type=int, required=True, help="bootstrap draws of sentences")
    run(main, parser)
