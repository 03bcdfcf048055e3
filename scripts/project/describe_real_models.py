"""docs/real-models.md: what a run of config/real-models.yaml found, written from its files; no number by hand."""

import math
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import pandas as pd

from readalike.conditions import PLAIN
from readalike.files.contracts import Table
from readalike.files.contracts.attention import LOSS
from readalike.files.contracts.incontext_models import NOISE_SLOPES
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.contracts.robustness import CONCLUSIONS
from readalike.files.contracts.statistics import CORRELATIONS, RELIANCE_CHANGE, SCALING_LAW, SLOPES, TESTS, TRANSFER
from readalike.files.contracts.tables import HEADLINE
from readalike.files.tables import gather, read_table
from readalike.report import real_models as real
from readalike.report.markdown import signed, table
from readalike.running.arguments import Out
from readalike.running.command import run
from readalike.sizes import size_name

NOISE_PICTURES = {
    "figure-31-noise-accuracy": "Accuracy by noise in the demonstrations",
    "figure-32-noise-slopes": "Noise and size",
    "figure-33-noisy-looks": "Attention to noisy demonstrations",
}
INTRODUCTION = """# Real language models on real readers

What `make real-models` finds: a run of `config/real-models.yaml`, written from its files by
`scripts/project/describe_real_models.py`; no number here was typed. Saccade number; means over readers; of each model
the layer with the highest in-sample R2, unless said otherwise. The weights are quantised to 4 bits as they come, so
every score is one of the quantised model. Qwen's files hold the output matrix beside the embeddings (the published
models have one matrix for both), each quantised in its own way; it counts in their parameters.

Readers are those of Reading Brain; Provo's are compared as well where `PROVO=DIR` is given to `make`. Of the paper's
claims, what these models say on size is under "Size", on trivial patterns under "Reliance on trivial
patterns", on the two groups of readers under "Native and non-native readers". What tuning does cannot be asked of them:
no base model and its tuned one are among them.
"""


def main(*, results: str, output: Out) -> None:
    """
    results : folder of a run of config/real-models.yaml
    output : the page
    """
    folder = Path(results)
    read, losses = partial(_read, folder), _losses(folder)
    head = read("tables/table-headline.csv", HEADLINE)
    slopes = read("statistics/scaling-slopes.csv", SLOPES)
    correlations = read("statistics/correlations.csv", CORRELATIONS)
    sections = [
        INTRODUCTION,
        _made(folder),
        "## The verdict\n" + _verdict(folder),
        "## The models\n" + _models(folder, losses),
        "## How much they resemble readers\n" + real.headline(head, losses, _untrained(folder)),
        "## One layer, and all layers at once\n" + real.at_once(read("statistics/conclusions.csv", CONCLUSIONS)),
        "## Size\n" + real.size(slopes, correlations),
        "## Reliance on trivial patterns\n" + real.reliance(read("statistics/reliance-change.csv", RELIANCE_CHANGE)),
        "## Native and non-native readers\n" + real.groups(read("statistics/resemblance-groups.csv", TESTS)),
        "## Where the conclusions transfer\n" + real.transfer(read("statistics/transfer.csv", TRANSFER)),
        "## What one head can do to a held-out score\n" + real.floor(_resemblance(folder)),
        "## Noise in the context\n" + _noise(folder),
        "## What it took\n" + _cost(folder),
    ]
    output.write_text("\n".join(sections), encoding="utf-8")


def _verdict(results: Path) -> str:
    """As the run ends with it."""
    text = (results / "verdict.txt").read_text(encoding="utf-8").rstrip()
    about = (
        "An untrained model has the architecture, tokenizer and start token of its twin, and weights that are drawn."
    )
    return f"How to read it: [reading-the-verdict.md](reading-the-verdict.md). {about}\n\n```\n{text}\n```\n"


def _read(results: Path, name: str, contract: Table) -> pd.DataFrame:
    """A table of the run, or an empty one where the configuration asks for none."""
    path = results / name
    return read_table(path, contract) if path.is_file() else pd.DataFrame(columns=contract.names)


def _blocks(results: Path) -> dict[tuple[str, str], list[Path]]:
    """Corpus and model -> the files of its attention."""
    found: dict[tuple[str, str], list[Path]] = {}
    for path in sorted(results.glob("attention/*/*/*/layers-*.h5")):
        found.setdefault((path.parents[2].name, path.parents[1].name), []).append(path)
    return found


def _untrained(results: Path) -> list[str]:
    """Models whose weights were drawn, by what their attention says of them."""
    found = []
    for (_, model), paths in _blocks(results).items():
        with h5py.File(paths[0]) as file:
            found += [model] if "drawn with seed" in str(file.attrs.get("weights", "")) else []
    return found


def _losses(results: Path) -> pd.DataFrame:
    return gather(sorted(results.glob("loss/*/*.csv")), LOSS)


def _made(results: Path) -> str:
    made = datetime.fromtimestamp((results / "summary.txt").stat().st_mtime, UTC)
    names = [line.split(":")[1].strip() for line in _lines(Path("/proc/cpuinfo")) if line.startswith("model name")]
    with h5py.File(next(iter(_blocks(results).values()))[0]) as file:
        versions = str(file.attrs["versions"]).strip("{}").replace('"', "")
    return (
        f"{made:%Y-%m-%d}, {os.cpu_count()} cores ({names[0] if names else platform.machine()}), Python "
        f"{platform.python_version()}; {versions}.\n"
    )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _models(results: Path, losses: pd.DataFrame) -> str:
    plain = losses[losses["condition"] == PLAIN]
    families = _read(results, "statistics/scaling-law.csv", SCALING_LAW).drop_duplicates("model").set_index("model")
    corpora = list(dict.fromkeys(plain["corpus"]))
    rows = []
    for model, own in plain.sort_values("parameters", kind="stable").groupby("model", sort=False):
        with h5py.File(next(paths[0] for (_, name), paths in _blocks(results).items() if name == model)) as file:
            shape = f"{file.attrs['layers']} x {file.attrs['heads']}"
        nats = own.set_index("corpus")["loss_per_word"]
        family = families["family"].get(model, "")
        rows.append(
            [model, family, f"{own['parameters'].iloc[0] / 1e6:,.1f}", shape, *(f"{nats[c]:.2f}" for c in corpora)]
        )
    header = ["model", "family", "parameters, millions", "layers x heads"]
    return table([*header, *(f"nats a word, {corpus}" for corpus in corpora)], rows)


def _noise(results: Path) -> str:
    """Models under noise in their context: the verdict's lines, then the numbers and pictures they rest on."""
    folder = results / "incontext"
    if not (folder / "noise-slopes.csv").is_file():
        return "Not asked in this run.\n"
    slopes = read_table(folder / "noise-slopes.csv", NOISE_SLOPES)
    keys = ["model", "task", "noise"]
    calibrated = {
        tuple(row[key] for key in keys): row for row in slopes[slopes["score"] == "calibrated"].to_dict("records")
    }
    rows = []
    for row in slopes[slopes["score"] == "plain"].to_dict("records"):
        other = calibrated[tuple(row[key] for key in keys)]
        rows.append(
            (
                *(row["model"], size_name(row["parameters"]), row["task"], row["noise"], f"{row['zero_shot']:.2f}"),
                f"{row['clean']:.2f}" + (" (at chance)" if row["at_chance"] else ""),
                _slope(row),
                "" if math.isnan(row["follows"]) else f"{row['follows']:.2f}",
                f"{other['clean']:.2f}",
                _slope(other),
            )
        )
    header = ["model", "parameters", "task", "noise", "none shown", "right shown", "slope", "follows flipped"]
    header += ["calibrated: right shown", "calibrated: slope"]
    lines = (folder / "verdict.txt").read_text(encoding="utf-8").splitlines()
    listed = "\n".join(f"  - {line.strip()}" if line.startswith(" ") else f"- {line}" for line in lines)
    return (
        "What is asked and how to read it: [in-context.md](in-context.md#3-real-models-under-noise). The verdict:\n\n"
        f"{listed}\n\nAccuracy, and its slope on the share that is noisy with 95 percent intervals over items and sets "
        "of demonstrations; `follows flipped`: share of answers that say what the labels shown say, when all are "
        "flipped.\n\n"
        + table(header, rows)
        + "".join(f"\n![{title}](real-models/{stem}.png)\n" for stem, title in NOISE_PICTURES.items())
    )


def _slope(row: Mapping[Any, Any]) -> str:
    return f"{signed(row['slope'], 2)} ({signed(row['slope_low'], 2)} to {signed(row['slope_high'], 2)})"


def _resemblance(results: Path) -> pd.DataFrame:
    paths = [
        path for path in sorted(results.glob("resemblance/*/*.csv")) if not path.stem.endswith(("-folds", "-thinned"))
    ]
    return gather(paths, RESEMBLANCE)


def _cost(results: Path) -> str:
    benchmarks = results / "benchmarks"
    rows = []
    for (corpus, model), paths in _blocks(results).items():
        files = sorted((benchmarks / "attention" / corpus / model).glob("*/layers-*.tsv"))
        measured = [pd.read_csv(file, sep="\t").iloc[-1] for file in files]
        if not measured:
            continue
        rows.append(
            [
                *(model, corpus, len(files), f"{sum(float(row['cpu_time']) for row in measured):.0f}"),
                f"{max(float(row['max_rss']) for row in measured) / 1024:.1f}",
                f"{sum(path.stat().st_size for path in paths) / 1e6:.0f}",
            ]
        )
    header = [
        "model",
        "corpus",
        "jobs",
        "processor time of all jobs, s",
        "memory of the largest, GiB",
        "attention on disk, MB",
    ]
    return "Extraction in all conditions, as Snakemake measured it.\n\n" + table(header, rows)


if __name__ == "__main__":
    run(main)
