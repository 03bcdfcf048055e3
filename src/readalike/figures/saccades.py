"""Figure 1: saccades of a reader and of the group means, beside a model's attention, for one sentence."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.corpus import Corpus, FloatArray
from readalike.figures.style import WIDE, legend_below
from readalike.files.gaze import Gaze

COLOURS = (
    "Colours begin at zero; means of groups have one scale, the reader and attention one of their own. One sentence, "
    "no intervals."
)


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
    Returns the figure and a long frame: panel, readers_are, from_word, to_word, from_text, to_text, value.
    """
    first = gazes[0]
    who = "simulated reader" if first.simulated else "reader"
    panels = [(f"{first.group}\n{who} {first.readers[0]}", first.readers_are, first.signals[signal][0])]
    # Means of groups are comparable; a reader's are whole numbers, and attention has another unit.
    pairs = corpus.pairs_of(sentence)
    highest = max(float(g.signals[signal].mean(axis=0)[pairs].max()) for g in gazes)
    panels += [
        (
            f"{g.group}\nmean of {len(g.readers)} {'simulated ' if g.simulated else ''}readers",
            g.readers_are,
            g.signals[signal].mean(axis=0),
        )
        for g in gazes
    ]
    panels.append((f"{model}\nlayer {layer}", "", attention))
    words = corpus.sentences[sentence].words
    columns = min(len(panels), 4)
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(WIDE, 0.37 * WIDE * rows), squeeze=False)
    axes[0, 0].set_ylabel("word that looks")
    frames = []
    for k, (axis, (title, readers_are, values)) in enumerate(zip(axes.flat, panels, strict=False)):
        matrix = corpus.matrix(values, sentence)
        hidden = np.where(np.tri(len(words), dtype=bool), matrix, np.nan)
        top = highest if 0 < k <= len(gazes) else float(matrix.max())
        # Without a scale a matrix of zeros would be drawn in the middle of it.
        image = axis.imshow(hidden, cmap="viridis", vmin=0, vmax=top if top > 0 else 1)
        bar = figure.colorbar(image, ax=axis, location="bottom", shrink=0.8, pad=0.02)
        bar.outline.set_visible(False)
        bar.set_label("attention" if not readers_are else f"saccades ({signal})")
        axis.set_title(title)
        axis.set_xticks(range(len(words)), words, rotation=90)
        axis.set_yticks(range(len(words)), words)
        axis.tick_params(length=0, labelsize=plt.rcParams["font.size"] - 1.5)
        axis.spines[:].set_visible(False)
        axis.set_xlabel("word looked at")
        i, j = np.tril_indices(len(words))
        frames.append(
            pd.DataFrame(
                {
                    **{"panel": title.replace("\n", ", "), "readers_are": readers_are, "from_word": i, "to_word": j},
                    "from_text": [words[k] for k in i],
                    "to_text": [words[k] for k in j],
                    "value": matrix[i, j],
                }
            )
        )
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    legend_below(figure, COLOURS)
    return figure, pd.concat(frames, ignore_index=True)
