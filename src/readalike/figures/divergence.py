"""Figures 2, 3, 4 and 10: divergence between sizes, by tuning, and sensitivity to instructions and to noise."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readalike.conditions import PLAIN
from readalike.figures.style import (
    GREY,
    WIDE,
    Series,
    Style,
    every,
    grid,
    layer_ticks,
    legend_below,
    legend_beside,
    model_title,
    series,
    summarise,
    with_gaps,
)
from readalike.statistics.comparisons import reference_index

# Of the reference pair: no marker, unlike what is compared.
REFERENCE = Series(GREY, "", "full", (0, (1, 1)), "")


ASIDE = 0.2  # of a layer by which the lines of a panel stand apart, so that their intervals do not cover one another
POINTS = "Points: means over sentences; bars: 95 percent intervals over sentences. Grey: the reference pair."
MARKS = " Marks above: layers of which a test says so, p below 0.05 after Holm's correction."


def _draw(axes: Axes, part: pd.DataFrame, x: str, look: Series, label: str, aside: float) -> None:
    """Mean as a line, with markers: all where points stand apart; 95 percent interval as a bar.

    aside : how far beside its layer, from -1 to 1
    """
    line = with_gaps(part, x)
    line = line.assign(**{x: line[x] + ASIDE / 2 * aside})
    marker = look.marker or ("." if len(line) > len(part) else "")
    axes.plot(
        line[x], line["mean"], color=look.color, linestyle=look.linestyle, marker=marker, markersize=3,
        markevery=every(line), label=label,
    )  # fmt: skip
    axes.vlines(line[x], line["ci_low"], line["ci_high"], color=look.color, linewidth=0.6)


def _aside(names: Sequence[str]) -> dict[str, float]:
    """From -1 to 1, in order; one alone stands at its layer."""
    return dict(zip(names, np.linspace(-1, 1, len(names)) if len(names) > 1 else [0.0], strict=True))


def divergence_between_models(
    compared: pd.DataFrame, reference: pd.DataFrame, comparison: str, style: Style
) -> tuple[Figure, pd.DataFrame]:
    """Mean divergence of each configured pair with its 95 percent interval over sentences; a panel a condition.

    comparison : scaling (by quarter) or tuning (by layer). The reference pair, in the same condition, is grey.
    """
    unit = "quarter" if comparison == "scaling" else "layer"
    frame = pd.concat([compared.assign(role="compared"), reference.assign(role="reference")], ignore_index=True)
    frame = frame[frame["unit"] == unit].assign(pair=lambda f: f["a"] + " to " + f["b"])
    summary = summarise(frame, ["condition", "role", "pair", "index"], "divergence")
    # `plain` is what the paper shows: it comes first.
    conditions = sorted(dict.fromkeys(summary["condition"]), key=lambda name: (name != PLAIN, name))
    pairs = list(dict.fromkeys(summary.loc[summary["role"] == "compared", "pair"]))
    looks, aside = series(pairs, style), _aside(pairs)
    figure, axes = plt.subplots(1, len(conditions), figsize=(WIDE, 0.34 * WIDE), sharey=True, squeeze=False)
    for axis, condition in zip(axes.flat, conditions, strict=True):
        own = summary[summary["condition"] == condition]
        for (role, pair), part in own.groupby(["role", "pair"], sort=False):
            line = part.assign(index=part["index"] + 1) if unit == "quarter" else part
            if role == "reference":
                _draw(axis, line, "index", REFERENCE, f"reference: {pair}", 0)
            else:
                _draw(axis, line, "index", looks[str(pair)], str(pair), aside[str(pair)])
        axis.set_title(condition)
        axis.set_xlabel(f"{unit} of layers" if unit == "quarter" else "layer")
        layer_ticks(axis)
    # Once all panels are drawn: they share their limits, and setting one earlier would fix the other end too.
    axes.flat[0].set_ylim(bottom=0)
    axes.flat[0].set_ylabel("divergence (nats)")
    legend_below(figure, POINTS)
    return figure, summary


def _beside(reference: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """The reference at the layers of a model that its tests compare with it: of the same index or relative depth."""
    depths = int(own["layer"].max()) + 1, int(reference["layer"].max()) + 1
    beside = {int(layer): reference_index(int(layer), *depths) for layer in sorted(set(own["layer"]))}
    there = {layer: at for layer, at in beside.items() if at in set(reference["layer"])}
    return reference.set_index("layer").loc[list(there.values())].reset_index(drop=True).assign(layer=list(there))


# Question of the tests -> marker and words. Layers with p below SIGNIFICANT after Holm get a mark.
QUESTIONS = {
    "sensitivity above reference": ("s", "above the reference"),
    "tuned above base": ("^", "above its base"),
    "excess over noise": ("D", "difference from its base above that with noise"),
}
SIGNIFICANT = 0.05
ROW, MARKED = 0.045, 0.4  # of a panel's height: a row of marks, and all rows at most


def sensitivity(
    frame: pd.DataFrame, reference: pd.DataFrame, tests: pd.DataFrame, style: Style
) -> tuple[Figure, pd.DataFrame]:
    """Divergence between each condition of `frame` and plain by layer; a panel a model, a line a condition.

    Bars are 95 percent intervals over sentences. The reference pair in `plain`, where there is one, is grey. Marks
    above the lines stand at layers of which a test says so.

    tests : of `statistics/sensitivity.csv` and `sensitivity-tuning.csv`
    """
    summary = summarise(frame, ["model", "condition", "layer"], "divergence").assign(role="sensitivity")
    parts = [summary]
    beside = reference[(reference["unit"] == "layer") & (reference["condition"] == PLAIN)]
    if len(beside):
        twins = beside.rename(columns={"index": "layer"}).assign(model=lambda f: f["a"] + " to " + f["b"])
        parts.append(summarise(twins, ["model", "condition", "layer"], "divergence").assign(role="reference"))
    models = list(dict.fromkeys(summary["model"]))
    conditions = list(dict.fromkeys(summary["condition"]))
    looks, aside = series(conditions, style), _aside(conditions)
    rows, columns = grid(len(models))
    width = WIDE if columns > 1 else 0.62 * WIDE
    figure, axes = plt.subplots(rows, columns, figsize=(width, (0.3 * rows + 0.04) * WIDE), sharey=True, squeeze=False)
    for axis, model in zip(axes.flat, models, strict=False):
        own = summary[summary["model"] == model]
        for condition in conditions:
            _draw(axis, own[own["condition"] == condition], "layer", looks[condition], condition, aside[condition])
        for pair, line in parts[1].groupby("model", sort=False) if len(parts) > 1 else ():
            _draw(axis, _beside(line, own), "layer", REFERENCE, f"reference: {pair}", 0)
        model_title(axis, model, columns)
        axis.set_xlabel("layer")
        layer_ticks(axis)
    axes.flat[0].set_ylim(bottom=0)
    marked = _mark(axes, models, tests[tests["condition"].isin(conditions)], looks)
    for axis in axes[:, 0]:
        axis.set_ylabel("divergence from plain (nats)")
    legend_beside(list(axes.flat[len(models) :]), figure, POINTS + MARKS, columns)
    drawn = pd.concat(parts, ignore_index=True).replace({np.inf: np.nan})
    return figure, drawn.merge(marked, how="left", on=["model", "condition", "layer"])


def _mark(axes: Any, models: Sequence[str], tests: pd.DataFrame, looks: Mapping[str, Series]) -> pd.DataFrame:
    """Mark significant layers, in rows above the lines, and say which: model, condition, layer, a column a question."""
    asked = tests[tests["question"].isin(list(QUESTIONS)) & tests["p_holm"].notna()]
    rows = list(dict.fromkeys(zip(asked["question"], asked["condition"], strict=True)))
    rows.sort(key=lambda row: list(QUESTIONS).index(row[0]))
    height = min(ROW, MARKED / (len(rows) + 0.5))
    if rows:
        axes.flat[0].set_ylim(top=axes.flat[0].get_ylim()[1] / (1 - height * (len(rows) + 0.5)))
    for axis, model in zip(axes.flat, models, strict=False):
        for k, (question, condition) in enumerate(rows):
            found = asked[(asked["question"] == question) & (asked["condition"] == condition) & (asked["a"] == model)]
            layers = found.loc[found["p_holm"] < SIGNIFICANT, "index"].astype(int)
            colour = looks[condition].color
            axis.scatter(
                layers, np.full(len(layers), 1 - height * (k + 0.5)), transform=axis.get_xaxis_transform(),
                marker=QUESTIONS[question][0], s=5, edgecolor=colour, linewidth=0.5,
                # Every other condition is hollow: apart without colour too.
                facecolor=colour if list(looks).index(condition) % 2 == 0 else "none",
            )  # fmt: skip
    for question in dict.fromkeys(question for question, _ in rows):
        marker, words = QUESTIONS[question]
        axes.flat[0].scatter([], [], marker=marker, s=8, color=GREY, linewidth=0, label=words)
    significant = asked.assign(layer=asked["index"].astype(int), model=asked["a"], is_=asked["p_holm"] < SIGNIFICANT)
    # A model that two are the base of has a test for each.
    table = significant.groupby(["model", "condition", "layer", "question"])["is_"].any().unstack("question")
    return table.rename(columns=lambda name: name.replace(" ", "_")).reset_index()
