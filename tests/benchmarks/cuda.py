"""Extraction on a CUDA device: time, memory, and how far halves are from float32. python -m tests.benchmarks.cuda

A model of LLaMA 7B's shape but for its depth (8 layers, random weights, 400 tokens), made on the device; the demo's
sentences in four conditions. Ways take turns, three rounds; medians. Prints tables in Markdown.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from readalike.attention.blocks import Block
from readalike.attention.extract import Extraction, extract_block
from readalike.corpus import Corpus, Sentence
from readalike.weights.description import read_config
from readalike.weights.tensors import Checkpoint
from tests.tiny_models import DEMO, tokenizer

ROUNDS = 3
BUDGETS = (512, 2048, 8192, 32768)
DTYPES = ("float32", "bfloat16", "float16")
CONDITIONS = {
    "plain": "",
    "translate": "Please translate this sentence into German:",
    "paraphrase": "Please paraphrase this sentence:",
    "noise": "Cigarette first steel convenience champion.",
}


def demo() -> Corpus:
    rows = (line.split("\t") for line in DEMO.read_text(encoding="utf-8").splitlines()[1:])
    return Corpus(tuple(Sentence(int(row[0]), int(row[1]), tuple(row[2].split())) for row in rows))


def wide_model(folder: Path, layers: int) -> Path:
    """Weights of LLaMA 7B's shape drawn on the device; std 0.02, as its makers begin."""
    config = AutoConfig.for_model(
        "llama", hidden_size=4096, intermediate_size=11008, num_attention_heads=32, num_hidden_layers=layers,
        vocab_size=len(tokenizer()), max_position_embeddings=2048, bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    torch.manual_seed(0)
    with torch.device("cuda"):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    del model
    torch.cuda.empty_cache()
    return folder


def extract(folder: Path, corpus: Corpus, layers: int, *, device: str, dtype: str, budget: int) -> Extraction:
    return extract_block(
        Checkpoint(folder), corpus, CONDITIONS, model_name="wide", first=0, last=layers - 1, layers=layers,
        dtype=dtype, token_budget=budget, threads=torch.get_num_threads(), device=device, progress=False,
    )  # fmt: skip


def loaded(folder: Path, layers: int, dtype: str) -> float:
    """Seconds to read the weights and bring them to the device."""
    checkpoint = Checkpoint(folder)
    start = time.perf_counter()
    block = Block(checkpoint, read_config(checkpoint), 0, layers - 1, getattr(torch, dtype))
    block.to(torch.device("cuda"))
    torch.cuda.synchronize()
    return time.perf_counter() - start


def row(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def by_way(folder: Path, corpus: Corpus, layers: int) -> None:
    """Whole jobs: weights read, all texts through all layers, arrays at hand."""
    ways = [("cuda", dtype, 4096) for dtype in DTYPES] + [("cuda", "bfloat16", budget) for budget in BUDGETS]
    seconds: dict[tuple[str, str, int], list[float]] = {way: [] for way in ways}
    memory: dict[tuple[str, str, int], float] = {}
    for _, way in itertools.product(range(ROUNDS), ways):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        start = time.perf_counter()
        extract(folder, corpus, layers, device=way[0], dtype=way[1], budget=way[2])
        seconds[way].append(time.perf_counter() - start)
        memory[way] = torch.cuda.max_memory_allocated() / 1e9
    processor = ("cpu", "bfloat16", 4096)
    start = time.perf_counter()
    extract(folder, corpus, layers, device="cpu", dtype="bfloat16", budget=4096)
    seconds[processor] = [time.perf_counter() - start]
    row("device", "dtype", "token budget", "seconds, median", "from", "to", "reading weights", "peak device memory, GB")
    row(*["---"] * 8)
    for way, found in seconds.items():
        reading = (
            "" if way == processor else f"{statistics.median(loaded(folder, layers, way[1]) for _ in range(3)):.2f}"
        )
        peak = f"{memory[way]:.2f}" if way in memory else ""
        row(*way, f"{statistics.median(found):.2f}", f"{min(found):.2f}", f"{max(found):.2f}", reading, peak)


def by_dtype(folder: Path, corpus: Corpus, layers: int) -> None:
    """Largest and mean difference of word-level attention from float32 on the CPU, over conditions, heads and pairs."""
    row("weights", "device", "dtype", *(f"layer {k}: largest (mean)" for k in (0, layers // 2, layers - 1)))
    row(*["---"] * 6)
    exact = extract(folder, corpus, layers, device="cpu", dtype="float32", budget=4096)
    for device, dtype in (*(("cuda", dtype) for dtype in DTYPES), ("cpu", "bfloat16"), ("cpu", "float16")):
        found = extract(folder, corpus, layers, device=device, dtype=dtype, budget=4096)
        cells = []
        for layer in (0, layers // 2, layers - 1):
            away = np.stack(
                [np.abs(found.conditions[c].attention - exact.conditions[c].attention)[layer] for c in CONDITIONS]
            )
            cells.append(f"{away.max():.1g} ({away.mean():.1g})")
        row(folder.name, device, dtype, *cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=8)
    arguments = parser.parse_args()
    corpus = demo()
    words = sum(len(sentence.words) for sentence in corpus.sentences)
    print(
        f"{torch.cuda.get_device_name(0)}, torch {torch.__version__}, {torch.get_num_threads()} threads; {words} words"
    )
    bundled = Path(__file__).parents[2] / "resources" / "models"
    for name, layers in (("medium-1.1m", 6), ("large-3m", 8)):
        by_dtype(bundled / name, corpus, layers)
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        folder = wide_model(Path(place) / "wide", arguments.layers)
        size = sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 1e9
        print(f"{size:.2f} GB of weights in {time.perf_counter() - start:.1f} s")
        by_way(folder, corpus, arguments.layers)


if __name__ == "__main__":
    main()
