"""Attention against position and word length: what is left once these are known (a figure the paper lacks)."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.figures.style import GREY, WIDE, Style, colours, group_title, legend_below, summarise
from readalike.statistics.ceilings import group_ceiling

ALONE, BESIDE = "attention alone", "position and length + attention"


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
    """Readers as points, mean with its 95 percent interval over readers; a panel a group, a column a model.

    Lines: position and word length alone, and the mean of the other readers, both held out and averaged over readers.
    """
    points = scores(resemblance, baseline, signal)
    groups, models = list(dict.fromkeys(points["group"])), list(dict.fromkeys(points["model"]))
    palette = colours([ALONE, BESIDE, *"xx"], style) | {BESIDE: colours(list("abcd"), style)["d"]}
    figure, axes = plt.subplots(1, len(groups), figsize=(WIDE, 0.4 * WIDE), squeeze=False)
    summaries = []
    for axis, group in zip(axes.flat, groups, strict=True):
        own = points[points["group"] == group]
        summary = summarise(own, ["group", "readers_are", "model", "layer", "what"], "r2_cv")
        position = baseline.loc[(baseline["group"] == group) & (baseline["signal"] == signal), "r2_cv"].mean()
        others = group_ceiling(ceilings, group, signal, "leave_one_out_cv")
        summaries.append(summary.assign(position_and_length_alone=position, mean_of_other_readers=others))
        axis.axhline(position, color="black", linestyle="--", label="position and word length alone")
        axis.axhline(others, color=GREY, linestyle="-", label="mean of the other readers")
        for offset, what, marker in ((-0.17, ALONE, "o"), (0.17, BESIDE, "^")):
            for k, model in enumerate(models):
                part = own[(own["model"] == model) & (own["what"] == what)]
                spread = np.linspace(-0.08, 0.08, len(part))[np.random.default_rng(k).permutation(len(part))]
                colour = palette[what]
                axis.scatter(k + offset + spread, part["r2_cv"], s=4, color=colour, alpha=0.3, marker=marker, lw=0)
                mean = summary[(summary["model"] == model) & (summary["what"] == what)].iloc[0]
                error = [[mean["mean"] - mean["ci_low"]], [mean["ci_high"] - mean["mean"]]]
                axis.errorbar(
                    k + offset, mean["mean"], yerr=error, color=colour, marker=marker, markersize=5,
                    markeredgecolor="white", markeredgewidth=0.5, label=what if k == 0 else None, linestyle="none",
                )  # fmt: skip
        layers = [summary.loc[summary["model"] == model, "layer"].iloc[0] for model in models]
        names = [f"{model}\nlayer {layer}" for model, layer in zip(models, layers, strict=True)]
        tilted = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if len(models) > 3 else {}
        axis.set_xticks(range(len(models)), names, **tilted)
        axis.set_xlim(-0.6, len(models) - 0.4)
        axis.set_title(
            group_title(group, str(own["readers_are"].iloc[0]), own.dropna(subset="r2_cv")["reader"].nunique())
        )
        axis.set_ylabel(f"held-out $R^2$ of saccade {signal}")
    legend_below(figure)
    return figure, pd.concat(summaries, ignore_index=True)
