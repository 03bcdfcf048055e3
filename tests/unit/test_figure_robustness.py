"""Specification curves by what their artists draw."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure

from readalike.figures.robustness import choices, drawn, specification_curves
from readalike.figures.style import GREY
from readalike.tables.variants import CLAIMS
from tests import artists

TABLE = artists.variants()
ORDER = ("size", "tuning", "groups", "patterns", "instructions")  # of the panels, row by row
TIMES = {"R2": 100.0}


def panels(figure: Figure) -> dict[str, tuple[Axes, Axes]]:
    """Curve and matrix of each conclusion."""
    by_title = {" ".join(axis.get_title(loc="left").split()): axis for axis in figure.axes}
    found = {}
    for name, claim in CLAIMS.items():
        top = by_title[claim[0].upper() + claim[1:]]
        found[name] = top, figure.axes[figure.axes.index(top) + (1 if name in ("size",) else 2)]
    return found


FIGURE, FRAME = artists.draw(specification_curves, TABLE, artists.STYLE)


@pytest.mark.parametrize("name", ORDER)
def test_estimates_stand_in_order_with_their_intervals(name: str) -> None:
    top, _ = panels(FIGURE)[name]
    own = TABLE[TABLE["conclusion"] == name]
    times = 100.0 if own["unit"].iloc[0] == "R2" else 1.0
    found = []
    for container in top.containers:
        assert isinstance(container, ErrorbarContainer)
        x, y = container.lines[0].get_data()
        ends = [segment[:, 1] for segment in container.lines[2][0].get_segments()]
        found += [(int(a), b, *end, container.get_label()) for a, b, end in zip(x, y, ends, strict=True)]
    found.sort()
    assert [place for place, *_ in found] == list(range(len(own)))
    expected = own.sort_values("estimate", kind="stable")
    for given, value in ((1, "estimate"), (2, "ci_low"), (3, "ci_high")):
        np.testing.assert_allclose([row[given] for row in found], times * expected[value], rtol=1e-12)
    for row, (outcome, alone) in zip(found, expected[["outcome", "outcome_alone"]].to_numpy(), strict=True):
        label = outcome if outcome == alone else f"{alone} by p alone, not after Holm"
        assert row[4] == label


def test_marks_of_an_outcome_have_one_colour_and_what_holds_by_p_alone_is_open() -> None:
    looks = {c.get_label(): c.lines[0] for c in panels(FIGURE)["size"][0].containers}
    assert looks["supports"].get_fillstyle() == "full"
    assert looks["supports by p alone, not after Holm"].get_fillstyle() == "none"
    assert artists.colour(looks["supports"]) == artists.colour(looks["supports by p alone, not after Holm"])
    assert artists.colour(looks["supports"]) != artists.colour(looks["contradicts"])
    assert artists.colour(looks["cannot tell"]) == GREY
    assert looks["supports"].get_marker() != looks["contradicts"].get_marker()


@pytest.mark.parametrize("name", ORDER)
def test_the_matrix_marks_what_each_variant_has(name: str) -> None:
    _, bottom = panels(FIGURE)[name]
    own = TABLE[TABLE["conclusion"] == name].sort_values("estimate", kind="stable").reset_index(drop=True)
    listed = choices(drawn(TABLE[TABLE["conclusion"] == name]))
    assert listed[-1] == ("strict", "yes")
    shown = [label.get_text() for label in bottom.get_yticklabels()]
    assert shown == ["strict" if dimension == "strict" else value for dimension, value in listed]
    for at, (dimension, value) in enumerate(listed):
        places = sorted(x for part in artists.points(bottom) for x, y in part if y == at)
        assert places == list(own.index[own[dimension] == value]), (dimension, value)


def test_choices_are_in_the_order_of_the_list_and_only_those_that_differ() -> None:
    listed = choices(drawn(TABLE[TABLE["conclusion"] == "groups"]))
    assert [value for dimension, value in listed if dimension == "layers"] == ["best", "own best", "all", "any"]
    assert not [value for dimension, value in listed if dimension == "condition"], "all are plain"


def test_a_conclusion_that_is_not_asked_says_so() -> None:
    figure, frame = artists.draw(specification_curves, artists.variants(absent="tuning"), artists.STYLE)
    top, _ = panels(figure)["tuning"]
    assert " ".join(top.texts[0].get_text().split()) == "Not asked: no such pair."
    assert not top.containers
    assert "tuning" not in set(frame["conclusion"])


def test_the_csv_has_what_is_drawn() -> None:
    assert len(FRAME) == len(TABLE)
    own = FRAME[FRAME["conclusion"] == "size"]
    pd.testing.assert_series_equal(own["shown_estimate"], 100 * own["estimate"], check_names=False)
    assert own["shown_estimate"].is_monotonic_increasing
    nats = FRAME[FRAME["conclusion"] == "instructions"]
    assert (nats["shown_estimate"] == nats["estimate"]).all()
