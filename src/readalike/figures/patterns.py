"""Attention to the places of the trivial patterns: the head of each layer that gives a place most."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.conditions import PLAIN
from readalike.figures.style import GREY, WIDE, Style, every, layer_ticks, legend_below, series, with_gaps
from readalike.files.attention import VALUE_NORMS

# Column of a reliance table -> title. Not imported from the measure: a figure reads files, not measures.
PANELS = {"to_previous": "previous word", "to_first": "first word", "to_self": "itself"}
HALF = "half of a word's attention"
POINTS = "Points: means over words of the head of a layer that gives most; no intervals."


def patterns_by_layer(reliance: pd.DataFrame, kind: str, style: Style) -> tuple[Figure, pd.DataFrame]:
    """The strongest head of every layer, a panel a place, a line a model; sentences alone.

    reliance : model, condition, layer, head, to_previous, to_first, to_self
    kind : of attention. Value norms are lengths; of the others the rows are shares, and the dashed line is half of all.
    """
    own = reliance[reliance["condition"] == PLAIN]
    models = list(dict.fromkeys(own["model"]))
    looks = series(models, style)
    figure, axes = plt.subplots(1, len(PANELS), figsize=(WIDE, 0.37 * WIDE), sharex=True, sharey=True)
    tables = []
    for axis, (column, title) in zip(axes, PANELS.items(), strict=True):
        strongest = own.loc[own.groupby(["model", "layer"], sort=False)[column].idxmax()]
        drawn = strongest[["model", "layer", "head"]].assign(place=title, attention=strongest[column])
        tables.append(drawn)
        for model, look in looks.items():
            line = with_gaps(drawn[drawn["model"] == model])
            axis.plot(
                line["layer"], line["attention"], color=look.color, marker=look.marker, linestyle=look.linestyle,
                markersize=2.5, markevery=every(line), label=model,
            )  # fmt: skip
        if kind != VALUE_NORMS:
            axis.axhline(0.5, color=GREY, linestyle="--", linewidth=0.7, label=HALF)
        axis.set_title(title)
        axis.set_xlabel("layer")
        layer_ticks(axis)
    axes[0].set_ylim(0, None if kind == VALUE_NORMS else 1)
    what = "attention by value norms (length)" if kind == VALUE_NORMS else "attention"
    axes[0].set_ylabel(f"{what} of the layer's strongest head")
    legend_below(figure, POINTS)
    return figure, pd.concat(tables, ignore_index=True)
