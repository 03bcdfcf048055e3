"""A small configuration, its results made on this machine, and the same through a SLURM that the tests start."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import slurm
from tests.running import ROOT, as_yaml, few_readers, short_sentences, snakemake
from tests.tiny_models import make_tiny_checkpoint

# Two models, one of them in two blocks of layers.
LAYERS = {"one": 6, "two": 4}
# The profile's own waits are for a cluster on which jobs take minutes.
IMPATIENT = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10")


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
    """The whole of it on this machine."""
    folder = tmp_path_factory.mktemp("local")
    done = snakemake(folder, configuration)
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


def command(folder: Path, configuration: dict[str, Any], *arguments: str) -> list[str]:
    """snakemake --profile slurm on a configuration, from the project's root; results in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(as_yaml({"results": "results", **configuration}), encoding="utf-8")
    return [
        *(sys.executable, "-m", "snakemake", "--profile", "slurm", "--directory", str(folder), *IMPATIENT),
        *(*arguments, "--configfile", str(folder / "config.yaml")),
    ]


def submit(folder: Path, configuration: dict[str, Any], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to the end; both streams in stdout."""
    return subprocess.run(
        ["timeout", "-k", "5", "-s", "INT", "400", *command(folder, configuration, *arguments)],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "check": False, "cwd": ROOT},
    )


def outputs(folder: Path) -> dict[str, bytes]:
    """Every result, by its path below results/; what jobs said and how long they took differs by run."""
    results = folder / "results"
    files = {str(path.relative_to(results)): path for path in results.rglob("*") if path.is_file()}
    return {name: file.read_bytes() for name, file in files.items() if not name.startswith(("logs/", "benchmarks/"))}


def assert_same(found: Path, expected: Path, below: str = "") -> None:
    """The same files with the same bytes, below a folder of results."""
    a, b = (
        {name: content for name, content in outputs(f).items() if name.startswith(below)} for f in (found, expected)
    )
    assert sorted(a) == sorted(b)
    assert [name for name in a if a[name] != b[name]] == []
    assert a, "there is something to compare"


def copied(folder: Path, to: Path) -> Path:
    """A folder of results with its metadata, times of files included."""
    shutil.copytree(folder, to, symlinks=True)
    return to
