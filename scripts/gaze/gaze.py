"""Files of fixations -> saccade number and duration of every reader of a group."""

from typing import Any

from readalike.files.corpora import read_corpus
from readalike.files.gaze import write_gaze
from readalike.gaze.layouts import read_group
from readalike.imports.gao2023_readers import read_mean
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(
    *,
    words: In,
    group: str,
    source: list[In],
    layout: Json[dict[str, Any]],
    exclude: Json[dict[str, str]],
    means: list[In],
    means_of: list[str],
    gaze: Out,
) -> None:
    """
    source : folders of event files, or a table with a row a fixation
    layout : how these are to be read, see gaze/layouts.py
    exclude : reader -> reason
    means : group means that the paper's authors released, in the order of means-of
    means_of : the signals they are of
    """
    corpus = read_corpus(words)
    released = {signal: read_mean(path, corpus) for signal, path in zip(means_of, means, strict=True)}
    write_gaze(gaze, read_group(group, source, corpus, layout=layout, exclude=exclude, means=released), corpus)


if __name__ == "__main__":
    run(main)
