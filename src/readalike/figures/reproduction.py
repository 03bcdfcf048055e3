"""Published values against those computed here."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.figures.style import GREY, MARKERS, WIDE, Style, colours, legend_below

POINTS = "Points: values of the authors' data, computed here, over those printed; no intervals."


def published_against_computed(values: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Computed over published, a row a value and way to compute it; 1 is agreement.

    Values that cannot be computed here, and p-values, which span orders of magnitude, are not drawn.
    """
    drawn = values[(values["status"] != "not computable here") & ~values["quantity"].str.endswith("_p")]
    drawn = drawn.assign(ratio=drawn["computed"] / drawn["published"].astype(float))
    statuses = list(dict.fromkeys(drawn["status"]))
    palette = colours(statuses, style)
    figure, axis = plt.subplots(figsize=(WIDE, 0.021 * WIDE * (len(drawn) + 6)))
    for k, status in enumerate(statuses):
        chosen = (drawn["status"] == status).to_numpy()
        axis.plot(
            drawn["ratio"][chosen], [place for place, yes in enumerate(chosen) if yes], linestyle="", ms=3.5,
            marker=MARKERS[k % len(MARKERS)], color=palette[status], label=f"{status} ({chosen.sum()})",
        )  # fmt: skip
    axis.axvline(1, color=GREY, linewidth=0.7, linestyle="--")
    names = (drawn["quantity"].str.replace("_", " ") + " " + drawn["model"] + " " + drawn["size_billion"]).str.strip()
    labels = drawn["source"] + ": " + names + " " + drawn["group"] + " (" + drawn["basis"] + ")"
    axis.set_yticks(range(len(drawn)), labels)
    axis.tick_params(axis="y", labelsize=style.font_size - 2)
    axis.invert_yaxis()
    axis.margins(y=0.01)
    axis.set_xlabel("computed / published")
    legend_below(figure, POINTS)
    return figure, drawn
