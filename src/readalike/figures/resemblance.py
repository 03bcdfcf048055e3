"""Figures 6 and 7: resemblance by layer and by size."""

import textwrap
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

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
    looks_of_models,
    series,
    sizes_apart,
    summarise,
    with_gaps,
)
from readalike.sizes import size_name
from readalike.statistics.best_layer import RULE
from readalike.statistics.ceilings import group_ceiling, withheld

# Row of the figure -> column of the table, the ceiling drawn beside it (readers have none of the same kind where it is
# None), its label.
PANELS: Mapping[str, tuple[str, str | None, str]] = {
    "r2": ("r2", "group_mean", "in-sample $R^2$"),
    "r2_cv - r2_null": ("net", "leave_one_out_cv", "held-out $R^2$\nabove shuffled"),
    "r2_specific": ("r2_specific", None, "held-out $R^2$ above\nanother sentence's"),
    "r2_residual": ("r2_residual", "group_mean_residual", "in-sample $R^2$ without\ntrivial patterns"),
}
DEEP = "r2_cv - r2_null"  # the row that is drawn by relative depth as well
ROOM = 0.1  # of a panel's height that a ceiling's value takes
OF_LAYERS = (
    "Points: means over readers; bars: 95 percent intervals over readers, the sentences as given. The larger the model "
    "the darker; dashed: tuned. Ceilings with an arrow are above the panel."
)
OF_UNTRAINED = "Grey and dotted: untrained, a yardstick."
SIZE_LABELS = {
    "percent of ceiling": "resemblance in sample\n(percent of what readers share)",
    "nested r2_cv - r2_null": "resemblance held out\n($R^2$ above shuffled attention)",
    "nested r2_specific": "resemblance held out\n($R^2$ above another sentence's)",
}
OF_SIZES = (
    f"Points: models, means over readers, in sample at {RULE}, held out at the layers the other articles choose; line: "
    "least squares over the models; band: its 95 percent band. r: Pearson's; p over orders of the n models."
)

MOST_SIZES = 8  # names that stand side by side below a panel
NAME = 28  # characters of a line of them


@dataclass(frozen=True)
class Models:
    """What is known of models beside their scores; of some nothing may be.

    sizes : parameters; layers : how many the whole model has; tuned : those that were tuned from another; untrained :
    those whose weights were drawn
    """

    sizes: Mapping[str, float] = field(default_factory=dict)
    layers: Mapping[str, int] = field(default_factory=dict)
    tuned: Collection[str] = ()
    untrained: Collection[str] = ()


def resemblance_by_layer(
    resemblance: pd.DataFrame, ceilings: pd.DataFrame, about: Models, style: Style, signal: str = "number"
) -> tuple[Figure, pd.DataFrame]:
    """Mean over readers by layer, with 95 percent intervals over readers; a column a group.

    From above: in sample (the paper's score); held out minus what shuffled attention scores; held out minus what the
    attention of another sentence of the same length scores; in sample with the trivial patterns regressed out of
    attention and readers; and the second once more, by relative depth. The dashed line is the group's ceiling of the
    same kind where the scores come near it; its value is told. Larger models are darker, tuned ones dashed, untrained
    ones grey and dotted.
    """
    own = resemblance[resemblance["signal"] == signal]
    own = own.assign(net=own["r2_cv"] - own["r2_null"])
    groups = list(dict.fromkeys(own["group"]))
    models = list(dict.fromkeys(own["model"]))
    looks = looks_of_models(models, about.sizes, about.tuned, style, about.untrained)
    last = own.groupby("model")["layer"].max()
    depth = {model: max(about.layers.get(model, int(last[model]) + 1) - 1, 1) for model in models}
    figure, axes = plt.subplots(len(PANELS) + 1, len(groups), figsize=(WIDE, 1.2 * WIDE), sharey="row", squeeze=False)
    for axis in axes[: len(PANELS)].flat:
        axis.sharex(axes[0, 0])
    rows = [(name, False, *panel) for name, panel in PANELS.items()]
    rows.append((DEEP, True, *PANELS[DEEP]))
    tables = []
    for row, (name, deep, column, ceiling_name, label) in enumerate(rows):
        for axis, group in zip(axes[row], groups, strict=True):
            part = own[own["group"] == group]
            summary = summarise(part, ["model", "group", "readers_are", "layer"], column).assign(score=name)
            summary["relative_depth"] = summary["layer"] / summary["model"].map(depth)
            tables += [] if deep else [summary]
            for model, look in looks.items():
                line = with_gaps(summary[summary["model"] == model])
                error = [line["mean"] - line["ci_low"], line["ci_high"] - line["mean"]]
                at = line["relative_depth" if deep else "layer"]
                axis.errorbar(
                    at, line["mean"], yerr=error, color=look.color, label=model,
                    marker=look.marker, linestyle=look.linestyle, markersize=2.5, elinewidth=0.6,
                )  # fmt: skip
            title = group_title(group, str(part["readers_are"].iloc[0]), part.dropna(subset=column)["reader"].nunique())
            axis.set_title(title if row == 0 else "")
            axis.axhline(0, color="black", linewidth=0.4)
            axis.tick_params(labelbottom=row >= len(PANELS) - 1)
        # The panels of a row share their heights, which only scores set.
        for axis, group in zip(axes[row] if ceiling_name else (), groups, strict=False):
            _ceiling(axis, group_ceiling(ceilings, group, signal, str(ceiling_name)))
        axes[row, 0].set_ylabel(label)
    for axis in axes[-2]:
        layer_ticks(axis)
        axis.set_xlabel("layer")
    for axis in axes[-1]:
        axis.set_xlabel("relative depth: 0 the first layer, 1 the last")
    drawn = set(about.untrained) & set(models)
    legend_below(figure, f"{OF_LAYERS} {OF_UNTRAINED}" if drawn else OF_LAYERS)
    return figure, pd.concat(tables, ignore_index=True)


def _ceiling(axis: Axes, ceiling: float) -> None:
    """A line where it lies in the panel, which data fill; else its value in the corner, an arrow pointing up to it."""
    bottom, top = axis.get_ylim()
    if (why := withheld(ceiling)) or ceiling > top - ROOM * (top - bottom):
        axis.annotate(
            why or f"ceiling {ceiling:.3f} \N{UPWARDS ARROW}", (1, 1), xycoords="axes fraction",
            xytext=(0, -8), textcoords="offset points", ha="right", color=GREY,
        )  # fmt: skip
        return
    axis.set_ylim(bottom, top)
    axis.axhline(ceiling, color=GREY, linestyle="--", linewidth=0.7)
    axis.annotate(
        f"ceiling {ceiling:.3f}", (1, ceiling), xycoords=("axes fraction", "data"),
        xytext=(0, 1.5), textcoords="offset points", ha="right", color=GREY,
    )  # fmt: skip


def resemblance_by_size(
    law: pd.DataFrame, correlations: pd.DataFrame, style: Style, signal: str = "number"
) -> tuple[Figure, pd.DataFrame]:
    """Resemblance against parameters (log axis), the least-squares line and its 95 percent band.

    In sample at the best layer, held out at the layers that the other articles choose.

    A panel a score, a colour and marker a group. Dashed: one slope with an intercept a family of models, where there
    are families of several sizes. Models are named at their sizes, those that have room for it.

    correlations : group, signal, column, n, r, p_permutation of resemblance and ln(parameters)
    """
    own = law[(law["signal"] == signal) & law["column"].isin(SIZE_LABELS)].sort_values("parameters")
    columns = list(dict.fromkeys(own["column"]))
    groups = list(dict.fromkeys(own["group"]))
    looks = series(groups, style)
    # The line of a single family is that of all models.
    families = own["fit_within"].notna().any() and len(set(own["family"])) > 1
    figure, axes = plt.subplots(1, len(columns), figsize=(2 * NARROW, 0.55 * WIDE), squeeze=False)
    sizes = sorted(set(own["parameters"]))
    named = {}
    for size in sizes:
        models = dict.fromkeys(own.loc[own["parameters"] == size, "model"])
        named[size] = textwrap.fill(f"{', '.join(models)} ({size_name(size)})", NAME)
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
        shown = sizes_apart(sizes, MOST_SIZES)
        axis.set_xticks(shown, [named[size] for size in shown], rotation=90)
        axis.xaxis.set_minor_locator(mpl.ticker.NullLocator())
        axis.set_xlabel("model, and its parameters\nwith embeddings")
        axis.set_title("\n".join(_told(correlations, group, signal, column) for group in groups), fontweight="normal")
        axis.set_ylabel(SIZE_LABELS[column])
    axes[0, 0].plot([], [], color=GREY, label="all models")
    if families:
        axes[0, 0].plot([], [], color=GREY, linestyle="--", linewidth=1, label="within families")
    legend_below(figure, OF_SIZES)
    told = correlations[["group", "signal", "column", "n", "r", "p_permutation"]].rename(columns={"n": "models"})
    return figure, own.merge(told, how="left", on=["group", "signal", "column"])


def _told(correlations: pd.DataFrame, group: str, signal: str, column: str) -> str:
    found = correlations[correlations["group"] == group]
    found = found[(found["signal"] == signal) & (found["column"] == column)]
    if found.empty:
        return f"{group}: no r"
    row = found.iloc[0]
    return f"{group}: r = {row['r']:.2f}, p = {row['p_permutation']:.2g}, n = {row['n']:.0f} models"
