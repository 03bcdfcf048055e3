"""Figures 2, 3 and 4 draw means over sentences with their intervals, and the reference beside them."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from readalike.figures.divergence import divergence_between_models, sensitivity
from readalike.figures.style import GREY
from tests import artists

NONE = pd.DataFrame(columns=["a", "b", "condition", "unit", "index", "article", "sentence", "divergence"])


def assert_drawn(axes: Axes, label: str, own: pd.DataFrame, by: str, first: int = 0) -> None:
    """The line of this label, and the band drawn with it, are the means and intervals of `own`."""
    place = [line.get_label() for line in axes.lines].index(label)
    expected = artists.intervals(own, by, "divergence")
    at = np.sort(own[by].unique()) + first
    np.testing.assert_allclose(axes.lines[place].get_xydata(), np.column_stack([at, expected[:, 0]]))
    np.testing.assert_allclose(artists.bands(axes)[place], np.column_stack([at, expected[:, 1:]]))


@pytest.mark.parametrize(("comparison", "unit", "count"), [("scaling", "quarter", 4), ("tuning", "layer", 6)])
def test_lines_and_bands_are_means_and_intervals_over_sentences(comparison: str, unit: str, count: int) -> None:
    compared = pd.concat([artists.divergences(unit, count), artists.divergences("other", count)])
    reference = (
        artists.divergences(unit, count)
        .query("b == 'l'")
        .assign(a="t1", b="t2", divergence=lambda f: f["index"] + f["sentence"])
    )
    figure, _ = artists.draw(divergence_between_models, compared, reference, comparison, artists.STYLE)
    # Quarters are counted from 1 for the reader of the figure.
    first = 1 if unit == "quarter" else 0
    for axes, condition in zip(figure.axes, ("plain", "noise"), strict=True):
        assert artists.title(axes) == condition
        own = compared[(compared["condition"] == condition) & (compared["unit"] == unit)]
        assert_drawn(axes, "s to l", own[own["b"] == "l"], "index", first)
        assert_drawn(axes, "s to xl", own[own["b"] == "xl"], "index", first)
        assert_drawn(axes, "reference: t1 to t2", reference[reference["condition"] == condition], "index", first)
        assert axes.get_xlabel() == ("quarter of layers" if unit == "quarter" else "layer")
        assert axes.get_ylim()[0] == 0
    assert figure.axes[0].get_ylabel() == "divergence (nats)"


def test_the_reference_is_grey_and_pairs_are_told_apart() -> None:
    compared = artists.divergences("quarter", 4)
    reference = compared.query("b == 'l'").assign(a="t1", b="t2")
    figure, _ = artists.draw(divergence_between_models, compared, reference, "scaling", artists.STYLE)
    entries = artists.legend(figure)
    assert list(entries) == ["s to l", "s to xl", "reference: t1 to t2"]
    assert entries["reference: t1 to t2"] == GREY
    assert len(set(entries.values())) == 3
    artists.one_colour_a_label(figure)
    artists.one_scale_a_row(figure)
    for axes in figure.axes:
        assert [line.get_linestyle() for line in axes.lines] == ["-", "-", "--"]
        assert len({line.get_marker() for line in axes.lines[:2]}) == 2
        bands = [artists.colour(item) for item in axes.collections]
        assert bands == [artists.colour(line) for line in axes.lines]


def of_models(count: int) -> pd.DataFrame:
    """Sensitivity of `count` models to two conditions in six layers."""
    frame = artists.divergences("layer", 6).query("b == 'l'").rename(columns={"index": "layer"}).drop(columns="a")
    parts = [frame.assign(model=f"m{k}", divergence=frame["divergence"] * (k + 1)) for k in range(count)]
    return pd.concat(parts, ignore_index=True)


def test_sensitivity_is_drawn_by_condition_a_panel_a_model() -> None:
    frame = of_models(2)
    reference = artists.divergences("layer", 9).query("b == 'l'").assign(a="t1", b="t2")
    quarters = reference.assign(unit="quarter", divergence=9.0)
    figure, table = artists.draw(sensitivity, frame, pd.concat([reference, quarters]), artists.STYLE)
    assert table["role"].tolist() == ["sensitivity"] * 24 + ["reference"] * 9
    for axes, model in zip(figure.axes, ("m0", "m1"), strict=True):
        assert artists.title(axes) == model
        for condition in ("noise", "plain"):
            own = artists.rows(frame, model=model, condition=condition)
            assert_drawn(axes, condition, own, "layer")
        # The reference in plain text, as far as the model has layers.
        plain = reference.query("condition == 'plain' and index <= 5")
        assert_drawn(axes, "reference: t1 to t2", plain, "index")
        assert axes.get_xlabel() == "layer"
        assert axes.get_ylim()[0] == 0
        styles = [line.get_linestyle() for line in axes.lines]
        assert styles[:2] == ["-", "--"]
    assert [axes.get_ylabel() for axes in figure.axes] == ["divergence from plain (nats)", ""]
    entries = artists.legend(figure)
    assert list(entries) == ["noise", "plain", "reference: t1 to t2"]
    assert entries["reference: t1 to t2"] == GREY
    assert len(set(entries.values())) == 3
    artists.one_colour_a_label(figure)
    artists.one_scale_a_row(figure)


@pytest.mark.parametrize(("layers", "markers"), [([0, 1, 2], None), ([0, 2, 3], "o")])
def test_a_layer_without_neighbours_has_a_marker(layers: list[int], markers: str | None) -> None:
    frame = of_models(1)
    figure, _ = artists.draw(sensitivity, frame[frame["layer"].isin(layers)], NONE, artists.STYLE)
    for line in figure.axes[0].lines:
        assert line.get_marker() == (markers or "None")
        gaps = np.isnan(np.asarray(line.get_ydata(), dtype=float))
        assert np.flatnonzero(gaps).tolist() == ([1] if markers else [])


def test_markers_are_left_out_where_layers_are_many() -> None:
    for count, shown in ((8, "o"), (9, "None")):
        compared = artists.divergences("layer", count)
        figure, _ = artists.draw(divergence_between_models, compared, compared[:0], "tuning", artists.STYLE)
        assert figure.axes[0].lines[0].get_marker() == shown


def test_panels_without_a_model_are_hidden() -> None:
    figure, frame = artists.draw(sensitivity, of_models(5), NONE, artists.STYLE)
    assert [axes.get_visible() for axes in figure.axes] == [True] * 5 + [False] * 3
    assert [artists.title(axes) for axes in figure.axes[:5]] == [f"m{k}" for k in range(5)]
    assert figure.axes[4].get_ylabel() == "divergence from plain (nats)"
    assert set(frame["role"]) == {"sensitivity"}
