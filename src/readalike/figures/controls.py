"""Attention against position and word length: what is left once these are known (a figure the paper lacks)."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.figures.style import GREY, WIDE, Style, colours, group_title, legend_below, summarise
from readalike.statistics.ceilings import group_ceiling

ALONE, BESIDE = "attention alone", "position and length + attention"
ROW, FRAME = 0.32, 1.0  # inches: a model's row, and what stands above and below the rows


def scores(resemblance: pd.DataFrame, baseline: pd.DataFrame, signal: str) -> pd.DataFrame:
    """Held-out R2 of every reader: attention alone at its best layer, and with position and word length.

    Both at the layer with the highest mean r2_cv. Columns: group, readers_are, model, layer, reader, what, r2_cv.
    """
    own = resemblance[resemblance["signal"] == signal]
    means = own.groupby(["model", "group", "layer"], sort=False)["r2_cv"].mean()
    best = means.groupby(["model", "group"], sort=False).idxmax()
    index = pd.MultiIndex.from_frame(own[["model", "group", "layer"]])
    own = own[index.isin(list(best))]
    position = baseline.loc[baseline["signal"] == signal, ["group", "reader", "r2_cv"]]
    own = own.merge(position.rename(columns={"r2_cv": "position"}), on=["group", "reader"], validate="m:1")
    keys = ["group", "readers_are", "model", "layer", "reader"]
    alone = own[keys].assign(what=ALONE, r2_cv=own["r2_cv"])
    beside = own[keys].assign(what=BESIDE, r2_cv=own["position"] + own["r2_unique"])
    return pd.concat([alone, beside], ignore_index=True)


def controls(
    resemblance: pd.DataFrame, baseline: pd.DataFrame, ceilings: pd.DataFrame, style: Style, signal: str = "number"
) -> tuple[Figure, pd.DataFrame]:
    """Readers as points, mean with its 95 percent interval over readers; a panel a group, a row a model.

    The layer stands beside. Lines: position and word length alone, and the mean of the other readers, both held out and
    averaged over readers.
    """
    points = scores(resemblance, baseline, signal)
    groups, models = list(dict.fromkeys(points["group"])), list(dict.fromkeys(points["model"]))
    palette = colours([ALONE, BESIDE, *"xx"], style) | {BESIDE: colours(list("abcd"), style)["d"]}
    size = (WIDE, max(0.3 * WIDE, ROW * len(models) + FRAME))
    figure, axes = plt.subplots(1, len(groups), figsize=size, sharey=True, squeeze=False)
    summaries = []
    for axis, group in zip(axes.flat, groups, strict=True):
        own = points[points["group"] == group]
        summary = summarise(own, ["group", "readers_are", "model", "layer", "what"], "r2_cv")
        position = baseline.loc[(baseline["group"] == group) & (baseline["signal"] == signal), "r2_cv"].mean()
        others = group_ceiling(ceilings, group, signal, "leave_one_out_cv")
        summaries.append(summary.assign(position_and_length_alone=position, mean_of_other_readers=others))
        axis.axvline(position, color="black", linestyle="--", label="position and word length alone")
        axis.axvline(others, color=GREY, linestyle="-", label="mean of the other readers")
        for offset, what, marker in ((-0.17, ALONE, "o"), (0.17, BESIDE, "^")):
            for k, model in enumerate(models):
                part = own[(own["model"] == model) & (own["what"] == what)]
                spread = np.linspace(-0.08, 0.08, len(part))[np.random.default_rng(k).permutation(len(part))]
                colour = palette[what]
                axis.scatter(part["r2_cv"], k + offset + spread, s=4, color=colour, alpha=0.3, marker=marker, lw=0)
                mean = summary[(summary["model"] == model) & (summary["what"] == what)].iloc[0]
                error = [[mean["mean"] - mean["ci_low"]], [mean["ci_high"] - mean["mean"]]]
                axis.errorbar(
                    mean["mean"], k + offset, xerr=error, color=colour, marker=marker, markersize=5,
                    markeredgecolor="white", markeredgewidth=0.5, label=what if k == 0 else None, linestyle="none",
                )  # fmt: skip
        for k, model in enumerate(models):
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
    return figure, pd.concat(summaries, ignore_index=True)
