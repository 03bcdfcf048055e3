"""One finished run of the whole DAG on tiny models, made once for the tests of this folder."""

import copy
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.hub_server import Hub, serving
from tests.running import ROOT, copy_of_project, few_readers, planned, short_sentences, snakemake
from tests.tiny_models import make_tiny_checkpoint

CORPUS = "short"
REPORT = {"results/report.html"}
CONDITIONS = {
    "plain": "",
    "translate": "Please translate this sentence into German:",
    "noise": "Cigarette first steel.",
}


@dataclass
class Finished:
    folder: Path
    config: dict[str, Any]
    output: str

    def changed(self) -> dict[str, Any]:
        return copy.deepcopy(self.config)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of a test run have in common; what is made there is made under `once`."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def once(folder: Path) -> Iterator[bool]:
    """Whether `folder` is still to be made; it is empty then, and a second process waits until it is whole."""
    with FileLock(folder.with_suffix(".lock")):
        made = folder.with_suffix(".made")
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        yield not made.exists()
        made.touch()


@pytest.fixture(scope="session")
def checkpoints(shared: Path) -> Path:
    """Three sizes, a tuned model and its near-twin: layers and seeds tell them apart."""
    folder = shared / "checkpoints"
    with once(folder) as new:
        if new:
            _make_checkpoints(folder)
    return folder


def _make_checkpoints(folder: Path) -> None:
    for name, layers, heads, seed in (
        ("small", 4, 2, 1),
        ("middle", 5, 4, 2),
        ("large", 6, 4, 3),
        ("large-tuned", 6, 4, 4),
        ("large-twin", 6, 4, 5),
    ):
        make_tiny_checkpoint(folder / name, layers=layers, heads=heads, seed=seed, tied=name == "small")


@pytest.fixture(scope="session")
def configuration(checkpoints: Path, shared: Path) -> dict[str, Any]:
    with once(shared / "corpus") as new:
        # Written again it would be newer than what was made of it.
        sentences = short_sentences(shared / "corpus") if new else shared / "corpus" / "sentences.tsv"
    names = ("small", "middle", "large", "large-tuned", "large-twin")
    models: dict[str, Any] = {name: {"weights": {"folder": str(checkpoints / name)}} for name in names}
    models["large"]["layers_per_job"] = 4
    return {
        "corpora": {"short": {"sentences": str(sentences)}},
        "groups": {"L1": few_readers(1, "native"), "L2": few_readers(2, "nonnative")},
        "contrasts": [["L2", "L1"]],
        "conditions": CONDITIONS,
        "models": models,
        "comparisons": {
            "scaling": [["small", "middle"], ["small", "large"]],
            "tuning": [["large", "large-tuned"]],
            "reference": ["large-tuned", "large-twin"],
        },
        "scaling_law": ["small", "middle", "large"],
        "equal_features": True,
        "bootstrap_draws": 100,
        "permutations": 100,
        "threads": 1,
        "token_budget": 256,
        "seed": 1,
    }


@pytest.fixture(scope="session")
def one_run(configuration: dict[str, Any], shared: Path) -> Finished:
    """The one run, which no test changes. Copies of it stand beside it, so that relative paths are the same."""
    run, said = shared / "run", shared / "run.output"
    with once(run) as new:
        if new:
            # Extraction is of one thread a model here: two models at a time.
            done = snakemake(run, configuration, "--resources", "gpu=2")
            assert done.returncode == 0, done.stdout[-8000:]
            said.write_text(done.stdout, encoding="utf-8")
    return Finished(run, configuration, said.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def finished(one_run: Finished, shared: Path) -> Finished:
    """A copy of the one run for each process: its tests change it."""
    folder = shared / f"run-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    shutil.copytree(one_run.folder, folder, symlinks=True)
    return Finished(folder, one_run.config, one_run.output)


@pytest.fixture
def apart(finished: Finished) -> Iterator[Finished]:
    """A copy beside the run, which other tests of this process want as it is."""
    folder = finished.folder.with_name(f"apart-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
    shutil.copytree(finished.folder, folder, symlinks=True)
    yield Finished(folder, finished.config, finished.output)
    shutil.rmtree(folder)


@dataclass
class Moved:
    """Project, inputs and results as a fresh clone beside kept results: every input is newer than every result."""

    project: Path
    folder: Path
    config: dict[str, Any]

    def planned(self) -> list[str]:
        """But for the report, which shows the configuration: its paths are absolute here, and hence others."""
        return [path for path in planned(self.folder, self.config, project=self.project) if path not in REPORT]


@pytest.fixture
def moved(finished: Finished, checkpoints: Path, tmp_path: Path) -> Moved:
    """All of it below another root, so that every path relative to another stays."""
    root = tmp_path / "root"
    project = copy_of_project(root / ROOT.relative_to("/"))
    sentences = Path(finished.config["corpora"][CORPUS]["sentences"])
    for place in (checkpoints, sentences.parent):
        shutil.copytree(place, root / place.relative_to("/"), copy_function=shutil.copyfile)
    folder = root / finished.folder.relative_to("/")
    shutil.copytree(finished.folder, folder, symlinks=True)
    config = json.loads(
        json.dumps(finished.config)
        .replace(str(checkpoints), str(root / checkpoints.relative_to("/")))
        .replace(str(sentences), str(root / sentences.relative_to("/")))
    )
    return Moved(project, folder, config)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name}: {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    """A Hub on 127.0.0.1, in place of the real one."""
    with serving() as hub:
        for key, value in {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "home")}.items():
            monkeypatch.setenv(key, value)
        yield hub
