"""Figures 6 and 7: resemblance by layer and by size."""

import math
from collections.abc import Mapping

import matplotlib as mpl
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readalike.figures.style import (
    GREY,
    NARROW,
    WIDE,
    Style,
    group_title,
    layer_ticks,
    legend_below,
    series,
    summarise,
    with_gaps,
)
from readalike.sizes import size_name
from readalike.statistics.ceilings import group_ceiling, withheld

# Row of the figure -> column of the table, the ceiling drawn beside it (readers have none of the same kind where it is
# None), its label.
PANELS: Mapping[str, tuple[str, str | None, str]] = {
    "r2": ("r2", "group_mean", "in-sample $R^2$"),
    "r2_cv - r2_null": ("net", "leave_one_out_cv", "held-out $R^2$\nabove shuffled"),
    "r2_specific": ("r2_specific", None, "held-out $R^2$ above\nanother sentence's"),
    "r2_residual": ("r2_residual", "group_mean_residual", "in-sample $R^2$ without\ntrivial patterns"),
}
SIZE_LABELS = {
    "percent of ceiling": "resemblance (percent of ceiling)",
    "nested r2_cv - r2_null": "held-out $R^2$ above shuffled",
    "nested r2_specific": "held-out $R^2$ above another sentence's",
}

# From here on sizes would stand too near one another for their numbers, and powers of ten are many enough.
TENFOLDS = 1000
MOST_SIZES = 8  # numbers that stand side by side below a panel


def resemblance_by_layer(
    resemblance: pd.DataFrame, ceilings: pd.DataFrame, style: Style, signal: str = "number"
) -> tuple[Figure, pd.DataFrame]:
    """Mean over readers by layer, with 95 percent intervals over readers; a column a group.

    From above: in sample (the paper's score); held out minus what shuffled attention scores; held out minus what the
    attention of another sentence of the same length scores; in sample with the trivial patterns regressed out of
    attention and readers. The dashed line is the group's ceiling of the same kind; its value stands beside it. One that
    is not above zero is told and not drawn.
    """
    own = resemblance[resemblance["signal"] == signal]
    own = own.assign(net=own["r2_cv"] - own["r2_null"])
    groups = list(dict.fromkeys(own["group"]))
    models = list(dict.fromkeys(own["model"]))
    looks = series(models, style)
    figure, axes = plt.subplots(
        len(PANELS), len(groups), figsize=(WIDE, WIDE), sharex=True, sharey="row", squeeze=False
    )
    tables = []
    for row, (name, (column, ceiling_name, label)) in enumerate(PANELS.items()):
        for axis, group in zip(axes[row], groups, strict=True):
            part = own[own["group"] == group]
            summary = summarise(part, ["model", "group", "readers_are", "layer"], column).assign(score=name)
            tables.append(summary)
            for model, look in looks.items():
                line = with_gaps(summary[summary["model"] == model])
                error = [line["mean"] - line["ci_low"], line["ci_high"] - line["mean"]]
                axis.errorbar(
                    line["layer"], line["mean"], yerr=error, color=look.color, label=model,
                    marker=look.marker, linestyle=look.linestyle, markersize=2.5, elinewidth=0.6,
                )  # fmt: skip
            title = group_title(group, str(part["readers_are"].iloc[0]), part.dropna(subset=column)["reader"].nunique())
            axis.set_title(title if row == 0 else "")
            if ceiling_name:
                _ceiling(axis, group_ceiling(ceilings, group, signal, ceiling_name))
            axis.axhline(0, color="black", linewidth=0.4)
            layer_ticks(axis)
        axes[row, 0].set_ylabel(label)
    for axis in axes[-1]:
        axis.set_xlabel("layer")
    legend_below(figure)
    return figure, pd.concat(tables, ignore_index=True)


def _ceiling(axis: Axes, ceiling: float) -> None:
    if why := withheld(ceiling):
        axis.annotate(
            why, (1, 1), xycoords="axes fraction",
            xytext=(0, -8), textcoords="offset points", ha="right", color=GREY,
        )  # fmt: skip
        return
    axis.axhline(ceiling, color=GREY, linestyle="--", linewidth=0.7)
    axis.annotate(
        f"ceiling {ceiling:.3f}", (1, ceiling), xycoords=("axes fraction", "data"),
        xytext=(0, 1.5), textcoords="offset points", ha="right", color=GREY,
    )  # fmt: skip


def resemblance_by_size(law: pd.DataFrame, style: Style, signal: str = "number") -> tuple[Figure, pd.DataFrame]:
    """Resemblance against parameters (log axis), the least-squares line and its 95 percent band.

    In sample at the best layer, held out at the layers that the other articles choose.

    A panel a score, a colour and marker a group. Dashed: one slope with an intercept a family of models, where there
    are families of several sizes.
    """
    own = law[(law["signal"] == signal) & law["column"].isin(SIZE_LABELS)].sort_values("parameters")
    columns = list(dict.fromkeys(own["column"]))
    groups = list(dict.fromkeys(own["group"]))
    looks = series(groups, style)
    # The line of a single family is that of all models.
    families = own["fit_within"].notna().any() and len(set(own["family"])) > 1
    figure, axes = plt.subplots(1, len(columns), figsize=(2 * NARROW, 0.38 * WIDE), squeeze=False)
    for axis, column in zip(axes.flat, columns, strict=True):
        for group, look in looks.items():
            line = own[(own["column"] == column) & (own["group"] == group)]
            simulated = " (simulated)" if (line["readers_are"] == "simulated").any() else ""
            colour = look.color
            axis.plot(line["parameters"], line["fit"], color=colour)
            axis.fill_between(
                line["parameters"], line["band_low"], line["band_high"], color=colour, alpha=0.15, linewidth=0
            )
            for _, own_family in line.dropna(subset="fit_within").groupby("family") if families else []:
                axis.plot(own_family["parameters"], own_family["fit_within"], color=colour, linestyle="--", linewidth=1)
            axis.scatter(
                line["parameters"], line["score"], color=colour, marker=look.marker, s=14,
                label=f"{group}{simulated}", zorder=3,
            )  # fmt: skip
        axis.set_xscale("log")
        sizes = sorted(set(own["parameters"]))
        if sizes[-1] < TENFOLDS * sizes[0]:
            # Ticks at the models themselves: there may be no power of ten among them.
            shown = _apart(sizes)
            axis.set_xticks(shown, [size_name(size) for size in shown])
        else:
            axis.xaxis.set_major_locator(mpl.ticker.LogLocator(numticks=MOST_SIZES))
            axis.xaxis.set_major_formatter(lambda size, _: size_name(size))
        axis.xaxis.set_minor_locator(mpl.ticker.NullLocator())
        axis.set_xlabel("parameters")
        axis.set_ylabel(SIZE_LABELS[column])
    axes[0, 0].plot([], [], color=GREY, label="all models")
    if families:
        axes[0, 0].plot([], [], color=GREY, linestyle="--", linewidth=1, label="within families")
    legend_below(figure)
    return figure, own


def _apart(sizes: list[float]) -> list[float]:
    """Of sizes in order those whose numbers have room beside that of the one before."""
    shown = sizes[:1]
    for size in sizes[1:]:
        if math.log(size / shown[-1]) >= math.log(sizes[-1] / sizes[0]) / MOST_SIZES:
            shown.append(size)
    return shown
