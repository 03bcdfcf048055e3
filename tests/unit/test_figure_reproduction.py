"""The figure of the reproduction draws computed over published, a row a value."""

import pandas as pd
import pytest

from readalike.figures.reproduction import published_against_computed
from tests import artists


def values() -> pd.DataFrame:
    rows = [
        ("Table 2", "best_r2", "LLaMA", "7", "L1", "as released", "0.20", 0.10, "agrees"),
        ("Table 3", "t_p", "LLaMA", "7", "L1", "as released", "0.01", 0.02, "agrees"),
        ("Table 4", "loss", "GPT-2", "", "", "computed", "4", 5.0, "differs"),
        ("Table 5", "loss", "GPT-2", "", "", "computed", "4", None, "not computable here"),
        ("Table 6", "loss", "Vicuna", "13", "L2", "computed", "2", 2.0, "agrees"),
    ]
    names = ["source", "quantity", "model", "size_billion", "group", "basis", "published", "computed", "status"]
    return pd.DataFrame(rows, columns=names)


def test_ratios_stand_in_the_row_of_their_label() -> None:
    figure, frame = artists.draw(published_against_computed, values(), artists.STYLE)
    (axes,) = figure.axes
    drawn = {label: line.get_xydata().tolist() for label, line in artists.lines(axes).items()}
    assert drawn == {"agrees (2)": [[0.5, 0], [1, 2]], "differs (1)": [[1.25, 1]]}
    assert artists.ticks(axes, "y") == {
        0: "Table 2: best r2 LLaMA 7 L1 (as released)",
        1: "Table 4: loss GPT-2  (computed)",
        2: "Table 6: loss Vicuna 13 L2 (computed)",
    }
    assert frame["ratio"].tolist() == pytest.approx([0.5, 1.25, 1])


def test_agreement_is_a_line_at_one_and_the_first_row_is_at_the_top() -> None:
    figure, _ = artists.draw(published_against_computed, values(), artists.STYLE)
    (axes,) = figure.axes
    upright = [line for line in axes.lines if line.get_transform() == axes.get_xaxis_transform(which="grid")]
    assert [list(line.get_xdata()) for line in upright] == [[1, 1]]
    low, high = axes.get_ylim()
    assert low > high
    assert axes.get_xlabel() == "computed / published"


def test_a_status_has_a_colour_and_a_marker() -> None:
    figure, _ = artists.draw(published_against_computed, values(), artists.STYLE)
    entries = artists.legend(figure)
    assert list(entries) == ["agrees (2)", "differs (1)"]
    assert len(set(entries.values())) == 2
    artists.one_colour_a_label(figure)
    lines = artists.lines(figure.axes[0]).values()
    assert len({line.get_marker() for line in lines}) == 2
    assert {line.get_linestyle() for line in lines} == {"None"}
