"""Attention against what is known without it, and against another sentence's (a figure the paper lacks)."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.figures.style import GREY, WIDE, Style, colours, group_title, legend_below, summarise
from readalike.statistics.best_layer import standing_of
from readalike.statistics.ceilings import group_ceiling

NO_MODEL = " (no model)"
SWAPPED, ALONE, BESIDE = "another sentence's attention", "attention", "b2 + attention"
# Baseline -> how its line is drawn and named.
LINES = {
    "b0": (":", "position and word length (b0)"),
    "b2": ("--", "places, lengths, punctuation (b2)"),
}
ROW, FRAME = 0.4, 1.0  # inches: a model's row, and what stands above and below the rows


def without_model(yardsticks: pd.DataFrame) -> pd.DataFrame:
    """Yardsticks as rows beside those of models, of one layer that no model has."""
    return yardsticks.assign(model=yardsticks["attention"] + NO_MODEL, layer=-1)


def scores(resemblance: pd.DataFrame, baseline: pd.DataFrame, signal: str) -> pd.DataFrame:
    """Held-out R2 of every reader: of another sentence's attention, of attention, and of attention with baseline b2.

    All at the layer that stands for the model everywhere (`best_layer.RULE`). Columns: group, readers_are,
    model, layer, reader, what, r2_cv.
    """
    own = resemblance[resemblance["signal"] == signal]
    best = [(*key, layer) for key, layer in standing_of(own).items()]
    index = pd.MultiIndex.from_frame(own[["model", "group", "layer"]])
    own = own[index.isin(best)]
    known = baseline[(baseline["signal"] == signal) & (baseline["baseline"] == "b2")]
    known = known[["group", "reader", "r2_cv"]].rename(columns={"r2_cv": "known"})
    own = own.merge(known, on=["group", "reader"], validate="m:1")
    keys = ["group", "readers_are", "model", "layer", "reader"]
    swapped = own[keys].assign(what=SWAPPED, r2_cv=own["r2_swap"])
    alone = own[keys].assign(what=ALONE, r2_cv=own["r2_cv"])
    beside = own[keys].assign(what=BESIDE, r2_cv=own["known"] + own["r2_unique_b2"])
    return pd.concat([swapped, alone, beside], ignore_index=True)


def controls(
    resemblance: pd.DataFrame,
    yardsticks: pd.DataFrame,
    baseline: pd.DataFrame,
    ceilings: pd.DataFrame,
    style: Style,
    signal: str = "number",
) -> tuple[Figure, pd.DataFrame]:
    """Readers as points, mean with its 95 percent interval over readers; a panel a group, a row a model.

    The layer stands beside. Below the models attention without one: `recency` and `uniform`. Lines: what is known
    without attention (baselines b0 and b2), and the mean of the other readers, all held out and averaged over readers.
    """
    points = scores(pd.concat([resemblance, without_model(yardsticks)], ignore_index=True), baseline, signal)
    groups, models = list(dict.fromkeys(points["group"])), list(dict.fromkeys(points["model"]))
    first, second, _, fourth = colours(list("abcd"), style).values()
    looks = {SWAPPED: (-0.25, second, "s"), ALONE: (0.0, first, "o"), BESIDE: (0.25, fourth, "^")}
    size = (WIDE, max(0.3 * WIDE, ROW * len(models) + FRAME))
    figure, axes = plt.subplots(1, len(groups), figsize=size, sharey=True, squeeze=False)
    summaries = []
    for axis, group in zip(axes.flat, groups, strict=True):
        own = points[points["group"] == group]
        summary = summarise(own, ["group", "readers_are", "model", "layer", "what"], "r2_cv")
        known = baseline[(baseline["group"] == group) & (baseline["signal"] == signal)]
        known = known.groupby("baseline")["r2_cv"].mean()
        others = group_ceiling(ceilings, group, signal, "leave_one_out_cv")
        beside = {f"baseline_{name}": known[name] for name in LINES}
        summaries.append(summary.assign(**beside, mean_of_other_readers=others))
        for name, (line, label) in LINES.items():
            axis.axvline(known[name], color="black", linestyle=line, label=label)
        axis.axvline(others, color=GREY, linestyle="-", label="mean of the other readers")
        for what, (offset, colour, marker) in looks.items():
            for k, model in enumerate(models):
                part = own[(own["model"] == model) & (own["what"] == what)]
                spread = np.linspace(-0.07, 0.07, len(part))[np.random.default_rng(k).permutation(len(part))]
                axis.scatter(part["r2_cv"], k + offset + spread, s=4, color=colour, alpha=0.3, marker=marker, lw=0)
                mean = summary[(summary["model"] == model) & (summary["what"] == what)].iloc[0]
                error = [[mean["mean"] - mean["ci_low"]], [mean["ci_high"] - mean["mean"]]]
                axis.errorbar(
                    mean["mean"], k + offset, xerr=error, color=colour, marker=marker, markersize=5,
                    markeredgecolor="white", markeredgewidth=0.5, label=what if k == 0 else None, linestyle="none",
                )  # fmt: skip
        for k, model in enumerate(models):
            if model.endswith(NO_MODEL):
                continue
            layer = summary.loc[summary["model"] == model, "layer"].iloc[0]
            axis.annotate(
                f"layer {layer}", (1, k), xycoords=("axes fraction", "data"), xytext=(2, 0), textcoords="offset points",
                va="center", color=GREY,
            )  # fmt: skip
        axis.set_yticks(range(len(models)), models)
        axis.set_ylim(len(models) - 0.4, -0.6)
        axis.set_title(
            group_title(group, str(own["readers_are"].iloc[0]), own.dropna(subset="r2_cv")["reader"].nunique())
        )
        axis.set_xlabel(f"held-out $R^2$ of saccade {signal}")
    legend_below(figure)
    table = pd.concat(summaries, ignore_index=True)
    return figure, table.assign(layer=table["layer"].astype("Int64").mask(table["layer"] < 0))
