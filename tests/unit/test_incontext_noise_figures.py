"""Figures 31 to 33: what their artists show, and that they can be read with one model, eight or twenty."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer

from readalike.figures import incontext_noise as figures
from readalike.figures.style import GREY, Style, drawing
from readalike.files.contracts.incontext_models import NOISY_LOOKS
from readalike.incontext import noise
from tests.legible import alike, colliding
from tests.unit.test_incontext_figures import RISK
from tests.unit.test_noise import answers

STYLE = Style(dpi=100)


def run(names: list[str], items: int = 8) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Two tasks and two kinds of noise; the first model is at chance in the second task."""
    frames = []
    for k, name in enumerate(names):
        for task in ("sentiment", "topic"):
            clean = 0.5 if (k, task) == (0, "topic") else 0.95
            own = answers(name, -0.1 * (k % 5), seed=k, clean=clean, items=items, sets=4, templates=1, task=task)
            frames += [own, own[own["noise"] == "labels"].assign(noise="words")]
    found = noise.cubes(pd.concat(frames, ignore_index=True))
    sizes = {name: int(1e6 * 2**k) for k, name in enumerate(names)}
    slopes = noise.slope_table(found, sizes, {"sentiment": 0.55, "topic": 0.6})
    pairs = noise.pair_table(found, {"scaling": list(pairwise(names)), "tuning": []}, sizes)
    return noise.accuracy_table(found), slopes, pairs


ACCURACY, SLOPES, PAIRS = run(["a", "b", "c"])


def bars(axis: Axes) -> list[ErrorbarContainer]:
    return [own for own in axis.containers if isinstance(own, ErrorbarContainer)]


def ends(bar: ErrorbarContainer) -> np.ndarray:
    """(points, 2) lower and upper ends."""
    return np.array([segment[:, 1] for segment in bar.lines[2][0].get_segments()])


def test_accuracy_is_drawn_with_its_intervals_and_grey_at_chance() -> None:
    figure, frame = figures.noise_accuracy(ACCURACY, SLOPES, STYLE)
    assert set(frame["score"]) == {"plain"}
    top = figure.axes[:2]
    for axis, task in zip(top, ("sentiment", "topic"), strict=True):
        assert axis.get_title() == task
        for bar, model in zip(bars(axis), ("a", "b", "c"), strict=True):
            own = frame[(frame["task"] == task) & (frame["noise"] == "labels") & (frame["model"] == model)]
            np.testing.assert_allclose(bar.lines[0].get_ydata(orig=False), own["accuracy"])
            np.testing.assert_allclose(ends(bar), own[["accuracy_low", "accuracy_high"]])
            grey = bar.lines[0].get_color() == GREY
            assert grey == ((model, task) == ("a", "topic"))
        words = [line for line in axis.get_lines() if line.get_label() == "counts of words"]
        assert words[0].get_ydata(orig=False)[0] == {"sentiment": 0.55, "topic": 0.6}[task]
        alone = [line for line in axis.get_lines() if line.get_fillstyle() == "none"]
        shown = SLOPES[(SLOPES["task"] == task) & (SLOPES["score"] == "plain") & (SLOPES["noise"] == "labels")]
        np.testing.assert_allclose([line.get_ydata(orig=False)[0] for line in alone], shown["zero_shot"])
    assert figure.axes[2].get_ylabel() == "accuracy\nwords swapped"


def test_slopes_stand_over_sizes_and_pairs_that_can_be_compared_are_joined() -> None:
    figure, _ = figures.noise_slopes(SLOPES, PAIRS, RISK, STYLE)
    axis = figure.axes[0]
    plain = SLOPES[(SLOPES["score"] == "plain") & (SLOPES["noise"] == "labels")]
    drawn = sorted(
        (x, y)
        for bar in bars(axis)
        for x, y in zip(bar.lines[0].get_xdata(orig=False), bar.lines[0].get_ydata(orig=False), strict=True)
    )
    assert drawn == sorted(zip(plain["parameters"].astype(float), plain["slope"], strict=True))
    grey = [bar for bar in bars(axis) if bar.lines[0].get_color() == GREY]
    assert [bar.lines[0].get_xdata(orig=False).tolist() for bar in grey] == [[1e6]]
    joined = [
        line.get_xdata(orig=False).tolist()
        for line in axis.get_lines()
        if len(line.get_xdata(orig=False)) == 2 and line.get_linestyle() == "-"
    ]
    joined = [own for own in joined if own[0] >= 1e6]
    assert sorted(joined) == [[1e6, 2e6], [2e6, 4e6], [2e6, 4e6]]
    theory = figure.axes[-1]
    own = RISK[(RISK["noise_in"] == "labels") & (RISK["demonstrations"] == RISK["examples"]) & (RISK["rank"] > 0)]
    own = own[own["examples"] == own["examples"].iloc[0]]
    for x, y in zip(
        theory.get_lines()[0].get_xdata(orig=False), theory.get_lines()[0].get_ydata(orig=False), strict=True
    ):
        part = own[own["rank"] == x].sort_values("noise")
        assert y == pytest.approx(-(part["risk"].iloc[-1] - part["risk"].iloc[0]) / np.ptp(part["noise"]))
    assert len(figures.noise_slopes(SLOPES, PAIRS, None, STYLE)[0].axes) == 2


def looks(names: list[str], layers: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = []
    for name in names:
        for task in ("sentiment", "topic"):
            for rate in (0.0, 0.25, 0.5):
                for layer in [*map(str, range(layers)), "all"]:
                    x, half = rng.normal(0, 0.2), rng.uniform(0.1, 0.3)
                    control = (np.nan,) * 4 if rate == 0 else (x + rate, x + rate - half, x + rate + half, 0.5)
                    rows.append((name, task, "labels", rate, layer, x, x - half, x + half, *control, 40))
    return pd.DataFrame(rows, columns=NOISY_LOOKS.names)


def test_looks_are_drawn_above_the_control_by_depth_at_one_half() -> None:
    table = looks(["a", "b"])
    figure, frame = figures.noisy_looks(table, STYLE)
    assert set(frame["rate"]) == {0.5}
    line = figure.axes[1].get_lines()[1]
    own = table[
        (table["model"] == "b") & (table["task"] == "topic") & (table["rate"] == 0.5) & (table["layer"] != "all")
    ]
    np.testing.assert_allclose(line.get_ydata(orig=False), own["above_control"])
    np.testing.assert_allclose(line.get_xdata(orig=False), np.arange(12) / 11)
    band = figure.axes[1].collections[1].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(own["above_control_high"].max())
    assert band.min() == pytest.approx(own["above_control_low"].min())


@pytest.mark.parametrize("count", [1, 8, 20])
@pytest.mark.parametrize("which", ["accuracy", "slopes", "looks"])
def test_text_and_series_are_apart(count: int, which: str) -> None:
    names = [f"an-instruction-tuned-model-of-{k:02d}-billions"[:40].ljust(40, "x") for k in range(count)]
    with drawing(STYLE):
        if which == "looks":
            figure, _ = figures.noisy_looks(looks(names), STYLE)
        else:
            accuracy, slopes, pairs = run(names, items=2)
            figure, _ = (
                figures.noise_accuracy(accuracy, slopes, STYLE)
                if which == "accuracy"
                else figures.noise_slopes(slopes, pairs, RISK, STYLE)
            )
        assert colliding(figure) == []
        assert alike(figure) == []
