"""The figure of patterns draws the strongest head of each layer."""

import numpy as np
import pandas as pd

from readalike.figures.patterns import patterns_by_layer
from readalike.files.attention import RAW, VALUE_NORMS
from tests import artists


def reliance() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    rows = [
        (model, condition, layer, head, *rng.random(3))
        for model in ("m0", "m1")
        for condition in ("noise", "plain")
        for layer in (1, 2, 4)
        for head in range(4)
    ]
    return pd.DataFrame(rows, columns=["model", "condition", "layer", "head", "to_first", "to_previous", "to_self"])


def test_lines_are_the_largest_of_the_heads_by_layer() -> None:
    figure, _ = artists.draw(patterns_by_layer, reliance(), RAW, artists.STYLE)
    plain = reliance().query("condition == 'plain'")
    for axes, column in zip(figure.axes, ("to_previous", "to_first", "to_self"), strict=True):
        lines = artists.lines(axes)
        assert list(lines) == ["m0", "m1", "half of a word's attention"]
        assert list(lines.pop("half of a word's attention").get_ydata()) == [0.5, 0.5]
        for model, line in lines.items():
            largest = plain[plain["model"] == model].groupby("layer")[column].max().reindex(range(1, 5))
            np.testing.assert_array_equal(line.get_ydata(), largest)
            assert list(line.get_xdata()) == [1, 2, 3, 4]
            assert line.get_marker() == {"m0": "o", "m1": "^"}[model]
            assert line.get_markevery() == 1, "or a layer without neighbours would not be seen"


def test_heads_in_the_table_are_those_drawn() -> None:
    _, frame = artists.draw(patterns_by_layer, reliance(), RAW, artists.STYLE)
    own = reliance().query("condition == 'plain'").set_index(["model", "layer", "head"])
    assert frame.index.is_unique
    place = frame["place"] == "first word"
    found = frame[place].set_index(["model", "layer", "head"])["attention"]
    pd.testing.assert_series_equal(found, own.loc[found.index, "to_first"], check_names=False)


def test_panels_are_labelled_and_have_a_line_at_half() -> None:
    figure, _ = artists.draw(patterns_by_layer, reliance(), RAW, artists.STYLE)
    assert [artists.title(axes) for axes in figure.axes] == ["previous word", "first word", "itself"]
    for axes in figure.axes:
        assert artists.levels(axes) == [0.5]
        assert axes.get_ylim() == (0, 1)
        assert axes.get_xlabel() == "layer"
    assert figure.axes[0].get_ylabel() == "attention of the layer's strongest head"
    assert list(artists.legend(figure)) == ["m0", "m1", "half of a word's attention"]
    artists.one_colour_a_label(figure)
    artists.one_scale_a_row(figure)


def test_value_norms_are_lengths_and_all_of_them_are_seen() -> None:
    longer = reliance().assign(to_self=lambda f: 25 * f["to_self"])
    figure, frame = artists.draw(patterns_by_layer, longer, VALUE_NORMS, artists.STYLE)
    for axes in figure.axes:
        assert artists.levels(axes) == []
        low, high = axes.get_ylim()
        assert low == 0
        assert high > frame["attention"].max() > 1
    assert "length" in figure.axes[0].get_ylabel()
