"""Figures 2, 3 and 4 draw means over sentences with their intervals, and the reference beside them."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from readalike.figures.divergence import MARKS, POINTS, divergence_between_models, sensitivity
from readalike.figures.style import GREY
from tests import artists

NONE = pd.DataFrame(columns=["a", "b", "condition", "unit", "index", "article", "sentence", "divergence"])

# Of two conditions in six layers: both models above the reference, m1 above its base, and what was not tested.
TESTED = pd.DataFrame(
    [
        *(
            ("sensitivity above reference", model, condition, layer, 0.001 * (layer + 1) ** 3)
            for model in ("m0", "m1")
            for condition in ("noise", "translate")
            for layer in range(6)
        ),
        *(("tuned above base", "m1", "translate", layer, 0.2 - 0.04 * layer) for layer in range(6)),
        ("excess over noise", "m1", "translate", 0, np.nan),
        ("something else", "m1", "translate", 0, 0.0),
    ],
    columns=["question", "a", "condition", "index", "p_holm"],
)


def assert_drawn(axes: Axes, label: str, own: pd.DataFrame, by: str, first: int = 0, aside: float = 0) -> None:
    """The line of this label, and the bars drawn with it, are the means and intervals of `own`, so far aside."""
    place = [line.get_label() for line in axes.lines].index(label)
    expected = artists.intervals(own, by, "divergence")
    at = np.sort(own[by].unique()) + first + aside
    np.testing.assert_allclose(axes.lines[place].get_xydata(), np.column_stack([at, expected[:, 0]]))
    np.testing.assert_allclose(artists.uprights(axes)[place], np.column_stack([at, expected[:, 1:]]))


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
        assert_drawn(axes, "s to l", own[own["b"] == "l"], "index", first, -0.1)
        assert_drawn(axes, "s to xl", own[own["b"] == "xl"], "index", first, 0.1)
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
        assert [line.get_marker() for line in axes.lines] == ["o", "^", ""]
        assert axes.lines[2].get_linestyle() not in ("-", "None")
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
    figure, table = artists.draw(sensitivity, frame, pd.concat([reference, quarters]), TESTED[:0], artists.STYLE)
    assert table["role"].tolist() == ["sensitivity"] * 24 + ["reference"] * 9
    for axes, model in zip(figure.axes, ("m0", "m1"), strict=True):
        assert artists.title(axes) == model
        for condition, aside in (("noise", -0.1), ("plain", 0.1)):
            own = artists.rows(frame, model=model, condition=condition)
            assert_drawn(axes, condition, own, "layer", aside=aside)
        # The reference in plain text, as far as the model has layers.
        plain = reference.query("condition == 'plain' and index <= 5")
        assert_drawn(axes, "reference: t1 to t2", plain, "index")
        assert axes.get_xlabel() == "layer"
        assert axes.get_ylim()[0] == 0
        assert [line.get_marker() for line in axes.lines] == ["o", "^", ""]
    assert [axes.get_ylabel() for axes in figure.axes] == ["divergence from plain (nats)", ""]
    entries = artists.legend(figure)
    assert list(entries) == ["noise", "plain", "reference: t1 to t2"]
    assert entries["reference: t1 to t2"] == GREY
    assert len(set(entries.values())) == 3
    artists.one_colour_a_label(figure)
    artists.one_scale_a_row(figure)


def test_a_shorter_reference_is_drawn_at_the_relative_depth_at_which_it_is_tested() -> None:
    reference = artists.divergences("layer", 3).query("b == 'l'").assign(a="t1", b="t2")
    figure, _ = artists.draw(sensitivity, of_models(1), reference, TESTED[:0], artists.STYLE)
    means = reference.query("condition == 'plain'").groupby("index")["divergence"].mean()
    line = artists.lines(figure.axes[0])["reference: t1 to t2"]
    assert list(line.get_xdata()) == list(range(6))
    # round(0, 0.4, 0.8, 1.2, 1.6, 2), six layers on three.
    np.testing.assert_allclose(line.get_ydata(), means[[0, 0, 1, 1, 2, 2]])


@pytest.mark.parametrize("missing", [[], [1]])
def test_a_layer_without_neighbours_has_a_marker(missing: list[int]) -> None:
    frame = of_models(1)
    frame = frame[~frame["layer"].isin(missing)]
    reference = artists.divergences("layer", 6).query("b == 'l' and index not in @missing")
    figure, _ = artists.draw(sensitivity, frame, reference, TESTED[:0], artists.STYLE)
    for line, marker in zip(figure.axes[0].lines, ("o", "^", "." if missing else ""), strict=True):
        assert (line.get_marker(), line.get_markevery()) == (marker, 1)
        gaps = np.isnan(np.asarray(line.get_ydata(), dtype=float))
        assert np.flatnonzero(gaps).tolist() == missing


def test_some_points_have_markers_where_layers_are_many() -> None:
    for count, every in ((8, 1), (16, 2), (80, 10)):
        compared = artists.divergences("layer", count)
        figure, _ = artists.draw(divergence_between_models, compared, compared[:0], "tuning", artists.STYLE)
        assert figure.axes[0].lines[0].get_markevery() == every


def test_marks_stand_at_the_layers_that_the_tests_say() -> None:
    """One row a question and condition, above all lines; the table says the same."""
    frame = of_models(2).query("condition != 'plain'")
    frame = pd.concat([frame, frame.assign(condition="translate")])
    figure, table = artists.draw(sensitivity, frame, NONE, TESTED, artists.STYLE)
    shown = {"sensitivity above reference": "noise translate", "tuned above base": "translate"}
    rows = [(question, condition) for question, conditions in shown.items() for condition in conditions.split()]
    for axes, model in zip(figure.axes, ("m0", "m1"), strict=True):
        marks = [points for points in artists.points(axes) if len(points) or True][: len(rows)]
        for (question, condition), points in zip(rows, marks, strict=True):
            own = artists.rows(TESTED, question=question, condition=condition, a=model)
            assert points[:, 0].tolist() == own.loc[own["p_holm"] < 0.05, "index"].tolist()
        heights = [set(points[:, 1]) for points in marks if len(points)]
        assert heights == sorted(heights, key=max, reverse=True)
        tops = [line.get_ydata().max() for line in axes.lines]
        lowest = 1 - 0.045 * (len(rows) - 0.5)
        assert max(tops) < lowest * axes.get_ylim()[1]
    entries = list(artists.legend(figure))
    assert entries == ["noise", "translate", "above the reference", "above its base"]
    told = table[table["model"] == "m1"].set_index(["condition", "layer"])["tuned_above_base"]
    own = artists.rows(TESTED, question="tuned above base", a="m1").set_index(["condition", "index"])["p_holm"] < 0.05
    assert {key: told[key] for key in own.index} == own.to_dict()


def test_a_model_that_is_tuned_from_two_has_a_mark_where_either_test_says_so() -> None:
    frame = of_models(2).query("condition != 'plain'").assign(condition="translate")
    other = TESTED[TESTED["question"] == "tuned above base"].assign(p_holm=[0.01, *[0.9] * 5])
    figure, table = artists.draw(sensitivity, frame, NONE, pd.concat([TESTED, other]), artists.STYLE)
    told = table[table["model"] == "m1"].set_index("layer")["tuned_above_base"]
    assert told.to_dict() == {0: True, 1: False, 2: False, 3: False, 4: True, 5: True}
    assert len(figure.axes) == 2


@pytest.mark.parametrize("count", [1, 8, 20])
def test_lines_keep_most_of_the_panel_however_many_rows_of_marks_there_are(count: int) -> None:
    one = of_models(2).query("condition != 'plain'")
    names = [f"instruction {k}" for k in range(count)]
    frame = pd.concat([one.assign(condition=name) for name in names])
    tests = pd.concat([TESTED[TESTED["condition"] == "translate"].assign(condition=name) for name in names])
    figure, _ = artists.draw(sensitivity, frame, NONE, tests, artists.STYLE)
    highest = max(np.nanmax(band[:, 2]) for axes in figure.axes for band in artists.uprights(axes))
    for axes in figure.axes:
        assert 0.55 * axes.get_ylim()[1] < highest < axes.get_ylim()[1]
        marks = [points for points in artists.points(axes) if len(points)]
        assert min(points[:, 1].min() for points in marks) >= 0.6


def test_the_legend_stands_in_the_panel_without_a_model() -> None:
    figure, frame = artists.draw(sensitivity, of_models(5), NONE, TESTED[:0], artists.STYLE)
    assert [axes.get_visible() for axes in figure.axes] == [True] * 6, "two rows of three, not two of four"
    assert [artists.title(axes) for axes in figure.axes[:5]] == [f"m{k}" for k in range(5)]
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == ["divergence from plain (nats)"] * 2
    beside = figure.axes[5].get_legend()
    assert [text.get_text() for text in beside.get_texts()] == ["noise", "plain"], "the empty place has the legend"
    assert not figure.axes[5].axison
    assert artists.line(figure) == POINTS + MARKS
    assert set(frame["role"]) == {"sensitivity"}
