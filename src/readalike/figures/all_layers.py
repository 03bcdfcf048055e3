"""Figure 35: what attention adds to baseline b2, read at one layer and over all layers at once (the paper lacks it)."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from readalike.figures.style import WIDE, Style, group_title, legend_below, series

# Column of HEADLINE -> what it is called.
SHOWN = {
    "r2_unique_b2_above_null": "at the layer with the highest in-sample $R^2$, above shuffled attention",
    "r2_unique_b2_all_layers": "all layers at once, by ridge regression",
}
UNTRAINED = " (untrained)"
ROW, FRAME = 0.26, 0.9  # inches: a model's row, and what stands above and below the rows
APART = 0.16  # of a row, from its middle
POINTS = "Points: means over readers, held out; bars: 95 percent intervals over readers and sentences."


def in_order(models: Sequence[str], sizes: Mapping[str, float], twins: Mapping[str, str]) -> list[str]:
    """The smallest first, untrained ones behind their trained twin; those of unknown size last, as they came.

    twins : untrained model -> the trained one of the same weights
    """
    size = {model: sizes.get(model, np.inf) for model in models}
    trained = sorted((model for model in models if model not in twins), key=lambda model: size[model])
    beside = {own: [model for model in models if twins.get(model) == own] for own in trained}
    alone = [model for model in models if model in twins and twins[model] not in trained]
    return [name for own in trained for name in (own, *beside[own])] + alone


def layer_and_all(
    head: pd.DataFrame, sizes: Mapping[str, float], twins: Mapping[str, str], untrained: Collection[str], style: Style
) -> tuple[Figure, pd.DataFrame]:
    """A panel a group, a row a model, two points a row with their intervals.

    head : rows of HEADLINE; sizes : parameters, of models that have weights; twins : as `in_order` takes them
    untrained : models whose weights were drawn, with or without a twin; they are told as such
    """
    own = head[head["r2_unique_b2_all_layers"].notna()]
    groups, models = list(dict.fromkeys(own["group"])), in_order(list(dict.fromkeys(own["model"])), sizes, twins)
    looks = series(list(SHOWN), style)
    figure, axes = plt.subplots(
        1, len(groups), figsize=(WIDE, FRAME + ROW * max(len(models), 3)), sharex=True, sharey=True, squeeze=False
    )
    drawn = []
    for axis, group in zip(axes[0], groups, strict=True):
        part = own[own["group"] == group].set_index("model").reindex(models)
        there = part.dropna(subset="r2_unique_b2_all_layers")
        for at, (column, label) in zip((-APART, APART), SHOWN.items(), strict=True):
            mean, low, high = (part[name].to_numpy() for name in (column, f"{column}_ci_low", f"{column}_ci_high"))
            axis.errorbar(
                mean, np.arange(len(models)) + at, xerr=[mean - low, high - mean], color=looks[column].color,
                marker=looks[column].marker, label=label, linestyle="none", markersize=4, elinewidth=0.9,
            )  # fmt: skip
            found = there[["group", "readers_are", "n"]].assign(what=column, mean=there[column])
            drawn.append(found.assign(**{end: there[f"{column}_{end}"] for end in ("ci_low", "ci_high")}).reset_index())
        axis.axvline(0, color="black", linewidth=0.4)
        axis.set_title(group_title(group, str(there["readers_are"].iloc[0]), int(there["n"].iloc[0])))
        axis.set_xlabel("what attention adds to b2 (held-out $R^2$)")
    names = [f"{model}{UNTRAINED}" if model in untrained and "untrained" not in model else model for model in models]
    axes[0, 0].xaxis.set_major_locator(MaxNLocator(4))  # of all panels, which share it
    axes[0, 0].set_yticks(range(len(models)), names)
    axes[0, 0].set_ylim(len(models) - 0.5, -0.5)
    legend_below(figure, POINTS)
    return figure, pd.concat(drawn, ignore_index=True)
