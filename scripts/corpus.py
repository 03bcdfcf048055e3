"""Sentences or events -> sentences.tsv and words.tsv."""

import argparse
import logging
from pathlib import Path

from readalike.command import run
from readalike.corpus import read_sentences
from readalike.files.corpora import write_corpus
from readalike.gaze.events import rebuild_corpus


def main(arguments: argparse.Namespace) -> None:
    corpus = read_sentences(arguments.sentences) if arguments.sentences else rebuild_corpus(arguments.events)
    logging.info("%d sentences, %d words, %d pairs", len(corpus.sentences), corpus.n_words, corpus.n_pairs)
    write_corpus(arguments.output, corpus)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--sentences", type=Path, help="TSV with article, sentence, text")
    source.add_argument("--events", type=Path, nargs="+", help="folders of Reading Brain event files")
    parser.add_argument("--output", type=Path, required=True, help="folder for the two tables")
    run(main, parser)
