"""Figure 20 draws the mean gains of its table by layer, and the table of landings what its sums say."""

import numpy as np
import pandas as pd
import pytest

from readalike.figures.landing import PANELS, landing_by_layer
from readalike.files.contracts.tables import LANDING_TABLE
from readalike.files.gains import Gains
from readalike.tables.landing import chosen_layers, landing_table, nested, printed
from tests import artists


def gains() -> pd.DataFrame:
    frame = artists.resemblance().drop(columns=["r2", "r2_cv", "r2_null"])
    return frame.rename(columns={"r2_unique_b2": "gain", "r2_residual": "gain_swapped"}).assign(
        gain_shuffled=np.random.default_rng(5).normal(0, 1e-4, len(frame))
    )


def test_lines_are_means_over_readers_in_thousandths() -> None:
    frame = gains()
    figure, table = artists.draw(landing_by_layer, frame, artists.STYLE)
    panels = np.array(figure.axes).reshape(len(PANELS), -1)
    for row, column in zip(panels, PANELS, strict=True):
        for axes, group in zip(row, artists.GROUPS, strict=True):
            drawn = artists.bars(axes)
            assert list(drawn) == ["m0", "m1"]
            for model, bar in drawn.items():
                own = artists.rows(frame, group=group, model=model)
                expected = artists.intervals(own, "layer", column)
                np.testing.assert_allclose(bar[:, 1:], expected * 1000)
                assert bar[:, 0].tolist() == [0, 1, 2, 3]
                shown = artists.rows(table, group=group, model=model, attention=column)
                np.testing.assert_allclose(shown[["mean", "ci_low", "ci_high"]], expected)
            assert artists.levels(axes) == [0]
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert [artists.title(axes) for axes in panels[0]] == [f"{group}: 6 simulated readers" for group in artists.GROUPS]
    assert [axes.get_ylabel() for axes in panels[:, 0]] == [f"{label}\n(nats / 1000)" for label in PANELS.values()]
    assert {axes.get_xlabel() for axes in panels[-1]} == {"layer"}
    artists.one_colour_a_label(figure)


def sums(readers: int = 5) -> Gains:
    rng = np.random.default_rng(7)
    articles = np.array([1, 1, 2, 3, 3, 3])
    values = {
        "saccades": rng.integers(1, 9, (readers, 6)).astype(float),
        "baseline": rng.random((readers, 6)),
        "gain": rng.normal(size=(4, readers, 6)),
        "gain_swapped": rng.normal(size=(4, readers, 6)),
        "inner": np.array([[0, 0.3, 0.1], [0.2, 0.1, 0.1], [0.1, 0.2, 0.5], [0, 0, 0]]),
    }
    labels = {"model": "m", "group": "G", "readers_are": "measured"}
    return Gains(labels, tuple(f"r{k}" for k in range(readers)), np.array([2, 3, 5, 8]), articles, values)


def test_every_article_is_scored_at_the_layer_that_the_others_chose() -> None:
    found = sums()
    assert chosen_layers(found) == [1, 0, 2]
    gain, swapped = nested(found, "gain"), nested(found, "gain_swapped")
    for reader in range(5):
        total = found.sums["saccades"][reader].sum()
        for name, values in (("gain", gain), ("gain_swapped", swapped)):
            by_layer = found.sums[name][:, reader]
            expected = by_layer[1, :2].sum() + by_layer[0, 2] + by_layer[2, 3:].sum()
            assert values[reader] == pytest.approx(expected / total)
    table = landing_table([found])
    assert list(table.columns) == LANDING_TABLE.names
    row = table.iloc[0]
    assert row["layers"] == "3 2 5"
    assert row[["n", "readers_above"]].tolist() == [5, (gain > 0).sum()]
    for name, values in (("gain", gain), ("excess", gain - swapped)):
        expected = artists.interval(pd.Series(values))
        assert row[[name, f"{name}_ci_low", f"{name}_ci_high"]].tolist() == pytest.approx(list(expected))
    assert row["baseline"] == pytest.approx(np.mean(found.sums["baseline"].sum(1) / found.sums["saccades"].sum(1)))
    cells = printed(table).iloc[0]
    assert cells["Gain, thousandths"].startswith(f"{1000 * gain.mean():.2f} [")
