"""Figures 6 and 7 draw the numbers of their tables."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from readalike.figures.resemblance import Models, resemblance_by_layer, resemblance_by_size
from readalike.figures.style import GREY
from tests import artists

SCORES = ("r2", "r2_cv - r2_null", "r2_specific", "r2_residual")


def test_layers_are_drawn_with_mean_and_interval_over_readers() -> None:
    frame = pd.concat([artists.resemblance(), artists.resemblance(signal="duration").assign(r2=9.0)])
    figure, table = artists.draw(resemblance_by_layer, frame, artists.ceilings(), Models(), artists.STYLE)
    assert table["score"].tolist() == [name for name in SCORES for _ in range(16)]
    assert table.index.is_unique
    number = frame[frame["signal"] == "number"].assign(net=lambda f: f["r2_cv"] - f["r2_null"])
    for place, axes in enumerate(figure.axes):
        group, column = artists.GROUPS[place % 2], ("r2", "net", "r2_specific", "r2_residual", "net")[place // 2]
        bars = artists.bars(axes)
        assert list(bars) == ["m0", "m1"]
        for model, drawn in bars.items():
            own = artists.rows(number, model=model, group=group)
            np.testing.assert_allclose(drawn[:, 1:], artists.intervals(own, "layer", column))
            assert drawn[:, 0].tolist() == ([0, 1, 2, 3] if place < 8 else pytest.approx([0, 1 / 3, 2 / 3, 1]))
    depth = table.loc[table["layer"] == 1, "relative_depth"]
    assert depth.tolist() == pytest.approx([1 / 3] * len(depth))


def test_relative_depth_goes_by_the_layers_of_the_whole_model() -> None:
    about = Models(layers={"m0": 7, "m1": 4})
    figure, _ = artists.draw(resemblance_by_layer, artists.resemblance(), artists.ceilings(), about, artists.STYLE)
    drawn = artists.bars(figure.axes[-1])
    assert drawn["m0"][:, 0].tolist() == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6]), "attention of four of its layers"
    assert drawn["m1"][:, 0].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_larger_models_are_darker_and_tuned_ones_dashed() -> None:
    frame = artists.resemblance(models=5)
    about = Models({"m0": 5e6, "m1": 1e6, "m2": 5e6, "m3": 2e6}, {}, ["m2"])
    figure, _ = artists.draw(resemblance_by_layer, frame, artists.ceilings(), about, artists.STYLE)
    lines = {container.get_label(): container[0] for container in figure.axes[0].containers}
    colours = {model: artists.colour(line) for model, line in lines.items()}
    light = {model: np.dot(mpl.colors.to_rgb(colour), (0.2126, 0.7152, 0.0722)) for model, colour in colours.items()}
    assert light["m1"] > light["m3"] > light["m0"]
    assert colours["m0"] == colours["m2"], "one size, one colour"
    assert colours["m4"] == GREY, "of no known size"
    assert [line.get_linestyle() for line in lines.values()] == ["-", "-", "--", "-", ":"]
    assert len({line.get_marker() for line in lines.values()}) == 5
    artists.one_colour_a_label(figure, list(colours.values()))


@pytest.mark.parametrize("sizes", [{"m0": 5e6, "m1": 1e6, "m2": 5e6}, {}])
def test_untrained_models_are_grey_and_dotted_and_the_legend_says_so(sizes: dict[str, float]) -> None:
    frame = artists.resemblance(models=3)
    figure, _ = artists.draw(
        resemblance_by_layer, frame, artists.ceilings(), Models(sizes, untrained=["m2", "other"]), artists.STYLE
    )
    lines = {container.get_label(): container[0] for container in figure.axes[0].containers}
    assert (artists.colour(lines["m2"]), lines["m2"].get_linestyle()) == (GREY, ":")
    assert GREY not in {artists.colour(lines[name]) for name in ("m0", "m1")}
    assert "untrained, a yardstick" in " ".join(figure.legends[0].get_title().get_text().split())
    plain, _ = artists.draw(resemblance_by_layer, frame, artists.ceilings(), Models(sizes), artists.STYLE)
    assert "untrained" not in plain.legends[0].get_title().get_text()


def test_a_ceiling_that_is_near_the_scores_is_drawn_and_one_above_them_told() -> None:
    ceilings = artists.ceilings()
    near = (
        0.6 * artists.interval(artists.resemblance().query("layer == 0 and group == 'L1' and model == 'm0'")["r2"]).mean
    )
    ceilings.loc[(ceilings["group"] == "L1") & (ceilings["ceiling"] == "group_mean"), "value"] = near
    figure, _ = artists.draw(resemblance_by_layer, artists.resemblance(), ceilings, Models(), artists.STYLE)
    assert artists.levels(figure.axes[0]) == pytest.approx([0, near])
    assert figure.axes[0].texts[0].get_text() == f"ceiling {near:.3f}"
    assert artists.levels(figure.axes[1]) == [0], "above the scores: told alone"
    expected = artists.ceiling(ceilings, "L2", "group_mean")
    assert figure.axes[1].texts[0].get_text() == f"ceiling {expected:.3f} \N{UPWARDS ARROW}"
    for axes in figure.axes:
        highest = max(np.nanmax(bar[:, 3]) for bar in artists.bars(axes).values())
        bottom, top = axes.get_ylim()
        assert highest - bottom > 0.4 * (top - bottom), "scores fill the panel"


def test_each_panel_says_its_ceiling() -> None:
    ceilings = artists.ceilings()
    figure, _ = artists.draw(resemblance_by_layer, artists.resemblance(), ceilings, Models(), artists.STYLE)
    for place, axes in enumerate(figure.axes):
        name = ("group_mean", "leave_one_out_cv", None, "group_mean_residual", "leave_one_out_cv")[place // 2]
        if name is None:
            assert (artists.levels(axes), list(axes.texts)) == ([0], []), "readers have no ceiling of that kind"
            continue
        expected = artists.ceiling(ceilings, artists.GROUPS[place % 2], name)
        (note,) = axes.texts
        assert note.get_text().removesuffix(" \N{UPWARDS ARROW}") == f"ceiling {expected:.3f}"


def test_mending_8_a_ceiling_that_is_not_above_zero_is_told_and_not_drawn() -> None:
    ceilings = artists.ceilings()
    ceilings.loc[ceilings["ceiling"] == "leave_one_out_cv", "value"] -= 5
    figure, _ = artists.draw(resemblance_by_layer, artists.resemblance(), ceilings, Models(), artists.STYLE)
    for axes in (*figure.axes[2:4], *figure.axes[8:]):
        assert artists.levels(axes) == pytest.approx([0])
        assert [note.get_text() for note in axes.texts] == ["ceiling not above zero"]


def test_layers_are_labelled() -> None:
    figure, _ = artists.draw(resemblance_by_layer, artists.resemblance(), artists.ceilings(), Models(), artists.STYLE)
    titles = [artists.title(axes) for axes in figure.axes]
    assert titles == ["L1: 6 simulated readers", "L2: 6 simulated readers", *[""] * 8]
    deep = "relative depth: 0 the first layer, 1 the last"
    labels = [(axes.get_xlabel(), axes.get_ylabel()) for axes in figure.axes]
    assert labels == [
        *(("", "in-sample $R^2$"), ("", "")),
        *(("", "held-out $R^2$\nabove shuffled"), ("", "")),
        *(("", "held-out $R^2$ above\nanother sentence's"), ("", "")),
        *(("layer", "in-sample $R^2$ without\ntrivial patterns"), ("layer", "")),
        *((deep, "held-out $R^2$\nabove shuffled"), (deep, "")),
    ]
    for axes in figure.axes:
        assert [container[0].get_marker() for container in axes.containers] == ["o", "^"], "a marker a model"
    assert list(artists.legend(figure)) == ["m0", "m1"]
    artists.one_colour_a_label(figure)
    artists.one_scale_a_row(figure, 5, alone=1)
    assert artists.line(figure).startswith("Points: means over readers; bars: 95 percent intervals over readers")


def test_a_layer_that_is_missing_leaves_a_gap() -> None:
    frame = artists.resemblance().query("layer != 1")
    figure, _ = artists.draw(resemblance_by_layer, frame, artists.ceilings(), Models(), artists.STYLE)
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
    frame["model"] = frame["parameters"].map({5e6: "five", 1e6: "one", 2e6: "two"})
    return frame.assign(family="", fit_within=np.nan)


def correlated() -> pd.DataFrame:
    """r, p and n of each panel and group, another signal first, and a group without."""
    rows = [("L1", signal, column, 3 + k, 0.5 + k / 10, 0.25) for signal in ("duration", "number")
            for k, column in enumerate(COLUMNS)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["group", "signal", "column", "n", "r", "p_permutation"])
    return frame.assign(p_permutation=np.where(frame["signal"] == "number", 0.25, 0.5))


def test_sizes_are_drawn_with_the_fit_its_band_and_the_scores() -> None:
    frame = law()
    figure, _ = artists.draw(resemblance_by_size, frame, correlated(), artists.STYLE)
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
    figure, _ = artists.draw(resemblance_by_size, frame, correlated(), artists.STYLE)
    assert list(artists.legend(figure)) == ["L1", "L2 (simulated)", "all models", "within families"]
    for axes, column in zip(figure.axes, COLUMNS, strict=True):
        dashed = [line for line in axes.lines if line.get_linestyle() == "--" and len(line.get_xdata())]
        for line, group in zip(dashed, artists.GROUPS, strict=True):
            own = artists.rows(frame, group=group, signal="number", column=column, family="p")
            expected = own.sort_values("parameters")[["parameters", "fit_within"]]
            np.testing.assert_allclose(line.get_xydata(), expected)


def test_models_that_have_no_room_beside_another_are_not_named() -> None:
    frame = law()
    frame.loc[frame["parameters"] == 5e6, "parameters"] = 2e9
    frame.loc[frame["parameters"] == 2e6, "parameters"] = 1.1e6
    figure, _ = artists.draw(resemblance_by_size, frame, correlated(), artists.STYLE)
    assert artists.ticks(figure.axes[0], "x") == {1e6: "one (1M)", 2e9: "five (2B)"}


def test_sizes_are_labelled() -> None:
    figure, table = artists.draw(resemblance_by_size, law(), correlated(), artists.STYLE)
    told_of = table.drop_duplicates(["group", "column"]).set_index(["group", "column"])["models"]
    assert [told_of["L1", column] for column in COLUMNS] == [3, 4, 5]
    assert told_of["L2"].isna().all()
    assert len(table) == 18
    assert list(artists.legend(figure)) == ["L1", "L2 (simulated)", "all models"]
    artists.one_colour_a_label(figure)
    expected = [
        "resemblance in sample\n(percent of what readers share)",
        "resemblance held out\n($R^2$ above shuffled attention)",
        "resemblance held out\n($R^2$ above another sentence's)",
    ]
    assert [axes.get_ylabel() for axes in figure.axes] == expected
    told = ["L1: r = 0.50, p = 0.25, n = 3 models", "L1: r = 0.60, p = 0.25, n = 4 models"]
    told.append("L1: r = 0.70, p = 0.25, n = 5 models")
    assert [artists.title(axes) for axes in figure.axes] == [f"{first}\nL2: no r" for first in told]
    assert "in sample at the layer with the highest in-sample R2" in artists.line(figure)
    for axes in figure.axes:
        assert (axes.get_xlabel(), axes.get_xscale()) == ("model, and its parameters\nwith embeddings", "log")
        assert artists.ticks(axes, "x") == {1e6: "one (1M)", 2e6: "two (2M)", 5e6: "five (5M)"}
        fills = [item for item in axes.collections if item not in artists.scatters(axes)]
        assert not np.array_equal(*(item.get_paths()[0].vertices for item in artists.scatters(axes))), "markers differ"
        lines = [line for line in axes.lines if len(line.get_xdata())]
        for line, band, scatter in zip(lines, fills, artists.scatters(axes), strict=True):
            assert artists.colour(line) == artists.colour(band) == artists.colour(scatter)
