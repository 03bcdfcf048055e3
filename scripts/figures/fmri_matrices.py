"""Figure 14: a sentence's fMRI matrices of one reader and of the group's mean, by region."""

from typing import Any

from readalike.figures.fmri import region_matrices
from readalike.figures.style import drawing, read_style, save
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run


def main(*, words: In, gaze: In, regions: list[str], style: Json[dict[str, Any]], pdf: Out, png: Out, csv: Out) -> None:
    """
    regions : in the order of the columns
    """
    look = read_style(style)
    corpus = read_corpus(words)
    with drawing(look):
        figure, frame = region_matrices(corpus, read_gaze(gaze, corpus), regions, 0, look)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
