"""The whole DAG on tiny models: everything is made, from blocks to figures, and made once."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from readalike.files.contracts.dictionary import all_tables
from readalike.files.contracts.resemblance import SCORES
from readalike.measures.overview import measure_of
from tests.latex import compiled
from tests.running import ROOT, planned, snakemake, stems_of_figures
from tests.workflow.conftest import CONDITIONS, Finished

FIGURES = stems_of_figures("short")
STATISTICS = {
    *("best-layer", "divergence", "reliance-change", "sensitivity", "sensitivity-tuning", "resemblance-tuning"),
    *("resemblance-groups", "reliance-groups", "correlations", "scaling-law"),
    *("scaling-slopes", "transfer", "planning", "conclusions", "equal-features"),
}


def test_every_figure_is_there_in_three_forms(finished: Finished) -> None:
    folder = finished.folder / "results" / "figures"
    assert len(FIGURES) >= 8
    assert {path.name for path in folder.iterdir()} == {f"{s}.{e}" for s in FIGURES for e in ("pdf", "png", "csv")}
    assert all(path.stat().st_size > 100 for path in folder.iterdir())


def test_every_table_of_statistics_has_rows_and_tested_ones(finished: Finished) -> None:
    folder = finished.folder / "results" / "statistics"
    assert {path.stem for path in folder.iterdir()} == STATISTICS
    for path in folder.iterdir():
        frame = pd.read_csv(path)
        assert len(frame), path.name
        if "p" in frame:
            assert frame["p"].notna().any(), path.name


def test_beside_every_t_test_over_readers_stands_one_over_readers_and_sentences(finished: Finished) -> None:
    keys = ["a", "b", "model", "group", "signal", "scale", "index", "side"]
    for name in ("reliance-groups", "resemblance-groups", "resemblance-tuning"):
        frame = pd.read_csv(finished.folder / f"results/statistics/{name}.csv", keep_default_na=False)
        t = frame[frame["test"].isin(["independent t", "paired t"])].set_index(keys).index
        clustered = frame[frame["test"] == "clustered t"].set_index(keys).index
        assert len(t)
        assert set(t) == set(clustered)


def test_numbers_of_tests_are_the_papers(finished: Finished) -> None:
    divergence = pd.read_csv(finished.folder / "results/statistics/divergence.csv")
    assert set(divergence.loc[divergence["comparison"] == "tuning", "n_tests"]) == {1 * 6}
    # Two scaling pairs that join different sizes are families of their own, of four quarters.
    assert set(divergence.loc[divergence["comparison"] == "scaling", "n_tests"]) == {4}
    sensitivity = pd.read_csv(finished.folder / "results/statistics/sensitivity.csv")
    by_model = sensitivity.groupby("a")["n_tests"].first().to_dict()
    assert by_model == {"small": 4, "middle": 5, "large": 2 * 6, "large-tuned": 2 * 6, "large-twin": 6}
    tuning = pd.read_csv(finished.folder / "results/statistics/resemblance-tuning.csv")
    assert set(tuning.loc[tuning["test"] == "paired t", "n_tests"]) == {1 * 2 * 6}


def test_every_table_that_holds_readers_calls_them_simulated(finished: Finished) -> None:
    held = 0
    for path in (finished.folder / "results").rglob("*.csv"):
        with path.open(encoding="utf-8") as file:
            header = next(csv.reader(file))
        if "reader" in header or ("group" in header and path.stem not in ("divergence", "sensitivity")):
            frame = pd.read_csv(path, keep_default_na=False)
            expected = {""} if path.stem == "sensitivity-tuning" else {"simulated"}
            if "figure-01" in path.name or path.parent.name == "overview":
                expected = {"simulated", ""}  # what is a model's own has no readers
            assert set(frame["readers_are"]) == expected, path
            held += 1
    assert held > 20
    with h5py.File(finished.folder / "results/gaze/L1.h5") as file:
        assert file.attrs["readers_are"] == "simulated"
    summary = (finished.folder / "results/summary.txt").read_text(encoding="utf-8").splitlines()
    assert any("simulated" in line for line in summary[:2])
    assert "simulated" in (finished.folder / "results/tables/table-05-reader-reliance.tex").read_text(encoding="utf-8")
    description = json.loads((finished.folder / "results/gaze/simulated/L1/dataset_description.json").read_text())
    assert "Simulated" in description["Name"]


def test_blocks_make_the_whole_model_and_states_are_gone(finished: Finished) -> None:
    folder = finished.folder / "results/attention/short/large"
    assert sorted(path.name for path in folder.iterdir()) == sorted(CONDITIONS)
    for name in CONDITIONS:
        assert sorted(path.name for path in (folder / name).iterdir()) == ["layers-0-3.h5", "layers-4-5.h5"]
        with h5py.File(folder / name / "layers-4-5.h5") as file:
            assert set(file) == {name, "sentence_digests"}
            assert file[f"{name}/attention"].shape[:2] == (2, 4)
            assert (file[f"{name}/loss"][:] > 0).all()
            assert file.attrs["model"] == "large"
            assert json.loads(file.attrs["conditions"]) == CONDITIONS, "those that it shared batches with"
            assert file[f"{name}/attention"].chunks == (1, 1, file[f"{name}/attention"].shape[2])


def test_resemblance_has_every_row_once(finished: Finished) -> None:
    frame = pd.read_csv(finished.folder / "results/resemblance/large/L1.csv")
    assert len(frame) == 2 * 6 * 4
    assert not frame.duplicated(["signal", "layer", "reader"]).any()
    scores = [score.name for score in SCORES]
    of_words = [name for name in scores if "b3" in name]
    assert frame[of_words].isna().all(axis=None), "surprisal is not asked for"
    assert frame[[name for name in scores if name not in of_words]].notna().all(axis=None)


def test_the_second_run_has_nothing_to_do(finished: Finished) -> None:
    assert "Nothing to be done" in snakemake(finished.folder, finished.config).stdout
    assert planned(finished.folder, finished.config) == []


@pytest.mark.slow
def test_results_do_not_depend_on_cores(finished: Finished, tmp_path: Path) -> None:
    target = "results/resemblance/small/L1.csv"
    done = snakemake(tmp_path, finished.config, "--cores", "1", target)
    assert done.returncode == 0, done.stdout[-3000:]
    assert (tmp_path / target).read_bytes() == (finished.folder / target).read_bytes()


def test_every_job_left_a_log_and_a_benchmark(finished: Finished) -> None:
    assert len(list((finished.folder / "results/benchmarks").rglob("*.tsv"))) > 40
    log = (finished.folder / "results/logs/gaze/L1.log").read_text(encoding="utf-8")
    assert "group L1: 4 readers (simulated)" in log


ASKING = [f"incontext/{name}.py" for name in ("answers", "asking", "context_attention", "through_layers")]


def test_analysis_never_imports_torch() -> None:
    package = ROOT / "src" / "readalike"
    names = sorted(
        ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
        for path in package.rglob("*.py")
        if not {"attention", "weights", "training"} & set(path.relative_to(package).parts[:-1])
        and path.stem != "resolve"
        # In-context learning: what is trained, and what asks models.
        and not path.stem.startswith("trained_")
        and path.relative_to(package).as_posix() not in ASKING
    )
    assert len(names) > 20
    code = f"import importlib, sys; [importlib.import_module(n) for n in {names!r}]; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_signals_of_readers_are_counts(finished: Finished) -> None:
    with h5py.File(finished.folder / "results/gaze/L1.h5") as file:
        number, steps = file["signals/number"][:], file["steps"][:]
    assert number.shape[0] == 4
    assert (number.sum(axis=1) <= steps).all()
    assert np.equal(np.mod(number, 1), 0).all()


def test_every_file_can_be_traced(finished: Finished) -> None:
    """To script, code, revision, configuration and inputs, by checksums that hold."""
    results = finished.folder / "results"
    others = {"provenance", "simulated", "logs", "benchmarks", "configuration.txt", "snakemake-report.html"}
    traced = [path for path in results.rglob("*") if path.is_file() and not others & set(path.parts)]
    assert len(traced) > 100
    for path in traced:
        name = path.relative_to(results)
        record = json.loads((results / "provenance" / name.parent / f"{name.name}.json").read_text(encoding="utf-8"))
        assert record["file"] == f"results/{name}"
        assert record["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest(), name
        assert (ROOT / record["script"]).is_file()
        assert re.fullmatch("[0-9a-f]{40}(-dirty)?", record["revision"])
        assert record["inputs"] or str(name) in ("columns.csv", "corpus/conditions.json", "corpus/conditions-1.json"), (
            name
        )
        for read, digest in record["inputs"].items():
            there = finished.folder / read
            if read.startswith("results/") and there.is_file():
                assert digest == hashlib.sha256(there.read_bytes()).hexdigest(), f"{name} from {read}"
    assert (results / "provenance/gaze/simulated/L1.json").is_file()
    extraction, conditions = (
        json.loads((results / "provenance" / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("attention/short/large/noise/layers-4-5.h5", "corpus/conditions-1.json")
    )
    assert conditions["arguments"]["conditions"] == CONDITIONS
    assert extraction["inputs"]["results/corpus/conditions-1.json"] == conditions["sha256"]


def test_an_overview_holds_every_measure_of_a_model(finished: Finished) -> None:
    frame = pd.read_csv(finished.folder / "results/overview/large.csv")
    not_asked = {"surprisal", "reading-times", "sinks", "landing"}
    assert set(frame["measure"]) == {measure_of(table) for table in all_tables() if table.overview} - not_asked
    assert {"resemblance", "thinned", "reliance", "entropy", "loss", "sensitivity"} <= set(frame["measure"])
    mine = frame[(frame["measure"] == "resemblance") & (frame["group"] == "L1") & (frame["quantity"] == "r2_cv")]
    table = pd.read_csv(finished.folder / "results/resemblance/large/L1.csv")
    expected = table[(table["signal"] == "number") & (table["layer"] == 5)]["r2_cv"].mean()
    found = mine[(mine["signal"] == "number") & (mine["layer"] == 5)]["mean"].item()
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_page_of_the_real_models_is_what_the_tables_say(finished: Finished, tmp_path: Path) -> None:
    """Written from this run, whose models have no family; docs/real-models.md from that of config/real-models.yaml."""
    script = ROOT / "scripts" / "project" / "describe_real_models.py"
    page = tmp_path / "page.md"
    command = [sys.executable, str(script), "--results", str(finished.folder / "results"), "--output", str(page)]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")})
    written = page.read_text(encoding="utf-8")
    results = finished.folder / "results"
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in written.splitlines() if line[:1] == "|"]
    head = pd.read_csv(results / "tables/table-headline.csv")
    for row in head.itertuples():
        added = [f"{row.r2_specific:+.4f}", f"{row.r2_unique_b0:+.4f}", f"{row.r2_unique_b1:+.4f}"]
        beyond = f"{row.r2_unique_b2:+.4f} ({row.r2_unique_b2_null:+.4f})"
        line = [row.model, str(row.layer), f"{row.r2:.4f}", f"{row.percent_of_ceiling:.1f}"]
        ends = f"[{row.r2_unique_b2_all_layers_ci_low:+.4f}, {row.r2_unique_b2_all_layers_ci_high:+.4f}]"
        line += [f"{row.r2_cv:.4f}", f"{row.r2_null:.4f}", f"{row.r2_swap:.4f}", *added, beyond]
        assert [*line, f"{row.r2_unique_b2_all_layers:+.4f} {ends}"] in rows, row
    slopes = pd.read_csv(results / "statistics/scaling-slopes.csv").query("signal == 'number' and fit == 'pooled'")
    for row in slopes[slopes["column"].isin(["nested r2_cv - r2_null", "nested r2_specific"])].itertuples():
        assert f"| {row.group} | pooled | {row.n} | {np.log(2) * row.slope:+.4f} |" in written
    transfer = pd.read_csv(results / "statistics/transfer.csv", keep_default_na=False)
    assert all(f"| {row.claim} | {row.corpus} | {row.group} |" in written for row in transfer.itertuples())
    change = pd.read_csv(results / "statistics/reliance-change.csv").query(
        "comparison == 'scaling' and condition == 'plain'"
    )
    assert f"It falls in {(change['ci_high'] < 0).sum()} of {len(change)} places" in written
    tests = pd.read_csv(results / "statistics/resemblance-groups.csv").query("signal == 'number' and scale == 'r2'")
    for model, own in tests[tests["test"] == "independent t"].groupby("model"):
        found = [row for row in rows if row[0] == model and len(row) == 7 and "/" in row[2]]
        assert [row[2].split(" / ")[0] for row in found] == [str((own["p_holm"] < 0.05).sum())]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rollout", "value-norms"])
def test_another_kind_of_attention_goes_through_every_measure(finished: Finished, tmp_path: Path, kind: str) -> None:
    """The same files, of other numbers; what was extracted of raw attention is the same beside it.

    Of one model and group; figures and tables read measures alone, so that one figure is made and the others are
    planned.
    """
    config = finished.changed() | {"attention": kind, "signal": "duration", "equal_features": False}
    config["models"] = {"large": config["models"]["large"]}
    config |= {"comparisons": {}, "scaling_law": [], "groups": {"L1": config["groups"]["L1"]}, "contrasts": []}
    done = snakemake(tmp_path, config, "measures", "results/figures/figure-06-resemblance-layers-short.csv")
    assert done.returncode == 0, done.stdout[-3000:]
    for block in ("plain/layers-0-3.h5", "plain/layers-4-5.h5"):
        with (
            h5py.File(tmp_path / "results/attention/short/large" / block) as ours,
            h5py.File(finished.folder / "results/attention/short/large" / block) as theirs,
        ):
            np.testing.assert_array_equal(ours["plain/attention"][:], theirs["plain/attention"][:])
            heads = 1 if kind == "rollout" else ours["plain/attention"].shape[1]
            assert ours["plain"][kind.replace("-", "_")].shape[1] == heads
    # Tables of measures hold both signals: only attention makes them differ.
    compared = 0
    for folder in ("resemblance", "heads", "entropy", "reliance", "sensitivity", "overview"):
        for path in sorted((tmp_path / "results" / folder).rglob("*.csv")):
            compared += 1
            name = path.relative_to(tmp_path)
            assert path.read_bytes() != (finished.folder / name).read_bytes(), name
    assert compared >= 7
    assert (tmp_path / "results/loss/short/large.csv").read_bytes() == (
        finished.folder / "results/loss/short/large.csv"
    ).read_bytes()
    figures = {path.name for path in (tmp_path / "results/figures").iterdir()}
    made, raw = (
        {Path(path).name for path in planned(folder, config | {"attention": attention}) if "/figures/" in path}
        for folder, attention in ((tmp_path, kind), (tmp_path / "raw", "raw"))
    )
    assert made | figures == raw


@pytest.mark.slow
def test_every_latex_table_compiles(finished: Finished, pdflatex: str, tmp_path: Path) -> None:
    tables = [path.read_text(encoding="utf-8") for path in sorted((finished.folder / "results/tables").glob("*.tex"))]
    assert len(tables) >= 7
    compiled(pdflatex, tmp_path, tables)


def test_captions_name_every_table_and_figure(finished: Finished) -> None:
    page = (finished.folder / "results" / "captions.md").read_text(encoding="utf-8")
    about, missing = page.split("## Not made")
    for folder in ("tables", "figures"):
        for path in (finished.folder / "results" / folder).glob("*.csv"):
            assert f"`results/{folder}/{path.name}`" in about
    assert "Resemblance to brain regions | a group with regions" in missing
    assert "4 simulated readers of L1" in about
    assert "Methods.** " in about
