"""One finished run of the whole DAG on tiny models, shared by the tests of this folder."""

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.running import few_readers, short_sentences, snakemake
from tests.tiny_models import make_tiny_checkpoint

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
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sizes, a tuned model and its near-twin: layers and seeds tell them apart."""
    folder = tmp_path_factory.mktemp("checkpoints")
    for name, layers, heads, seed in (
        ("small", 4, 2, 1),
        ("middle", 5, 4, 2),
        ("large", 6, 4, 3),
        ("large-tuned", 6, 4, 4),
        ("large-twin", 6, 4, 5),
    ):
        make_tiny_checkpoint(folder / name, layers=layers, heads=heads, seed=seed, tied=name == "small")
    return folder


@pytest.fixture(scope="session")
def configuration(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    sentences = short_sentences(tmp_path_factory.mktemp("corpus"))
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
        "bootstrap_draws": 100,
        "permutations": 100,
        "threads": 1,
        "token_budget": 256,
        "seed": 1,
    }


@pytest.fixture(scope="session")
def finished(configuration: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("run")
    done = snakemake(folder, configuration)
    assert done.returncode == 0, done.stdout[-8000:]
    return Finished(folder, configuration, done.stdout)
