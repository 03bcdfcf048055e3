"""Ceilings, reliance and baseline of the Reading Brain readers: every value measured on the public events comes out."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest
from scipy.stats import ttest_ind

from readalike.corpus import Corpus
from readalike.files.gaze import Gaze
from readalike.gaze.events import rebuild_corpus
from readalike.gaze.saccades import group_gaze
from readalike.measures import human

SHARED = Path(__file__).parents[2].parent / "shared" / "reading-brain"
EVENTS = {"L1": SHARED / "openneuro" / "ds003974", "L2": SHARED / "openneuro" / "ds003988"}
EXCLUDE: Mapping[str, Mapping[str, str]] = {"L1": {"sub-01": "excluded by the paper's authors"}, "L2": {}}

pytestmark = pytest.mark.skipif(not SHARED.exists(), reason=f"no {SHARED}: the Reading Brain events are not here")


def expected_rows() -> pd.DataFrame:
    if not SHARED.exists():
        return pd.DataFrame(columns=["quantity", "group", "value", "tolerance", "source"])
    rows = pd.read_csv(SHARED / "expected.csv", keep_default_na=False)
    return rows[rows["source"].str.startswith("events")]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return rebuild_corpus(list(EVENTS.values()))


@pytest.fixture(scope="module")
def groups(corpus: Corpus) -> dict[str, Gaze]:
    return {
        name: group_gaze(name, [folder], corpus, exclude=EXCLUDE[name], simulated=False)
        for name, folder in EVENTS.items()
    }


@pytest.fixture(scope="module")
def tables(corpus: Corpus, groups: dict[str, Gaze]) -> dict[str, pd.DataFrame]:
    """Ceilings, reliance and baseline of both groups, from the functions that the rules call."""
    make: dict[str, Callable[[Gaze, Corpus], pd.DataFrame]] = {
        "ceiling": human.ceilings,
        "reliance": human.reliance,
        "baseline": lambda gaze, corpus: human.baseline_of_readers(gaze, corpus).query("baseline == 'b0'"),
    }
    return {
        name: pd.concat([function(gaze, corpus) for gaze in groups.values()]).set_index(["group", "signal"])
        for name, function in make.items()
    }


STATISTICS: Mapping[str, Callable[[pd.Series], float]] = {
    "mean": lambda values: float(values.mean()),
    "min": lambda values: float(values.min()),
    "max": lambda values: float(values.max()),
    "s.e.": lambda values: float(values.sem()),  # standard deviation with n - 1, over the root of n
}


def measured(
    quantity: str, group: str, corpus: Corpus, groups: dict[str, Gaze], tables: dict[str, pd.DataFrame]
) -> float:
    counts = {"pairs": corpus.n_pairs, "words": corpus.n_words, "sentences": len(corpus.sentences)}
    if quantity in counts:
        return counts[quantity]
    if quantity == "readers":
        return len(groups[group].readers)
    if quantity == "saccades":
        return int(groups[group].steps.sum())
    if quantity == "number: reliance, L2 above L1, t":
        both = [tables["reliance"].loc[(name, "number"), "r2"] for name in ("L2", "L1")]
        return float(ttest_ind(*both).statistic)
    if found := re.fullmatch(r"(\w+): (reliance|baseline) (r2|r2_cv), (mean|min|max|s\.e\.)", quantity):
        signal, table, column, statistic = found.groups()
        # The published values are of least squares.
        return STATISTICS[statistic](tables[table].loc[(group, signal), column.replace("r2_cv", "r2_cv_ols")])
    if found := re.fullmatch(r"(\w+): ceiling (\w+)", quantity):
        signal, kind = found.groups()
        kind = kind.replace("_cv", "_cv_ols")
        rows = tables["ceiling"].loc[(group, signal)]
        return float(rows[rows["ceiling"] == kind]["value"].mean())
    raise AssertionError(f"expected.csv asks for {quantity!r}: compute it here")


@pytest.mark.parametrize("row", list(expected_rows().itertuples()), ids=lambda row: f"{row.quantity}-{row.group}")
def test_expected_value(
    row: "pd.core.frame.Pandas", corpus: Corpus, groups: dict[str, Gaze], tables: dict[str, pd.DataFrame]
) -> None:
    found = measured(row.quantity, row.group, corpus, groups, tables)
    assert found == pytest.approx(float(row.value), rel=0, abs=float(row.tolerance))
