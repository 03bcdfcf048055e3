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
from readalike.measures.reading_times import ENTROPY, LOG, OF_BESIDE, OF_BEYOND, OF_ENTROPY, OF_SURPRISAL, SURPRISAL
from readalike.statistics.reading_times import BEYOND, OF_MODEL, SLOPE_OF_MODEL, SPECIFIC

# Scale of the tests -> its label under the panels.
SLOPES = {
    OF_SURPRISAL: "surprisal",
    OF_ENTROPY: "entropy",
    OF_BEYOND: "entropy\nbeyond\nsurprisal",
    OF_BESIDE: "entropy\nbeyond\nanother\nsentence's",
}
GAINS = {
    SURPRISAL: "surprisal",
    ENTROPY: "entropy",
    BEYOND: "entropy\nbeyond\nsurprisal",
    SPECIFIC: "entropy above\nanother\nsentence's",
}
THOUSANDTHS, PERCENT = 1000, 100
ROWS = 3  # of panels a group
TAKEN = 0.8  # of the room of a scale, by the models side by side
POINTS = (
    "First and second row of a group: 95 percent intervals over readers and sentences, of entropy the mean over "
    "layers. Third row: entropy by layer, means and 95 percent intervals over readers, the sentences as given."
)


def reading_times(tests: pd.DataFrame, scores: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Slopes and delta log-likelihood by model, and the latter by layer, a column a time, three rows a group.

    tests : rows of TESTS of reading times; scores : rows of READING_TIMES, of the groups to be drawn
    Drawn in percent of a time (100 times a slope on its logarithm) and thousandths of a nat a word; the table has
    slopes and nats.
    """
    groups = list(dict.fromkeys(scores["group"]))
    looks = series(list(dict.fromkeys(scores["model"])), style)
    by_model = tests[tests["question"].isin([OF_MODEL, SLOPE_OF_MODEL]) & (tests["test"] == "clustered t")]
    layers = scores[(scores["scale"] == LOG) & (scores["slopes"] == OF_GROUP) & (scores["predictor"] == ENTROPY)]
    figure, axes = plt.subplots(
        ROWS * len(groups), len(MEASURES), figsize=(WIDE, 0.66 * WIDE * len(groups)), sharey="row", squeeze=False
    )
    drawn = []
    for k, group in enumerate(groups):
        own = layers[layers["group"] == group]
        readers = own.dropna(subset="delta_log_likelihood")["reader"].nunique()
        title = group_title(group, str(own["readers_are"].iloc[0]), readers)
        for first, second, third, measure in zip(*axes[ROWS * k : ROWS * (k + 1)], MEASURES, strict=True):
            tested = by_model[(by_model["group"] == group) & (by_model["signal"] == measure)]
            drawn.append(_models(first, tested, SLOPES, PERCENT, looks).assign(what="slope"))
            drawn.append(_models(second, tested, GAINS, THOUSANDTHS, looks).assign(what="by model"))
            drawn.append(_layers(third, own[own["measure"] == measure], measure, looks))
            first.set_title(title if measure == MEASURES[0] else "")
            for axis in (first, second):
                axis.set_xlabel(f"{measure} time")
            for axis in (first, second, third):
                axis.axhline(0, color="black", linewidth=0.4)
        axes[ROWS * k, 0].set_ylabel("slope (percent of\nthe time per SD)")
        for axis in axes[ROWS * k + 1 : ROWS * (k + 1), 0]:
            axis.set_ylabel(f"delta log-likelihood\n(nats / {THOUSANDTHS} a word)")
    legend_below(figure, POINTS)
    return figure, pd.concat(drawn, ignore_index=True)


def _models(
    axis: Axes, tests: pd.DataFrame, shown: dict[str, str], times: float, looks: dict[str, Series]
) -> pd.DataFrame:
    """Models side by side on each scale that is shown, in their order."""
    own = tests[tests["scale"].isin(list(shown))]
    scales = [scale for scale in shown if scale in set(own["scale"])]
    for k, (model, look) in enumerate(looks.items()):
        line = own[own["model"] == model].set_index("scale").reindex(scales)
        mean, low, high = (times * line[name].to_numpy(dtype=float) for name in ("difference", "ci_low", "ci_high"))
        at = np.arange(len(scales)) + TAKEN * ((k + 0.5) / len(looks) - 0.5)
        axis.errorbar(
            at, mean, yerr=[mean - low, high - mean], color=look.color, label=model, marker=look.marker,
            fillstyle=look.fillstyle, linestyle="", markersize=2.5, elinewidth=0.6,
        )  # fmt: skip
    axis.set_xticks(range(len(scales)), [shown[scale] for scale in scales])
    axis.set_xlim(-0.5, len(scales) - 0.5)
    found = own.assign(what="", measure=own["signal"], mean=own["difference"], n=own["n_a"])
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
