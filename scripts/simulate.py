"""Corpus -> event files of simulated readers, in Reading Brain's layout."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.atomic import replacing_folder
from readalike.files.corpora import read_corpus
from readalike.gaze.simulate import write_readers


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    with replacing_folder(arguments.output) as folder:
        write_readers(folder, corpus, **json.loads(arguments.readers))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--readers", required=True, help="JSON: readers (number), seed, profile")
    parser.add_argument("--output", type=Path, required=True, help="folder for the event files")
    run(main, parser)
