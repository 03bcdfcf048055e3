"""Speed of resemblance beside scikit-learn, and memory of importing and scoring a large model; a JSON line a case.

    .venv/bin/python tests/benchmarks/regression.py

Speed: GPT-2 Large against a brain region, 36 layers x 45 readers, R2 in sample, from matrices in memory; with the
environment's threads and with the one thread that the workflow gives a job. Memory: LLaMA 30B, 60 layers of 52 heads,
by the workflow's scripts in processes of their own. The released files are taken where they are (`--authors`,
`--events`; the default is what the tests use), else arrays of the same shapes: `data` says which. Ends with status 1
where a target is missed, and at once where scores differ.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import scipy
import sklearn
from sklearn.linear_model import LinearRegression
from threadpoolctl import threadpool_info, threadpool_limits

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.imports import gao2023, gao2023_readers
from readalike.measures.held_out import Split
from readalike.measures.regression import orthonormal, shuffles
from readalike.measures.resemblance import layer_scores
from readalike.measures.swaps import swapped_scores, swaps

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "reading-brain"
REGION = Path("golden_attention/reading_brain/roi_activations/L1/activations_angular_p1.pkl")
SENTENCES = (31, 31, 28, 28, 30)  # of each article, as in Reading Brain
SAME = 1e-10  # sums of products against fits to the rows; both round a few thousand products
RANK = 1e-12  # of LinearRegression: its default drops heads that differ little from others
GIB = 2**30
# Named as the cases are; how many times faster in-sample R2 must be.
TARGETS = {"rows rebuilt for each fit": 100, "rows built once a layer": 8}

Readers = list[Mapping[tuple[int, int], FloatArray]]


class Inputs(NamedTuple):
    """What is in memory before the clock starts.

    arrays : a layer each, (articles, sentences, heads, words, words)
    readers : (article, sentence), both from 1 -> (words, words)
    """

    data: str
    corpus: Corpus
    arrays: list[np.ndarray]
    readers: Readers


def released_files(authors: Path | None) -> Path | None:
    """Folder of the authors' files: the one given, else what the tests unpack; None where there is neither."""
    if authors is None and (SHARED / "unpack").exists():
        authors = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "readalike-tests" / "gao2023"
        subprocess.run([str(SHARED / "unpack"), str(authors)], check=True, stdout=subprocess.DEVNULL)
    return authors


def real_inputs(authors: Path) -> Inputs:
    corpus = gao2023_readers.region_corpus(authors / REGION)
    matrices = dict(gao2023_readers.read_region(authors / REGION).matrices)
    matrices.pop("0")  # left out by the authors' code
    arrays = [np.load(authors / f"model_attention/gpt2/large/rb_p1_layer{layer}.npy") for layer in range(36)]
    return Inputs("released", corpus, arrays, list(matrices.values()))


def synthetic_corpus(sentences: Sequence[int]) -> Corpus:
    """Sentences of 5 to 15 words of 1 to 8 letters, as many an article as given; 8,953 pairs for SENTENCES."""
    rng = np.random.default_rng(1954)
    return Corpus(
        tuple(
            Sentence(a, s, tuple("x" * int(letters) for letters in rng.integers(1, 9, int(rng.integers(5, 16)))))
            for a, number in enumerate(sentences, start=1)
            for s in range(1, number + 1)
        )
    )


def synthetic_layer(corpus: Corpus, heads: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Rows that sum to one, zero-padded, (articles, sentences, heads, size, size)."""
    articles, sentences = int(corpus.articles.max()), max(item.sentence for item in corpus.sentences)
    array = np.zeros((articles, sentences, heads, size, size), dtype=np.float32)
    for item in corpus.sentences:
        n = len(item.words)
        attention = np.tril(rng.uniform(0.01, 1, (heads, n, n)))
        array[item.article - 1, item.sentence - 1, :, :n, :n] = attention / attention.sum(axis=2, keepdims=True)
    return array


def synthetic_inputs(corpus: Corpus, *, layers: int, heads: int, readers: int) -> Inputs:
    rng = np.random.default_rng(1)
    arrays = [synthetic_layer(corpus, heads, 17, rng) for _ in range(layers)]
    lengths = {(item.article, item.sentence): len(item.words) for item in corpus.sentences}
    people: Readers = [{place: rng.standard_normal((n, n)) for place, n in lengths.items()} for _ in range(readers)]
    return Inputs("synthetic", corpus, arrays, people)


# Each way takes what is in memory and the layers to score, and gives R2 in sample, (layers, readers).


def rows_of_layer(inputs: Inputs, layer: int) -> FloatArray:
    """Pairs x heads. Tokens beyond a sentence's words are cut off, as the authors do."""
    rows = gao2023.in_pairs(inputs.arrays[layer], Path("memory"), inputs.corpus, True, {})
    return rows.T.astype(np.float64)


def rows_of_readers(inputs: Inputs) -> FloatArray:
    return np.stack([gao2023_readers.in_pairs(reader, inputs.corpus, "memory") for reader in inputs.readers]).T


def in_sample(inputs: Inputs, layers: Sequence[int]) -> FloatArray:
    readers = Split(rows_of_readers(inputs), inputs.corpus.articles[inputs.corpus.pairs.sentence])
    return np.stack([readers.in_sample(orthonormal(rows_of_layer(inputs, layer))) for layer in layers])


def all_columns(inputs: Inputs, layers: Sequence[int]) -> FloatArray:
    """With all else that the workflow computes of a corpus of lengths: held out, 20 shuffles, 100 swaps, folds."""
    Y, beside = rows_of_readers(inputs), (shuffles(inputs.corpus, seed=1), swaps(inputs.corpus, seed=1))
    scores = [layer_scores(rows_of_layer(inputs, layer), Y, inputs.corpus, {}, *beside) for layer in layers]
    return np.stack([score.columns["r2"] for score in scores])


def fit(X: FloatArray, y: FloatArray) -> float:
    return float(LinearRegression(tol=RANK).fit(X, y).score(X, y))


def fits_once(inputs: Inputs, layers: Sequence[int]) -> FloatArray:
    Y = rows_of_readers(inputs)
    rows = (rows_of_layer(inputs, layer) for layer in layers)
    return np.array([[fit(X, y) for y in Y.T] for X in rows])


def fits_of_lists(inputs: Inputs, layers: Sequence[int], *, keep: bool) -> FloatArray:
    """Lists of lower triangles, made into X and y for each fit; keep : the heads' lists serve a layer's readers.

    Kept lists are what the authors' released script does.
    """
    scores = []
    for layer in layers:
        array, of_layer = inputs.arrays[layer], []
        columns: list[list[float]] = []
        for reader in inputs.readers:
            fill = not (keep and columns)
            if fill:
                columns = [[] for _ in range(array.shape[2])]
            signal: list[float] = []
            for item in inputs.corpus.sentences:
                matrix = reader[item.article, item.sentence]
                lower = np.tril_indices(len(matrix))
                if fill:
                    for head, column in enumerate(columns):
                        column.extend(array[item.article - 1, item.sentence - 1, head][lower].tolist())
                signal.extend(matrix[lower].tolist())
            of_layer.append(fit(np.array(columns).T, np.array(signal)))
        scores.append(of_layer)
    return np.array(scores)


Way = Callable[[Inputs, Sequence[int]], FloatArray]
SLOW: Mapping[str, Way] = {
    "rows rebuilt for each fit": partial(fits_of_lists, keep=False),
    "lists kept for a layer": partial(fits_of_lists, keep=True),
    "rows built once a layer": fits_once,
}


def seconds(way: Way, inputs: Inputs, layers: Sequence[int]) -> tuple[float, FloatArray]:
    start = time.perf_counter()
    scores = way(inputs, layers)
    return time.perf_counter() - start, scores


def speed(inputs: Inputs, *, rounds: int, some: Sequence[int], threads: int | None) -> list[dict[str, Any]]:
    """In-sample R2 of all layers before and after each slower way, which does `some` layers: times as if it did all.

    threads : of BLAS; None for what the environment gives. Ends the program where scores differ by more than SAME.
    """
    every = range(len(inputs.arrays))
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in (*SLOW, "all columns")}
    differ = dict.fromkeys(found, 0.0)
    with nullcontext() if threads is None else threadpool_limits(threads, user_api="blas"):
        pools = sorted({pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
        in_sample(inputs, some)  # a first run loads code and warms caches
        # glibc gives memory back to the system, to get it again page by page at once, until something large was freed.
        # Reading the released files does that by the way; arrays made here do not.
        np.ones(30 * 2**17)
        for _ in range(rounds):
            for name, way in (*SLOW.items(), ("all columns", all_columns)):
                before, ours = seconds(in_sample, inputs, every)
                slow, scores = seconds(way, inputs, some)
                after, _ = seconds(in_sample, inputs, every)
                found[name].append(((before + after) / 2, slow * len(every) / len(some)))
                differ[name] = max(differ[name], float(np.abs(ours[list(some)] - scores).max()))
                if not differ[name] <= SAME:
                    sys.exit(f"{name}: R2 differs by {differ[name]:.1e}, more than {SAME}")
    about = {
        "data": inputs.data,
        "layers": len(every),
        "heads": inputs.arrays[0].shape[2],
        "readers": len(inputs.readers),
        "pairs": inputs.corpus.n_pairs,
        "blas_threads": pools,
        "rounds": rounds,
        "extrapolated_from_layers": list(some),
    }
    lines, full = [], found["all columns"]
    for name, times in found.items():
        ratios = [slow / ours for ours, slow in times]
        of_full = [slow / whole for (_, slow), (_, whole) in zip(times, full, strict=True)]
        line = {
            "case": f"in-sample R2 beside {name}",
            **about,
            "in_sample_s": round(statistics.median(ours for ours, _ in times), 4),
            "other_s": round(statistics.median(slow for _, slow in times), 3),
            "ratio": round(statistics.median(ratios), 1),
            "ratio_lowest": round(min(ratios), 1),
            "ratio_highest": round(max(ratios), 1),
            "ratio_to_all_columns": round(statistics.median(of_full), 1),
            "largest_difference": differ[name],
            "load": round(os.getloadavg()[0], 1),
        }
        if name in TARGETS:
            line |= judged(statistics.median(ratios) >= TARGETS[name], f">= {TARGETS[name]}")
        lines.append(line)
    return lines


def null_models(*, heads: int, readers: int, rounds: int) -> list[dict[str, Any]]:
    """One layer of LLaMA 30B's shape: seconds of 20 shuffles of all pairs, of 100 swaps, and of these by refits."""
    corpus, rng = synthetic_corpus(SENTENCES), np.random.default_rng(1)
    basis = np.ascontiguousarray(orthonormal(rng.random((corpus.n_pairs, heads))))
    Y = rng.poisson(0.1, (corpus.n_pairs, 2 * readers)).astype(float)  # number and duration
    split, orders, swapped = Split(Y, corpus.articles[corpus.pairs.sentence]), shuffles(corpus, 1), swaps(corpus, 1)
    refitted = [swapped.order(k) for k in range(len(swapped.takes))]
    ways: Mapping[str, Callable[[], FloatArray]] = {
        "20 shuffles": lambda: np.mean([split.held_out(basis[order]).r2 for order in orders], axis=0),
        "100 swaps by sums": lambda: swapped_scores(basis, split, corpus, swapped).r2,
        "100 swaps by refits": lambda: np.mean([split.held_out(basis[order]).r2 for order in refitted], axis=0),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    scores: dict[str, FloatArray] = {}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            scores[name] = way()
            taken[name].append(time.perf_counter() - start)
    difference = float(np.abs(scores["100 swaps by sums"] - scores["100 swaps by refits"]).max())
    if not difference <= SAME:
        sys.exit(f"100 swaps: R2 differs by {difference:.1e}, more than {SAME}")
    products = sum(len(set(column)) for column in swapped.takes.T)
    about = {"heads": heads, "signals": Y.shape[1], "pairs": corpus.n_pairs, "rounds": rounds}
    about |= {"sentences_and_attentions": products, "load": round(os.getloadavg()[0], 1)}
    return [{"case": name, **about, "median_s": round(statistics.median(times), 3)} for name, times in taken.items()]


def judged(met: bool, target: str) -> dict[str, Any]:
    return {"target": target, "met": bool(met)}


# A process that is forked from this one starts with this one's memory in its books, so a small one starts it.
STARTER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
wall, usage = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, wall, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), done.stdout]))
"""


def measured(*command: object) -> tuple[float, int]:
    """Wall seconds and peak resident bytes of a command, with one thread as in a job of the workflow."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    starter = [sys.executable, "-S", "-c", STARTER, *map(str, command)]
    done = subprocess.run(starter, capture_output=True, text=True, check=True, env=environment)
    code, wall, peak, said = json.loads(done.stdout)
    if code:
        sys.exit(f"{' '.join(map(str, command))}\n{said}")
    return wall, peak


def script(name: str, *arguments: object) -> tuple[float, int]:
    return measured(sys.executable, ROOT / "scripts" / name, *arguments)


def released_under_all_names(source: Path, folder: Path, layers: int) -> None:
    """Link the layers that a folder has, over and over, under the names of all layers."""
    folder.mkdir()
    conditions, there = gao2023.conditions_and_layers(source)
    for condition in conditions:
        prefix = gao2023.PREFIXES[condition]
        for layer in range(layers):
            original = source / f"{prefix}rb_p1_layer{there[layer % len(there)]}.npy"
            (folder / f"{prefix}rb_p1_layer{layer}.npy").symlink_to(original.resolve())


def memory(
    work: Path, *, released: tuple[Path, Path] | None, sentences: Sequence[int], layers: int, heads: int
) -> list[dict[str, Any]]:
    """Import and score a model by the scripts that the workflow runs, with the arguments that it gives them.

    work : an empty folder; released : the authors' files and the events; the rest is for arrays of the same shape
    """
    gaze, attention = work / "gaze.h5", work / "attention.h5"
    words = ("--words", work / "words.tsv")
    corpus = ("--sentences", work / "corpus.tsv", *words)
    if released:
        authors, events = released
        source = authors / "model_attention/llama/30B"
        script("corpus/corpus.py", "--events", events / "ds003974", events / "ds003988", *corpus)
        people = ("--source", events / "ds003974", "--exclude", '{"sub-01": "as the authors"}')
        layout = {"layout": "reading-brain"}
    else:
        source, text = work / "some", work / "sentences.tsv"
        made, rng = synthetic_corpus(sentences), np.random.default_rng(1)
        rows = (f"{item.article}\t{item.sentence}\t{item.text}\n" for item in made.sentences)
        text.write_text("article\tsentence\ttext\n" + "".join(rows), encoding="utf-8")
        source.mkdir()
        for name in ("rb_p1_layer0.npy", "rb_p1_layer1.npy", "instr_rb_p1_layer0.npy", "instr_rb_p1_layer1.npy"):
            np.save(source / name, synthetic_layer(made, heads, 16, rng).astype(np.float16))
        script("corpus/corpus.py", "--text", text, *corpus)
        readers = ("--readers", 51, "--seed", 1, "--profile", "native")
        script("gaze/simulate.py", *words, *readers, "--events", work / "simulated")
        people = ("--source", work / "simulated", "--exclude", "{}")
        layout = {"layout": "reading-brain", "simulated": True}
    script("gaze/gaze.py", *words, "--group", "L1", *people, "--layout", json.dumps(layout), "--gaze", gaze)
    folder = work / "model"
    released_under_all_names(source, folder, layers)
    where = ("--first", 0, "--last", layers - 1, "--layers", layers, "--parameters", 33e9)
    imported = script("attention/import_released.py", *words, "--folder", folder, "--model", "llama-30b", *where,
                      "--condition", "plain", "--crop", "--attention", attention)  # fmt: skip
    outputs = ("--table", work / "table.csv", "--folds", work / "folds.csv", "--sums", work / "sums.h5")
    scored = script("measures/resemblance.py", *words, "--gaze", gaze, "--attention", attention, "--kind", "raw",
                    "--seed", 1, *outputs)  # fmt: skip
    with h5py.File(attention) as file, h5py.File(gaze) as people_file:
        conditions = [name for name in file if name != "sentence_digests"]
        about = {
            "data": "released" if released else "synthetic",
            "shape": list(file[conditions[0]]["attention"].shape),
            "conditions": len(conditions),
            "readers": len(people_file["readers"]),
            "measured_by": "getrusage of a process of its own, 1 thread",
        }
    return [
        {
            "case": f"memory of {name}",
            **about,
            "peak_mib": round(peak / 2**20, 1),
            "wall_s": round(wall, 1),
            "load": round(os.getloadavg()[0], 1),
            **judged(peak < GIB, "< 1 GiB"),
        }
        for name, (wall, peak) in (("importing", imported), ("scoring", scored))
    ]


def main(arguments: argparse.Namespace) -> bool:
    """Print the lines; whether all targets are met."""
    lines: list[dict[str, Any]] = []

    def say(*found: dict[str, Any]) -> None:
        lines.extend(found)
        for line in found:
            print(json.dumps(line), flush=True)

    versions = {module.__name__: module.__version__ for module in (np, scipy, sklearn, h5py)}
    say({"case": "machine", "cores": os.cpu_count(), "python": platform.python_version(), **versions})
    authors = released_files(arguments.authors)
    inputs = (
        real_inputs(authors)
        if authors
        else synthetic_inputs(synthetic_corpus(SENTENCES), layers=36, heads=20, readers=45)
    )
    for threads in (1, None):
        say(*speed(inputs, rounds=arguments.rounds, some=(4, 20), threads=threads))
    say(*null_models(heads=52, readers=55, rounds=arguments.rounds))
    events = arguments.events or SHARED / "openneuro"
    released = (authors, events) if authors and (events / "ds003974").is_dir() else None
    with tempfile.TemporaryDirectory() as work:
        say(*memory(Path(work), released=released, sentences=SENTENCES, layers=60, heads=52))
    return all(line.get("met", True) for line in lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--authors", type=Path, help="folder with the files that the paper's authors released")
    parser.add_argument("--events", type=Path, help="folder with ds003974 and ds003988")
    parser.add_argument("--rounds", type=int, default=5, help="of all ways in turn")
    sys.exit(not main(parser.parse_args()))
