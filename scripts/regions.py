"""fMRI matrices -> gaze/{group}.h5: a signal a brain region."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.corpora import read_corpus
from readalike.files.gaze import write_gaze
from readalike.gaze.regions import group_regions


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    paths = {name: Path(path) for name, path in (item.split("=", 1) for item in arguments.regions)}
    gaze = group_regions(arguments.group, paths, corpus, json.loads(arguments.exclude))
    write_gaze(arguments.output, gaze, corpus)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--group", required=True)
    parser.add_argument("--regions", nargs="+", required=True, metavar="NAME=FILE")
    parser.add_argument("--exclude", default="{}", help="JSON: region -> score and ceiling -> reader -> reason")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
