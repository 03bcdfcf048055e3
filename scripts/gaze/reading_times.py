"""Files of fixations -> how long every reader of a group read each word."""

from typing import Any

from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.reading_times import write_reading_times
from readalike.gaze.layouts import read_times
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, words: In, gaze: In, source: list[In], layout: Json[dict[str, Any]], times: Out) -> None:
    """
    gaze : of the group, which says who counts
    source : folders of event files, or a table with a row a fixation
    layout : how these are to be read, see gaze/layouts.py
    """
    corpus = read_corpus(words)
    write_reading_times(times, read_times(read_gaze(gaze, corpus), source, corpus, layout), corpus)


if __name__ == "__main__":
    run(main)
