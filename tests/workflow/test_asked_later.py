"""Asking for more in a run that is finished: it and what is made of it are new, what stood before stays."""

import pandas as pd
import pytest

from readalike.measures.reading_times import PREDICTORS, SUMMED_SLOPES
from readalike.statistics.reading_times import SLOPE_OF_ALL
from tests.running import snakemake
from tests.workflow.conftest import Finished


@pytest.mark.slow
def test_surprisal_and_reading_times_are_made_beside_attention_that_stands(apart: Finished) -> None:
    config = {**apart.changed(), "surprisal": True, "reading_times": True}
    block = apart.folder / "results/attention/short/large/plain/layers-4-5.h5"
    before = block.stat().st_mtime_ns
    config |= {"comparisons": {}, "scaling_law": [], "equal_features": False}
    config["models"] = {"large": config["models"]["large"]}
    target, times = "results/resemblance/large/L1.csv", "results/reading-times/large/L1.csv"
    made_of_it = ("results/statistics/reading-times.csv", "results/figures/figure-34-reading-times-short.csv")
    without = pd.read_csv(apart.folder / target)
    done = snakemake(apart.folder, config, target, *made_of_it, "results/tables/verdict.csv")
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
    tests = pd.read_csv(apart.folder / made_of_it[0])
    slopes = tests[tests["question"] == SLOPE_OF_ALL]
    assert set(slopes["scale"]) == set(SUMMED_SLOPES)
    assert set(slopes["bound"]) == {0.01}
    assert set(pd.read_csv(apart.folder / made_of_it[1])["what"]) == {"slope", "by model", "by layer"}
    verdict = pd.read_csv(apart.folder / "results/tables/verdict.csv", keep_default_na=False)
    own = verdict[verdict["question"].str.contains("how long words are read") & (verdict["main"] == "yes")]
    assert own["answer"].tolist() == ["cannot tell"] * 2
    assert own["why"].str.startswith("4 readers").all()
    headline = pd.read_csv(apart.folder / "results/tables/table-headline.csv")
    assert headline["withheld"].str.contains("r2_unique_b3: surprisal is not asked for").all()


@pytest.mark.slow
def test_sinks_landings_and_an_untrained_twin_are_asked_of_a_model_that_stands(apart: Finished) -> None:
    """Down to the robustness table and the verdict; of one model, whose attention and scores stay as they are."""
    config = {**apart.changed(), "sinks": True, "landing": True, "equal_features": False}
    config |= {"comparisons": {}, "scaling_law": []}
    weights = config["models"]["small"]["weights"]
    config["models"] = {"small": {"weights": weights}, "drawn": {"weights": {**weights, "untrained": 1}}}
    stand = [
        apart.folder / "results" / path
        for path in ("attention/short/small/plain/layers-0-3.h5", "resemblance/small/L1.csv", "beyond/small/L1-sums.h5")
    ]
    before = [path.stat().st_mtime_ns for path in stand]
    landing = ("results/tables/table-landing.csv", "results/figures/figure-20-landing-short.csv")
    done = snakemake(apart.folder, config, "results/tables/robustness.csv", "results/verdict.txt", *landing)
    assert done.returncode == 0, done.stdout[-3000:]
    assert [path.stat().st_mtime_ns for path in stand] == before
    found = pd.read_csv(apart.folder / "results/tables/robustness.csv", keep_default_na=False, na_values=[""])
    conclusions = pd.read_csv(apart.folder / "results/statistics/conclusions.csv")
    about = {"test": "readers", "layers": "all"}

    def mean(model: str, group: str, table: str, column: str) -> float:
        frame = pd.read_csv(apart.folder / f"results/{table}/{model}/{group}.csv").query("signal == 'number'")
        return float((frame[column] - frame[f"{column}_null"]).mean())

    for score, column in (
        ("renormalised", "r2_unique_b2_renormalised"),
        ("no first word", "r2_unique_b2_others"),
        ("no first word, renormalised", "r2_unique_b2_others_renormalised"),
    ):
        labels = {"conclusion": "groups", "score": f"beyond b2, {score}", **about}
        row = found[(found[list(labels)] == list(labels.values())).all(axis=1)].iloc[0]
        of_groups = [mean("small", group, "sinks", column) for group in ("L2", "L1")]
        assert row["estimate"] == pytest.approx(of_groups[0] - of_groups[1]), "the untrained one is in no mean"
        assert row["n_models"] == 1
        clustered = {**labels, "test": "readers and sentences"}
        assert found[(found[list(clustered)] == list(clustered.values())).all(axis=1)]["estimate"].notna().all()
    scored = {model: mean(model, "L1", "resemblance", "r2_unique_b2") for model in ("small", "drawn")}
    expected = {
        "": scored["small"], ", untrained": scored["drawn"], ", above untrained": scored["small"] - scored["drawn"],
    }  # fmt: skip
    for score, estimate in expected.items():
        labels = {"conclusion": "beyond", "score": f"beyond b2{score}", "readers": "L1", **about}
        row = conclusions[(conclusions[list(labels)] == list(labels.values())).all(axis=1)].iloc[0]
        assert row["estimate"] == pytest.approx(estimate), score
    text = " ".join((apart.folder / "results/verdict.txt").read_text(encoding="utf-8").split())
    assert text.count("above untrained: cannot tell") == 4, "four readers are too few"
    for path in landing:
        assert {"small", "drawn"} <= set(pd.read_csv(apart.folder / path)["model"])
    assert pd.read_csv(apart.folder / landing[0])["gain"].notna().all()
