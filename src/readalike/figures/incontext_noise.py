"""Figures 31 to 33: models under noise in their context. Bars and bands: 95 percent intervals over items and sets."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readalike.figures.style import GREY, WIDE, Series, Style, every, legend_below, series, sizes_apart
from readalike.incontext.looks import ALL_LAYERS
from readalike.incontext.noise import PLAIN
from readalike.incontext.prompts import SHAM_RATE
from readalike.sizes import size_name

NOISES = {"labels": "labels flipped", "irrelevant": "texts replaced", "words": "words swapped"}
POINTS = "Points: means over items, sets and templates; bars: 95 percent intervals, items and sets taken as drawn."
BANDS = "Lines: means over items, sets and templates; bands: 95 percent intervals, items and sets taken as drawn."
TICKS = 5  # sizes named on an axis, one more at most
PANEL = 1.55  # inches that a row of panels is high
BESIDE = -0.16  # where accuracy without demonstrations stands on the axis of rates


def noise_accuracy(accuracy: pd.DataFrame, slopes: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Accuracy by rate of noise: a column a task, a row a kind of noise, a line a model, grey where it is at chance."""
    own = accuracy[accuracy["score"] == PLAIN]
    known = slopes[slopes["score"] == PLAIN]
    models, tasks, noises = (list(dict.fromkeys(own[name])) for name in ("model", "task", "noise"))
    looks = series(models, style)
    figure, axes = _panels(len(noises), len(tasks), sharex=True)
    for row, noise in zip(axes, noises, strict=True):
        for axis, task in zip(row, tasks, strict=True):
            here = own[(own["task"] == task) & (own["noise"] == noise)]
            for model in models:
                line = here[here["model"] == model].sort_values("rate")
                about = known[(known[["model", "task", "noise"]] == [model, task, noise]).all(axis=1)].iloc[0]
                look = _unless(about["at_chance"], looks[model])
                _bars(axis, line["rate"], line, "accuracy", look, model)
                axis.plot(line["rate"], line["accuracy"], color=look.color, linestyle=look.linestyle)
                axis.plot(
                    BESIDE, about["zero_shot"], color=look.color, marker=look.marker, markersize=3, fillstyle="none"
                )
            chance, words = here["chance"].iloc[0], about["bag_of_words"]
            axis.axhline(chance, color="black", linewidth=0.4, label="chance")
            axis.axhline(words, color=GREY, linewidth=0.6, linestyle=":", label="counts of words")
            axis.set_ylim(0, 1.03)
        row[0].set_ylabel(f"accuracy\n{NOISES[noise]}")
    rates = sorted(own["rate"].unique())
    for axis, task in zip(axes[0], tasks, strict=True):
        axis.set_title(task)
    for axis in axes[-1]:
        axis.set_xticks([BESIDE, *rates], ["none\nshown", *(f"{rate:g}" for rate in rates)])
        axis.set_xlabel("share that is noisy")
    _grey(axes[0, 0], known)
    legend_below(figure, POINTS)
    return figure, own


def noise_slopes(
    slopes: pd.DataFrame, pairs: pd.DataFrame, risk: pd.DataFrame | None, style: Style
) -> tuple[Figure, pd.DataFrame]:
    """Slope of accuracy against size: a panel a kind of noise, a marker a task; compared models are joined.

    risk : of the regression setting, where the run has it; its slope against rank stands beside, turned over
    """
    own = slopes[slopes["score"] == PLAIN]
    tasks, noises = (list(dict.fromkeys(own[name])) for name in ("task", "noise"))
    looks = series(tasks, style)
    figure, axes = _panels(1, len(noises) + (risk is not None), high=2.2)
    for axis in axes[0, 1 : len(noises)]:
        axis.sharey(axes[0, 0])
    for axis, noise in zip(axes[0], noises, strict=False):
        for task in tasks:
            here = own[(own["task"] == task) & (own["noise"] == noise)].set_index("model")
            for chance, part in here.groupby(here["at_chance"].astype(bool)):
                _bars(axis, part["parameters"], part, "slope", _unless(chance, looks[task]), task)
            joined = pairs[(pairs["task"] == task) & (pairs["noise"] == noise) & (pairs["score"] == PLAIN)]
            for a, b in joined.loc[joined["left_out"] == "", ["a", "b"]].itertuples(index=False):
                ends = here.loc[[a, b]]
                axis.plot(ends["parameters"], ends["slope"], color=looks[task].color, linewidth=0.6)
        axis.axhline(0, color="black", linewidth=0.4)
        axis.set_xscale("log")
        axis.minorticks_off()
        shown = sizes_apart(sorted(own["parameters"].unique()), TICKS)
        axis.set_xticks(shown, [size_name(size) for size in shown])
        axis.set_title(NOISES[noise])
        axis.set_xlabel("parameters")
    axes[0, 0].set_ylabel("slope of accuracy\non the share that is noisy")
    _grey(axes[0, 0], own)
    if risk is not None:
        axis = axes[0, -1]
        of_ranks = _slopes_of_ranks(risk)
        axis.plot(of_ranks["rank"], -of_ranks["slope"], color="black", marker="o", markersize=3)
        axis.axhline(0, color="black", linewidth=0.4)
        axis.set_title("theory: linear regression")
        axis.set_xlabel("rank of the head")
        axis.set_ylabel("slope of the risk on the\nnoise of labels, turned over")
    legend_below(figure, POINTS)
    return figure, own


def _slopes_of_ranks(risk: pd.DataFrame) -> pd.DataFrame:
    """Slope of the risk on the variance of noise in labels, of each rank; as many demonstrations as in training."""
    own = risk[(risk["noise_in"] == "labels") & (risk["demonstrations"] == risk["examples"])]
    own = own[(own["examples"] == own["examples"].iloc[0]) & (own["rank"] > 0)]
    rows = [(rank, np.polyfit(part["noise"], part["risk"], 1)[0]) for rank, part in own.groupby("rank")]
    return pd.DataFrame(rows, columns=["rank", "slope"])


def noisy_looks(noisy: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Log ratio of attention on noisy and intact demonstrations, above the control, by relative depth.

    At the rate nearest to that of the control. A row a kind of noise, a column a task, a line a model.
    """
    own = noisy[(noisy["layer"] != ALL_LAYERS) & (noisy["rate"] > 0)].assign(layer=lambda f: f["layer"].astype(int))
    models, tasks, noises = (list(dict.fromkeys(own[name])) for name in ("model", "task", "noise"))
    looks = series(models, style)
    nearest = min(sorted(own["rate"].unique()), key=lambda rate: abs(rate - SHAM_RATE), default=SHAM_RATE)
    own = own[own["rate"] == nearest]
    figure, axes = _panels(max(1, len(noises)), max(1, len(tasks)), sharex=True)
    for row, noise in zip(axes, noises, strict=False):
        for axis, task in zip(row, tasks, strict=False):
            for model in models:
                line = own[(own["task"] == task) & (own["noise"] == noise) & (own["model"] == model)]
                line = line.sort_values("layer")
                depth, look = line["layer"] / max(1, line["layer"].max()), looks[model]
                axis.plot(
                    depth, line["above_control"], color=look.color, linestyle=look.linestyle, label=model,
                    marker=look.marker, markersize=2.5, markevery=every(line),
                )  # fmt: skip
                low, high = line["above_control_low"], line["above_control_high"]
                axis.fill_between(depth, low, high, color=look.color, alpha=0.12, linewidth=0)
            axis.axhline(0, color="black", linewidth=0.4)
        row[0].set_ylabel(f"log ratio of attention\n{NOISES[noise]}")
    for axis, task in zip(axes[0], tasks, strict=False):
        axis.set_title(task)
    for axis in axes[-1]:
        axis.set_xlabel("depth (first to last layer)")
    legend_below(figure, BANDS)
    return figure, own


def _panels(rows: int, columns: int, *, high: float = PANEL, sharex: bool = False) -> tuple[Figure, np.ndarray]:
    return plt.subplots(rows, columns, figsize=(WIDE, 0.5 + high * rows), sharex=sharex, squeeze=False)


def _bars(axis: Axes, x: pd.Series, part: pd.DataFrame, name: str, look: Series, label: str) -> None:
    """Points with their intervals; one without an interval stands alone."""
    ends = np.abs(part[[f"{name}_low", f"{name}_high"]].to_numpy().T - part[name].to_numpy())
    axis.errorbar(
        x, part[name], yerr=np.nan_to_num(ends), color=look.color, marker=look.marker, linestyle="none", markersize=3,
        fillstyle=look.fillstyle, elinewidth=0.6, label=label if look.color != GREY else None,
    )  # fmt: skip


def _unless(at_chance: bool, look: Series) -> Series:
    """Grey for a model that cannot do the task, whose line says nothing."""
    return Series(GREY, look.marker, look.fillstyle, ":", look.hatch) if at_chance else look


def _grey(axis: Axes, slopes: pd.DataFrame) -> None:
    if slopes["at_chance"].astype(bool).any():
        axis.plot(
            [], [], color=GREY, marker="o", markersize=3, linestyle=":", label="at chance with right demonstrations"
        )
