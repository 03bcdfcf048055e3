"""Memory and time of whole block jobs: cases of extraction.py, and each job's process (python -m, from the root)."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.setting import BUDGET, CONDITIONS, ROOT, THREADS, quartiles, say, sentences, smollm2


def billion(folder: Path) -> tuple[int, int, int]:
    """An untied LLaMA of 1.02 billion random parameters; bytes of a layer, of the embedding, of all of it."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=49152, hidden_size=2048, intermediate_size=5632, num_hidden_layers=16, num_attention_heads=16,
        num_key_value_heads=16, tie_word_embeddings=False, max_position_embeddings=512,
    )  # fmt: skip
    torch.manual_seed(1)
    model = LlamaForCausalLM(config)
    model.save_pretrained(folder, max_shard_size="1GB")
    AutoTokenizer.from_pretrained(smollm2()).save_pretrained(folder)
    layer = sum(p.numel() for p in model.model.layers[0].parameters()) * 4
    return layer, model.lm_head.weight.numel() * 4, sum(p.numel() for p in model.parameters()) * 4


def child(arguments: list[str]) -> dict[str, Any]:
    """Run a block job in a process of its own that reports on itself."""
    command = [sys.executable, "-m", __name__, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise SystemExit(done.stderr[-3000:])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_mb() -> float:
    """Peak resident memory of this process; not getrusage's, which remembers the process that started this one."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def block_job(words: str, weights: str, layers: str, first: str, last: str, folder: str, conditions: str) -> None:
    """scripts/attention/extract.py on one block, in this process, with a clock on what it does."""
    begin = time.perf_counter()
    spent: dict[str, float] = {}

    def clock(owner: Any, name: str, label: str) -> None:
        inner = getattr(owner, name)

        def outer(*arguments: Any, **keywords: Any) -> Any:
            start = time.perf_counter()
            try:
                return inner(*arguments, **keywords)
            finally:
                spent[label] = spent.get(label, 0.0) + time.perf_counter() - start

        setattr(owner, name, outer)

    import torch
    import transformers  # noqa: F401  (part of what an interpreter that extracts must have)

    spent["import torch and transformers"] = time.perf_counter() - begin
    # What is imported lazily by every use of a model counts as ours, not as the interpreter's.
    imported_mb = peak_mb()
    start = time.perf_counter()
    from readalike.attention import blocks, extract
    from readalike.files.attention import write_attention
    from readalike.files.corpora import read_corpus
    from readalike.weights import tensors

    spent["import readalike and parts of transformers"] = time.perf_counter() - start
    read = 0

    def counted(folder: Path) -> dict[str, tensors.Lazy]:
        def reading(lazy: tensors.Lazy) -> Callable[[], torch.Tensor]:
            def one() -> torch.Tensor:
                nonlocal read
                tensor = lazy.read()
                read += tensor.numel() * tensor.element_size()
                return tensor

            return one

        return {name: tensors.Lazy(lazy.shape, reading(lazy)) for name, lazy in plain_tensors(folder).items()}

    plain_tensors = tensors.tensors_of
    tensors.tensors_of = counted
    clock(blocks, "_load", "weights")
    clock(blocks.Block, "states", "forward")
    clock(blocks.Block, "logits", "forward")
    clock(extract, "read_config", "configuration")
    clock(extract, "probe", "probe")
    clock(extract, "items_of", "tokens")
    a, b, place = int(first), int(last), Path(folder)
    corpus = read_corpus(Path(words))
    found = extract.extract_block(
        tensors.Checkpoint(Path(weights)), corpus, json.loads(conditions), model_name="benchmark", first=a, last=b,
        layers=int(layers), dtype="float32", token_budget=BUDGET, threads=THREADS, progress=False,
        states_in=next(iter(place.glob(f"states-*-{a - 1}.safetensors")), None),
        states_out=place / f"states-{a}-{b}.safetensors",
    )  # fmt: skip
    start = time.perf_counter()
    write_attention(place / f"layers-{a}-{b}.h5", found.conditions, corpus, first=a, attributes=found.attributes)
    spent["write"] = time.perf_counter() - start
    total = time.perf_counter() - begin
    figures = {"spent": spent, "total_s": total, "bytes_read": read, "peak_mb": peak_mb() - imported_mb}
    print(json.dumps(figures))


def memory(_: int) -> None:
    """Peak resident memory and bytes read with layers_per_job: 1, a process a layer."""
    from readalike.corpus import Corpus
    from readalike.files.corpora import write_corpus

    corpus, which = sentences()
    first_article = Corpus(tuple(item for item in corpus.sentences if item.article == 1))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        layer, embedding, whole = billion(folder)
        words = Path(place) / "words.tsv"
        write_corpus(Path(place) / "sentences.tsv", words, first_article)
        jobs = [
            child([str(words), str(folder), "16", str(k), str(k), place, json.dumps(CONDITIONS)]) for k in range(16)
        ]
    limit = (2 * layer + embedding) / 2**20 + 150
    peak = max(job["peak_mb"] for job in jobs)
    say(
        "memory", corpus=which, sentences=len(first_article.sentences), parameters=whole // 4, jobs=len(jobs),
        layer_mb=layer / 2**20, embedding_mb=embedding / 2**20, limit_mb=limit,
        peak_mb=peak, peak_over_limit=peak / limit,
        peaks_mb=[round(job["peak_mb"]) for job in jobs],
        bytes_read_over_checkpoint=sum(job["bytes_read"] for job in jobs) / whole,
    )  # fmt: skip


def overhead(rounds: int) -> None:
    """Where the time of a block job goes beside forward passes and weights, warm page cache."""
    from readalike.files.corpora import write_corpus

    corpus, which = sentences()
    with tempfile.TemporaryDirectory() as place:
        words = Path(place) / "words.tsv"
        write_corpus(Path(place) / "sentences.tsv", words, corpus)
        arguments = [str(words), str(smollm2()), "30", "0", "0", place]
        jobs = [child([*arguments, json.dumps(CONDITIONS)]) for _ in range(rounds + 1)][1:]
    outside = [job["total_s"] - job["spent"]["weights"] - job["spent"]["forward"] for job in jobs]
    parts = {name: float(np.median([job["spent"][name] for job in jobs])) for name in jobs[0]["spent"]}
    say("overhead", corpus=which, outside_s=quartiles(outside), parts_s={k: round(v, 3) for k, v in parts.items()})


if __name__ == "__main__":
    block_job(*sys.argv[1:])
