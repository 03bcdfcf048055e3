"""`snakemake --profile slurm` on a real SLURM: where jobs ran, what they held, and the results of a local run."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import slurm
from tests.cluster.runs import outputs, submit

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def ran(
    cluster: slurm.Cluster, configuration: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """Folder and output of the whole DAG, through SLURM."""
    folder = tmp_path_factory.mktemp("cluster-run")
    done = submit(folder, configuration)
    assert done.returncode == 0, done.stdout[-8000:]
    return folder, done.stdout


def jobs_of(rule: str) -> list[dict[str, str]]:
    return [job for job in slurm.jobs_done() if re.match(rf"(rule|group)_{rule}(_|$)", job["Comment"])]


def test_results_are_those_of_a_local_run(ran: tuple[Path, str], local: Path) -> None:
    found, expected = outputs(ran[0]), outputs(local)
    stages = {name.partition("/")[0] for name in expected}
    assert {"attention", "gaze", "resemblance", "divergence", "statistics", "tables"} <= stages
    assert [name for name, content in expected.items() if found.get(name) != content] == []
    # Nothing else is there but for what is not made by the local run: other tables, and records of them.
    stages -= {"tables", "provenance", "corpus"}
    assert {name for name in found if name.partition("/")[0] in stages} <= set(expected)
    assert {"summary.txt", "report.html", "figures/figure-06-resemblance-layers-short.png"} <= set(found)


def test_every_extraction_held_one_gpu_in_the_gpu_partition(ran: tuple[Path, str]) -> None:
    jobs = jobs_of("attention")
    assert len(jobs) == 2, "a model each, though one is in two blocks"
    for job in jobs:
        assert (job["Partition"], job["State"]) == ("gpu", "COMPLETED")
        assert "gres/gpu=1" in job["AllocTRES"].split(",")


def test_analysis_held_no_gpu_and_is_few_jobs(ran: tuple[Path, str], configuration: dict[str, Any]) -> None:
    others = [job for job in slurm.jobs_done() if job not in jobs_of("attention")]
    assert {job["State"] for job in others} == {"COMPLETED"}
    assert {job["Partition"] for job in others} == {"cpu"}
    assert not [job for job in others if "gpu" in job["AllocTRES"]]
    models, groups = len(configuration["models"]), len(configuration["groups"])
    # What attention adds to each baseline, which no overview of a model has, is a job by itself.
    assert len(jobs_of("measures")) == models + models * groups
    # The page of sentences reads attention and nothing that the others make.
    assert len(jobs_of("results")) == 2
    # Beside these: a corpus, two groups of simulated readers with their gaze, human measures and yardsticks, one
    # divergence.
    assert len(others) == 2 + 2 * 2 + 2 + 1 + 4 * 2 + 1


def test_a_models_measures_run_side_by_side(ran: tuple[Path, str]) -> None:
    """From start and end of each job: when its benchmark was written, and how long it had taken."""
    spans = []
    stages = ("resemblance", "thinned", "reliance", "loss", "sensitivity")
    for path in (ran[0] / "results" / "benchmarks").rglob("*.tsv"):
        stage = path.relative_to(ran[0] / "results" / "benchmarks").parts[0]
        if stage in stages and "one" in (path.stem, path.parent.name):
            with path.open(encoding="utf-8") as file:
                seconds = float(next(csv.DictReader(file, delimiter="\t"))["s"])
            end = path.stat().st_mtime
            spans.append((end - seconds, end))
    assert len(spans) == 2 + 1 + 1 + 1 + 1
    at_once = [sum(start <= begin < end for start, end in spans) for begin, _ in spans]
    assert max(at_once) > 1


def test_memory_is_that_of_the_rules_and_covers_what_was_used(ran: tuple[Path, str]) -> None:
    lines = slurm.client("sacct", "-n", "-P", "-S", "now-1day", "-o", "JobID,ReqMem,MaxRSS").splitlines()
    requested = {line.split("|")[0]: _mb(line.split("|")[1]) for line in lines if "." not in line.split("|")[0]}
    used = {line.split("|")[0]: _mb(line.split("|")[2]) for line in lines if "." in line.split("|")[0]}
    for job in jobs_of("attention"):
        steps = [mb for step, mb in used.items() if step.split(".")[0] == job["JobID"]]
        assert 2400 < requested[job["JobID"]] < 2600, "tiny models: Snakemake and the libraries"
        assert 0 < sum(steps) < requested[job["JobID"]]


def _mb(text: str) -> float:
    units = {"K": 1 / 1024, "M": 1, "G": 1024}
    return float(text[:-1]) * units[text[-1]] if text else 0.0


def test_a_second_run_submits_nothing(ran: tuple[Path, str], configuration: dict[str, Any]) -> None:
    before = len(slurm.jobs_done())
    done = submit(ran[0], configuration)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Nothing to be done" in done.stdout
    assert len(slurm.jobs_done()) == before


def test_a_profile_of_ones_own_that_is_hidden_is_named(
    ran: tuple[Path, str], configuration: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "hides" not in ran[1]
    (tmp_path / "snakemake" / "slurm").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    said = submit(ran[0], configuration, "--dry-run").stdout
    assert f"hides {tmp_path / 'snakemake' / 'slurm'}" in said
