"""Figures 23 to 26: linear regression in context. Lines are formulas, points with bars are drawn prompts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readalike.figures.style import GREY, WIDE, Series, Style, legend_below, series

KINDS = {"labels": "noise in the labels shown", "inputs": "white noise in the inputs shown"}
POINTS = "Lines: formulas; points: drawn prompts; bars: two standard errors over prompts to either side."
ERRORS = 2  # standard errors that a bar goes to either side


def points(axes: Axes, x: pd.Series, part: pd.DataFrame, look: Series, name: str) -> None:
    """Simulated values with their bars; they name the line that they lie on, since markers tell lines apart."""
    axes.errorbar(
        x, part["simulated"], yerr=ERRORS * part["simulated_error"], color=look.color, label=name,
        marker=look.marker, linestyle="none", markersize=3, elinewidth=0.6,
    )  # fmt: skip


def _looks(word: str, values: Sequence[int], style: Style) -> dict[int, tuple[str, Series]]:
    names = [f"{word} {value}" for value in values]
    looks = series(names, style)
    return {value: (name, looks[name]) for value, name in zip(values, names, strict=True)}


def noise_and_rank(risk: pd.DataFrame, crossings: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Risk by noise, a line a rank, at as many demonstrations as in training; crossings of neighbours as crosses."""
    examples = int(crossings["examples"].iloc[0])
    own = risk[(risk["demonstrations"] == examples) & (risk["examples"] == examples)]
    ranks = _looks("rank", sorted(own["rank"].unique()), style)
    figure, axes = plt.subplots(1, len(KINDS), figsize=(WIDE, 0.42 * WIDE), squeeze=False)
    for axis, (kind, title) in zip(axes[0], KINDS.items(), strict=True):
        part = own[own["noise_in"] == kind]
        for rank, (name, look) in ranks.items():
            line = part[part["rank"] == rank].sort_values("noise")
            axis.plot(line["noise"], line["risk"], color=look.color, linestyle=look.linestyle)
            points(axis, line["noise"], line, look, name)
            # The line's slope is exact, so that a crossing lies on it.
            own_crossings = crossings[(crossings["noise_in"] == kind) & (crossings["demonstrations"] == examples)]
            at = own_crossings.loc[own_crossings["rank"] == rank, "crossing"]
            at = at[at.between(0, part["noise"].max())]
            axis.plot(
                at,
                np.interp(at, line["noise"], line["risk"]),
                color="black",
                marker="x",
                markersize=5,
                linestyle="none",
            )
        axis.set_title(title)
        axis.set_xlabel("variance of the noise")
    axes[0, 0].set_ylabel("risk (squared error)")
    legend_below(figure, POINTS + " Crosses: where neighbours cross, by the formula.")
    return figure, own[own["noise_in"].isin(list(KINDS))]


def best_rank(risk: pd.DataFrame, crossings: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Rank of least risk by noise, a staircase a number of demonstrations; points: that of drawn prompts.

    The staircase is the number of crossings above the noise. Where two ranks differ by less than two standard errors,
    prompts may choose either.
    """
    looks = _looks("demonstrations:", sorted(crossings["demonstrations"].unique()), style)
    figure, axes = plt.subplots(1, len(KINDS), figsize=(WIDE, 0.36 * WIDE), sharey=True, squeeze=False)
    tables = []
    for axis, (kind, title) in zip(axes[0], KINDS.items(), strict=True):
        for m, (name, look) in looks.items():
            examples = crossings["examples"].iloc[0]
            of_kind = risk[(risk["noise_in"] == kind) & (risk["demonstrations"] == m) & (risk["examples"] == examples)]
            own = crossings[(crossings["noise_in"] == kind) & (crossings["demonstrations"] == m)]["crossing"]
            fine = np.linspace(0, of_kind["noise"].max(), 400)
            steps = (own.to_numpy()[None, :] > fine[:, None]).sum(axis=1)
            axis.plot(fine, steps, color=look.color, linestyle=look.linestyle, drawstyle="steps-post")
            found = of_kind.loc[of_kind.groupby("noise")["simulated"].idxmin()]
            axis.plot(
                found["noise"], found["rank"], color=look.color, marker=look.marker, linestyle="none", markersize=4,
                label=name,
            )  # fmt: skip
            tables.append(found.assign(by_formula=[int((own > noise).sum()) for noise in found["noise"]]))
        axis.set_title(title)
        axis.set_xlabel("variance of the noise")
    axes[0, 0].set_ylabel("best rank")
    legend_below(figure, "Stairs: formula; points: rank of least mean error of drawn prompts; no intervals.")
    columns = ["noise_in", "demonstrations", "noise", "rank", "by_formula", "simulated", "simulated_error"]
    return figure, pd.concat(tables, ignore_index=True)[columns]


def shrinkage(kept: pd.DataFrame, trained: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """u_i l_i by direction, a line a length of training prompts; right, trained layers by rank, where there are any.

    trained : rows of the table of trained layers, or none
    """
    lengths = _looks("N =", sorted(kept["examples"].unique()), style)
    figure, axes = plt.subplots(1, 2 if len(trained) else 1, figsize=(WIDE, 0.42 * WIDE), sharey=True, squeeze=False)
    for n, (name, look) in lengths.items():
        line = kept[kept["examples"] == n]
        axes[0, 0].plot(line["direction"], line["kept"], color=look.color, linestyle=look.linestyle)
        points(axes[0, 0], line["direction"], line, look, name)
    axes[0, 0].set_title("least squares on drawn prompts")
    axes[0, 0].set_ylabel("kept of a slope, u l")
    tables = [kept]
    if len(trained):
        best = trained.loc[trained.groupby(["rank", "direction"])["loss"].idxmin()]
        ranks = _looks("layer of rank", sorted(best["rank"].unique()), style)
        for rank, (name, look) in ranks.items():
            own = best[best["rank"] == rank]
            axes[0, 1].plot(
                own["direction"] + 0.06 * (rank - 2), own["kept"], color=look.color, marker=look.marker,
                linestyle="none", markersize=4, label=name,
            )  # fmt: skip
        formula = kept[kept["examples"] == trained["examples"].iloc[0]]
        axes[0, 1].plot(formula["direction"], formula["kept"], color=GREY, linewidth=0.8)
        axes[0, 1].set_title("trained layers, best start")
        tables.append(best.rename(columns={"kept": "trained"}))
    for axis in axes[0]:
        axis.set_xlabel("direction, by falling variance")
        axis.set_xticks(sorted(kept["direction"].unique()))
        axis.axhline(0, color="black", linewidth=0.4)
    legend_below(figure, POINTS)
    return figure, pd.concat(tables, ignore_index=True)


def risk_and_length(risk: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Risk by N without noise and at a middling noise of labels, a line a rank, with its limit dashed."""
    labels = risk[risk["noise_in"] == "labels"]
    lengths = labels.groupby("demonstrations")["examples"].nunique()
    own = labels[labels["demonstrations"] == lengths.idxmax()]
    levels = sorted(own["noise"].unique())
    shown = [levels[0], levels[len(levels) // 2]]
    ranks = _looks("rank", sorted(own["rank"].unique()), style)
    figure, axes = plt.subplots(1, 2, figsize=(WIDE, 0.42 * WIDE), squeeze=False)
    for axis, noise in zip(axes[0], shown, strict=True):
        for rank, (name, look) in ranks.items():
            line = own[(own["noise"] == noise) & (own["rank"] == rank)].sort_values("examples")
            axis.plot(line["examples"], line["risk"], color=look.color, linestyle=look.linestyle)
            points(axis, line["examples"], line, look, name)
            ends = [line["examples"].max(), line["examples"].max() * 3]
            axis.plot(ends, [line["limit"].iloc[0]] * 2, color=look.color, linestyle=(0, (1, 1)), linewidth=1.2)
        axis.set_xscale("log")
        axis.set_title(f"noise in the labels shown: {noise:g}")
        axis.set_xlabel("N: demonstrations in training prompts")
    axes[0, 0].set_ylabel("risk (squared error)")
    legend_below(figure, POINTS + " Dotted: limit.")
    return figure, own[own["noise"].isin(shown)]
