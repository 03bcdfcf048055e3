"""Figures draw what they say they draw, and saving one gives the same three files each time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from scipy import stats

from readalike.corpus import Corpus, Sentence
from readalike.errors import ConfigurationError
from readalike.figures.controls import ALONE, BESIDE, SWAPPED, controls
from readalike.figures.divergence import divergence_between_models, sensitivity
from readalike.figures.patterns import patterns_by_layer
from readalike.figures.resemblance import Models, resemblance_by_layer, resemblance_by_size
from readalike.figures.saccades import saccade_matrices
from readalike.figures.style import Style, drawing, read_style, save, summarise
from readalike.files.gaze import Gaze
from tests import artists

RNG = np.random.default_rng(2)
STYLE = Style(dpi=60)
UNTESTED = pd.DataFrame(columns=["question", "a", "condition", "index", "p_holm"])


def resemblance(models: int = 2, layers: int = 4, readers: int = 6) -> pd.DataFrame:
    rows = [
        (f"m{m}", group, "simulated", "number", layer, f"sub-{k:02d}", *RNG.uniform(0.01, 0.1, 7))
        for m in range(models)
        for group in ("L1", "L2")
        for layer in range(layers)
        for k in range(readers)
    ]
    names = ["model", "group", "readers_are", "signal", "layer", "reader", "r2", "r2_cv", "r2_null", "r2_unique_b2"]
    frame = pd.DataFrame(rows, columns=[*names, "r2_residual", "r2_swap", "r2_specific"])
    return frame.assign(r2_unique_b2_null=RNG.uniform(-0.01, 0.01, len(frame)))


def of_readers(readers: int = 6) -> tuple[pd.DataFrame, pd.DataFrame]:
    keys = [(group, "number", f"sub-{k:02d}") for group in ("L1", "L2") for k in range(readers)]
    baseline = pd.DataFrame(
        [(*key, name, RNG.uniform(0.05, 0.1)) for key in keys for name in ("b0", "b1", "b2")],
        columns=["group", "signal", "reader", "baseline", "r2_cv"],
    )
    names = ("group_mean", "leave_one_out", "leave_one_out_cv", "group_mean_residual")
    rows = [(g, s, name, r, RNG.uniform(0.1, 0.2)) for g, s, r in keys for name in names]
    return baseline, pd.DataFrame(rows, columns=["group", "signal", "ceiling", "reader", "value"])


def divergences(comparison: str) -> pd.DataFrame:
    unit, count = ("quarter", 4) if comparison == "scaling" else ("layer", 6)
    rows = [
        (a, b, condition, unit, index, 1, s, RNG.uniform(0.01, 0.05))
        for a, b in (("s", "l"), ("s", "xl"))
        for condition in ("noise", "plain")
        for index in range(count)
        for s in range(5)
    ]
    names = ["a", "b", "condition", "unit", "index", "article", "sentence", "divergence"]
    return pd.DataFrame(rows, columns=names)


def texts(figure: Figure) -> str:
    return " ".join(f"{axis.get_title(loc='left')} {axis.get_ylabel()}" for axis in figure.axes)


def test_means_and_intervals_are_scipys() -> None:
    frame = pd.DataFrame({"k": ["b"] * 5 + ["a"] * 4, "v": RNG.normal(size=9)})
    frame.loc[2, "v"] = np.nan
    found = summarise(frame, ["k"], "v")
    assert found["k"].tolist() == ["b", "a"], "in order of appearance"
    for name, row in found.set_index("k").iterrows():
        values = frame.loc[frame["k"] == name, "v"].dropna()
        low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
        assert (row["mean"], row["ci_low"], row["ci_high"]) == pytest.approx((values.mean(), low, high))
        assert row["n"] == len(values)


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    baseline, ceilings = of_readers()
    frame = resemblance()
    for folder in ("a", "b"):
        with drawing(STYLE):
            figure, drawn = controls(frame, artists.yardsticks(), baseline, ceilings, STYLE)
            files = {ending: tmp_path / folder / f"figure.{ending}" for ending in ("pdf", "png", "csv")}
            save(figure, drawn, STYLE, **files)
    for ending in ("pdf", "png", "csv"):
        assert (tmp_path / "a" / f"figure.{ending}").read_bytes() == (tmp_path / "b" / f"figure.{ending}").read_bytes()
    assert sorted(path.suffix for path in (tmp_path / "a").iterdir()) == [".csv", ".pdf", ".png"]


def test_controls_show_the_layer_that_stands_for_a_model_and_the_sum_with_the_baseline() -> None:
    frame, (baseline, ceilings) = resemblance(), of_readers()
    with drawing(STYLE):
        figure, drawn = controls(frame, artists.yardsticks(), baseline, ceilings, STYLE)
    own = frame[(frame["model"] == "m1") & (frame["group"] == "L2")]
    layer = own.groupby("layer")["r2"].mean().idxmax()
    best = own[own["layer"] == layer].set_index("reader")
    row = drawn[(drawn["model"] == "m1") & (drawn["group"] == "L2")].set_index("what")
    assert set(row["layer"]) == {layer}
    assert row.loc[ALONE, "mean"] == pytest.approx(best["r2_cv"].mean())
    assert row.loc[SWAPPED, "mean"] == pytest.approx(best["r2_swap"].mean())
    known = baseline[baseline["group"] == "L2"].pivot(index="reader", columns="baseline", values="r2_cv")
    assert row.loc[BESIDE, "mean"] == pytest.approx((known["b2"] + best["r2_unique_b2"]).mean())
    assert row["baseline_b2"].iloc[0] == pytest.approx(known["b2"].mean())
    assert row["baseline_b0"].iloc[0] == pytest.approx(known["b0"].mean())
    assert "6 simulated readers" in texts(figure)


def test_layers_show_in_sample_and_held_out_with_their_ceilings() -> None:
    frame, (_, ceilings) = resemblance(models=3), of_readers()
    with drawing(STYLE):
        figure, drawn = resemblance_by_layer(frame, ceilings, Models(), STYLE)
    at = (frame["model"] == "m2") & (frame["group"] == "L1") & (frame["layer"] == 3)
    row = drawn[(drawn["model"] == "m2") & (drawn["group"] == "L1") & (drawn["layer"] == 3)].set_index("score")
    assert row.loc["r2", "mean"] == pytest.approx(frame[at]["r2"].mean())
    assert row.loc["r2_cv - r2_null", "mean"] == pytest.approx((frame[at]["r2_cv"] - frame[at]["r2_null"]).mean())
    assert row.loc["r2_specific", "mean"] == pytest.approx(frame[at]["r2_specific"].mean())
    assert "L1: 6 simulated readers" in texts(figure)


@pytest.mark.parametrize("comparison", ["scaling", "tuning"])
def test_divergence_draws_pairs_and_reference(comparison: str) -> None:
    compared = divergences(comparison)
    reference = divergences(comparison).query("b == 'l'").assign(a="t1", b="t2")
    with drawing(STYLE):
        figure, drawn = divergence_between_models(compared, reference, comparison, STYLE)
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["plain", "noise"]
    expected = compared.query("b == 'xl' and condition == 'noise' and index == 2")["divergence"].mean()
    row = drawn[(drawn["pair"] == "s to xl") & (drawn["condition"] == "noise") & (drawn["index"] == 2)]
    assert row["mean"].item() == pytest.approx(expected)
    assert set(drawn["role"]) == {"compared", "reference"}


def test_sensitivity_needs_no_reference() -> None:
    frame = divergences("tuning").query("b == 'l'").rename(columns={"a": "model", "index": "layer"})
    none = pd.DataFrame(columns=["a", "b", "condition", "unit", "index", "article", "sentence", "divergence"])
    with drawing(STYLE):
        _, drawn = sensitivity(frame, none, UNTESTED, STYLE)
    assert set(drawn["role"]) == {"sensitivity"}
    assert len(drawn) == 2 * 6


def test_a_reference_of_other_layers_alone_is_left_out() -> None:
    frame = divergences("tuning").query("b == 'l'").rename(columns={"a": "model", "index": "layer"})
    deeper = divergences("tuning").query("b == 'l'").assign(index=lambda f: f["index"] + 20)
    with drawing(STYLE):
        figure, _ = sensitivity(frame, deeper, UNTESTED, STYLE)
    assert [len(line.get_xdata()) for line in figure.axes[0].lines] == [6, 6, 0]


def test_no_stroke_crosses_layers_that_are_not_there() -> None:
    frame = divergences("tuning").query("b == 'l' and index != 2").rename(columns={"a": "model", "index": "layer"})
    none = pd.DataFrame(columns=["a", "b", "condition", "unit", "index", "article", "sentence", "divergence"])
    with drawing(STYLE):
        figure, _ = sensitivity(frame, none, UNTESTED, STYLE)
    for line in figure.axes[0].lines:
        x, y = line.get_data()
        np.testing.assert_allclose(x, range(6), atol=0.11)
        assert np.flatnonzero(np.isnan(y)).tolist() == [2]
        assert (line.get_marker() in "o^", line.get_markevery()) == (True, 1), "or a lonely layer would not be seen"


@pytest.mark.parametrize("models", [2, 4, 9])
def test_long_names_of_models_touch_nothing(models: int) -> None:
    """Titles over their own panels, the legend under all of them and inside the figure."""
    names = [f"an-instruction-tuned-model-of-{k}-billion-parameters" for k in range(models)]
    one = divergences("tuning").query("b == 'l'").rename(columns={"index": "layer"}).drop(columns="a")
    frame = pd.concat([one.assign(model=name) for name in names])
    reference = divergences("tuning").assign(a=names[0], b=names[1])
    with drawing(STYLE):
        figure, _ = sensitivity(frame, reference, UNTESTED, STYLE)
        figure.canvas.draw()
    shown = [axis for axis in figure.axes if axis.get_visible()]
    titles = [axis._left_title.get_window_extent() for axis in shown]
    boxes = [axis.get_tightbbox() for axis in shown]
    (legend,) = [legend.get_window_extent() for legend in figure.legends]
    for k, title in enumerate(titles):
        others = [*titles[:k], *titles[k + 1 :], *(box for n, box in enumerate(boxes) if n != k)]
        assert not any(title.overlaps(other) for other in others), names[k]
        assert title.x1 <= figure.bbox.x1
    assert not any(legend.overlaps(box) for box in boxes)
    assert figure.bbox.x0 <= legend.x0 < legend.x1 <= figure.bbox.x1


@pytest.mark.parametrize("models", range(1, 13))
def test_a_legend_is_inside_the_figure_at_any_resolution(models: int) -> None:
    """Text is wider or narrower by some percent: the demo's seven models fitted at 100 dots an inch, not at 300."""
    known = ["tiny-0.1m", "small-0.4m", "medium-1.1m", "large-3m", "medium-1.1m-instruct", "medium-1.1m-instruct-twin"]
    names = [*known, "large-3m-instruct", *(f"another-{k}" for k in range(5))][:models]
    frame, (_, ceilings) = resemblance(models=models), of_readers()
    frame["model"] = frame["model"].map({f"m{k}": name for k, name in enumerate(names)})
    with drawing(STYLE):
        figure, _ = resemblance_by_layer(frame, ceilings, Models(), STYLE)
        for dpi in (72, 100, 300):
            figure.set_dpi(dpi)
            figure.canvas.draw()
            (legend,) = [legend.get_window_extent() for legend in figure.legends]
            assert figure.bbox.x0 <= legend.x0 < legend.x1 <= figure.bbox.x1


def test_size_draws_the_table_it_was_given() -> None:
    law = pd.DataFrame(
        [
            (group, "measured", "number", column, size, np.log(size), 0.1 * k, 0.1 * k, 0.0, 1.0)
            for group in ("L1", "L2")
            for column in ("percent of ceiling", "nested r2_cv - r2_null", "nested r2_specific")
            for k, size in enumerate((1e6, 2e6, 5e6))
        ],
        columns=[
            *("group", "readers_are", "signal", "column", "parameters", "log_parameters", "score", "fit"),
            *("band_low", "band_high"),
        ],
    ).assign(family="", fit_within=np.nan)
    law["model"] = law["parameters"].map({1e6: "a", 2e6: "b", 5e6: "c"})
    none = pd.DataFrame(columns=["group", "signal", "column", "n", "r", "p_permutation"])
    with drawing(STYLE):
        figure, drawn = resemblance_by_size(law, none, STYLE)
    assert len(drawn) == len(law)
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["a (1M)", "b (2M)", "c (5M)"]


def test_saccade_matrices_are_one_sentences_values() -> None:
    corpus = Corpus((Sentence(1, 1, ("a", "b")), Sentence(1, 2, ("c", "d", "e"))))
    number = RNG.integers(0, 3, (2, corpus.n_pairs)).astype(float)
    gaze = Gaze("L1", ("sub-01", "sub-02"), {"number": number}, np.array([9, 9]), {}, simulated=True)
    with drawing(STYLE):
        figure, drawn = saccade_matrices(corpus, [gaze], np.arange(corpus.n_pairs, dtype=float), "m", 7, 1)
    by_panel = {name: part["value"].tolist() for name, part in drawn.groupby("panel", sort=False)}
    assert by_panel["L1, simulated reader sub-01"] == number[0, 3:].tolist()
    assert by_panel["L1, mean of 2 simulated readers"] == number[:, 3:].mean(axis=0).tolist()
    assert by_panel["m, layer 7"] == list(range(3, 9))
    assert drawn["from_text"].tolist()[:6] == ["c", "d", "d", "e", "e", "e"]
    assert figure.axes[0].get_ylabel() == "word that looks"


def test_style_is_checked() -> None:
    assert read_style({"font_size": 7}).font_size == 7
    with pytest.raises(ConfigurationError, match=r"figures\.style: unknown key size \(known: palette"):
        read_style({"size": 7})
    with pytest.raises(ConfigurationError, match="seaborn knows no palette 'greenish'"):
        read_style({"palette": "greenish"})


def test_patterns_show_the_strongest_head_of_each_layer() -> None:
    rows = [
        (model, condition, layer, head, *RNG.random(3))
        for model in ("m1", "m2")
        for condition in ("noise", "plain")
        for layer in range(3)
        for head in range(4)
    ]
    columns = ["model", "condition", "layer", "head", "to_first", "to_previous", "to_self"]
    frame = pd.DataFrame(rows, columns=columns)
    with drawing(STYLE):
        figure, drawn = patterns_by_layer(frame, "raw", STYLE)
    plain = frame[frame["condition"] == "plain"]
    for place, column in (("previous word", "to_previous"), ("first word", "to_first"), ("itself", "to_self")):
        found = drawn[drawn["place"] == place].set_index(["model", "layer"])["attention"]
        expected = plain.groupby(["model", "layer"])[column].max()
        pd.testing.assert_series_equal(found.sort_index(), expected, check_names=False)
        assert place in texts(figure)
    assert len(drawn) == 3 * 2 * 3
