"""Asking for surprisal in a run that is finished: it and what is made of it are new, attention stays."""

import pandas as pd

from tests.running import snakemake
from tests.workflow.conftest import Finished


def test_surprisal_is_made_beside_attention_that_stands(finished: Finished) -> None:
    config = {**finished.changed(), "surprisal": True}
    block = finished.folder / "results/attention/short/large/layers-4-5.h5"
    before = block.stat().st_mtime_ns
    target = "results/resemblance/large/L1.csv"
    without = pd.read_csv(finished.folder / target)
    done = snakemake(finished.folder, config, target)
    assert done.returncode == 0, done.stdout[-3000:]
    assert block.stat().st_mtime_ns == before
    words = pd.read_csv(finished.folder / "results/surprisal/short/large.csv", keep_default_na=False, na_values=[""])
    # This tokenizer puts no <s> first.
    assert words["surprisal"].isna().tolist() == (words["word"] == 0).tolist()
    found = pd.read_csv(finished.folder / target)
    of_b3 = ["r2_unique_b3", "r2_unique_b3_null", "baseline_b3_cv"]
    assert without[of_b3].isna().all(axis=None)
    assert found[of_b3].notna().all(axis=None)
    pd.testing.assert_frame_equal(found.drop(columns=of_b3), without.drop(columns=of_b3))
    headline = pd.read_csv(finished.folder / "results/tables/table-headline.csv")
    assert headline["withheld"].str.contains("r2_unique_b3: surprisal is not asked for").all()
