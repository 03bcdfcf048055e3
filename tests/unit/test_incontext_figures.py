"""Tables and figures of in-context learning: lines are the formulas of their tables, points what was drawn."""

import numpy as np
import pandas as pd
import pytest

from readalike.figures import incontext_parity, incontext_regression
from readalike.files.contracts import incontext as contracts
from readalike.incontext import parity_tables, regression_tables, verdict
from tests import artists
from tests.legible import alike, colliding
from tests.unit.test_incontext_trained import PARITY, REGRESSION

RISK = regression_tables.risks(REGRESSION, 1)
CROSSINGS = regression_tables.crossings(REGRESSION, 1)
KEPT = regression_tables.shrinkage(REGRESSION, 1)
ACCURACY = parity_tables.accuracies(PARITY, 1)
ORDER = parity_tables.order(ACCURACY, PARITY)
MARGINS = parity_tables.margins(PARITY)
TRAINED = pd.DataFrame(
    [(r, s, i, 1.0 + s, 0.1, 0.01, False, 0.5) for r in (1, 2) for s in range(2) for i in (1, 2)],
    columns=contracts.TRAINED_REGRESSION.names,
).assign(examples=10)


def trained(drop: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Heads of which the larger start higher, and lose `drop` more for all labels flipped."""
    rng = np.random.default_rng(4)
    tested = pd.DataFrame(
        [
            (z, 0.1, m, s, tasks, n, e, 0.8 + 0.002 * m - drop * m * e / 10 + rng.normal(0, 1e-4), *[0.8] * 4)
            for z in ("finite", "exact")
            for m in (4, 16)
            for s in range(16)
            for tasks in ("frequent", "uncovered")
            for n in (32, 128)
            for e in (0.0, 0.2, 0.4)
        ],
        columns=contracts.TRAINED_PARITY.names,
    )
    weight = pd.DataFrame(
        [
            (z, 0.1, m, s, i + 1, (1 / 4 if i < 4 else 0.001 * m) + rng.normal(0, 1e-4), 0.1, 1.0, 0.9)
            for z in ("finite", "exact")
            for m in (4, 16)
            for s in range(16)
            for i in range(8)
        ],
        columns=contracts.TRAINED_WEIGHT.names,
    )
    return tested, weight


def test_tables_hold_what_their_contracts_say() -> None:
    for frame, table in (
        (RISK, contracts.RISK), (CROSSINGS, contracts.CROSSINGS), (KEPT, contracts.SHRINKAGE),
        (ACCURACY, contracts.ACCURACY), (ORDER, contracts.ORDER), (MARGINS, contracts.MARGINS),
        (regression_tables.descents(REGRESSION, 1), contracts.DESCENT),
    ):  # fmt: skip
        assert list(frame.columns) == table.names
    parts = ["bias", "spread", "omission", "unmodelled", "labels", "inputs"]
    np.testing.assert_allclose(RISK[parts].sum(axis=1), RISK["risk"])
    # Cells share prompts: 500 of them, and risks far from normal.
    assert ((RISK["simulated"] - RISK["risk"]).abs() < 5 * RISK["simulated_error"]).all()
    assert ((ACCURACY["simulated"] - ACCURACY["accuracy"]).abs() < 5 * ACCURACY["simulated_error"]).all()
    assert set(RISK["noise_in"]) == {"labels", "inputs", "both"}
    descents = regression_tables.descents(REGRESSION, 1)
    assert ((descents["loss"] - descents["optimum"]).groupby(descents["rank"]).min() < 1e-6).all()
    pd.testing.assert_frame_equal(regression_tables.risks(REGRESSION, 1), RISK)


def test_the_error_of_the_turning_share_is_that_of_repeated_draws() -> None:
    row = ORDER.iloc[0]
    cells = ACCURACY[ACCURACY["flips"] == row["flips"]].set_index(["covered", "tasks"])
    rng = np.random.default_rng(1)
    small, large, beyond = (
        rng.normal(cells.loc[key, "simulated"], cells.loc[key, "simulated_error"], 20_000)
        for key in ((4, "frequent"), (8, "frequent"), (8, "uncovered"))
    )
    shares = (small - large) / (small - large + beyond - 0.5)
    assert row["simulated_error"] == pytest.approx(shares.std(), rel=0.05)


def checked(figure: object) -> None:
    assert alike(figure) == []  # type: ignore[arg-type]
    assert colliding(figure) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["noise", "rank", "shrinkage", "trained layers", "length", "accuracy", "order", "heads", "weight"]
)
def test_figures_are_legible(name: str) -> None:
    tested, weight = trained(0.2)
    drawn = {
        "noise": lambda: incontext_regression.noise_and_rank(RISK, CROSSINGS, artists.STYLE),
        "rank": lambda: incontext_regression.best_rank(RISK, CROSSINGS, artists.STYLE),
        "shrinkage": lambda: incontext_regression.shrinkage(KEPT, TRAINED.iloc[:0], artists.STYLE),
        "trained layers": lambda: incontext_regression.shrinkage(KEPT, TRAINED, artists.STYLE),
        "length": lambda: incontext_regression.risk_and_length(RISK, artists.STYLE),
        "accuracy": lambda: incontext_parity.parity_accuracy(ACCURACY, artists.STYLE),
        "order": lambda: incontext_parity.parity_order(ORDER, artists.STYLE),
        "heads": lambda: incontext_parity.trained_accuracy(tested, artists.STYLE),
        "weight": lambda: incontext_parity.trained_weight(weight, artists.STYLE),
    }[name]
    figure, _ = artists.draw(lambda: drawn())
    checked(figure)


def test_lines_are_formulas_and_points_what_was_drawn() -> None:
    figure, _ = artists.draw(incontext_regression.noise_and_rank, RISK, CROSSINGS, artists.STYLE)
    for axes, kind in zip(figure.axes, ("labels", "inputs"), strict=True):
        own = RISK[(RISK["noise_in"] == kind) & (RISK["examples"] == 10) & (RISK["demonstrations"] == 10)]
        bars = artists.bars(axes)
        lines = [line for line in axes.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 1]
        for rank, line in zip(range(3), lines, strict=True):
            part = own[own["rank"] == rank].sort_values("noise")
            np.testing.assert_allclose(line.get_ydata(), part["risk"])
            np.testing.assert_allclose(bars[f"rank {rank}"][:, 1], part["simulated"])
            np.testing.assert_allclose(bars[f"rank {rank}"][:, 3], part["simulated"] + 2 * part["simulated_error"])
        crosses = [line for line in axes.lines if line.get_marker() == "x" and len(line.get_xdata())]
        at = CROSSINGS[(CROSSINGS["noise_in"] == kind) & (CROSSINGS["crossing"] <= own["noise"].max())]["crossing"]
        assert [float(line.get_xdata()[0]) for line in crosses] == pytest.approx(sorted(at, reverse=True))


def test_differences_of_trained_heads_are_paired_by_start() -> None:
    tested, _ = trained(0.2)
    _, table = artists.draw(incontext_parity.trained_accuracy, tested, artists.STYLE)
    own = tested.query("z == 'finite' and tasks == 'frequent' and examples == 32 and flips == 0.2")
    wide = own.pivot(index="start", columns="heads", values="accuracy")
    apart = wide[4] - wide[16]
    row = table.query("tasks == 'frequent' and examples == 32 and flips == 0.2").iloc[0]
    assert row["mean"] == pytest.approx(apart.mean())
    assert row["error"] == pytest.approx(apart.std(ddof=1) / 4)


def test_the_verdict_says_yes_and_no_as_the_tables_do() -> None:
    regression = list(verdict.regression_lines(RISK, CROSSINGS))
    assert regression[0].startswith("Smaller ranks are more robust to noise in the labels shown: yes, when")
    assert ": no, at 0 of 2 levels of noise" in regression[1]
    turned = RISK.assign(risk=RISK["risk"].where(RISK["noise_in"] != "both", RISK["rank"].astype(float)))
    assert ": yes, at 2 of 2" in list(verdict.regression_lines(turned, CROSSINGS))[1]
    parity = " ".join(verdict.parity_lines(ACCURACY, ORDER, MARGINS))
    assert "yes, in 2 of 2 settings" in parity
    tested, weight = trained(0.2)
    lines = list(verdict.trained_parity_lines(tested, weight, 4))
    assert "yes, at 0.2, 0.4 flipped" in " ".join(lines)
    tested, weight = trained(0.0)
    lines = list(verdict.trained_parity_lines(tested, weight.assign(weight=1 / 8), 4))
    assert "no, at no rate of flips" in " ".join(lines)
    assert "(few demonstrations, rare tasks 0.1): no:" in lines[0]
