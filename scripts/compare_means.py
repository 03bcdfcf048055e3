"""Gaze of one group -> its means beside those that others released."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.human import compared_means


def main(arguments: argparse.Namespace) -> None:
    gaze = read_gaze(arguments.gaze, read_corpus(arguments.corpus))
    write_table(arguments.output, compared_means(gaze))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--gaze", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
