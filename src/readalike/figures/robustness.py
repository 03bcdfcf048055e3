"""Specification curves: every variant of each conclusion in order of its estimate, and which choices it has."""

import textwrap
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from readalike.figures.style import GREY, WIDE, Style, colours, legend_below
from readalike.tables.robustness import CANNOT_TELL, CONTRADICTS, SUPPORTS
from readalike.tables.variants import CLAIMS

# Where each panel stands: rows of conclusions, and how wide each is.
ROWS = ((("size", 1.0),), (("tuning", 1.5), ("groups", 1.0)), (("patterns", 1.0), ("instructions", 1.0)))
CURVE, CHOICE = 1.1, 0.085  # inches: height of a curve, and of a row of the matrix
SMALL = 1.5  # points by which the names of choices are smaller
POINTS = "Points: variants; bars: 95 percent intervals over what `test` takes as drawn."
DIMENSIONS = ("readers", "score", "test", "layers", "models", "condition")
# R2 as percent of a reader's variance, so that one axis serves scores and shares of a ceiling.
SHOWN = {"R2": 100.0}
AXIS = {
    "nats": "nats",
    "percent": "change, percent",
}
ELSE = "percent of variance\nor of the ceiling"


class Look(NamedTuple):
    """How a point is drawn and named."""

    label: str
    marker: str
    filled: bool


LOOKS = {
    (SUPPORTS, SUPPORTS): Look("supports", "o", True),
    (CANNOT_TELL, SUPPORTS): Look("supports by p alone, not after Holm", "o", False),
    (CONTRADICTS, CONTRADICTS): Look("contradicts", "v", True),
    (CANNOT_TELL, CONTRADICTS): Look("contradicts by p alone, not after Holm", "v", False),
    (CANNOT_TELL, CANNOT_TELL): Look("cannot tell", "|", True),
}


def drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with an answer, in order of the estimate within each conclusion, with `place` and what is shown."""
    own = table[table["estimate"].notna()]
    times = own["unit"].map(lambda unit: SHOWN.get(unit, 1.0))
    own = own.assign(**{f"shown_{name}": own[name] * times for name in ("estimate", "ci_low", "ci_high")})
    own = own.sort_values("shown_estimate", kind="stable")
    return own.assign(place=own.groupby("conclusion").cumcount()).sort_values(["conclusion", "place"], kind="stable")


def choices(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Dimension and choice of each row of a matrix: those in which the variants differ, then `strict`."""
    # In the order of the list of variants, not of their estimates.
    listed = rows.sort_index()
    values = {name: list(dict.fromkeys(map(str, listed[name]))) for name in DIMENSIONS}
    found = [(name, value) for name, own in values.items() if len(own) > 1 for value in own]
    return [*found, ("strict", "yes")]


def specification_curves(table: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """A panel a conclusion: estimates with intervals in order, below them a mark for each choice that a variant has.

    table : rows of ROBUSTNESS. A conclusion that the run does not ask has a panel that says so.
    """
    frame = drawn(table)
    lists = {name: choices(frame[frame["conclusion"] == name]) for name in CLAIMS}
    heights = [CHOICE * max(len(lists[name]) for name, _ in row) for row in ROWS]
    size = (WIDE, sum(CURVE + 0.45 + height for height in heights) + 0.35)
    figure = plt.figure(figsize=size)
    rows: Any = figure.subfigures(len(ROWS), 1, height_ratios=[CURVE + 0.45 + height for height in heights])
    for part, row, height in zip(rows, ROWS, heights, strict=True):
        grid = part.subplots(
            2, len(row), squeeze=False,
            gridspec_kw={"width_ratios": [width for _, width in row], "height_ratios": [CURVE, height]},
        )  # fmt: skip
        for (name, _), top, bottom in zip(row, grid[0], grid[1], strict=True):
            own = frame[frame["conclusion"] == name]
            claim = CLAIMS[name]
            top.set_title(textwrap.fill(claim[0].upper() + claim[1:], 100 if len(row) == 1 else 36))
            if own.empty:
                why = table.loc[table["conclusion"] == name, "why"]
                said = textwrap.fill(f"Not asked: {next(iter(why), 'no such rows')}.", 40)
                top.annotate(said, (0.5, 0.5), xycoords="axes fraction", ha="center", va="center", color=GREY)
                for axis in (top, bottom):
                    axis.set_axis_off()
                continue
            _curve(top, own, style)
            _matrix(bottom, own, lists[name], style)
    legend_below(figure, POINTS)
    return figure, frame


def _coloured(style: Style) -> dict[str, Any]:
    first, second, *_ = colours(list("abc"), style).values()
    return {"supports": first, "contradicts": second}


def _curve(axis: Axes, own: pd.DataFrame, style: Style) -> None:
    tints = _coloured(style)
    unit = str(own["unit"].iloc[0])
    axis.axhline(0, color="black", linewidth=0.4)
    for (outcome, alone), look in LOOKS.items():
        part = own[(own["outcome"] == outcome) & (own["outcome_alone"] == alone)]
        tint = tints.get(look.label.split(" ")[0], GREY)
        middle = part["shown_estimate"].to_numpy(dtype=float)
        error = np.abs(part[["shown_ci_low", "shown_ci_high"]].to_numpy(dtype=float).T - middle)
        axis.errorbar(
            part["place"], middle, yerr=np.nan_to_num(error), linestyle="none", color=tint, elinewidth=0.35,
            marker=look.marker, markersize=2.4, markeredgewidth=0.5,
            fillstyle="full" if look.filled else "none", label=look.label,
        )  # fmt: skip
    small, large = (float(own["shown_estimate"].abs().quantile(q)) for q in (0.25, 1))
    # Scores beyond a baseline and percentages of a ceiling are far apart.
    if 0 < small < large / 20:
        axis.set_yscale("symlog", linthresh=small, linscale=0.5)
        axis.set_yticks(_ticks(own, small))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.yaxis.set_minor_locator(NullLocator())
    else:
        axis.locator_params(axis="y", nbins=4)
    axis.set_ylabel(AXIS.get(unit, ELSE))
    axis.set_xticks([])
    axis.set_xlim(-0.8, len(own) - 0.2)


def _ticks(own: pd.DataFrame, small: float) -> list[float]:
    """Zero, and on each side the highest power of ten that is drawn, if it is beyond what is linear."""
    ends = own[["shown_estimate", "shown_ci_low", "shown_ci_high"]].to_numpy(dtype=float)
    found = [0.0]
    for sign in (-1, 1):
        end = float(np.nanmax(sign * ends))
        if end > 0 and (power := 10.0 ** np.floor(np.log10(end))) > 2 * small:
            found.append(sign * power)
    return sorted(found)


def _matrix(axis: Axes, own: pd.DataFrame, listed: list[tuple[str, str]], style: Style) -> None:
    tints = _coloured(style)
    tint = [tints.get(outcome, GREY) for outcome in own["outcome"]]
    for at, (name, value) in enumerate(listed):
        has = (own[name] == value).to_numpy()
        shown = [one for one, kept in zip(tint, has, strict=True) if kept]
        axis.scatter(own["place"][has], np.full(has.sum(), at), marker="|", s=5, linewidths=0.6, c=shown)
    for at in range(1, len(listed)):
        if listed[at][0] != listed[at - 1][0]:
            axis.axhline(at - 0.5, color="black", linewidth=0.3)
    names = [value or "all readers" if name != "strict" else "strict" for name, value in listed]
    axis.set_yticks(range(len(listed)), names, fontsize=style.font_size - SMALL)
    axis.tick_params(axis="y", length=0, pad=1)
    axis.set_xticks([])
    axis.set_xlim(-0.8, len(own) - 0.2)
    axis.set_ylim(len(listed) - 0.5, -0.5)
