"""Attention against what is known without it, and against another sentence's (a figure the paper lacks)."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readalike.figures.style import GREY, WIDE, Style, colours, group_title, legend_below, summarise
from readalike.statistics.best_layer import RULE, standing_of
from readalike.statistics.ceilings import group_ceiling

NO_MODEL, UNTRAINED = " (no model)", " (untrained)"
SWAPPED, ALONE, BESIDE = "another sentence's attention", "attention", "b2 + attention"
# Baseline -> how its line is drawn and named.
LINES = {
    "b0": (":", "position and word length (b0)"),
    "b2": ("--", "places, lengths, punctuation (b2)"),
}
GAIN, SHUFFLED = "gain over b2", "gain of shuffled attention"
ROW, GAINS, FRAME = 0.36, 0.22, 1.5  # inches: a model's row, that of its gains, and what stands about the rows
POINTS = (
    f"At {RULE}. Small points: readers; large points: their means; bars: 95 percent intervals over readers, the "
    "sentences as given. Below: b2 and attention less b2, reader by reader, and the same with shuffled attention."
)


def without_model(yardsticks: pd.DataFrame) -> pd.DataFrame:
    """Yardsticks as rows beside those of models, of one layer that no model has."""
    return yardsticks.assign(model=yardsticks["attention"] + NO_MODEL, layer=-1)


def scores(resemblance: pd.DataFrame, baseline: pd.DataFrame, signal: str) -> pd.DataFrame:
    """Held-out R2 of every reader: of another sentence's attention, of attention, and of attention with baseline b2.

    Also what attention adds to b2, and what shuffled attention adds. All at the layer that stands for the model
    everywhere (`best_layer.RULE`). Columns: group, readers_are, model, layer, reader, what, r2_cv.
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
    gain = own[keys].assign(what=GAIN, r2_cv=own["r2_unique_b2"])
    shuffled = own[keys].assign(what=SHUFFLED, r2_cv=own["r2_unique_b2_null"])
    return pd.concat([swapped, alone, beside, gain, shuffled], ignore_index=True)


def controls(
    resemblance: pd.DataFrame,
    yardsticks: pd.DataFrame,
    baseline: pd.DataFrame,
    ceilings: pd.DataFrame,
    style: Style,
    signal: str = "number",
    untrained: Collection[str] = (),
) -> tuple[Figure, pd.DataFrame]:
    """Readers as points, mean with its 95 percent interval over readers; a panel a group, a row a model.

    Below, on a scale of its own, what each reader gains over b2, which the readers' differences hide above. The layer
    stands beside. Below the trained models those that are not, then attention without a model: `recency` and `uniform`.
    Lines: what is known without attention (baselines b0 and b2), and the mean of the other readers, all held out and
    averaged over readers.
    """
    learned = resemblance[~resemblance["model"].isin(list(untrained))]
    drawn = resemblance[resemblance["model"].isin(list(untrained))]
    drawn = drawn.assign(model=drawn["model"] + UNTRAINED)
    points = scores(pd.concat([learned, drawn, without_model(yardsticks)], ignore_index=True), baseline, signal)
    groups, models = list(dict.fromkeys(points["group"])), list(dict.fromkeys(points["model"]))
    first, second, _, fourth = colours(list("abcd"), style).values()
    looks = {SWAPPED: (-0.25, second, "s"), ALONE: (0.0, first, "o"), BESIDE: (0.25, fourth, "^")}
    gains = {GAIN: (-0.15, fourth, "D"), SHUFFLED: (0.2, GREY, "x")}
    size = (WIDE, max(0.3 * WIDE, (ROW + GAINS) * len(models) + FRAME))
    figure, axes = plt.subplots(
        2, len(groups), figsize=size, sharey="row", squeeze=False, gridspec_kw={"height_ratios": [ROW, GAINS]}
    )
    summaries = []
    for (axis, below), group in zip(axes.T, groups, strict=True):
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
        for what, look in looks.items():
            _rows(axis, own, summary, models, what, look)
        for what, look in gains.items():
            _rows(below, own, summary, models, what, look)
        below.axvline(0, color="black", linewidth=0.4)
        for k, model in enumerate(models):
            if model.endswith(NO_MODEL):
                continue
            layer = summary.loc[summary["model"] == model, "layer"].iloc[0]
            axis.annotate(
                f"layer {layer}", (1, k), xycoords=("axes fraction", "data"), xytext=(2, 0), textcoords="offset points",
                va="center", color=GREY,
            )  # fmt: skip
        for panel in (axis, below):
            panel.set_yticks(range(len(models)), models)
            panel.set_ylim(len(models) - 0.4, -0.6)
        axis.set_title(
            group_title(group, str(own["readers_are"].iloc[0]), own.dropna(subset="r2_cv")["reader"].nunique())
        )
        axis.set_xlabel(f"held-out $R^2$ of saccade {signal}")
        below.locator_params(axis="x", nbins=5)
        below.set_xlabel("held-out $R^2$ of b2 and attention less that of b2")
    legend_below(figure, POINTS)
    table = pd.concat(summaries, ignore_index=True)
    table["model"] = table["model"].str.removesuffix(UNTRAINED)  # as other tables name it
    return figure, table.assign(layer=table["layer"].astype("Int64").mask(table["layer"] < 0))


def _rows(
    axis: Axes,
    own: pd.DataFrame,
    summary: pd.DataFrame,
    models: Sequence[str],
    what: str,
    look: tuple[float, Any, str],
) -> None:
    """Readers, mean and interval of one score, a row a model; look : offset from the row, colour, marker."""
    offset, colour, marker = look
    edge = {"markeredgewidth": 1.0} if marker == "x" else {"markeredgecolor": "white", "markeredgewidth": 0.5}
    for k, model in enumerate(models):
        part = own[(own["model"] == model) & (own["what"] == what)]
        spread = np.linspace(-0.07, 0.07, len(part))[np.random.default_rng(k).permutation(len(part))]
        axis.scatter(
            part["r2_cv"], k + offset + spread, s=4, color=colour, alpha=0.3, marker=marker,
            linewidths=0.5 if marker == "x" else 0,
        )  # fmt: skip
        mean = summary[(summary["model"] == model) & (summary["what"] == what)].iloc[0]
        error = [[mean["mean"] - mean["ci_low"]], [mean["ci_high"] - mean["mean"]]]
        axis.errorbar(
            mean["mean"], k + offset, xerr=error, color=colour, marker=marker, markersize=5, linestyle="none",
            label=what if k == 0 else None, **edge,
        )  # fmt: skip
