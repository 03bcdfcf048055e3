"""A small configuration, its results made on this machine, and the same through a SLURM that the tests start."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import slurm
from tests.cluster.runs import Run, copied
from tests.running import few_readers, short_sentences, snakemake
from tests.tiny_models import make_tiny_checkpoint

SUMS_UP = ("results/tables/verdict.csv", "results/tables/table-headline.csv", "results/tables/robustness.csv")
# Two models, one of them in two blocks of layers.
LAYERS = {"one": 6, "two": 4}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[slurm.Cluster]:
    if reason := slurm.missing():
        # Where it must run, as in .ci/run, a cluster that cannot be started is no reason to pass.
        (pytest.fail if os.environ.get("READALIKE_CLUSTER") == "required" else pytest.skip)(reason)
    with slurm.started(tmp_path_factory.mktemp("slurm") / "cluster") as running:
        yield running


@pytest.fixture(scope="session")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("inputs")
    for k, (name, layers) in enumerate(LAYERS.items()):
        make_tiny_checkpoint(folder / name, layers=layers, seed=k)
    sentences = short_sentences(folder)
    models: dict[str, Any] = {name: {"weights": {"folder": str(folder / name)}} for name in LAYERS}
    models["one"]["layers_per_job"] = 3
    return {
        "corpora": {"short": {"sentences": str(sentences)}},
        "groups": {"L1": few_readers(1, "native"), "L2": few_readers(2, "nonnative")},
        "contrasts": [["L2", "L1"]],
        "conditions": {"plain": "", "noise": "Cigarette first steel."},
        "models": models,
        "comparisons": {"scaling": [["two", "one"]]},
        "bootstrap_draws": 100,
        "permutations": 100,
        "threads": 1,
        "token_budget": 256,
        "seed": 1,
    }


@pytest.fixture(scope="session")
def local(configuration: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is computed, on this machine, and what sums it up; no figures and report, which are made of it."""
    folder = tmp_path_factory.mktemp("local")
    done = snakemake(folder, configuration, "measures", "statistics", *SUMS_UP)
    assert done.returncode == 0, done.stdout[-5000:]
    return folder


@pytest.fixture(scope="session")
def prepared(local: Path, configuration: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same but for all that is made of the model `two`: what a fault can hit."""
    folder = tmp_path_factory.mktemp("prepared")
    targets = [f"results/gaze/{group}.h5" for group in configuration["groups"]]
    done = snakemake(folder, configuration, *targets, "results/overview/one.csv")
    assert done.returncode == 0, done.stdout[-5000:]
    return folder


@pytest.fixture
def run(
    cluster: slurm.Cluster, prepared: Path, configuration: dict[str, Any], tmp_path: Path
) -> Iterator[Callable[..., Run]]:
    """Starts a run; nothing of it is left behind."""
    runs: list[Run] = []

    def starting(*arguments: str, folder: Path | None = None) -> Run:
        # Beside the prepared folder: paths of the inputs are relative to it.
        place = folder or copied(prepared, prepared.parent / f"run-{tmp_path.name}")
        runs.append(Run(place, configuration, *arguments))
        return runs[-1]

    yield starting
    for each in runs:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()
        shutil.rmtree(each.folder, ignore_errors=True)
    slurm.client("scancel", "-u", "root", check=False)
    slurm.wait_for("an empty queue", lambda: not slurm.jobs_known(), 120)
    cluster.node("resume")
    cluster.wait_until_idle()
