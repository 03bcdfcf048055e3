"""Frames for figures to draw, and what a figure drew read back from its artists."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy import stats

from readalike.figures.style import GREY, Style, drawing
from readalike.gaze.reading_times import MEASURES
from readalike.measures.reading_times import SUMMED_SLOPES
from readalike.statistics.reading_times import OF_ALL, OF_MODEL, SCALES, SLOPE_OF_MODEL
from readalike.tables.variants import VARIANTS

STYLE = Style(dpi=60)
GROUPS = ("L1", "L2")
NAN = np.nan


def draw(
    function: Callable[..., tuple[Figure, pd.DataFrame]], *given: Any, **named: Any
) -> tuple[Figure, pd.DataFrame]:
    # Another cycle of colours than that of the figure's own style: a colour left to the cycle shows.
    with drawing(replace(STYLE, palette="dark")):
        figure, frame = function(*given, **named)
    plt.close(figure)
    return figure, frame


def resemblance(models: int = 2, layers: int = 4, readers: int = 6, signal: str = "number") -> pd.DataFrame:
    rng = np.random.default_rng(2)
    made = [
        (f"m{m}", group, "simulated", signal, layer, f"sub-{k:02d}", *rng.uniform(0.01, 0.1, 7))
        for m in range(models)
        for group in GROUPS
        for layer in range(layers)
        for k in range(readers)
    ]
    scores = ["r2", "r2_cv", "r2_null", "r2_swap", "r2_specific", "r2_unique_b2", "r2_residual"]
    frame = pd.DataFrame(made, columns=["model", "group", "readers_are", "signal", "layer", "reader", *scores])
    return frame.assign(r2_unique_b2_null=np.random.default_rng(13).uniform(-0.01, 0.01, len(frame)))


def yardsticks(readers: int = 6) -> pd.DataFrame:
    """Of one kind of attention without a model."""
    made = resemblance(models=1, layers=1, readers=readers)
    return made.drop(columns=["model", "layer"]).assign(attention="recency")


def baselines(readers: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    made = [
        (group, signal, name, f"sub-{k:02d}", rng.uniform(0.05, 0.1))
        for group in GROUPS
        for signal in ("number", "duration")
        for name in ("b0", "b1", "b2")
        for k in range(readers)
    ]
    return pd.DataFrame(made, columns=["group", "signal", "baseline", "reader", "r2_cv"])


def ceilings(readers: int = 6) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    made = [
        (group, signal, name, f"sub-{k:02d}", rng.uniform(0.1, 0.2))
        for group in GROUPS
        for signal in ("number", "duration")
        for name in ("group_mean", "leave_one_out", "leave_one_out_cv", "group_mean_residual")
        for k in range(readers)
    ]
    return pd.DataFrame(made, columns=["group", "signal", "ceiling", "reader", "value"])


def planning(groups: Sequence[str] = GROUPS, models: int = 2) -> pd.DataFrame:
    """Tuned against base of every group, and the first group against each other."""
    rng = np.random.default_rng(12)
    about = [("tuned against base", "tuned", "base", group, group) for group in groups]
    about += [("one group against another", "tuned", "tuned", groups[0], group) for group in groups[1:]]
    made = [
        (*one, "simulated", 20, 60, *rng.uniform(1e-5, 1e-3, 3), rng.uniform(0.001, 0.01))
        for one in about
        for _ in range(models)
    ]
    names = ["question", "a", "b", "a_group", "b_group", "readers_are", "n_readers", "n_sentences"]
    return pd.DataFrame(made, columns=[*names, "sentence", "reader", "rest", "effect"])


def reading_times(models: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tests of reading times, and scores by reader; what a figure does not draw stands among them."""
    rng = np.random.default_rng(3)
    tested = [
        (question, model, group, "simulated", measure, scale, test, 6, *sorted(rng.normal(0, 1e-3, 3)))
        for question, scales in ((OF_MODEL, SCALES), (OF_ALL, SCALES), (SLOPE_OF_MODEL, SUMMED_SLOPES))
        for model in models
        for group in (*GROUPS, "L9")
        for measure in MEASURES
        for scale in scales
        for test in ("paired t", "clustered t")
    ]
    names = ["question", "model", "group", "readers_are", "signal", "scale", "test", "n_a"]
    tests = pd.DataFrame(tested, columns=[*names, "ci_low", "difference", "ci_high"])
    scored = [
        (model, group, "simulated", measure, scale, slopes, predictor, layer, f"sub-{k}", rng.normal(0, 1e-3))
        for model in models
        for group in GROUPS
        for measure in MEASURES
        for scale in ("log", "ms")
        for slopes in ("group", "reader")
        for predictor in ("entropy", "both")
        for layer in range(4)
        for k in range(6)
    ]
    names = ["model", "group", "readers_are", "measure", "scale", "slopes", "predictor", "layer", "reader"]
    return tests, pd.DataFrame(scored, columns=[*names, "delta_log_likelihood"])


def variants(groups: Sequence[str] = GROUPS, absent: str = "") -> pd.DataFrame:
    """The robustness table: every variant, one row a group; outcomes by turns. absent : a conclusion not asked."""
    rng = np.random.default_rng(9)
    made = []
    outcomes = [("supports",) * 2, ("cannot tell", "supports"), ("contradicts",) * 2, ("cannot tell", "contradicts")]
    for k, variant in enumerate(VARIANTS):
        there = variant.conclusion != absent
        without = variant.conclusion in ("patterns", "instructions")
        for group in ("",) if without else groups:
            outcome = (*outcomes, ("cannot tell", "cannot tell"))[k % 5] if there else ("not asked", "not asked")
            size = {"patterns": 10.0, "instructions": 0.01}.get(variant.conclusion, 10.0 ** rng.uniform(-5, -2))
            estimate = size * rng.choice([-1, 1]) if there else np.nan
            made.append((*variant[:5], group, "plain", estimate, estimate - size / 2, estimate + size / 3,
                         {"patterns": "percent", "instructions": "nats"}.get(variant.conclusion, "R2"), *outcome,
                         "yes" if variant.strict else "", "" if there else "no such pair"))  # fmt: skip
    names = ["conclusion", "score", "test", "layers", "models", "readers", "condition", "estimate", "ci_low", "ci_high"]
    return pd.DataFrame(made, columns=[*names, "unit", "outcome", "outcome_alone", "strict", "why"])


def rows(frame: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """Rows that have these values."""
    for name, value in values.items():
        frame = frame[frame[name] == value]
    return frame


def ceiling(frame: pd.DataFrame, group: str, name: str) -> float:
    return rows(frame, group=group, ceiling=name, signal="number")["value"].mean()


def divergences(unit: str, count: int) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    made = [
        (a, b, condition, unit, index, 1, sentence, rng.uniform(0.01, 0.05))
        for a, b in (("s", "l"), ("s", "xl"))
        for condition in ("noise", "plain")
        for index in range(count)
        for sentence in range(5)
    ]
    names = ["a", "b", "condition", "unit", "index", "article", "sentence", "divergence"]
    return pd.DataFrame(made, columns=names)


class Interval(NamedTuple):
    mean: float
    low: float
    high: float


def interval(values: pd.Series) -> Interval:
    """Mean with the 95 percent t interval, as scipy has it."""
    return Interval(values.mean(), *stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values)))


def intervals(frame: pd.DataFrame, by: str, value: str) -> np.ndarray:
    """Rows of `interval`, in the order of `by`."""
    return np.array([interval(part[value]) for _, part in frame.groupby(by)])


def bars(axes: Axes, *, across: bool = False) -> dict[str, np.ndarray]:
    """Label -> rows of place, mean, lower and upper end, of error bars that stand upright or lie across."""
    found = {}
    for container in axes.containers:
        line, _, (ends,) = container
        place, mean = (line.get_ydata(), line.get_xdata()) if across else (line.get_xdata(), line.get_ydata())
        span = np.array([path.vertices[:, 0 if across else 1] for path in ends.get_paths()])
        at = [path.vertices[0, 1 if across else 0] for path in ends.get_paths()]
        np.testing.assert_array_equal(at, place)
        found[container.get_label()] = np.column_stack([place, mean, span]).astype(float)
    return found


def lines(axes: Axes) -> dict[str, Line2D]:
    """Label -> line, of the lines that a legend names."""
    return {line.get_label(): line for line in axes.lines if not line.get_label().startswith("_")}


def markers(axes: Axes) -> list[str]:
    return [line.get_marker() for line in lines(axes).values()]


def scatters(axes: Axes) -> list[PathCollection]:
    return [item for item in axes.collections if isinstance(item, PathCollection)]


def points(axes: Axes) -> list[np.ndarray]:
    """Rows of x and y of every scatter, in the order drawn."""
    return [np.asarray(item.get_offsets()) for item in scatters(axes)]


def bands(axes: Axes) -> list[np.ndarray]:
    """Rows of x, lower and upper end of every filled band, in the order drawn."""
    found = []
    for item in axes.collections:
        if isinstance(item, PolyCollection):
            corners = pd.DataFrame(np.concatenate([path.vertices for path in item.get_paths()]), columns=["x", "y"])
            found.append(corners.groupby("x")["y"].agg(["min", "max"]).reset_index().to_numpy())
    return found


def uprights(axes: Axes) -> list[np.ndarray]:
    """Rows of x, lower and upper end of every set of upright bars without ends, in the order drawn."""
    found = []
    for item in axes.collections:
        if isinstance(item, LineCollection):
            ends = np.array([path.vertices for path in item.get_paths()])
            found.append(np.column_stack([ends[:, 0, 0], ends[:, :, 1]]))
    return found


def line(figure: Figure) -> str:
    """What stands over the legend: what points and intervals are; on one line."""
    (only,) = figure.legends
    return " ".join(only.get_title().get_text().split())


def levels(axes: Axes, *, upright: bool = False) -> list[float]:
    """Where lines go across the whole panel, in the order drawn: heights, or places of those that stand upright."""
    whole = axes.get_xaxis_transform(which="grid") if upright else axes.get_yaxis_transform(which="grid")
    across = [line for line in axes.lines if line.get_transform() == whole]
    return [(line.get_xdata() if upright else line.get_ydata())[0] for line in across]


def title(axes: Axes) -> str:
    return axes.get_title(loc="left")


def ticks(axes: Axes, axis: str) -> dict[float, str]:
    """Place -> text of the ticks of `x` or `y`; none where a panel leaves them to the one below it."""
    own = axes.xaxis if axis == "x" else axes.yaxis
    labels = own.get_ticklabels()
    return {float(at): label.get_text() for at, label in zip(own.get_ticklocs(), labels, strict=bool(labels))}


def legend(figure: Figure) -> dict[str, str]:
    """Entry -> its colour."""
    only = next(
        one for one in (*figure.legends, *(axes.get_legend() for axes in figure.axes)) if one and one.get_texts()
    )
    return {text.get_text(): colour(handle) for text, handle in zip(only.get_texts(), only.legend_handles, strict=True)}


def colour(artist: Any) -> str:
    given = artist.get_color() if hasattr(artist, "get_color") else artist.get_facecolor()
    return mpl.colors.to_hex(np.atleast_2d(given)[0] if not isinstance(given, str) else given)


def one_colour_a_label(figure: Figure, more: Sequence[str] = ()) -> None:
    """What the legend says of a colour holds in every panel, and colours are those of the style, or of `more`."""
    shown = legend(figure)
    known = {mpl.colors.to_hex(given) for given in (*sns.color_palette(STYLE.palette), GREY, "black", *more)}
    assert known >= set(shown.values())
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            artist = handle[0] if isinstance(handle, tuple) else handle
            assert colour(artist) == shown[label], label


def one_scale_a_row(figure: Figure, rows: int = 1, alone: int = 0) -> None:
    """Panels side by side have the same heights, and all panels the same widths: what looks larger is larger.

    alone : rows at the end that have widths of their own
    """
    panels = np.array(figure.axes).reshape(rows, -1)
    assert [len({axes.get_ylim() for axes in row}) for row in panels] == [1] * rows
    for part in (panels[: rows - alone], *panels[rows - alone :]):
        assert len({axes.get_xlim() for axes in part.flat}) == 1


def image(axes: Axes) -> np.ndarray:
    (only,) = axes.images
    return np.ma.filled(only.get_array(), NAN)
