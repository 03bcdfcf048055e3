"""Resemblance to a group whose saccades are thinned to the number of another group."""

import argparse
from pathlib import Path

from readalike.errors import run_script
from readalike.files.attention import open_attention
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import write_table
from readalike.measures.resemblance import thinned


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    high, low = read_gaze(arguments.high, corpus), read_gaze(arguments.low, corpus)
    with open_attention(arguments.attention, corpus) as attention:
        write_table(arguments.output, thinned(attention, high, low, corpus, seed=arguments.seed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--attention", type=Path, nargs="+", required=True, help="all blocks of one model")
    parser.add_argument("--high", type=Path, required=True, help="gaze of the group to thin")
    parser.add_argument("--low", type=Path, required=True, help="gaze of the other group")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--log", type=Path)
    parsed = parser.parse_args()
    run_script(lambda: main(parsed), parsed.log)
