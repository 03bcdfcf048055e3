"""config/paper.yaml: what a dry run of the paper's models would submit, before anything was looked up or fetched."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.running import ROOT, planned, snakemake


@pytest.fixture
def paper() -> dict[str, Any]:
    """The paper's models, on the demo's sentences and simulated readers in place of Reading Brain's events."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "config" / "paper.yaml").read_text(encoding="utf-8"))
    config["corpora"] = {"demo": {"sentences": "resources/demo/sentences.tsv"}}
    config["groups"] = {
        name: {"corpus": "demo", "saccades": {"simulate": {"readers": 4, "seed": 1, "profile": "native"}}}
        for name in config["groups"]
    }
    return config


def extractions(outputs: list[str]) -> set[str]:
    return {
        path.removeprefix("results/attention/demo/").replace("/plain/", "/")
        for path in outputs
        if path.endswith(".h5") and "/attention/" in path and "/plain/" in path
    }


def test_a_model_whose_folder_is_absent_is_left_out_with_its_comparisons(paper: dict[str, Any], tmp_path: Path) -> None:
    outputs = planned(tmp_path, paper)
    assert extractions(outputs) == {
        "gpt2-large/layers-0-35.h5",
        *(f"{name}/layers-0-31.h5" for name in ("llama-7b", "alpaca-7b", "vicuna-7b")),
        *(f"{name}/layers-0-39.h5" for name in ("llama-13b", "vicuna-13b", "vicuna-13b-v0")),
        *(f"llama-30b/layers-{k}-{k + 19}.h5" for k in range(0, 60, 20)),
        *(f"llama-65b/layers-{k}-{k + 19}.h5" for k in range(0, 80, 20)),
    }
    assert not [path for path in outputs if "alpaca-13b" in path]
    said = snakemake(tmp_path, paper, "--dry-run", "--quiet", "all").stdout
    assert "model alpaca-13b is left out: optional, and there is no folder weights/alpaca-13b" in said
    assert "comparisons.scaling: alpaca-7b with alpaca-13b is left out with it" in said
    assert "comparisons.tuning: llama-13b with alpaca-13b is left out with it" in said


def test_with_its_folder_it_is_compared(paper: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "alpaca-13b"
    folder.mkdir()
    described = {"num_hidden_layers": 40, "hidden_size": 5120, "num_attention_heads": 40, "vocab_size": 32000}
    (folder / "config.json").write_text(json.dumps(described), encoding="utf-8")
    (folder / "model.safetensors").write_bytes(b"")
    paper["models"]["alpaca-13b"]["weights"]["folder"] = str(folder)
    outputs = planned(tmp_path / "run", paper)
    assert "alpaca-13b/layers-0-39.h5" in extractions(outputs)
    assert "results/divergence/demo/tuning/llama-13b--alpaca-13b.csv" in outputs


def test_the_shipped_file_on_the_real_readers(reading_brain: Path, tmp_path: Path) -> None:
    text = (ROOT / "config" / "paper.yaml").read_text(encoding="utf-8")
    outputs = planned(tmp_path, "results: results\n" + text.replace("data/ds", f"{reading_brain}/openneuro/ds"))
    assert len(outputs) > 122
    assert "results/attention/reading-brain/llama-65b/plain/layers-60-79.h5" in outputs


def test_memory_grows_with_the_model_and_is_a_blocks_only(paper: dict[str, Any], tmp_path: Path) -> None:
    done = snakemake(tmp_path, paper, "--dry-run")
    assert done.returncode == 0, done.stdout[-3000:]
    memory = {}
    for wildcards, resources in re.findall(
        r"wildcards: corpus=demo, (model=\S+, first=\d+), last=\d+\n(?:    [pt].*\n)*    resources: (.*)",
        done.stdout,
    ):
        model, first = re.findall("=([^,]+)", wildcards)
        memory[model, int(first)] = int(re.findall(r"mem_mb=(\d+)", resources)[0])
    assert len(memory) == 14
    assert memory["llama-7b", 0] < memory["llama-13b", 0] < memory["llama-65b", 0]
    assert memory["llama-65b", 0] < 0.5 * 2 * 65_200, "a quarter of its layers at a time, in half precision"


def test_a_run_without_the_lock_is_refused(paper: dict[str, Any], tmp_path: Path) -> None:
    done = snakemake(tmp_path, paper)
    assert done.returncode != 0
    assert "is not in revisions.lock" in done.stdout
    assert "run make resolve" in done.stdout
