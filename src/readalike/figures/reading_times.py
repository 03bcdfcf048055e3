"""Figure 34: what surprisal and the spread of attention tell of how long words are read (the paper lacks it)."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from readalike.figures.style import (
    WIDE,
    Series,
    Style,
    group_title,
    layer_ticks,
    legend_below,
    series,
    summarise,
    with_gaps,
)
from readalike.gaze.reading_times import MEASURES
from readalike.measures.incomplete import OF_GROUP
from readalike.measures.reading_times import ENTROPY, LOG, SURPRISAL
from readalike.statistics.reading_times import BEYOND, OF_MODEL, SPECIFIC

# Scale of the tests -> its label under the upper panels.
SHOWN = {
    SURPRISAL: "surprisal",
    ENTROPY: "entropy",
    BEYOND: "entropy\nbeyond\nsurprisal",
    SPECIFIC: "entropy above\nanother\nsentence's",
}
THOUSANDTHS = 1000
TAKEN = 0.8  # of the room of a scale, by the models side by side
POINTS = (
    "Upper rows: 95 percent intervals over readers and sentences, of entropy the mean over layers. Lower rows: entropy "
    "by layer, means over readers, 95 percent intervals over readers, the sentences as given."
)


def reading_times(tests: pd.DataFrame, scores: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Delta log-likelihood by model and by layer, a column a time, two rows a group.

    tests : rows of TESTS of reading times; scores : rows of READING_TIMES, of the groups to be drawn
    Drawn in thousandths of a nat a word; the table has nats.
    """
    groups = list(dict.fromkeys(scores["group"]))
    looks = series(list(dict.fromkeys(scores["model"])), style)
    by_model = tests[(tests["question"] == OF_MODEL) & (tests["test"] == "clustered t")]
    layers = scores[(scores["scale"] == LOG) & (scores["slopes"] == OF_GROUP) & (scores["predictor"] == ENTROPY)]
    figure, axes = plt.subplots(
        2 * len(groups), len(MEASURES), figsize=(WIDE, 0.52 * WIDE * len(groups)), sharey="row", squeeze=False
    )
    drawn = []
    for k, group in enumerate(groups):
        own = layers[layers["group"] == group]
        readers = own.dropna(subset="delta_log_likelihood")["reader"].nunique()
        title = group_title(group, str(own["readers_are"].iloc[0]), readers)
        for upper, lower, measure in zip(*axes[2 * k : 2 * k + 2], MEASURES, strict=True):
            drawn.append(_models(upper, by_model, group, measure, looks))
            drawn.append(_layers(lower, own[own["measure"] == measure], measure, looks))
            upper.set_title(title if measure == MEASURES[0] else "")
            upper.set_xlabel(f"{measure} time")
            for axis in (upper, lower):
                axis.axhline(0, color="black", linewidth=0.4)
        for axis in axes[2 * k : 2 * k + 2, 0]:
            axis.set_ylabel(f"delta log-likelihood\n(nats / {THOUSANDTHS} a word)")
    legend_below(figure, POINTS)
    return figure, pd.concat(drawn, ignore_index=True)


def _models(axis: Axes, tests: pd.DataFrame, group: str, measure: str, looks: dict[str, Series]) -> pd.DataFrame:
    """Models side by side on each scale, in their order."""
    own = tests[(tests["group"] == group) & (tests["signal"] == measure) & tests["scale"].isin(list(SHOWN))]
    scales = [scale for scale in SHOWN if scale in set(own["scale"])]
    for k, (model, look) in enumerate(looks.items()):
        line = own[own["model"] == model].set_index("scale").reindex(scales)
        mean = line["difference"].to_numpy(dtype=float) * THOUSANDTHS
        low, high = (line[end].to_numpy(dtype=float) * THOUSANDTHS for end in ("ci_low", "ci_high"))
        at = np.arange(len(scales)) + TAKEN * ((k + 0.5) / len(looks) - 0.5)
        axis.errorbar(
            at, mean, yerr=[mean - low, high - mean], color=look.color, label=model, marker=look.marker,
            fillstyle=look.fillstyle, linestyle="", markersize=2.5, elinewidth=0.6,
        )  # fmt: skip
    axis.set_xticks(range(len(scales)), [SHOWN[scale] for scale in scales])
    axis.set_xlim(-0.5, len(scales) - 0.5)
    found = own.assign(what="by model", measure=own["signal"], mean=own["difference"], n=own["n_a"])
    return found[["what", "group", "readers_are", "measure", "model", "scale", "mean", "ci_low", "ci_high", "n"]]


def _layers(axis: Axes, scores: pd.DataFrame, measure: str, looks: dict[str, Series]) -> pd.DataFrame:
    keys = ["model", "group", "readers_are", "layer"]
    summary = summarise(scores, keys, "delta_log_likelihood").assign(what="by layer", measure=measure, scale=ENTROPY)
    for model, look in looks.items():
        line = with_gaps(summary[summary["model"] == model])
        mean = line["mean"] * THOUSANDTHS
        error = [mean - line["ci_low"] * THOUSANDTHS, line["ci_high"] * THOUSANDTHS - mean]
        axis.errorbar(
            line["layer"], mean, yerr=error, color=look.color, label=model, marker=look.marker,
            fillstyle=look.fillstyle, linestyle=look.linestyle, markersize=2.5, elinewidth=0.6,
        )  # fmt: skip
    layer_ticks(axis)
    axis.set_xlabel(f"layer ({measure} time)")
    return summary
