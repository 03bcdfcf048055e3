"""What extraction costs beside the plain ways: python tests/benchmarks/extraction.py [CASE ...]

One JSON line a case. Cases that are compared run interleaved, batch by batch in random order, in one process; ratios
are medians over rounds. SmolLM2-135M-Instruct (as config/reading-brain.yaml leaves it in .cache), the 148 Reading
Brain sentences where they are beside the checkout, else the demo's; 4 conditions, 2 threads, float32.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))  # started by its path, it finds its neighbours
from tests.benchmarks.block_jobs import memory, overhead
from tests.benchmarks.setting import BUDGET, CONDITIONS, THREADS, quartiles, say, sentences, smollm2


def prepared(
    folder: Path, corpus: Any, first: int, last: int, conditions: dict[str, str] = CONDITIONS
) -> tuple[Any, list[Any]]:
    """A loaded block of layers, and the items that go through it."""
    import torch

    from readalike.attention.blocks import Block
    from readalike.attention.extract import items_of
    from readalike.attention.prefixes import share
    from readalike.weights.description import read_config
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
    from readalike.attention.states import Carried
    from readalike.attention.whole_texts import WholeTexts, to_run_whole
    from readalike.files.attention import RAW

    corpus, which = sentences()
    folder = smollm2()
    block, items = prepared(folder, corpus, 0, 29)
    run = passing(block, items, corpus)
    sdpa = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa").eval().model
    eager = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval().model
    matrices = [m.weight for m in sdpa.layers.modules() if isinstance(m, torch.nn.Linear)]
    shared = shared_prefixes(items)
    words, nothing = run.room(RAW), torch.empty(0)
    after = Carried({}, [nothing] * len(items), [])
    kept: dict[str, Prefixes] = {}

    def ours(members: list[int]) -> None:
        if members is prefixes:
            kept["ours"] = run.prefixes(None, BUDGET, after, whole_texts)
        elif members is proving:
            run.check_sharing(whole_texts, BUDGET, words, after)
        else:
            run.batch(members, kept["ours"], None, words, after, whole_texts, check_causal=members is plan[0])

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
    whole_texts = WholeTexts(to_run_whole(items, plan))
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
                spent[name] += timed(lambda name=name, step=step: ways[name](step))  # type: ignore[misc]  # bound
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
            from readalike.files.attention import RAW

            words, _ = passing(block, items, copies, conditions).layers(None, BUDGET, kind=RAW)
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


def kinds(rounds: int) -> None:
    """What another kind of attention costs beside the raw one: all layers, all texts, in turns."""
    from readalike.files.attention import KINDS, RAW

    corpus, which = sentences()
    block, items = prepared(smollm2(), corpus, 0, 29)
    run = passing(block, items, corpus)
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        for kind in random.sample(list(KINDS), len(KINDS)):
            seconds[kind].append(timed(lambda kind=kind: run.layers(None, BUDGET, kind=kind)))
    ratios = {kind: quartiles(list(np.array(seconds[kind]) / np.array(seconds[RAW]))) for kind in KINDS if kind != RAW}
    medians = {f"{kind}_s": float(np.median(own)) for kind, own in seconds.items()}
    say("kinds of attention", corpus=which, rounds=rounds, **medians, over_raw=ratios)


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
    "kinds": (kinds, 5),
    "reading": (reading, 1),
}


if __name__ == "__main__":
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
