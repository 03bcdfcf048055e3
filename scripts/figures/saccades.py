"""Figure 1: saccades of a reader and of the group means, beside attention."""

from typing import Any

from readalike.conditions import PLAIN
from readalike.figures.saccades import saccade_matrices
from readalike.figures.style import drawing, read_style, save
from readalike.files.attention import open_attention
from readalike.files.contracts.statistics import BEST_LAYER
from readalike.files.corpora import read_corpus
from readalike.files.gaze import read_gaze
from readalike.files.tables import read_table
from readalike.running.arguments import In, Json, Out
from readalike.running.command import run
from readalike.statistics.best_layer import standing


def main(
    *,
    words: In,
    gaze: list[In],
    attention: list[In],
    best_layer: In,
    kind: str,
    signal: str,
    sentence: list[int],
    style: Json[dict[str, Any]],
    pdf: Out,
    png: Out,
    csv: Out,
) -> None:
    """
    kind : of attention
    sentence : article and sentence; the first where none is given
    """
    look = read_style(style)
    corpus = read_corpus(words)
    gazes = [read_gaze(path, corpus) for path in gaze]
    place = corpus.index(*sentence) if sentence else 0
    with open_attention(attention, corpus, kind) as model, drawing(look):
        layer = standing(read_table(best_layer, BEST_LAYER), signal)[model.model, gazes[0].group]
        heads = model.layer(PLAIN, layer)
        figure, frame = saccade_matrices(corpus, gazes, heads.mean(axis=0), model.model, layer, place, signal)
        save(figure, frame, look, pdf=pdf, png=png, csv=csv)


if __name__ == "__main__":
    run(main)
