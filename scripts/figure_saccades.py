"""Figure 1: saccades of a reader and of the group means, beside attention."""

import argparse
from pathlib import Path

from readalike.command import run
from readalike.figures.saccades import saccade_matrices
from readalike.figures.style import drawing, read_style, save
from readalike.files.attention import open_attention
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import read_table


def main(arguments: argparse.Namespace) -> None:
    style = read_style(arguments.style)
    corpus = read_corpus(arguments.corpus)
    gazes = [read_gaze(path, corpus) for path in arguments.gaze]
    best = read_table(
        arguments.best_layer, ["model", "group", "readers", "signal", "rule", "column", "layer", "score", "percent"]
    )
    with open_attention(arguments.attention, corpus) as attention, drawing(style):
        chosen = best[
            (best["model"] == attention.model) & (best["group"] == gazes[0].group) & (best["signal"] == "number")
        ]
        layer = int(chosen.loc[(chosen["rule"] == "maximum") & (chosen["column"] == "r2"), "layer"].iloc[0])
        heads = attention.layer("plain", layer)
        sentence = corpus.index(*arguments.sentence) if arguments.sentence else 0
        figure, frame = saccade_matrices(corpus, gazes, heads.mean(axis=0), attention.model, layer, sentence)
        save(figure, frame, arguments.output, style)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="words.tsv")
    parser.add_argument("--gaze", type=Path, nargs="+", required=True)
    parser.add_argument("--attention", type=Path, nargs="+", required=True)
    parser.add_argument("--best-layer", type=Path, required=True)
    parser.add_argument("--sentence", type=int, nargs=2, metavar=("ARTICLE", "SENTENCE"), help="default: the first")
    parser.add_argument("--style", default="{}", help="JSON: palette, font, font_size, dpi")
    parser.add_argument("--output", type=Path, required=True, help="stem; .pdf, .png and .csv are appended")
    run(main, parser)
