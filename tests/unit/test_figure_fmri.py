"""Figures 12 to 16 draw the scores of brain regions, in sample above and held out below."""

import numpy as np
import pandas as pd
import pytest

from readalike.corpus import Corpus, Sentence
from readalike.figures.fmri import against, best_by_region, by_layer, region_matrices
from readalike.files.gaze import Gaze, LeftOut
from tests import artists

REGIONS = ("AG", "STG", "IFG")
SCORES = ("r2", "r2_cv")


def best() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    rows = [
        (model, group, "measured" if group == "L1" else "simulated", region, *rng.uniform(-0.1, 0.1, 2), 20 + place)
        for model in ("m0", "m1")
        for group in artists.GROUPS
        for place, region in enumerate(REGIONS)
    ]
    return pd.DataFrame(rows, columns=["model", "group", "readers_are", "region", "r2", "r2_cv", "n"])


def test_best_layers_stand_at_their_regions() -> None:
    # In another order for one model: places go by the name.
    table = pd.concat([best().query("model == 'm0'"), best().query("model == 'm1'")[::-1]])
    figure, _ = artists.draw(best_by_region, table, artists.STYLE)
    for place, axes in enumerate(figure.axes):
        group, column = artists.GROUPS[place % 2], SCORES[place // 2]
        for model, offset in (("m0", -0.06), ("m1", 0.06)):
            own = artists.rows(table, group=group, model=model).set_index("region")[column]
            line = artists.lines(axes)[model]
            np.testing.assert_allclose(line.get_xdata(), np.arange(3) + offset)
            np.testing.assert_array_equal(line.get_ydata(), [own[region] for region in REGIONS])
            assert line.get_linestyle() == "None"
        assert artists.markers(axes) == ["o", "^"]
        assert artists.levels(axes) == [0]
        assert artists.ticks(axes, "x") == (dict(enumerate(REGIONS)) if place >= 2 else {})
    titles = ["L1: 22 readers", "L2: 22 simulated readers", "", ""]
    assert [artists.title(axes) for axes in figure.axes] == titles
    labels = ["in-sample $R^2$", "", "held-out $R^2$", ""]
    assert [axes.get_ylabel() for axes in figure.axes] == labels
    assert list(artists.legend(figure)) == ["m0", "m1"]
    artists.one_colour_a_label(figure)
    artists.one_scale_a_row(figure, 2)


def by_region() -> pd.DataFrame:
    parts = [artists.resemblance(signal=region).query("group == 'L1'") for region in REGIONS[:2]]
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(r2=frame["r2"] * np.where(frame["signal"] == "AG", 1, 2))


def test_regions_are_drawn_by_layer_with_mean_and_interval_over_readers() -> None:
    frame = by_region()
    figure, _ = artists.draw(by_layer, frame, artists.STYLE)
    for place, axes in enumerate(figure.axes):
        region, column = REGIONS[place % 2], SCORES[place // 2]
        bars = artists.bars(axes)
        assert list(bars) == ["m0", "m1"]
        for model, drawn in bars.items():
            own = artists.rows(frame, model=model, signal=region)
            np.testing.assert_allclose(drawn[:, 1:], artists.intervals(own, "layer", column))
            assert drawn[:, 0].tolist() == [0, 1, 2, 3]
        assert artists.levels(axes) == [0]
    assert [artists.title(axes) for axes in figure.axes] == ["AG\n6 readers", "STG\n6 readers", "", ""]
    assert [axes.get_ylabel() for axes in figure.axes] == ["in-sample $R^2$", "", "held-out $R^2$", ""]
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "", "layer", "layer"]
    assert list(artists.legend(figure)) == ["m0", "m1"]
    artists.one_colour_a_label(figure)
    artists.one_scale_a_row(figure, 2)


def test_a_region_below_zero_in_every_layer_is_said_to_be() -> None:
    frame = by_region()
    below = frame["signal"] == "STG"
    frame.loc[below, "r2_cv"] *= -1
    # One layer above zero is enough for nothing to be said.
    frame.loc[frame["signal"] == "AG", "r2_cv"] *= np.where(frame.loc[frame["signal"] == "AG", "layer"] == 2, 1, -1)
    figure, _ = artists.draw(by_layer, frame, artists.STYLE)
    assert [artists.title(axes) for axes in figure.axes[2:]] == ["", "below zero\nin every layer"]


@pytest.mark.parametrize("log_axis", [True, False])
def test_scores_are_drawn_against_size_or_loss_with_the_least_squares_line(log_axis: bool) -> None:
    rng = np.random.default_rng(10)
    size = {"m2": 4e6, "m0": 1e6, "m1": 2e6}
    points = pd.DataFrame([(m, r, *rng.random(2)) for m in size for r in REGIONS], columns=["model", "region", *SCORES])
    points["parameters"] = points["model"].map(size)
    figure, _ = artists.draw(against, points, "parameters", "how large", artists.STYLE, log_axis=log_axis)
    for place, axes in enumerate(figure.axes):
        region, column = REGIONS[place % 3], SCORES[place // 3]
        own = points[points["region"] == region].sort_values("parameters")
        x = own["parameters"].to_numpy()
        design = np.column_stack([np.ones(3), np.log(x) if log_axis else x])
        fit = design @ np.linalg.lstsq(design, own[column].to_numpy(), rcond=None)[0]
        np.testing.assert_allclose(axes.lines[0].get_xydata(), np.column_stack([x, fit]), rtol=1e-6)
        drawn = {model: line.get_xydata().tolist() for model, line in artists.lines(axes).items()}
        assert drawn == {row["model"]: [[row["parameters"], row[column]]] for _, row in own.iterrows()}
        assert artists.markers(axes) == ["o", "^", "s"]
        assert axes.get_xscale() == ("log" if log_axis else "linear")
        assert artists.levels(axes) == [0]
    assert [artists.title(axes) for axes in figure.axes] == [*REGIONS, "", "", ""]
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "", "", *["how large"] * 3]
    labels = ["in-sample $R^2$", "", "", "held-out $R^2$", "", ""]
    assert [axes.get_ylabel() for axes in figure.axes] == labels
    assert list(artists.legend(figure)) == ["m0", "m1", "m2"], "by size"
    artists.one_colour_a_label(figure)
    artists.one_scale_a_row(figure, 2)


@pytest.mark.parametrize(("words", "labels"), [(("c", "d"), ("c", "d")), (("", ""), ("1", "2"))])
def test_matrices_of_regions_are_of_one_sentence(words: tuple[str, str], labels: tuple[str, str]) -> None:
    corpus = Corpus((Sentence(1, 1, ("",)), Sentence(1, 2, words)))
    values = np.arange(12.0).reshape(3, 4) ** 2
    signals = {"AG": values, "STG": values + 1}
    left_out = {"STG": LeftOut(score={"sub-01": "lacks it"})}
    gaze = Gaze("L1", ("sub-01", "sub-02", "sub-03"), signals, None, left_out=left_out)
    figure, frame = artists.draw(region_matrices, corpus, gaze, ("AG", "STG"), 1, artists.STYLE)
    shown = [axes for axes in figure.axes if axes.images]
    expected = {
        "AG\nreader sub-01": values[0],
        "STG\nreader sub-02": values[1] + 1,
        "AG\nmean of 3": values.sum(axis=0) / 3,
        "STG\nmean of 2": (values[1] + values[2]) / 2 + 1,
    }
    assert [artists.title(axes) for axes in shown] == list(expected)
    for axes, (_, a, b, c) in zip(shown, expected.values(), strict=True):
        np.testing.assert_allclose(artists.image(axes), [[a, np.nan], [b, c]])
        assert artists.ticks(axes, "x") == artists.ticks(axes, "y") == dict(enumerate(labels))
        own = frame[(frame["region"] + "\n" + frame["panel"]) == artists.title(axes)]
        np.testing.assert_allclose(own[["from_word", "to_word", "value"]], [[0, 0, a], [1, 0, b], [1, 1, c]])
    assert frame[["group", "sentence"]].drop_duplicates().to_numpy().tolist() == [["L1", "article 1, sentence 2"]]
