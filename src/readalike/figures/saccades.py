"""Figure 1: saccades of a reader and of the group means, beside a model's attention, for one sentence."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.corpus import Corpus, FloatArray
from readalike.figures.style import WIDE, group_title
from readalike.files.gaze import Gaze


def saccade_matrices(
    corpus: Corpus,
    gazes: Sequence[Gaze],
    attention: FloatArray,
    model: str,
    layer: int,
    sentence: int,
    signal: str = "number",
) -> tuple[Figure, pd.DataFrame]:
    """Lower triangles of one sentence (index in the corpus): rows look, columns are looked at.

    attention : (pairs,) of one layer, averaged over heads. The reader shown is the first of the first group.
    Returns the figure and a long frame: panel, readers, from_word, to_word, from_text, to_text, value.
    """
    first = gazes[0]
    kind = "simulated reader" if first.simulated else "reader"
    panels = [(f"{first.group}, {kind} {first.readers[0]}", first.kind, first.signals[signal][0])]
    panels += [
        (f"mean of {group_title(g.group, g.kind, len(g.readers))}", g.kind, g.signals[signal].mean(axis=0))
        for g in gazes
    ]
    panels.append((f"{model}, layer {layer}", "", attention))
    words = corpus.sentences[sentence].words
    columns = min(len(panels), 4)
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(WIDE, 0.29 * WIDE * rows), squeeze=False)
    frames = []
    for axis, (title, readers, values) in zip(axes.flat, panels, strict=False):
        matrix = corpus.matrix(values, sentence)
        hidden = np.where(np.tri(len(words), dtype=bool), matrix, np.nan)
        image = axis.imshow(hidden, cmap="viridis", vmin=0)
        # What is counted has whole steps on its scale only where it is a count.
        bar = figure.colorbar(image, ax=axis, shrink=0.75, pad=0.03)
        bar.outline.set_visible(False)
        bar.set_label("attention" if not readers else f"saccades ({signal})")
        axis.set_title(title, fontsize=plt.rcParams["font.size"] - 0.5)
        axis.set_xticks(range(len(words)), words, rotation=90)
        axis.set_yticks(range(len(words)), words)
        axis.tick_params(length=0, labelsize=plt.rcParams["font.size"] - 1.5)
        axis.spines[:].set_visible(False)
        i, j = np.tril_indices(len(words))
        frames.append(
            pd.DataFrame(
                {
                    **{"panel": title, "readers": readers, "from_word": i, "to_word": j},
                    "from_text": [words[k] for k in i],
                    "to_text": [words[k] for k in j],
                    "value": matrix[i, j],
                }
            )
        )
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    figure.supxlabel("word looked at", fontsize=plt.rcParams["axes.labelsize"])
    figure.supylabel("word that looks", fontsize=plt.rcParams["axes.labelsize"])
    return figure, pd.concat(frames, ignore_index=True)
