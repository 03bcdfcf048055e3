"""How long Snakemake takes to lay out the jobs: python tests/benchmarks/dag.py

One JSON line a case: jobs, and seconds of a dry run from nothing (median of three). The paper's configuration, with
simulated readers in place of Reading Brain's events, and made-up ones with 10 and 100 models in 20 blocks each.
Nothing is fetched, and no weights are read.
"""

import collections
import itertools
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ROUNDS = 3


def with_simulated_readers(config: dict[str, Any]) -> dict[str, Any]:
    groups = {
        name: {"corpus": "demo", "saccades": {"simulate": {"readers": 50, "seed": k, "profile": "native"}}}
        for k, name in enumerate(config["groups"])
    }
    return {**config, "corpora": {"demo": {"sentences": "resources/demo/sentences.tsv"}}, "groups": groups}


def synthetic(models: int) -> dict[str, Any]:
    """Base models of 80 layers, four to a job, each compared with the next."""
    names = [f"model-{k:03d}" for k in range(models)]
    config: dict[str, Any] = yaml.safe_load((ROOT / "config" / "paper.yaml").read_text(encoding="utf-8"))
    model = {"layers": 80, "layers_per_job": 4, "parameters": 65e9, "dtype": "float16"}
    return {
        **config,
        "models": {name: {**model, "weights": {"hub": f"owner/{name}"}} for name in names},
        "comparisons": {"scaling": [list(pair) for pair in itertools.pairwise(names)]},
        "scaling_law": names,
    }


def measure(case: str, config: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "config.yaml"
        file.write_text(yaml.safe_dump(with_simulated_readers(config), sort_keys=False), encoding="utf-8")
        command = [
            *(sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "progress", "--directory", place),
            *("--profile", str(ROOT / "workflow" / "profiles" / "demo"), "--configfile", str(file)),
        ]
        seconds = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            seconds.append(time.perf_counter() - start)
            if done.returncode != 0:
                raise SystemExit(done.stdout[-3000:] + done.stderr[-3000:])
    rules = collections.Counter(re.findall(r"^ *(?:local)?rule (\w+):", done.stdout, flags=re.MULTILINE))
    figures = {"models": len(config["models"]), "jobs": rules.total(), "extractions": rules["attention"]}
    times = {
        "seconds": round(statistics.median(seconds), 2),
        "from": round(min(seconds), 2),
        "to": round(max(seconds), 2),
    }
    print(json.dumps({"case": case, **figures, **times}), flush=True)


if __name__ == "__main__":
    measure("config/paper.yaml", yaml.safe_load((ROOT / "config" / "paper.yaml").read_text(encoding="utf-8")))
    for number in (10, 100):
        measure(f"{number} models", synthetic(number))
