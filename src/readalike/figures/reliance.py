"""Figures 8, 9 and 11: how far attention relies on the trivial patterns (paper, 5.3)."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.conditions import PLAIN
from readalike.figures.style import WIDE, Style, every, layer_ticks, legend_below, series, with_gaps

BARS = "Bars: change of the mean over heads and sentences; thin lines: 95 percent bootstrap intervals over sentences."
POINTS = "Points: means over the heads of a layer; bands: the middle half of the heads, no intervals."


def change_by_quarter(change: pd.DataFrame, comparison: str, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Figures 8 and 9: relative change of reliance, in percent, by quarter of the layers; sentences alone.

    Bars with 95 percent intervals over sentences, a colour a pair.

    change : `statistics/reliance-change.csv`; of one corpus. A change that is withheld has no bar.
    """
    own = change[(change["comparison"] == comparison) & (change["condition"] == PLAIN)]
    own = own.assign(pair=own["a"] + " to " + own["b"])
    pairs = list(dict.fromkeys(own["pair"]))
    looks = series(pairs, style)
    figure, axis = plt.subplots(figsize=(WIDE, 0.42 * WIDE))
    width = 0.8 / len(pairs)
    for k, (pair, look) in enumerate(looks.items()):
        part = own[own["pair"] == pair].sort_values("quarter")
        place = part["quarter"] + 1 + width * (k - (len(pairs) - 1) / 2)
        percent = 100 * part[["change", "ci_low", "ci_high"]]
        error = [percent["change"] - percent["ci_low"], percent["ci_high"] - percent["change"]]
        axis.bar(
            place, percent["change"], 0.9 * width, yerr=np.abs(error), color=look.color, label=pair,
            hatch=look.hatch, edgecolor="white", linewidth=0, error_kw={"elinewidth": 0.7},
        )  # fmt: skip
    axis.axhline(0, color="black", linewidth=0.5)
    axis.set_xticks(range(1, 5))
    axis.set_xlabel("quarter of layers")
    axis.set_ylabel("change of reliance on trivial patterns (percent)")
    legend_below(figure, BARS)
    return figure, own.reset_index(drop=True)


def by_layer(reliance: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Figure 11: mean over the heads of a layer, a line a model; sentences alone.

    reliance : by layer and head. The band holds the middle half of the heads: how far those of a layer differ, and no
    interval of the mean.
    """
    own = reliance[reliance["condition"] == PLAIN]
    models = list(dict.fromkeys(own["model"]))
    looks = series(models, style)
    heads = own.groupby(["model", "layer"], sort=False)["r2"]
    quartiles = {"lower_quartile": heads.quantile(0.25), "upper_quartile": heads.quantile(0.75)}
    table = pd.DataFrame({"mean": heads.mean(), **quartiles}).reset_index()
    figure, axis = plt.subplots(figsize=(WIDE, 0.42 * WIDE))
    for model, look in looks.items():
        line = with_gaps(table[table["model"] == model].sort_values("layer"))
        axis.plot(
            line["layer"], line["mean"], color=look.color, label=model, marker=look.marker, markersize=3,
            linestyle=look.linestyle, markevery=every(line),
        )  # fmt: skip
        axis.fill_between(
            line["layer"], line["lower_quartile"], line["upper_quartile"], color=look.color, alpha=0.08, linewidth=0
        )
    axis.set_xlabel("layer")
    axis.set_ylabel("$R^2$ on first word, previous word, self")
    axis.set_ylim(bottom=0)
    layer_ticks(axis)
    legend_below(figure, POINTS)
    return figure, table
