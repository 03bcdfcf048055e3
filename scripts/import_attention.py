"""Attention files released by others -> the same attention files that extraction writes."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.files.attention import write_attention
from readalike.files.corpora import read_corpus
from readalike.imports.gao2023 import import_attention


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    conditions, odd = import_attention(
        arguments.folder,
        corpus,
        model=arguments.model,
        first=arguments.first,
        last=arguments.last,
        crop=arguments.crop,
    )
    attributes = {
        "model": arguments.model,
        "layers": arguments.layers,
        "heads": next(iter(conditions.values())).attention.shape[1],
        "parameters": arguments.parameters,
        "imported": str(arguments.folder.name),
        "sentences_that_differ": odd,
    }
    write_attention(arguments.output, conditions, corpus, first=arguments.first, attributes=attributes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--folder", type=Path, required=True, help="folder with the authors' .npy files")
    parser.add_argument("--model", required=True, help="name in the configuration")
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--last", type=int, required=True)
    parser.add_argument("--layers", type=int, required=True, help="of the whole model")
    parser.add_argument("--parameters", type=float, default=float("nan"), help="of the whole model, if known")
    parser.add_argument("--crop", action="store_true", help="cut rows beyond a sentence, leave missing rows at zero")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
