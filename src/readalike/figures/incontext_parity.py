"""Figures 27 to 30: sparse parity in context. Lines of 27 and 28 are formulas, points with bars are drawn prompts."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.figures.incontext_regression import POINTS, points
from readalike.figures.style import WIDE, Style, legend_below, series

STARTS = "Points: means over starts of training; bars: two standard errors over starts to either side."
TITLES = {"frequent": "frequent tasks", "uncovered": "tasks that the smaller\ndoes not cover"}


def parity_accuracy(accuracy: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Accuracy by flip rate: a column a number of demonstrations, a row a kind of tasks, a line a size."""
    sizes, lengths = sorted(accuracy["covered"].unique()), sorted(accuracy["examples"].unique())
    names = {size: f"covers {size} features" for size in sizes}
    looks = series(list(names.values()), style)
    figure, axes = plt.subplots(
        len(TITLES), len(lengths), figsize=(WIDE, 0.6 * WIDE), sharex=True, sharey=True, squeeze=False
    )
    for row, (tasks, title) in zip(axes, TITLES.items(), strict=True):
        for axis, n in zip(row, lengths, strict=True):
            for size, name in names.items():
                own = accuracy[(accuracy["tasks"] == tasks) & (accuracy["examples"] == n)]
                line = own[own["covered"] == size].sort_values("flips")
                look = looks[name]
                axis.plot(line["flips"], line["accuracy"], color=look.color, linestyle=look.linestyle)
                points(axis, line["flips"], line, look, name)
            axis.axhline(0.5, color="black", linewidth=0.4)
        row[0].set_ylabel(f"accuracy on\n{title}")
    for axis, n in zip(axes[0], lengths, strict=True):
        axis.set_title(f"N = {n}")
    for axis in axes[-1]:
        axis.set_xlabel("share of labels flipped")
    legend_below(figure, POINTS)
    return figure, accuracy


def parity_order(order: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Share of uncovered tasks at which both sizes are equally accurate, by flip rate, a line a number N."""
    names = {n: f"N = {n}" for n in sorted(order["examples"].unique())}
    looks = series(list(names.values()), style)
    figure, axis = plt.subplots(figsize=(WIDE / 2, 0.36 * WIDE))
    for n, name in names.items():
        line, look = order[order["examples"] == n].sort_values("flips"), looks[name]
        axis.plot(line["flips"], line["share"], color=look.color, linestyle=look.linestyle)
        points(axis, line["flips"], line, look, name)
    axis.set_ylim(0, 1)
    axis.set_xlabel("share of labels flipped")
    axis.set_ylabel("share of uncovered tasks\nbeyond which the larger is better")
    legend_below(figure, POINTS)
    return figure, order


def trained_accuracy(tested: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Where fewer trained heads are ahead: accuracy minus that of the most heads, paired by start.

    A row a kind of tasks, a column a length of test prompts; heads trained with the lowest share of rare tasks.
    """
    own = tested[(tested["z"] == "finite") & (tested["rare"] == tested["rare"].min())]
    most = own["heads"].max()
    keys = ["tasks", "examples", "flips", "start"]
    base = own[own["heads"] == most].set_index(keys)["accuracy"]
    paired = own[own["heads"] != most].assign(
        difference=lambda f: (
            f["accuracy"].to_numpy() - base.loc[list(f[keys].itertuples(index=False, name=None))].to_numpy()
        )
    )
    table = (
        paired.groupby(["tasks", "examples", "heads", "flips"], sort=True)["difference"]
        .agg(mean="mean", error=lambda v: v.std(ddof=1) / np.sqrt(len(v)), starts="size")
        .reset_index()
    )
    names = {m: f"{m} heads minus {most}" for m in sorted(table["heads"].unique())}
    looks = series(list(names.values()), style)
    lengths = sorted(table["examples"].unique())
    figure, axes = plt.subplots(
        len(TITLES), len(lengths), figsize=(WIDE, 0.62 * WIDE), sharex=True, sharey="row", squeeze=False
    )
    for row, (tasks, title) in zip(axes, TITLES.items(), strict=True):
        for axis, n in zip(row, lengths, strict=True):
            for m, name in names.items():
                line = table[(table["tasks"] == tasks) & (table["examples"] == n) & (table["heads"] == m)]
                look = looks[name]
                axis.errorbar(
                    line["flips"], line["mean"], yerr=2 * line["error"], color=look.color, label=name,
                    marker=look.marker, linestyle=look.linestyle, markersize=3, elinewidth=0.6,
                )  # fmt: skip
            axis.axhline(0, color="black", linewidth=0.4)
        row[0].set_ylabel(f"difference in accuracy on\n{title}")
    for axis, n in zip(axes[0], lengths, strict=True):
        axis.set_title(f"tested with N = {n}")
    for axis in axes[-1]:
        axis.set_xlabel("share of labels flipped")
    legend_below(figure, STARTS)
    return figure, table


def trained_weight(weight: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Where the weight of trained heads stands: share by feature, mean over starts, a line a number of heads.

    A column a kind of training: finite prompts by share of rare tasks, then exact z.
    """
    table = (
        weight.groupby(["z", "rare", "heads", "feature"], sort=True)["weight"]
        .agg(mean="mean", error=lambda v: v.std(ddof=1) / np.sqrt(len(v)), starts="size")
        .reset_index()
    )
    panels = [(z, rare) for z in ("finite", "exact") for rare in sorted(table["rare"].unique())]
    names = {m: f"{m} heads" for m in sorted(table["heads"].unique())}
    looks = series(list(names.values()), style)
    figure, axes = plt.subplots(1, len(panels), figsize=(WIDE, 0.4 * WIDE), sharey=True, squeeze=False)
    for axis, (z, rare) in zip(axes[0], panels, strict=True):
        for m, name in names.items():
            line = table[(table["z"] == z) & (table["rare"] == rare) & (table["heads"] == m)]
            look = looks[name]
            axis.errorbar(
                line["feature"], line["mean"], yerr=2 * line["error"], color=look.color, label=name, marker=look.marker,
                linestyle=look.linestyle, markersize=2.5, elinewidth=0.6,
            )  # fmt: skip
        axis.set_yscale("log")
        axis.set_title(f"{'few examples' if z == 'finite' else 'exact z'}\nrare tasks: {rare:g}")
        axis.set_xlabel("feature")
    axes[0, 0].set_ylabel("share of the weight")
    legend_below(figure, STARTS)
    return figure, table
