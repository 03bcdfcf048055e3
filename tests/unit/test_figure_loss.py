"""Figure 5 draws Table 1: loss across, percent of the ceiling up, with the least-squares line."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.figures.loss import LOSSES, resemblance_by_loss
from tests import artists


def table(models: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(12)
    rows = [
        (f"m{k}", group, readers_are, *rng.uniform(1, 9, 3))
        for k in range(models)
        for group, readers_are in (("L1", "measured"), ("L2", "simulated"))
    ]
    columns = ["model", "group", "readers_are", "loss_per_token", "loss_per_word", "percent_of_ceiling"]
    return pd.DataFrame(rows, columns=columns)


def test_points_and_line_are_scipys() -> None:
    frame = table()
    figure, drawn = artists.draw(resemblance_by_loss, frame, artists.STYLE)
    for place, axes in enumerate(figure.axes):
        group, column = artists.GROUPS[place // 2], list(LOSSES)[place % 2]
        own = artists.rows(frame, group=group).set_index("model")
        for model, line in artists.lines(axes).items():
            assert line.get_xydata().tolist() == [[own.loc[model, column], own.loc[model, "percent_of_ceiling"]]]
            assert line.get_linestyle() == "None"
        (fit,) = [line for line in axes.lines if line.get_label().startswith("_")]
        x, y = own[column], own["percent_of_ceiling"]
        found = stats.linregress(x, y)
        np.testing.assert_allclose(fit.get_xdata(), [x.min(), x.max()])
        np.testing.assert_allclose(fit.get_ydata(), found.intercept + found.slope * np.array([x.min(), x.max()]))
        (note,) = axes.texts
        r, p = stats.pearsonr(x, y)
        assert note.get_text() == f"r = {r:.2f}, p = {p:.2g}, n = {len(x)} models"
        row = artists.rows(drawn, group=group, loss=column).iloc[0]
        assert (row["r"], row["p"], row["slope"]) == pytest.approx((r, p, found.slope))


def test_panels_are_labelled() -> None:
    figure, _ = artists.draw(resemblance_by_loss, table(), artists.STYLE)
    assert [artists.title(axes) for axes in figure.axes] == ["L1", "", "L2 (simulated)", ""]
    assert [axes.get_xlabel() for axes in figure.axes] == ["", "", *LOSSES.values()]
    assert [axes.get_ylabel() for axes in figure.axes] == ["percent of the ceiling", ""] * 2
    artists.one_colour_a_label(figure)


def test_two_models_have_no_line_and_what_is_not_known_no_point() -> None:
    frame = table(3)
    frame.loc[(frame["model"] == "m2") & (frame["group"] == "L1"), "loss_per_token"] = np.nan
    frame.loc[(frame["model"] == "m1") & (frame["group"] == "L2"), "percent_of_ceiling"] = np.nan
    figure, drawn = artists.draw(resemblance_by_loss, frame, artists.STYLE)
    assert [len(axes.texts) for axes in figure.axes] == [0, 1, 0, 0]
    assert len(drawn) == 2 + 3 + 2 + 2
    assert drawn["r"].notna().sum() == 3
