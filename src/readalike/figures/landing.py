"""Figure 20: what each layer tells of where saccades land, beside attention that cannot know (the paper lacks it)."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.figures.style import (
    WIDE,
    Style,
    group_title,
    layer_ticks,
    legend_below,
    series,
    summarise,
    with_gaps,
)

# Row of the figure -> its label.
PANELS = {
    "gain": "the sentence's\nown attention",
    "gain_swapped": "another\nsentence's",
    "gain_shuffled": "shuffled",
}
THOUSANDTHS = 1000
POINTS = "Points: means over readers; bars: 95 percent intervals over readers, the sentences as given."


def landing_by_layer(landing: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Mean gain over readers by layer, with 95 percent intervals over readers; a column a group.

    All panels have one scale, so that what looks larger is larger. Drawn in thousandths of a nat a saccade; the table
    has nats.
    """
    groups = list(dict.fromkeys(landing["group"]))
    looks = series(list(dict.fromkeys(landing["model"])), style)
    figure, axes = plt.subplots(
        len(PANELS), len(groups), figsize=(WIDE, 0.75 * WIDE), sharex=True, sharey=True, squeeze=False
    )
    tables = []
    for row, (column, label) in enumerate(PANELS.items()):
        for axis, group in zip(axes[row], groups, strict=True):
            part = landing[landing["group"] == group]
            summary = summarise(part, ["model", "group", "readers_are", "layer"], column).assign(attention=column)
            tables.append(summary)
            for model, look in looks.items():
                line = with_gaps(summary[summary["model"] == model])
                mean = line["mean"] * THOUSANDTHS
                error = [mean - line["ci_low"] * THOUSANDTHS, line["ci_high"] * THOUSANDTHS - mean]
                axis.errorbar(
                    line["layer"], mean, yerr=error, color=look.color, label=model,
                    marker=look.marker, linestyle=look.linestyle, markersize=2.5, elinewidth=0.6,
                )  # fmt: skip
            if row == 0:
                readers = part.dropna(subset=column)["reader"].nunique()
                axis.set_title(group_title(group, str(part["readers_are"].iloc[0]), readers))
            axis.axhline(0, color="black", linewidth=0.4)
            layer_ticks(axis)
        axes[row, 0].set_ylabel(f"{label}\n(nats / {THOUSANDTHS})")
    for axis in axes[-1]:
        axis.set_xlabel("layer")
    legend_below(figure, POINTS)
    return figure, pd.concat(tables, ignore_index=True)
