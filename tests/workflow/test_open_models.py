"""config/open-models.yaml: planned without a network, and looked up on a Hub on 127.0.0.1 with tiny models in place."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from readalike.weights.revisions import entry_name, read_revisions
from tests.hub_server import Hub
from tests.running import ROOT, as_yaml, planned, script, snakemake
from tests.tiny_models import make_tiny_checkpoint


@pytest.fixture
def open_models() -> dict[str, Any]:
    """The models, on the demo's sentences and simulated readers in place of Reading Brain's events."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "config" / "open-models.yaml").read_text(encoding="utf-8"))
    config["corpora"] = {"demo": {"sentences": "resources/demo/sentences.tsv"}}
    config["groups"] = {
        name: {"corpus": "demo", "saccades": {"simulate": {"readers": 4, "seed": 1, "profile": "native"}}}
        for name in config["groups"]
    }
    return config


def test_every_model_is_planned_with_its_memory_before_anything_was_looked_up(
    open_models: dict[str, Any], tmp_path: Path
) -> None:
    outputs = planned(tmp_path / "plan", open_models)
    for model, entry in open_models["models"].items():
        last, size = entry["layers"] - 1, entry.get("layers_per_job", entry["layers"])
        for first in range(0, entry["layers"], size):
            name = f"layers-{first}-{min(first + size - 1, last)}.h5"
            assert f"results/attention/demo/{model}/plain/{name}" in outputs
    done = snakemake(tmp_path / "dry", open_models, "--dry-run")
    assert done.returncode == 0, done.stdout[-3000:]
    memory = dict(
        re.findall(r"model=(\S+), first=0, last.*\n(?:    [pt].*\n)*    resources: .*mem_mb=(\d+)", done.stdout)
    )
    assert set(memory) == set(open_models["models"])
    # A node of 64 GB and a GPU of 40 GB are enough for each.
    assert max(map(int, memory.values())) < 40_000
    assert int(memory["pythia-70m"]) < int(memory["pythia-1.4b"]) < int(memory["qwen2.5-7b"])


@pytest.mark.slow
def test_every_repository_is_looked_up_at_its_revision(open_models: dict[str, Any], hub: Hub, tmp_path: Path) -> None:
    tiny = make_tiny_checkpoint(tmp_path / "tiny", layers=2)
    sources = {entry_name(model["weights"]): model["weights"] for model in open_models["models"].values()}
    pushed = {name: hub.push(source["hub"], tiny, source.get("revision", "main")) for name, source in sources.items()}
    for model in open_models["models"].values():
        model["layers"] = 2  # of the models in place
    file, lock = tmp_path / "config.yaml", tmp_path / "revisions.lock"
    file.write_text(as_yaml(open_models), encoding="utf-8")
    lock.write_text("{}\n", encoding="utf-8")
    done = script("project/resolve.py", "--config", file, "--lock", lock)
    assert done.returncode == 0, done.stderr[-3000:]
    assert {name: entry.commit for name, entry in read_revisions(lock).items()} == pushed
    assert len(pushed) == len(open_models["models"]) == 27
    assert "model.safetensors" not in hub.asked("GET"), "nothing is fetched yet"
