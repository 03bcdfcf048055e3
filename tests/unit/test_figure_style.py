"""What all figures share: means with intervals, colours, gaps and one legend."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from readalike.figures.style import Style, colours, legend_below, summarise
from tests import artists


def test_summaries_keep_the_order_of_their_keys_and_count_what_is_there() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"k": ["b"] * 5 + ["a"] * 2 + ["c"] + ["d"], "v": [*rng.normal(size=8), np.nan]})
    frame.loc[2, "v"] = np.nan
    found = summarise(frame, ["k"], "v")
    assert found.columns.tolist() == ["k", "mean", "ci_low", "ci_high", "n"]
    assert found["k"].tolist() == ["b", "a", "c", "d"]
    assert found["n"].tolist() == [4, 2, 1, 0]
    for row, name in zip(found.to_numpy()[:2], "ba", strict=True):
        expected = artists.interval(frame.loc[frame["k"] == name, "v"].dropna())
        assert row[1:4].tolist() == pytest.approx(list(expected))
    assert found["mean"][2] == frame["v"][7]
    assert found.loc[2:, ["ci_low", "ci_high"]].isna().all(axis=None), "one value has no interval"


@pytest.mark.parametrize("palette", ["colorblind", "Set2"])
def test_any_number_of_names_has_as_many_colours(palette: str) -> None:
    for count in (1, 8, 10, 11, 25):
        found = colours([f"m{k}" for k in range(count)], Style(palette=palette))
        assert list(found) == [f"m{k}" for k in range(count)]
        assert len(set(found.values())) == count


def test_a_legend_has_an_entry_a_label_in_as_few_rows_as_fit() -> None:
    for names, rows in ((["a", "b"], 1), ([f"a name that takes its place {k}" for k in range(9)], 3)):

        def two_panels(names: list[str] = names) -> tuple[Figure, pd.DataFrame]:
            figure, axes = plt.subplots(1, 2, figsize=(7, 2))
            for axis in axes:
                for k, name in enumerate(names):
                    axis.plot([0, 1], [k, k], label=name, color="black")
            legend_below(figure, "what points are")
            return figure, pd.DataFrame()

        figure, _ = artists.draw(two_panels)
        assert list(artists.legend(figure)) == names
        assert artists.line(figure) == "what points are"
        (legend,) = figure.legends
        assert -(-len(names) // legend._ncols) == rows
