"""The reproduction in plain words."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.atomic import replacing
from readalike.files.attention import open_attention
from readalike.files.corpora import read_corpus
from readalike.files.tables import read_table
from readalike.reproduction.report import report
from readalike.reproduction.values import COLUMNS


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    differing = {}
    for path in arguments.attention:
        with open_attention([path], corpus) as attention:
            odd = json.loads(attention.attributes["sentences_that_differ"])
            differing[attention.model] = (len(odd), len(corpus.sentences))
    text = report(
        read_table(arguments.values, COLUMNS, as_printed=["published", "size_billion"]),
        read_table(arguments.lists, ["source", "question", "a", "b", "condition", "count", "of", "layers"]),
        read_table(arguments.group_tests, ["a", "b", "group", "signal", "index", "scale", "test", "statistic", "p"]),
        read_table(arguments.regions, ["model", "group", "layers", "region", "r2", "percent_of_gao2023", "r2_cv"]),
        differing,
    )
    with replacing(arguments.output) as temporary:
        temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=Path, required=True, help="reproduction.csv")
    parser.add_argument("--lists", type=Path, required=True, help="significant layers in the authors' divergences")
    parser.add_argument("--group-tests", type=Path, required=True)
    parser.add_argument("--regions", type=Path, required=True, help="table-08-fmri.csv")
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv of the corpus with text")
    parser.add_argument("--attention", type=Path, nargs="+", required=True, help="one imported file a model")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
