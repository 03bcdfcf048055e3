"""Figures 6 and 7 draw the numbers of their tables."""

import numpy as np
import pandas as pd
import pytest

from readalike.figures.resemblance import resemblance_by_layer, resemblance_by_size
from tests import artists

SCORES = ("r2", "r2_cv - r2_null", "r2_specific", "r2_residual")


def test_layers_are_drawn_with_mean_and_interval_over_readers() -> None:
    frame = pd.concat([artists.resemblance(), artists.resemblance(signal="duration").assign(r2=9.0)])
    figure, table = artists.draw(resemblance_by_layer, frame, artists.ceilings(), artists.STYLE)
    assert table["score"].tolist() == [name for name in SCORES for _ in range(16)]
    assert table.index.is_unique
    number = frame[frame["signal"] == "number"].assign(net=lambda f: f["r2_cv"] - f["r2_null"])
    for place, axes in enumerate(figure.axes):
        group, column = artists.GROUPS[place % 2], ("r2", "net", "r2_specific", "r2_residual")[place // 2]
        bars = artists.bars(axes)
        assert list(bars) == ["m0", "m1"]
        for model, drawn in bars.items():
            own = artists.rows(number, model=model, group=group)
            np.testing.assert_allclose(drawn[:, 1:], artists.intervals(own, "layer", column))
            assert drawn[:, 0].tolist() == [0, 1, 2, 3]


def test_each_panel_draws_its_ceiling_and_says_its_value() -> None:
    ceilings = artists.ceilings()
    figure, _ = artists.draw(resemblance_by_layer, artists.resemblance(), ceilings, artists.STYLE)
    for place, axes in enumerate(figure.axes):
        name = ("group_mean", "leave_one_out_cv", None, "group_mean_residual")[place // 2]
        if name is None:
            assert (artists.levels(axes), list(axes.texts)) == ([0], []), "readers have no ceiling of that kind"
            continue
        expected = artists.ceiling(ceilings, artists.GROUPS[place % 2], name)
        assert artists.levels(axes) == pytest.approx([expected, 0])
        (note,) = axes.texts
        assert note.get_text() == f"ceiling {expected:.3f}"
        assert note.xy == pytest.approx((1, expected))
        assert note.xycoords == ("axes fraction", "data")


def test_mending_8_a_ceiling_that_is_not_above_zero_is_told_and_not_drawn() -> None:
    ceilings = artists.ceilings()
    ceilings.loc[ceilings["ceiling"] == "leave_one_out_cv", "value"] -= 5
    figure, _ = artists.draw(resemblance_by_layer, artists.resemblance(), ceilings, artists.STYLE)
    for axes in figure.axes[2:4]:
        assert artists.levels(axes) == pytest.approx([0])
        assert [note.get_text() for note in axes.texts] == ["ceiling not above zero"]
    for axes in figure.axes[:2]:
        assert len(artists.levels(axes)) == 2


def test_layers_are_labelled() -> None:
    figure, _ = artists.draw(resemblance_by_layer, artists.resemblance(), artists.ceilings(), artists.STYLE)
    titles = [artists.title(axes) for axes in figure.axes]
    assert titles == ["L1: 6 simulated readers", "L2: 6 simulated readers", *[""] * 6]
    labels = [(axes.get_xlabel(), axes.get_ylabel()) for axes in figure.axes]
    assert labels == [
        *(("", "in-sample $R^2$"), ("", "")),
        *(("", "held-out $R^2$\nabove shuffled"), ("", "")),
        *(("", "held-out $R^2$ above\nanother sentence's"), ("", "")),
        *(("layer", "in-sample $R^2$ without\ntrivial patterns"), ("layer", "")),
    ]
    for axes in figure.axes:
        assert [container[0].get_marker() for container in axes.containers] == ["o", "^"], "a marker a model"
    assert list(artists.legend(figure)) == ["m0", "m1"]
    artists.one_colour_a_label(figure)
    artists.one_scale_a_row(figure, 4)


def test_a_layer_that_is_missing_leaves_a_gap() -> None:
    frame = artists.resemblance().query("layer != 1")
    figure, _ = artists.draw(resemblance_by_layer, frame, artists.ceilings(), artists.STYLE)
    drawn = artists.bars(figure.axes[0])["m0"]
    assert drawn[:, 0].tolist() == [0, 1, 2, 3]
    assert np.isnan(drawn[:, 1]).tolist() == [False, True, False, False]


COLUMNS = ("percent of ceiling", "nested r2_cv - r2_null", "nested r2_specific")


def law() -> pd.DataFrame:
    """Sizes out of order, and a signal that is not drawn."""
    rng = np.random.default_rng(5)
    rows = [
        (group, readers_are, signal, column, size, *rng.uniform(0.1, 1, 4))
        for group, readers_are in (("L1", "measured"), ("L2", "simulated"))
        for signal in ("number", "duration")
        for column in COLUMNS
        for size in (5e6, 1e6, 2e6)
    ]
    names = ["group", "readers_are", "signal", "column", "parameters", "score", "fit", "band_low", "band_high"]
    frame = pd.DataFrame(rows, columns=names).assign(band_high=lambda f: f["band_low"] + f["band_high"])
    return frame.assign(family="", fit_within=np.nan)


def test_sizes_are_drawn_with_the_fit_its_band_and_the_scores() -> None:
    frame = law()
    figure, _ = artists.draw(resemblance_by_size, frame, artists.STYLE)
    for axes, column in zip(figure.axes, COLUMNS, strict=True):
        for k, group in enumerate(artists.GROUPS):
            own = artists.rows(frame, group=group, signal="number", column=column).sort_values("parameters")
            np.testing.assert_allclose(axes.lines[k].get_xydata(), own[["parameters", "fit"]])
            np.testing.assert_allclose(artists.bands(axes)[k], own[["parameters", "band_low", "band_high"]])
            np.testing.assert_allclose(artists.points(axes)[k], own[["parameters", "score"]])


def test_families_of_several_sizes_have_a_dashed_line_each() -> None:
    frame = law()
    frame["family"] = frame["parameters"].map({5e6: "p", 1e6: "p", 2e6: "q"})
    frame["fit_within"] = np.where(frame["family"] == "p", frame["score"] + 1, np.nan)
    figure, _ = artists.draw(resemblance_by_size, frame, artists.STYLE)
    assert list(artists.legend(figure)) == ["L1", "L2 (simulated)", "all models", "within families"]
    for axes, column in zip(figure.axes, COLUMNS, strict=True):
        dashed = [line for line in axes.lines if line.get_linestyle() == "--" and len(line.get_xdata())]
        for line, group in zip(dashed, artists.GROUPS, strict=True):
            own = artists.rows(frame, group=group, signal="number", column=column, family="p")
            expected = own.sort_values("parameters")[["parameters", "fit_within"]]
            np.testing.assert_allclose(line.get_xydata(), expected)


def test_sizes_that_span_a_thousandfold_have_powers_of_ten() -> None:
    frame = law()
    frame.loc[frame["parameters"] == 5e6, "parameters"] = 2e9
    figure, _ = artists.draw(resemblance_by_size, frame, artists.STYLE)
    shown = artists.ticks(figure.axes[0], "x")
    assert {value: shown[value] for value in (1e7, 1e8, 1e9)} == {1e7: "10M", 1e8: "100M", 1e9: "1B"}


def test_sizes_are_labelled() -> None:
    figure, _ = artists.draw(resemblance_by_size, law(), artists.STYLE)
    assert list(artists.legend(figure)) == ["L1", "L2 (simulated)", "all models"]
    artists.one_colour_a_label(figure)
    expected = [
        "resemblance (percent of ceiling)",
        "held-out $R^2$ above shuffled",
        "held-out $R^2$ above another sentence's",
    ]
    assert [axes.get_ylabel() for axes in figure.axes] == expected
    for axes in figure.axes:
        assert (axes.get_xlabel(), axes.get_xscale()) == ("parameters", "log")
        assert artists.ticks(axes, "x") == {1e6: "1M", 2e6: "2M", 5e6: "5M"}
        fills = [item for item in axes.collections if item not in artists.scatters(axes)]
        assert not np.array_equal(*(item.get_paths()[0].vertices for item in artists.scatters(axes))), "markers differ"
        lines = [line for line in axes.lines if len(line.get_xdata())]
        for line, band, scatter in zip(lines, fills, artists.scatters(axes), strict=True):
            assert artists.colour(line) == artists.colour(band) == artists.colour(scatter)
