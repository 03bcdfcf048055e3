"""The figure of controls draws readers, means, intervals and the two lines of its tables."""

import numpy as np
import pandas as pd
import pytest

from readalike.figures.controls import ALONE, BESIDE, controls
from tests import artists

MODELS = ("m0", "m1")


def baseline() -> pd.DataFrame:
    rng = np.random.default_rng(6)
    rows = [
        (group, signal, f"sub-{k:02d}", rng.uniform(0.05, 0.1))
        for group in artists.GROUPS
        for signal in ("number", "duration")
        for k in range(6)
    ]
    return pd.DataFrame(rows, columns=["group", "signal", "reader", "r2_cv"])


def expected(frame: pd.DataFrame, group: str, model: str) -> tuple[int, dict[str, pd.Series]]:
    """The best held-out layer, and by reader attention alone and the sum of the baseline and what is its own."""
    own = artists.rows(frame, group=group, model=model, signal="number")
    layer = own.groupby("layer")["r2_cv"].mean().idxmax()
    best = own[own["layer"] == layer].set_index("reader")
    position = artists.rows(baseline(), group=group, signal="number").set_index("reader")["r2_cv"]
    return int(layer), {ALONE: best["r2_cv"], BESIDE: best["r2_unique"] + position}


def test_readers_means_and_intervals_stand_at_their_models() -> None:
    frame = artists.resemblance()
    figure, _ = artists.draw(controls, frame, baseline(), artists.ceilings(), artists.STYLE)
    for axes, group in zip(figure.axes, artists.GROUPS, strict=True):
        drawn = iter(zip(artists.points(axes), artists.bars(axes, across=True).values(), strict=True))
        for offset, what in ((-0.17, ALONE), (0.17, BESIDE)):
            for k, model in enumerate(MODELS):
                values = expected(frame, group, model)[1][what]
                points, bar = next(drawn)
                np.testing.assert_allclose(points[:, 0], values)
                assert (np.abs(points[:, 1] - k - offset) < 0.1).all()
                np.testing.assert_allclose(bar, [[k + offset, *artists.interval(values)]])


def test_lines_are_the_baseline_and_the_other_readers() -> None:
    ceilings = artists.ceilings()
    figure, table = artists.draw(controls, artists.resemblance(), baseline(), ceilings, artists.STYLE)
    for axes, group in zip(figure.axes, artists.GROUPS, strict=True):
        lines = artists.lines(axes)
        position = artists.rows(baseline(), group=group, signal="number")["r2_cv"].mean()
        others = artists.ceiling(ceilings, group, "leave_one_out_cv")
        assert artists.levels(axes, upright=True) == pytest.approx([position, others])
        own = artists.rows(table, group=group)
        assert own["position_and_length_alone"].tolist() == pytest.approx([position] * 4)
        assert own["mean_of_other_readers"].tolist() == pytest.approx([others] * 4)
        assert lines["position and word length alone"].get_xdata() == pytest.approx([position] * 2)
        assert lines["mean of the other readers"].get_xdata() == pytest.approx([others] * 2)


def test_ticks_name_models_and_their_layers() -> None:
    frame = artists.resemblance()
    figure, _ = artists.draw(controls, frame, baseline(), artists.ceilings(), artists.STYLE)
    for axes, group in zip(figure.axes, artists.GROUPS, strict=True):
        assert axes.get_ylim() == (1.6, -0.6), "the first model above"
        layers = [f"layer {expected(frame, group, model)[0]}" for model in MODELS]
        assert [note.get_text() for note in axes.texts] == layers
        assert [note.xy[1] for note in axes.texts] == [0, 1]
        assert artists.title(axes) == f"{group}: 6 simulated readers"
        assert axes.get_xlabel() == "held-out $R^2$ of saccade number"
    assert artists.ticks(figure.axes[0], "y") == dict(enumerate(MODELS))
    entries = ["position and word length alone", "mean of the other readers", ALONE, BESIDE]
    assert list(artists.legend(figure)) == entries
    artists.one_colour_a_label(figure)
    assert len(set(artists.legend(figure).values())) == len(entries)


def test_points_have_the_colour_of_their_mean() -> None:
    figure, _ = artists.draw(controls, artists.resemblance(), baseline(), artists.ceilings(), artists.STYLE)
    for axes in figure.axes:
        means = [artists.colour(container[0]) for container in axes.containers]
        assert [artists.colour(item) for item in artists.scatters(axes)] == means
        assert means[0] == means[1] != means[2] == means[3]
