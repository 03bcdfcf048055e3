"""Time of all measures and statistics of one large model: 60 layers of 52 heads, 106 readers; a JSON line a part.

    .venv/bin/python -m tests.benchmarks.statistics_cost

Every part is the workflow's own script in a process of its own with BLAS on one thread, as many at a time as there
are `--cores` (2). Readers are those of Reading Brain where its events are beside the repository (51 and 55, 8,917
pairs), else as many simulated ones; attention is drawn at random, in four conditions, since no measure takes longer
or shorter for what it holds. `--measured N` makes N layers and then 2 N, and goes on from both to all layers in
processor seconds: an estimate, and said to be one, without what all layers at once add, which is no multiple of their
number. The load of the machine stands on each line: wall seconds of a machine that does something else are no times.

The target is 30 minutes for everything. With `--landing` the landing model too, which costs more than all else (docs/
landing.md). Ends with status 1 where the target is missed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from readalike.corpus import Corpus
from readalike.files.attention import ConditionResult, write_attention
from readalike.files.corpora import read_corpus
from tests.benchmarks.regression import SENTENCES, synthetic_corpus
from tests.benchmarks.setting import CONDITIONS, EVENTS, ROOT

TARGET_S = 30 * 60
GROUPS: Mapping[str, tuple[str, int, str]] = {"L1": ("ds003974", 51, "native"), "L2": ("ds003988", 55, "nonnative")}
EXCLUDE: Mapping[str, Mapping[str, str]] = {"L1": {"sub-01": "as the authors"}, "L2": {}}
MODEL = "large"


class Part(NamedTuple):
    """One job."""

    name: str
    script: str
    arguments: Mapping[str, object]


def command(part: Part) -> list[str]:
    """As the workflow calls a script: an option an argument; lists are several values, mappings JSON."""
    words = [sys.executable, str(ROOT / "scripts" / part.script)]
    for name, value in part.arguments.items():
        words.append(f"--{name.replace('_', '-')}")
        if isinstance(value, list) and not (value and isinstance(value[0], list)):
            words += map(str, value)
        else:
            words.append(json.dumps(value) if isinstance(value, dict | list) else str(value))
    return words


def timed(part: Part) -> tuple[float, float]:
    """Wall seconds, and processor seconds of the process; ends the benchmark with what a script said if it failed."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        child = subprocess.Popen(
            command(part), env=os.environ | dict.fromkeys(names, "1"), stdout=said, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise SystemExit(f"{part.name}: {' '.join(command(part))}\n{said.read().decode()[-2000:]}")
    return wall, usage.ru_utime + usage.ru_stime


def readers(work: Path) -> str:
    """words.tsv and gaze of both groups below a folder; what they are."""
    corpus = {"sentences": work / "sentences.tsv", "words": work / "words.tsv"}
    real = EVENTS.is_dir()
    if real:
        given: dict[str, object] = {"events": [EVENTS / folder for folder, *_ in GROUPS.values()]}
    else:
        text = work / "text.tsv"
        rows = (f"{s.article}\t{s.sentence}\t{s.text}\n" for s in synthetic_corpus(SENTENCES).sentences)
        text.write_text("article\tsentence\ttext\n" + "".join(rows), encoding="utf-8")
        given = {"text": text}
    timed(Part("corpus", "corpus/corpus.py", {**given, **corpus}))
    for group, (folder, number, profile) in GROUPS.items():
        source = EVENTS / folder if real else work / f"simulated-{group}"
        if not real:
            of = {"words": corpus["words"], "readers": number, "seed": 1, "profile": profile, "events": source}
            timed(Part("readers", "gaze/simulate.py", of))
        layout = {"layout": "reading-brain", **({} if real else {"simulated": True})}
        made = {"words": corpus["words"], "group": group, "source": source, "layout": layout}
        exclude = dict(EXCLUDE[group]) if real else {}
        timed(Part("gaze", "gaze/gaze.py", {**made, "exclude": exclude, "gaze": work / f"{group}.h5"}))
        made = {"words": corpus["words"], "gaze": work / f"{group}.h5", "source": source, "layout": layout}
        timed(Part("landings", "gaze/landings.py", {**made, "landings": work / f"{group}-landings.h5"}))
    return "Reading Brain" if real else "simulated"


def attention(path: Path, corpus: Corpus, *, layers: int, heads: int) -> None:
    """Rows that sum to one, drawn at random, in every condition; with losses, as a model has them."""
    rng = np.random.default_rng(1)
    _, i, _ = corpus.pairs
    row = np.cumsum(np.concatenate([[0], np.diff(i) != 0])) if len(i) else i
    first = np.flatnonzero(np.concatenate([[True], np.diff(row) > 0]))
    found = {}
    for name in CONDITIONS:
        values = rng.uniform(0.01, 1, (layers, heads, corpus.n_pairs)).astype(np.float32)
        values /= np.add.reduceat(values, first, axis=2)[..., row]
        nats = rng.uniform(2, 4, len(corpus.sentences)) * corpus.lengths
        found[name] = ConditionResult(values, nats, corpus.lengths.astype(np.int64))
    labels = {"model": MODEL, "layers": layers, "heads": heads, "parameters": 33e9, "first_token_predicted": True}
    write_attention(path, found, corpus, first=0, attributes=labels)


def parts_of(work: Path, *, landing: bool, at_once: bool) -> tuple[list[Part], list[Part]]:
    """Measures, the longest first, and the statistics that need them."""
    model = {"words": work / "words.tsv", "attention": work / "layers.h5"}
    raw, of_corpus = {**model, "kind": "raw"}, {**model, "kind": "raw", "corpus_name": "text"}
    gaze = {group: {"gaze": work / f"{group}.h5"} for group in GROUPS}
    result = lambda name: work / "made" / name  # noqa: E731
    measures: list[Part] = []
    if landing:
        for group in GROUPS:
            outputs = {"table": result(f"{group}-landing.csv"), "sentences": result(f"{group}-sentences.h5")}
            given = {**raw, "landings": work / f"{group}-landings.h5", "seed": 1}
            measures.append(Part(f"landing {group}", "measures/landing.py", {**given, **outputs}))
    if at_once:
        for group in GROUPS:
            outputs = {"table": result(f"{group}-all-layers.csv"), "sums": result(f"{group}-all-layers.h5")}
            measures.append(
                Part(f"all layers at once {group}", "measures/all_layers.py", {**raw, **gaze[group], **outputs})
            )
    for group in GROUPS:
        outputs = {name: result(f"{group}-{name}.csv") for name in ("table", "folds")}
        outputs["sums"] = result(f"{group}-sums.h5")
        measures.append(
            Part(f"resemblance {group}", "measures/resemblance.py", {**raw, **gaze[group], "seed": 1, **outputs})
        )
    pair = {"high": work / "L2.h5", "low": work / "L1.h5", "seed": 1}
    outputs = {"table": result("thinned.csv"), "sums": result("thinned.h5")}
    measures.append(Part("thinned", "measures/thinned.py", {**raw, **pair, **outputs}))
    outputs = {"draws": 500, "seed": 1, "table": result("reliance.csv"), "bootstrap": result("reliance.h5")}
    measures.append(Part("reliance", "measures/reliance.py", {**of_corpus, **outputs}))
    given = {**of_corpus, "formula": "computed", "table": result("sensitivity.csv")}
    measures.append(Part("sensitivity", "measures/sensitivity.py", given))
    measures.append(Part("entropy", "measures/entropy.py", {**of_corpus, "table": result("entropy.csv")}))
    measures.append(Part("loss", "measures/loss.py", {**model, "corpus_name": "text", "table": result("loss.csv")}))
    for group in GROUPS:
        table = {"table": result(f"{group}-heads.csv")}
        measures.append(Part(f"heads {group}", "measures/heads.py", {**raw, **gaze[group], **table}))
        outputs = {name: result(f"{group}-{name}.csv") for name in ("ceilings", "bounds", "reliance", "baseline")}
        given = {"words": work / "words.tsv", **gaze[group], "seed": 1, **outputs, "sums": result(f"{group}-human.h5")}
        measures.append(Part(f"readers {group}", "measures/human.py", given))
    of = {
        "resemblance": [result(f"{group}-table.csv") for group in GROUPS],
        "ceilings": [result(f"{group}-ceilings.csv") for group in GROUPS],
    }
    human = {"human_sums": [result(f"{group}-human.h5") for group in GROUPS]}
    tests = {"contrasts": [["L2", "L1"]], "seed": 1, "permutations": 2000}
    given = {**of, **human, "thinned": result("thinned.csv"), "thinned_sums": result("thinned.h5")}
    given["sums"] = [result(f"{group}-sums.h5") for group in GROUPS]
    folds = {"folds": [result(f"{group}-folds.csv") for group in GROUPS]}
    relied = {"reliance": [result(f"{group}-reliance.csv") for group in GROUPS]}
    statistics = [
        Part(
            "tests of groups",
            "statistics/resemblance_group_tests.py",
            {**given, **tests, "table": result("groups.csv")},
        ),
        Part("best layer", "statistics/best_layer.py", {**of, **folds, "table": result("best-layer.csv")}),
        Part(
            "tests of readers' reliance",
            "statistics/reliance_group_tests.py",
            {**relied, **human, **tests, "table": result("readers.csv")},
        ),
    ]
    return measures, statistics


def run(
    work: Path, *, layers: int, heads: int, cores: int, landing: bool, at_once: bool
) -> tuple[list[Part], list[float], list[float]]:
    """Make attention and time all parts, a line a part; their wall and their processor seconds."""
    attention(work / "layers.h5", read_corpus(work / "words.tsv"), layers=layers, heads=heads)
    done, wall_s, processor_s = [], [], []
    for parts in parts_of(work, landing=landing, at_once=at_once):
        with ThreadPoolExecutor(cores) as pool:
            for part, (wall, processor) in zip(parts, pool.map(timed, parts), strict=True):
                times = {"wall_s": round(wall, 1), "processor_s": round(processor, 1)}
                say({"case": part.name, "layers": layers, **times, "load": round(os.getloadavg()[0], 1)})
                done.append(part)
                wall_s.append(wall)
                processor_s.append(processor)
    return done, wall_s, processor_s


def laid(parts: Sequence[Part], seconds: Sequence[float], cores: int) -> float:
    """Seconds until the last part ends: each to the core that is free first, statistics after all measures."""
    total = 0.0
    for measures in (True, False):
        free = [0.0] * cores
        for part, own in zip(parts, seconds, strict=True):
            if part.script.startswith("measures/") == measures:
                free[free.index(min(free))] += own
        total += max(free)
    return total


def all_layers(few: Sequence[float], twice: Sequence[float], measured: int, layers: int) -> list[float]:
    """Seconds of each part with all layers from those with some and with twice as many: so much a layer."""
    return [a + max(b - a, 0) / measured * (layers - measured) for a, b in zip(few, twice, strict=True)]


def main(arguments: argparse.Namespace) -> bool:
    """Print a line a part and one for everything; whether the target is met."""
    layers, measured, cores = arguments.layers, arguments.measured, arguments.cores
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "made").mkdir()
        shape = {"readers": readers(work), "layers": layers, "heads": arguments.heads, "cores": cores, "threads": 1}
        say({"case": "setting", **shape, "python": platform.python_version()})
        how = {"heads": arguments.heads, "cores": cores, "landing": arguments.landing, "at_once": not measured}
        if measured:
            parts, _, few = run(work, layers=measured, **how)
            _, _, twice = run(work, layers=2 * measured, **how)
            seconds = all_layers(few, twice, measured, layers)
            for part, own in zip(parts, seconds, strict=True):
                say({"case": part.name, "layers": layers, "estimated_processor_s": round(own, 1)})
        else:
            parts, seconds, _ = run(work, layers=layers, **how)
    total = laid(parts, seconds, cores)
    met = total < TARGET_S
    say(
        {
            "case": "everything",
            "minutes": round(total / 60, 1),
            "estimated": bool(measured),
            "target": "< 30",
            "met": met,
        }
    )
    return met


def say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--layers", type=int, default=60)
    parser.add_argument("--heads", type=int, default=52)
    parser.add_argument("--measured", type=int, help="layers that are made and timed, and twice as many")
    parser.add_argument("--cores", type=int, default=2, help="jobs at a time")
    parser.add_argument("--landing", action="store_true", help="the landing model too")
    sys.exit(not main(parser.parse_args()))
