"""Asking for surprisal and reading times in a run that is finished: they are new, attention stays."""

import os
import shutil
from collections.abc import Iterator

import pandas as pd
import pytest

from readalike.measures.reading_times import PREDICTORS
from tests.running import snakemake
from tests.workflow.conftest import Finished


@pytest.fixture
def apart(finished: Finished) -> Iterator[Finished]:
    """A copy beside the run, which other tests of this process want as it is."""
    folder = finished.folder.with_name(f"surprisal-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
    shutil.copytree(finished.folder, folder, symlinks=True)
    yield Finished(folder, finished.config, finished.output)
    shutil.rmtree(folder)


def test_surprisal_and_reading_times_are_made_beside_attention_that_stands(apart: Finished) -> None:
    config = {**apart.changed(), "surprisal": True, "reading_times": True}
    block = apart.folder / "results/attention/short/large/plain/layers-4-5.h5"
    before = block.stat().st_mtime_ns
    target, times = "results/resemblance/large/L1.csv", "results/reading-times/large/L1.csv"
    without = pd.read_csv(apart.folder / target)
    done = snakemake(apart.folder, config, target, times)
    assert done.returncode == 0, done.stdout[-3000:]
    assert block.stat().st_mtime_ns == before
    words = pd.read_csv(apart.folder / "results/surprisal/short/large.csv", keep_default_na=False, na_values=[""])
    # This tokenizer puts no <s> first.
    assert words["surprisal"].isna().tolist() == (words["word"] == 0).tolist()
    found = pd.read_csv(apart.folder / target)
    of_b3 = ["r2_unique_b3", "r2_unique_b3_null", "baseline_b3_cv"]
    assert without[of_b3].isna().all(axis=None)
    assert found[of_b3].notna().all(axis=None)
    pd.testing.assert_frame_equal(found.drop(columns=of_b3), without.drop(columns=of_b3))
    of_times = pd.read_csv(apart.folder / times)
    assert set(of_times["predictor"]) == set(PREDICTORS)
    assert set(of_times["layer"].dropna()) == set(range(6))
    assert of_times["delta_log_likelihood"].notna().any()
    headline = pd.read_csv(apart.folder / "results/tables/table-headline.csv")
    assert headline["withheld"].str.contains("r2_unique_b3: surprisal is not asked for").all()
