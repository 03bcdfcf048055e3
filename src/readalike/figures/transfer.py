"""Where conclusions transfer: each claim's size in every corpus and group (a figure the paper lacks)."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.figures.style import GREY, WIDE, Style, legend_below, series
from readalike.statistics.transfer import REFERENCE

# The panel's title is the claim and, below it, the unit.
POINTS = (
    "Points: estimates; bars: 95 percent intervals over readers, or over models of size, depth and heads; hollow: none."
)
ROW, FRAME = 0.28, 0.9  # inches: a group's row, and what stands above and below the rows


def transfer_map(table: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """A panel a claim, a row a group, with 95 percent intervals; rows of one corpus have one colour and marker.

    Where an estimate or its interval is withheld, the reason is in the CSV and the row says so.
    """
    claims, corpora = list(dict.fromkeys(table["claim"])), list(dict.fromkeys(table["corpus"]))
    rows = list(dict.fromkeys(zip(table["corpus"], table["group"], strict=True)))
    looks = series(corpora, style)
    size = (WIDE, FRAME + ROW * max(len(rows), 3))
    figure, axes = plt.subplots(1, len(claims), figsize=size, sharey=True, squeeze=False)
    for axis, claim in zip(axes.flat, claims, strict=True):
        own = table[table["claim"] == claim].set_index(["corpus", "group"])
        for place, key in enumerate(rows):
            row = own.loc[key]
            if pd.isna(row["estimate"]):
                word = "reference" if row["withheld"] == REFERENCE else "none"
                axis.annotate(
                    word, (0.5, place), xycoords=("axes fraction", "data"), ha="center", va="center", color=GREY
                )
                continue
            look = looks[key[0]]
            known = pd.notna(row["ci_low"])
            error = [[row["estimate"] - row["ci_low"]], [row["ci_high"] - row["estimate"]]] if known else None
            axis.errorbar(
                row["estimate"], place, xerr=error, color=look.color, marker=look.marker, markersize=4,
                elinewidth=0.9, linestyle="none", markerfacecolor=look.color if known else "none",
            )  # fmt: skip
        axis.axvline(0, color="black", linewidth=0.4)
        axis.set_title(claim.replace(", ", ",\n").replace(" and ", "\nand ").replace(" of ", "\nof "))
        axis.set_xlabel(str(own["unit"].iloc[0]).replace(" for ", "\nfor ").replace(" of ", "\nof "))
        axis.margins(x=0.15)
        axis.locator_params(axis="x", nbins=3)
    names = [f"{group}{_simulated(table, group)}\n{corpus}" for corpus, group in rows]
    axes[0, 0].set_yticks(range(len(rows)), names)
    axes[0, 0].set_ylim(len(rows) - 0.5, -0.5)
    legend_below(figure, POINTS)
    return figure, table


def _simulated(table: pd.DataFrame, group: str) -> str:
    return " (simulated)" if (table.loc[table["group"] == group, "readers_are"] == "simulated").any() else ""
