"""The calibration of the tests over readers and sentences: its parts, and a reduced run of it with many seeds."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readalike.measures.human import on_others
from tests.benchmarks import calibration
from tests.benchmarks.calibration import rates
from tests.benchmarks.calibration_page import COLUMNS, LEVEL, page, verdict
from tests.benchmarks.calibration_worlds import DESIGNS, Design, world

SMALL = Design("small", readers=6, sentences=15)
SEEDS = 200
# A rate of 5 percent lies outside of these bounds in one of 1,000 runs of as many seeds, at either end.
FEWEST, MOST = stats.binom.ppf([0.001, 0.999], SEEDS, LEVEL)


def test_the_faster_way_predicts_what_the_workflow_predicts_of_the_other_readers() -> None:
    made = world(SMALL, 1)
    expected = on_others(made.groups[0].T, made.article).predicted.T
    np.testing.assert_allclose(calibration.from_others(made.groups[0], made.article), expected, atol=1e-8)


@pytest.mark.parametrize("shuffle", ["own", "one", "swap"])
def test_a_shuffle_moves_what_it_says(shuffle: str) -> None:
    still, moved = (world(Design("", shuffle=name, readers=6, sentences=30), 2) for name in ("", shuffle))
    a, b = still.groups[0], moved.groups[0]
    assert not np.array_equal(a, b)
    np.testing.assert_array_equal(np.sort(a, axis=0), np.sort(b, axis=0))
    together = sorted(map(tuple, a)) == sorted(map(tuple, b))
    assert together == (shuffle != "own"), "whole pairs move, or each reader's alone"
    sentences = [sorted(map(bytes, np.split(of, made.offsets[1:-1]))) for of, made in ((a, still), (b, moved))]
    assert (sentences[0] == sentences[1]) == (shuffle == "swap"), "whole sentences move"
    for X, Z in zip(still.base, moved.base, strict=True):
        np.testing.assert_array_equal(X, Z)


def test_a_table_of_rates_and_its_page(tmp_path: Path) -> None:
    found = pd.concat(
        [rates("alike", SMALL, range(3)), rates("planted", SMALL, range(3)), calibration.bounds(range(3))]
    )
    assert list(found.columns) == COLUMNS
    assert found["rejected"].between(0, 3).all()
    assert set(found["question"]) == {"tuned against base", "one group against another", "equivalence"}
    text = page(found)
    assert DESIGNS["alike"].truth in text
    assert text.count("| r2: clustered t |") == 4
    assert "SEEDS" not in text


@pytest.mark.parametrize(
    ("rejected", "seeds", "said"),
    [(33, 1000, "too rarely"), (34, 1000, "right"), (66, 1000, "right"), (67, 1000, "**too often**")],
)
def test_a_verdict_is_of_the_binomial_distribution(rejected: int, seeds: int, said: str) -> None:
    assert verdict(rejected, seeds) == said


@pytest.fixture(scope="module")
def alike() -> pd.DataFrame:
    return rates("alike", DESIGNS["alike"], range(SEEDS)).set_index(["question", "test"])


TUNING, GROUPS = "tuned against base", "one group against another"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "test"),
    [
        (TUNING, "r2: clustered t"),
        (TUNING, "r2_cv: clustered t"),
        (TUNING, "r2: largest t of 3 layers, flips of sentences and readers"),
        (GROUPS, "r2: clustered t"),
        (GROUPS, "r2: flips of sentences and readers"),
        (GROUPS, "reliance: clustered t"),
        (GROUPS, "percent_of_ceiling: clustered t"),
        (GROUPS, "percent_cv: clustered t"),
    ],
)
def test_tests_keep_their_level_where_attention_resembles_readers(
    alike: pd.DataFrame, question: str, test: str
) -> None:
    row = alike.loc[(question, test)]
    assert FEWEST <= row["rejected"] <= MOST
    if np.isfinite(row["ratio"]):
        assert 0.8 < row["ratio"] < 1.25  # 0.9 to 1.15, and 200 seeds: a standard error of 5 percent


@pytest.mark.slow
def test_tests_that_take_sentences_as_fixed_do_not(alike: pd.DataFrame) -> None:
    for test in ("r2: t over readers", "r2: largest t of 3 layers, flips of readers"):
        assert alike.loc[(TUNING, test), "rejected"] > 2 * MOST


@pytest.mark.slow
def test_a_planted_difference_is_found() -> None:
    found = rates("planted", DESIGNS["planted"], range(100)).set_index(["question", "test"])
    for question in (TUNING, GROUPS):
        assert found.loc[(question, "r2: clustered t"), "rejected"] > 70
