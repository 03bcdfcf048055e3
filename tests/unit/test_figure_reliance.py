"""Figures 8, 9 and 11 draw the reliance of their tables."""

import numpy as np
import pandas as pd
import pytest

from readalike.figures.reliance import by_layer, change_by_quarter
from tests import artists

PAIRS = [("s", "m"), ("m", "l")]


def change() -> pd.DataFrame:
    rng = np.random.default_rng(13)
    rows = [
        (comparison, a, b, condition, quarter, value, value - 0.1, value + 0.3)
        for comparison in ("scaling", "tuning")
        for a, b in PAIRS
        for condition in ("noise", "plain")
        for quarter in (3, 1, 0, 2)
        for value in [rng.normal()]
    ]
    columns = ["comparison", "a", "b", "condition", "quarter", "change", "ci_low", "ci_high"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize("comparison", ["scaling", "tuning"])
def test_bars_are_percent_of_change_with_their_intervals(comparison: str) -> None:
    frame = change()
    withheld = (frame["a"] == "m") & (frame["quarter"] == 2)
    frame.loc[withheld, ["change", "ci_low", "ci_high"]] = np.nan
    figure, drawn = artists.draw(change_by_quarter, frame, comparison, artists.STYLE)
    (axes,) = figure.axes
    bars = {item.get_label(): item for item in axes.containers if item.get_label() in ("s to m", "m to l")}
    assert list(bars) == ["s to m", "m to l"]
    for k, (a, b) in enumerate(PAIRS):
        own = artists.rows(frame, comparison=comparison, a=a, b=b, condition="plain").sort_values("quarter")
        container = bars[f"{a} to {b}"]
        np.testing.assert_allclose([bar.get_height() for bar in container], 100 * own["change"])
        places = [bar.get_x() + bar.get_width() / 2 for bar in container]
        np.testing.assert_allclose(places, np.arange(1, 5) + 0.4 * (k - 0.5))
        segments = container.errorbar[2][0].get_segments()
        for segment, (_, row) in zip(segments, own.iterrows(), strict=True):
            if np.isnan(row["change"]):
                assert len(segment) == 0, "no interval where the change is withheld"
            else:
                np.testing.assert_allclose(sorted(segment[:, 1]), 100 * row[["ci_low", "ci_high"]].astype(float))
    assert len({bar[0].get_hatch() for bar in bars.values()}) == 2, "apart in grey"
    assert len(drawn) == 8
    assert list(artists.legend(figure)) == ["s to m", "m to l"]
    assert (axes.get_xlabel(), artists.levels(axes)) == ("quarter of layers", [0])
    assert list(axes.get_xticks()) == [1, 2, 3, 4]


def test_lines_are_means_of_heads_and_bands_their_middle_half() -> None:
    rng = np.random.default_rng(14)
    rows = [
        (model, condition, layer, head, rng.random())
        for model in ("m0", "m1")
        for condition in ("noise", "plain")
        for layer in (0, 2, 1)
        for head in range(5)
    ]
    frame = pd.DataFrame(rows, columns=["model", "condition", "layer", "head", "r2"])
    # A head that never varies has no R2.
    frame.loc[(frame["layer"] == 1) & (frame["head"] == 4), "r2"] = np.nan
    figure, table = artists.draw(by_layer, frame, artists.STYLE)
    (axes,) = figure.axes
    plain = frame[frame["condition"] == "plain"]
    for k, (model, line) in enumerate(artists.lines(axes).items()):
        of_model = plain[plain["model"] == model].dropna(subset="r2")
        own = [part["r2"].to_numpy() for _, part in of_model.groupby("layer")]
        np.testing.assert_allclose(line.get_ydata(), [values.mean() for values in own])
        expected = [[layer, *np.quantile(values, [0.25, 0.75])] for layer, values in enumerate(own)]
        np.testing.assert_allclose(artists.bands(axes)[k], expected)
    assert len(table) == 6
    assert axes.get_ylim()[0] == 0
    artists.one_colour_a_label(figure)
