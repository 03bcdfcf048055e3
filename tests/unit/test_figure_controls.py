"""The figure of controls draws readers, means, intervals and the two lines of its tables."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from readalike.figures.controls import ALONE, BESIDE, GAIN, SHUFFLED, SWAPPED, controls, without_model
from tests import artists

MODELS = ("m0", "m1")
ROWS = (*MODELS, "recency (no model)")


BASELINES = {"b0": "position and word length (b0)", "b2": "places, lengths, punctuation (b2)"}
WHAT = (SWAPPED, ALONE, BESIDE)


def scored() -> pd.DataFrame:
    return pd.concat([artists.resemblance(), without_model(artists.yardsticks())])


def drawn_controls() -> tuple[Figure, pd.DataFrame]:
    others = artists.yardsticks(), artists.baselines(), artists.ceilings(), artists.STYLE
    return artists.draw(controls, artists.resemblance(), *others)


def expected(frame: pd.DataFrame, group: str, model: str) -> tuple[int, dict[str, pd.Series]]:
    """The layer that is best in sample; by reader attention swapped, its own, the sum of b2 and what is beyond."""
    own = artists.rows(frame, group=group, model=model, signal="number")
    layer = own.groupby("layer")["r2"].mean().idxmax()
    best = own[own["layer"] == layer].set_index("reader")
    known = artists.rows(artists.baselines(), group=group, signal="number", baseline="b2").set_index("reader")["r2_cv"]
    return int(layer), {SWAPPED: best["r2_swap"], ALONE: best["r2_cv"], BESIDE: best["r2_unique_b2"] + known}


def test_readers_means_and_intervals_stand_at_their_models() -> None:
    frame, (figure, _) = scored(), drawn_controls()
    for axes, group in zip(figure.axes[:2], artists.GROUPS, strict=True):
        drawn = iter(zip(artists.points(axes), artists.bars(axes, across=True).values(), strict=True))
        for offset, what in zip((-0.25, 0, 0.25), WHAT, strict=True):
            for k, model in enumerate(ROWS):
                values = expected(frame, group, model)[1][what]
                points, bar = next(drawn)
                np.testing.assert_allclose(points[:, 0], values)
                assert (np.abs(points[:, 1] - k - offset) < 0.1).all()
                np.testing.assert_allclose(bar, [[k + offset, *artists.interval(values)]])


def test_gains_over_the_baseline_are_paired_and_beside_those_of_shuffled_attention() -> None:
    frame, (figure, table) = scored(), drawn_controls()
    for axes, group in zip(figure.axes[2:], artists.GROUPS, strict=True):
        drawn = iter(zip(artists.points(axes), artists.bars(axes, across=True).values(), strict=True))
        for what, column, offset in ((GAIN, "r2_unique_b2", -0.15), (SHUFFLED, "r2_unique_b2_null", 0.2)):
            for k, model in enumerate(ROWS):
                layer = expected(frame, group, model)[0]
                values = artists.rows(frame, group=group, model=model, signal="number", layer=layer)[column]
                points, bar = next(drawn)
                np.testing.assert_allclose(points[:, 0], values)
                np.testing.assert_allclose(bar, [[k + offset, *artists.interval(values)]])
                assert artists.rows(table, group=group, model=model, what=what)["mean"].item() == values.mean()
        assert artists.levels(axes, upright=True) == [0]
        assert axes.get_ylim() == figure.axes[0].get_ylim(), "the same rows"
        assert axes.get_xlabel() == "held-out $R^2$ of b2 and attention less that of b2"


def test_lines_are_the_baseline_and_the_other_readers() -> None:
    ceilings, (figure, table) = artists.ceilings(), drawn_controls()
    for axes, group in zip(figure.axes[:2], artists.GROUPS, strict=True):
        lines = artists.lines(axes)
        known = artists.rows(artists.baselines(), group=group, signal="number").groupby("baseline")["r2_cv"].mean()
        others = artists.ceiling(ceilings, group, "leave_one_out_cv")
        assert artists.levels(axes, upright=True) == pytest.approx([known["b0"], known["b2"], others])
        own = artists.rows(table, group=group)
        for name in ("b0", "b2"):
            assert own[f"baseline_{name}"].tolist() == pytest.approx([known[name]] * 15)
        assert own["mean_of_other_readers"].tolist() == pytest.approx([others] * 15)
        for name, label in BASELINES.items():
            assert lines[label].get_xdata() == pytest.approx([known[name]] * 2)
        assert lines["mean of the other readers"].get_xdata() == pytest.approx([others] * 2)


def test_ticks_name_models_and_their_layers() -> None:
    frame, (figure, _) = scored(), drawn_controls()
    for axes, group in zip(figure.axes[:2], artists.GROUPS, strict=True):
        assert axes.get_ylim() == (2.6, -0.6), "the first model above"
        layers = [f"layer {expected(frame, group, model)[0]}" for model in MODELS]
        assert [note.get_text() for note in axes.texts] == layers
        assert [note.xy[1] for note in axes.texts] == [0, 1]
        assert artists.title(axes) == f"{group}: 6 simulated readers"
        assert axes.get_xlabel() == "held-out $R^2$ of saccade number"
    assert artists.ticks(figure.axes[0], "y") == artists.ticks(figure.axes[2], "y") == dict(enumerate(ROWS))
    entries = [*BASELINES.values(), "mean of the other readers", *WHAT, GAIN, SHUFFLED]
    assert list(artists.legend(figure)) == entries
    artists.one_colour_a_label(figure)
    colours = artists.legend(figure)
    assert colours[GAIN] == colours[BESIDE]
    assert colours[SHUFFLED] == colours["mean of the other readers"], "grey: a reference"
    assert len(set(colours.values())) == len(entries) - 3, "the baselines are both black"
    assert artists.line(figure).startswith("At the layer with the highest in-sample R2. Small points: readers;")
    lines = artists.lines(figure.axes[0])
    assert [lines[label].get_linestyle() for label in BASELINES.values()] == [":", "--"]


def test_points_have_the_colour_of_their_mean() -> None:
    figure, _ = drawn_controls()
    for axes in figure.axes[:2]:
        means = [artists.colour(container[0]) for container in axes.containers]
        assert [artists.colour(item) for item in artists.scatters(axes)] == means
        assert means[0::3] == means[1::3] == means[2::3]
        assert len(set(means)) == 3


def test_the_table_has_no_layer_where_there_is_no_model() -> None:
    _, table = drawn_controls()
    assert table["layer"].isna().tolist() == [model == ROWS[-1] for model in table["model"]]


def test_untrained_models_stand_below_the_others_and_say_so() -> None:
    others = artists.yardsticks(), artists.baselines(), artists.ceilings(), artists.STYLE
    figure, table = artists.draw(controls, artists.resemblance(), *others, "number", ["m0"])
    names = ["m1", "m0 (untrained)", "recency (no model)"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == names
    # In the table as other tables name them, with the same numbers.
    _, as_ever = drawn_controls()
    for model in (*MODELS, "recency (no model)"):
        own, expected = (artists.rows(frame, model=model)["mean"].to_numpy() for frame in (table, as_ever))
        np.testing.assert_array_equal(own, expected)
        assert len(own)
