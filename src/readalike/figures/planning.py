"""How likely an effect is to be found with more or fewer readers and sentences (a figure the paper lacks)."""

import textwrap

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

from readalike.figures.style import GREY, LINES, WIDE, Style, colours, legend_below
from readalike.statistics.planning import SENTENCES, TUNING, curves
from readalike.statistics.power import POWER

COLUMNS, HEIGHT, LEGEND = 3, 1.9, 0.4  # inches: a row of panels, and what stands below all
POINTS = (
    "Lines: power for so many times the sentences of this run; ring: the run itself; grey: the power usually asked "
    "for. Computed from estimated variances, without intervals."
)
TITLE = 40  # characters of a line


def power_by_readers(table: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """A panel a question and group, a line a number of sentences; a ring is the run itself.

    table : of `planning.planning`
    """
    frame = curves(table)
    panels = list(frame.groupby(["question", "a_group", "b_group"], sort=False))
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(WIDE, HEIGHT * rows + LEGEND), sharex=True, sharey=True, squeeze=False
    )
    names = [f"{times:g}" for times in SENTENCES]
    colour = colours(names, style)
    for axis, ((question, high, low), part) in zip(axes.flat, panels, strict=False):
        for name, line, (_, drawn) in zip(names, LINES, part.groupby("times"), strict=True):
            axis.plot(
                drawn["readers"], drawn["power"], color=colour[name], linestyle=line, label=f"{name} x the sentences"
            )
        own = part[part["own"]].iloc[0]
        axis.plot(
            own["readers"], own["power"], marker="o", markersize=6, linestyle="none", markerfacecolor="none",
            color="black", label="this run",
        )  # fmt: skip
        axis.axhline(POWER, color=GREY, linewidth=0.4)
        simulated = " (simulated)" if own["readers_are"] == "simulated" else ""
        who = high if question == TUNING else f"{high} against {low}"
        lines = str(question), f"{who}{simulated}", f"effect: R2 {own['effect']:.2g}; {own['sentences']} sentences"
        axis.set_title("\n".join(textwrap.fill(text, TITLE) for text in lines))
        axis.set_xscale("log")
        axis.set_ylim(0, 1.03)
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    for axis in axes[-1]:
        axis.set_xlabel("readers a group")
        axis.xaxis.set_major_locator(FixedLocator([3, 10, 30, 100, 300]))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(ScalarFormatter())
    for axis in axes[:, 0]:
        axis.set_ylabel("power")
    legend_below(figure, POINTS)
    return figure, frame
