"""Figures 12 to 16: resemblance to brain regions (paper, Appendix D), in sample and held out."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.corpus import Corpus
from readalike.figures import style as look
from readalike.figures.style import WIDE, Style, series
from readalike.files.gaze import Gaze
from readalike.statistics.best_layer import RULE

SCORES = {"r2": "in-sample $R^2$", "r2_cv": "held-out $R^2$"}
# Column of the table of losses -> label of the axis.
AGAINST = {"loss_per_token": "loss (nats per token)", "parameters": "parameters"}
AT = f"in sample at {RULE}, held out the highest of any layer"
BEST = f"Points: models, means over readers, {AT}; no intervals."
LAYERS = "Points: means over readers; bars: 95 percent intervals over readers, the sentences as given."
AGAINST_LINE = f"Points: models, means over readers, {AT}; line: least squares over the models; no intervals."
MATRICES = "Colours: values of one reader, and means over readers, of one sentence; a scale a panel; no intervals."


def _points(shown: look.Series) -> dict[str, Any]:
    """Points without lines."""
    return {"color": shown.color, "marker": shown.marker, "fillstyle": shown.fillstyle, "linestyle": "", "ms": 4}


def best_by_region(table: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Figure 12: the best layer's score in each region, in sample above and held out below; a column a group.

    table : as `tables.fmri` makes it. The paper draws the region that it found to have the highest score.
    """
    groups, models = list(dict.fromkeys(table["group"])), list(dict.fromkeys(table["model"]))
    regions = list(dict.fromkeys(table["region"]))
    looks = series(models, style)
    figure, axes = plt.subplots(
        len(SCORES), len(groups), figsize=(WIDE, 0.5 * WIDE), sharex=True, sharey="row", squeeze=False
    )
    for row, (column, label) in enumerate(SCORES.items()):
        for axis, group in zip(axes[row], groups, strict=True):
            part = table[table["group"] == group]
            for k, (model, shown) in enumerate(looks.items()):
                own = part[part["model"] == model].set_index("region").reindex(regions)
                place = np.arange(len(regions)) + min(0.12, 0.8 / len(models)) * (k - (len(models) - 1) / 2)
                axis.plot(place, own[column], **_points(shown), label=model)
            axis.axhline(0, color="black", linewidth=0.6)
            axis.set_xticks(range(len(regions)), regions, rotation=90)
            if row == 0:
                axis.set_title(look.group_title(group, str(part["readers_are"].iloc[0]), int(part["n"].max())))
        axes[row, 0].set_ylabel(f"{label}")
    look.legend_below(figure, BEST)
    return figure, table


def by_layer(resemblance: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Figure 15: mean over readers by layer with 95 percent intervals, a column a region, held out below.

    resemblance : of one group
    """
    models, regions = list(dict.fromkeys(resemblance["model"])), list(dict.fromkeys(resemblance["signal"]))
    looks = series(models, style)
    figure, axes = plt.subplots(
        len(SCORES), len(regions), figsize=(WIDE, 0.5 * WIDE), sharex=True, sharey="row", squeeze=False
    )
    tables = []
    for row, (column, label) in enumerate(SCORES.items()):
        for axis, region in zip(axes[row], regions, strict=True):
            part = resemblance[resemblance["signal"] == region]
            summary = look.summarise(part, ["model", "group", "readers_are", "signal", "layer"], column).assign(
                score=column
            )
            tables.append(summary)
            for model, shown in looks.items():
                line = look.with_gaps(summary[summary["model"] == model])
                error = [line["mean"] - line["ci_low"], line["ci_high"] - line["mean"]]
                axis.errorbar(
                    line["layer"], line["mean"], yerr=error, color=shown.color, label=model,
                    marker=shown.marker, linestyle=shown.linestyle, markersize=2, elinewidth=0.5, linewidth=0.7,
                )  # fmt: skip
            axis.axhline(0, color="black", linewidth=0.6)
            if row == 0:
                axis.set_title(f"{region}\n{part.dropna(subset=column)['reader'].nunique()} readers")
            if column == "r2_cv" and (summary["mean"] < 0).all():
                axis.set_title("below zero\nin every layer", fontweight="normal", color="#a02020")
            look.layer_ticks(axis)
        axes[row, 0].set_ylabel(label)
    for axis in axes[-1]:
        axis.set_xlabel("layer")
    look.legend_below(figure, LAYERS)
    return figure, pd.concat(tables, ignore_index=True)


def against(points: pd.DataFrame, x: str, label: str, style: Style, *, log_axis: bool) -> tuple[Figure, pd.DataFrame]:
    """Figures 13 and 16: best-layer score against loss or size, a panel a region, held out below.

    points : model, region, r2, r2_cv, and the column `x`
    """
    regions = list(dict.fromkeys(points["region"]))
    models = list(dict.fromkeys(points.sort_values(x)["model"]))
    looks = series(models, style)
    figure, axes = plt.subplots(
        len(SCORES), len(regions), figsize=(WIDE, 0.5 * WIDE), sharex=True, sharey="row", squeeze=False
    )
    for row, (column, name) in enumerate(SCORES.items()):
        for axis, region in zip(axes[row], regions, strict=True):
            own = points[points["region"] == region].sort_values(x)
            at = np.log(own[x]) if log_axis else own[x]
            slope, intercept = np.polyfit(at, own[column], 1)
            axis.plot(own[x], slope * at + intercept, color="#666666", linewidth=0.7)
            for model, position, value in zip(own["model"], own[x], own[column], strict=True):
                axis.plot(position, value, **_points(looks[model]), label=model)
            if log_axis:
                axis.set_xscale("log")
                axis.xaxis.set_major_formatter(mpl.ticker.EngFormatter(sep=""))
                axis.xaxis.set_minor_locator(mpl.ticker.NullLocator())
            axis.axhline(0, color="black", linewidth=0.6)
            if row == 0:
                axis.set_title(region)
        axes[row, 0].set_ylabel(f"{name}")
    for axis in axes[-1]:
        axis.set_xlabel(label)
    look.legend_below(figure, AGAINST_LINE)
    return figure, points


def region_matrices(
    corpus: Corpus, gaze: Gaze, regions: Sequence[str], sentence: int, style: Style
) -> tuple[Figure, pd.DataFrame]:
    """Figure 14: lower triangles of one sentence, a column a region: the first reader above, the group's mean below."""
    item = corpus.sentences[sentence]
    labels = item.words if corpus.has_text else tuple(str(k + 1) for k in range(len(item.words)))
    figure, axes = plt.subplots(2, len(regions), figsize=(WIDE, 0.42 * WIDE), squeeze=False)
    frames = []
    for column, region in enumerate(regions):
        readers, values = gaze.scored(region)
        panels = ((f"reader {readers[0]}", values[0]), (f"mean of {len(readers)}", values.mean(axis=0)))
        for axis, (title, shown) in zip(axes[:, column], panels, strict=True):
            matrix = corpus.matrix(shown, sentence)
            n = len(matrix)
            image = axis.imshow(np.where(np.tri(n, dtype=bool), matrix, np.nan), cmap="viridis")
            figure.colorbar(image, ax=axis, location="bottom", shrink=0.8, pad=0.03).outline.set_visible(False)
            axis.set_title(f"{region}\n{title}")
            axis.set_xticks(range(n), labels, rotation=90)
            axis.set_yticks(range(n), labels)
            axis.tick_params(length=0, labelsize=style.font_size - 1.5)
            axis.spines[:].set_visible(False)
            i, j = np.tril_indices(n)
            cells = pd.DataFrame({"from_word": i, "to_word": j, "value": matrix[i, j]})
            frames.append(cells.assign(group=gaze.group, region=region, panel=title, sentence=item.name))
    look.legend_below(figure, MATRICES)
    return figure, pd.concat(frames, ignore_index=True)
