"""Events or a table of fixations -> gaze/{group}.h5: saccade number and duration of every reader."""

import argparse
import json
from pathlib import Path

from readalike.command import run
from readalike.files.corpora import read_corpus
from readalike.files.gaze import write_gaze
from readalike.gaze.fixations import FixationTable, group_fixations
from readalike.gaze.saccades import group_gaze
from readalike.imports.gao2023_readers import read_mean


def main(arguments: argparse.Namespace) -> None:
    corpus = read_corpus(arguments.corpus)
    exclude = json.loads(arguments.exclude)
    if arguments.fixations:
        table = FixationTable(arguments.fixations, json.loads(arguments.columns), arguments.words_from)
        write_gaze(arguments.output, group_fixations(arguments.group, table, corpus, exclude=exclude), corpus)
        return
    means = {name: read_mean(Path(path), corpus) for name, path in (item.split("=", 1) for item in arguments.means)}
    gaze = group_gaze(
        arguments.group, arguments.events, corpus, exclude=exclude, simulated=arguments.simulated, means=means
    )
    write_gaze(arguments.output, gaze, corpus)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--group", required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--events", type=Path, nargs="+", help="folders of event files")
    source.add_argument("--fixations", type=Path, help="a table, a row a fixation")
    parser.add_argument("--columns", default="{}", help="JSON: reader, sentence, word, ... -> column of the table")
    parser.add_argument("--words-from", type=int, choices=[0, 1], default=1, help="number of a sentence's first word")
    parser.add_argument("--exclude", default="{}", help="JSON: reader -> reason")
    parser.add_argument("--means", nargs="*", default=[], metavar="SIGNAL=FILE", help="released group means")
    parser.add_argument("--simulated", action="store_true", help="the readers are simulated")
    parser.add_argument("--output", type=Path, required=True)
    run(main, parser)
