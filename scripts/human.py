"""Gaze of one group -> ceilings, reliance and baseline of its readers, and draws over sentences."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.bootstrap import write_draws
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures import human
from readalike.measures.regression import sentence_draws


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    gaze = read_gaze(arguments.gaze, corpus)
    write_table(arguments.ceilings, human.ceilings(gaze, corpus))
    write_table(arguments.reliance, human.reliance(gaze, corpus))
    write_table(arguments.baseline, human.baseline_of_readers(gaze, corpus))
    draws = sentence_draws(corpus, arguments.seed, arguments.draws)
    labels = {"group": gaze.group, "readers_are": gaze.kind, "seed": arguments.seed, "draws": arguments.draws}
    write_draws(arguments.bootstrap, human.resampled(gaze, corpus, draws), corpus, labels=labels, readers=gaze.readers)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--gaze", type=Path, required=True)
    parser.add_argument("--ceilings", type=Path, required=True)
    parser.add_argument("--reliance", type=Path, required=True)
    parser.add_argument("--baseline", type=Path, required=True)
    parser.add_argument("--bootstrap", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--draws", type=int, required=True, help="bootstrap draws of sentences")
    run(main, parser)
