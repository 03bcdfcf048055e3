"""Figure 35 draws the headline's two scores beyond b2, a model a row."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from readalike.figures.all_layers import APART, SHOWN, in_order, layer_and_all
from readalike.files.contracts.tables import HEADLINE
from tests import artists

MODELS = ["large", "small", "drawn", "far", "apart"]
SIZES = {"large": 9e6, "small": 1e6, "drawn": 9e6, "apart": 3e6}
TWINS = {"drawn": "large", "apart": "gone"}
EXPECTED = ["small", "large", "drawn", "far", "apart"]


def headline(models: list[str]) -> pd.DataFrame:
    """Of two groups; a third has brain regions, and no such score."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame([(group, model) for group in (*artists.GROUPS, "scanned") for model in models],
                         columns=["group", "model"])  # fmt: skip
    for column in SHOWN:
        low, mean, high = np.sort(rng.normal(0.002, 0.002, (3, len(frame))), axis=0)
        frame = frame.assign(**{column: mean, f"{column}_ci_low": low, f"{column}_ci_high": high})
    frame = frame.assign(readers_are="simulated", n=6)
    frame.loc[frame["group"] == "scanned", "r2_unique_b2_all_layers"] = np.nan
    return frame.reindex(columns=HEADLINE.names)


def drawn(head: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    return artists.draw(layer_and_all, head, SIZES, TWINS, ["drawn", "apart"], artists.STYLE)


def test_each_point_is_the_headlines_with_its_interval() -> None:
    head = headline(MODELS)
    # A model that was not looked at on one group's text.
    head = head[(head["model"] != "small") | (head["group"] != "L2")]
    figure, table = drawn(head)
    assert len(figure.axes) == 2
    for axis, group in zip(figure.axes, artists.GROUPS, strict=True):
        own = head[head["group"] == group].set_index("model").reindex(EXPECTED)
        bars = artists.bars(axis, across=True)
        assert list(bars) == list(SHOWN.values())
        for at, (column, label) in zip((-APART, APART), SHOWN.items(), strict=True):
            there = own[[column, f"{column}_ci_low", f"{column}_ci_high"]].dropna()
            known = bars[label][~np.isnan(bars[label][:, 1])]
            np.testing.assert_allclose(known[:, 1:], there)
            np.testing.assert_allclose(known[:, 0], [EXPECTED.index(name) + at for name in there.index])
            shown = artists.rows(table, group=group, what=column).set_index("model").loc[there.index]
            np.testing.assert_allclose(shown[["mean", "ci_low", "ci_high"]], there)
        assert artists.title(axis) == f"{group}: 6 simulated readers"
        assert artists.levels(axis, upright=True) == [0]
    names = ["small", "large", "drawn (untrained)", "far", "apart (untrained)"]
    assert list(artists.ticks(figure.axes[0], "y").values()) == names
    assert figure.axes[0].get_ylim() == (4.5, -0.5), "the first on top"
    artists.one_colour_a_label(figure)


def test_a_run_of_one_model_and_group() -> None:
    figure, table = drawn(headline(["far"]).query("group == 'L1'"))
    assert len(figure.axes) == 1
    assert len(table) == 2


@pytest.mark.parametrize("models", [MODELS, MODELS[::-1]])
def test_untrained_models_stand_below_their_trained_twin(models: list[str]) -> None:
    assert in_order(models, SIZES, TWINS)[:3] == ["small", "large", "drawn"]
    assert set(in_order(models, SIZES, TWINS)) == set(MODELS)
