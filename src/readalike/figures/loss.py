"""Figure 5: loss against resemblance."""

from collections.abc import Mapping

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from scipy import stats

from readalike.figures.style import WIDE, Style, legend_below, series
from readalike.statistics.best_layer import RULE

# Column of Table 1 -> label. The first is the paper's; losses a token are of different tokens where tokenizers differ.
LOSSES = {"loss_per_token": "loss (nats a token)", "loss_per_word": "loss (nats a word)"}
POINTS = (
    f"Points: models at {RULE}, means over readers, no intervals; line: least squares over the models; p: two-sided."
)
FEW = 3  # models below which no line is drawn


def resemblance_by_loss(
    table: pd.DataFrame, style: Style, losses: Mapping[str, str] = LOSSES
) -> tuple[Figure, pd.DataFrame]:
    """Percent of the ceiling of every model's best layer against its loss; a row a group, a panel a loss.

    table : Table 1; losses : its columns that may be drawn, and their labels

    Returns what is drawn, with the least-squares line and Pearson's r and p over the models.
    """
    groups, models = list(dict.fromkeys(table["group"])), list(dict.fromkeys(table["model"]))
    looks = series(models, style)
    shown = {column: label for column, label in losses.items() if table[column].notna().any()}
    size = (WIDE, (0.06 + 0.28 * len(groups)) * WIDE)
    figure, axes = plt.subplots(len(groups), len(shown), figsize=size, sharex="col", sharey="row", squeeze=False)
    drawn = []
    for row, group in zip(axes, groups, strict=True):
        for axis, (column, label) in zip(row, shown.items(), strict=True):
            own = table[(table["group"] == group) & table[column].notna() & table["percent_of_ceiling"].notna()]
            for model, look in looks.items():
                part = own[own["model"] == model]
                axis.plot(
                    part[column], part["percent_of_ceiling"], color=look.color, marker=look.marker, linestyle="",
                    markersize=4, fillstyle=look.fillstyle, label=model,
                )  # fmt: skip
            found = own[["group", "readers_are", "model", "percent_of_ceiling"]].assign(
                loss=column,
                nats=own[column],
                slope=float("nan"),
                intercept=float("nan"),
                r=float("nan"),
                p=float("nan"),
            )
            if len(own) >= FEW and len(set(own[column])) > 1:
                line = stats.linregress(own[column], own["percent_of_ceiling"])
                ends = own[column].agg(["min", "max"]).to_numpy()
                axis.plot(ends, line.intercept + line.slope * ends, color="black", linewidth=0.7)
                said = f"r = {line.rvalue:.2f}, p = {line.pvalue:.2g}, n = {len(own)} models"
                axis.annotate(said, (1, 1), xycoords="axes fraction", ha="right", va="bottom")
                found = found.assign(slope=line.slope, intercept=line.intercept, r=line.rvalue, p=line.pvalue)
            drawn.append(found)
            axis.set_xlabel(label if group == groups[-1] else "")
        kind = str(table.loc[table["group"] == group, "readers_are"].iloc[0])
        row[0].set_title(f"{group} (simulated)" if kind == "simulated" else group)
        row[0].set_ylabel("percent of the ceiling")
    legend_below(figure, POINTS)
    return figure, pd.concat(drawn, ignore_index=True)
