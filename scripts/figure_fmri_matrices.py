"""Figure 14: a sentence's fMRI matrices of one reader and of the group's mean, by region."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.fmri import region_matrices
from readalike.figures.style import drawing, read_style, save
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    corpus = read_corpus(arguments.corpus)
    gaze = read_gaze(arguments.gaze, corpus)
    with drawing(style):
        figure, frame = region_matrices(corpus, gaze, arguments.regions, 0, style)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--gaze", type=Path, required=True)
    parser.add_argument("--regions", nargs="+", required=True, help="in the order of the columns")
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
