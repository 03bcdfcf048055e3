"""Files of fixations -> where every saccade of every reader of a group went, forward ones too."""

from typing import Any

from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.landings import write_landings
from readalike.gaze.layouts import read_landings
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, words: In, gaze: In, source: list[In], layout: Json[dict[str, Any]], landings: Out) -> None:
    """
    gaze : of the group, which says who counts
    source : folders of event files, or a table with a row a fixation
    layout : how these are to be read, see gaze/layouts.py
    """
    corpus = read_corpus(words)
    write_landings(landings, read_landings(read_gaze(gaze, corpus), source, corpus, layout), corpus)


if __name__ == "__main__":
    run(main)
