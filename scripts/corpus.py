"""Sentences, their lengths or events -> sentences.tsv and words.tsv."""

import argparse
import logging
from pathlib import Path

from readalike.command import run
from readalike.corpus import read_lengths, read_sentences
from readalike.files.corpora import write_corpus
from readalike.gaze.events import rebuild_corpus
from readalike.imports.gao2023_readers import region_corpus


def main(arguments: argparse.Namespace) -> None:
    if arguments.sentences:
        corpus = read_sentences(arguments.sentences)
    elif arguments.lengths:
        corpus = (region_corpus if arguments.lengths.suffix == ".pkl" else read_lengths)(arguments.lengths)
    else:
        corpus = rebuild_corpus(arguments.events)
    logging.info("%d sentences, %d words, %d pairs", len(corpus.sentences), corpus.n_words, corpus.n_pairs)
    write_corpus(arguments.output, corpus)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--sentences", type=Path, help="TSV with article, sentence, text")
    source.add_argument("--lengths", type=Path, help="TSV with article, sentence, words; or a region's .pkl")
    source.add_argument("--events", type=Path, nargs="+", help="folders of Reading Brain event files")
    parser.add_argument("--output", type=Path, required=True, help="folder for the two tables")
    run(main, parser)
