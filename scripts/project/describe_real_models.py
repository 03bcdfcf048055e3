"""docs/real-models.md: what a run of config/real-models.yaml found, written from its files; no number by hand."""

import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
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
from readalike.running.arguments import In, Out
from readalike.running.command import run
from readalike.sizes import size_name
from readalike.statistics import conclusions as c
from readalike.statistics.scored import ALL, AT_ONCE, BEST
from readalike.tables.summary import SIZE_SCORES

SIGNAL = "number"
CHANGED = 0.001  # of R2: what counts as another score
SIGNIFICANT = 0.05
NOISE_PICTURES = {
    "figure-31-noise-accuracy": "Accuracy by noise in the demonstrations",
    "figure-32-noise-slopes": "Noise and size",
    "figure-33-noisy-looks": "Attention to noisy demonstrations",
}
AT_ONCE_PICTURE = "figure-35-all-layers"
# Score and models of `statistics/conclusions.csv` -> what is told of it.
TWINS = {"": "what trained models add, mean", ", untrained": "what untrained ones add, mean",
         ", above untrained": "trained less untrained, mean over twins"}  # fmt: skip
SIZES = {c.PAIRS: "larger less smaller, mean over pairs", c.WITHIN: "a doubling of the parameters, within families",
         c.POOLED: "a doubling of the parameters, all models"}  # fmt: skip
GROUP_TESTS = {"independent t": "p_holm", "clustered t": "p_maxt"}  # with the p that is counted
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


def main(*, results: In, output: Out) -> None:
    """
    results : of config/real-models.yaml
    output : the page
    """
    sections = [
        INTRODUCTION,
        _made(results),
        "## The verdict\n" + _verdict(results),
        "## The models\n" + _models(results),
        "## How much they resemble readers\n" + _headline(results),
        "## One layer, and all layers at once\n" + _at_once(results),
        "## Size\n" + _size(results),
        "## Reliance on trivial patterns\n" + _reliance(results),
        "## Native and non-native readers\n" + _groups(results),
        "## Where the conclusions transfer\n" + _transfer(results),
        "## What one head can do to a held-out score\n" + _floor(results),
        "## Noise in the context\n" + _noise(results),
        "## What it took\n" + _cost(results),
    ]
    output.write_text("\n".join(sections), encoding="utf-8")


def _verdict(results: Path) -> str:
    """As the run ends with it."""
    text = (results / "verdict.txt").read_text(encoding="utf-8").rstrip()
    about = (
        "An untrained model has the architecture, tokenizer and start token of its twin, and weights that are drawn."
    )
    return f"How to read it: [reading-the-verdict.md](reading-the-verdict.md). {about}\n\n```\n{text}\n```\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)]) + "\n"


def _signed(value: float, digits: int = 4) -> str:
    return "" if math.isnan(value) else f"{value:+.{digits}f}"


def _read(results: Path, name: str, table: Table) -> pd.DataFrame:
    """A table of the run, or an empty one where the configuration asks for none."""
    path = results / name
    return read_table(path, table) if path.is_file() else pd.DataFrame(columns=table.names)


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


def _models(results: Path) -> str:
    losses = _losses(results)
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
    return _table([*header, *(f"nats a word, {corpus}" for corpus in corpora)], rows)


def _headline(results: Path) -> str:
    head = _read(results, "tables/table-headline.csv", HEADLINE)
    sizes = _losses(results).drop_duplicates("model").set_index("model")["parameters"]
    untrained = _untrained(results)
    text = []
    for group, own in head.groupby("group", sort=False):
        first = own.iloc[0]
        text.append(
            f"**{group}**, {first['n']} readers. Held out, without attention: position and word length (b0) "
            f"{first['baseline_b0_cv']:.4f}, also that long words are looked at again (b1) "
            f"{first['baseline_b1_cv']:.4f}, all that is known of places, lengths and punctuation (b2) "
            f"{first['baseline_b2_cv']:.4f}; the mean of the other readers {first['ceiling_leave_one_out_cv']:.4f}. "
            f"Percentages are of the ceiling in sample, {first['ceiling_group_mean']:.4f}.\n"
        )
        own = own.assign(size=own["model"].map(sizes)).sort_values("size", kind="stable")
        rows = [
            [
                *(row["model"], row["layer"], f"{row['r2']:.4f}", f"{row['percent_of_ceiling']:.1f}"),
                *(f"{row['r2_cv']:.4f}", f"{row['r2_null']:.4f}", f"{row['r2_swap']:.4f}"),
                *(_signed(row[name]) for name in ("r2_specific", "r2_unique_b0", "r2_unique_b1")),
                f"{_signed(row['r2_unique_b2'])} ({_signed(row['r2_unique_b2_null'])})",
                f"{_signed(row['r2_unique_b2_all_layers'])} [{_signed(row['r2_unique_b2_all_layers_ci_low'])}, "
                f"{_signed(row['r2_unique_b2_all_layers_ci_high'])}]",
            ]
            for row in own.to_dict("records")
        ]
        header = ["model", "layer", "in sample", "percent of ceiling", "held out", "shuffled", "another sentence's"]
        text.append(
            _table(
                [*header, "specific", "beyond b0", "beyond b1", "beyond b2 (shuffled)", "all layers at once beyond b2"],
                rows,
            )
        )
        own = own[~own["model"].isin(untrained)]
        b0, b2 = ((own["r2_cv"] > own[f"baseline_{name}_cv"]).sum() for name in ("b0", "b2"))
        text.append(
            f"Held out, {b0} of {len(own)} trained models explain more than b0 does, and {b2} more than b2. "
            f"Attention adds {_signed(own['r2_unique_b0'].min())} to {_signed(own['r2_unique_b0'].max())} to b0 and "
            f"{_signed(own['r2_unique_b2'].min())} to {_signed(own['r2_unique_b2'].max())} to b2; all layers at once, "
            f"by ridge regression, {_signed(own['r2_unique_b2_all_layers'].min())} to "
            f"{_signed(own['r2_unique_b2_all_layers'].max())}. Of what a layer explains "
            f"alone, {_signed(own['r2_specific'].min())} to {_signed(own['r2_specific'].max())} is lost with the "
            "attention of another sentence of the same length.\n"
        )
    return "\n".join(text)


def _at_once(results: Path) -> str:
    """What a layer adds to b2 beside what all layers add, of trained and untrained models and by size."""
    found = _read(results, "statistics/conclusions.csv", CONCLUSIONS)
    own = found[found["test"] == c.CLUSTERED]
    asked = [(c.BEYOND, end, c.MEAN, words) for end, words in TWINS.items()]
    asked += [(c.SIZE, "", fit, words) for fit, words in SIZES.items()]
    rows = []
    for group in dict.fromkeys(own.loc[own["conclusion"] == c.BEYOND, "readers"]):
        for conclusion, end, models, words in asked:
            cells = []
            for score, rule in ((c.BEYOND_B2, BEST), (AT_ONCE, ALL)):
                labels = {"conclusion": conclusion, "score": f"{score}{end}", "models": models, "layers": rule}
                labels["readers"] = group
                at = own[(own[list(labels)] == list(labels.values())).all(axis=1)]
                cells.append("".join(
                    f"{_signed(row['estimate'], 5)} [{_signed(row['ci_low'], 5)}, {_signed(row['ci_high'], 5)}], "
                    f"p {row['p']:.2g}" for row in at.to_dict("records")
                ))  # fmt: skip
            rows.append([group, words, *cells])
    return (
        "A layer by least squares, and the heads of all layers by ridge regression, both beside b2 and held out "
        '([results.md](results.md), "All layers at once"). All layers were added when the answers by layer were known. '
        "R2, with 95 percent intervals over readers and sentences and p before correction.\n\n"
        + _table(["readers", "what", "at the layer with the highest in-sample R2", "all layers at once"], rows)
        + f"\n![What attention adds to b2, at one layer and over all](real-models/{AT_ONCE_PICTURE}.png)\n"
    )


def _interval(row: Mapping[Any, Any], scale: float = 1.0) -> str:
    if math.isnan(row["ci_low"]):
        return str(row["withheld"])
    return f"{_signed(scale * row['ci_low'])} to {_signed(scale * row['ci_high'])}"


def _size(results: Path) -> str:
    slopes = _read(results, "statistics/scaling-slopes.csv", SLOPES)
    doubling, text = math.log(2), []
    for column, words in SIZE_SCORES.items():
        own = slopes[(slopes["signal"] == SIGNAL) & (slopes["column"] == column)]
        rows = [
            [
                *(row["group"], row["fit"], row["n"], _signed(doubling * row["slope"]), _interval(row, doubling)),
                *(f"{row['p_permutation']:.3f}", _signed(row["skill"], 2)),
            ]
            for row in own.to_dict("records")
        ]
        text += [
            f"{words[0].upper()}{words[1:]} (`{column}`) for each doubling of the parameters, at the layer where that "
            "is highest (not always that of the tables above). Models of different families differ in more than size; "
            "`within families` has an intercept for each.\n",
            _table(
                [*("group", "fit", "models", "for each doubling", "95 percent interval"), "permutation p", "skill"],
                rows,
            ),
            "Skill: 1 - squared errors of predicting each model from the others by its size, over the same by the mean "
            "of its family. Below zero size predicts worse than no size.\n",
        ]
        for group, part in own.groupby("group", sort=False):
            fits = {row["fit"]: row for row in part.to_dict("records")}
            text.append(f"{group}: {_size_verdict(fits)}{_of_families(fits)}\n")
    found = _read(results, "statistics/correlations.csv", CORRELATIONS)
    found = found[(found["question"] == "size") & (found["signal"] == SIGNAL)]
    rows = [
        [*(row["group"], row["column"], row["n"], f"{row['r']:.2f}", f"{row['p']:.3f}"), f"{row['p_permutation']:.3f}"]
        for row in found.to_dict("records")
    ]
    text += [
        "Pearson's r with ln(parameters) over all models, whatever their family, as the paper computes it:\n",
        _table(["group", "score", "models", "r", "p", "permutation p"], rows),
    ]
    return "\n".join(text)


def _size_verdict(fits: Mapping[Any, Mapping[Any, Any]]) -> str:
    """One sentence on the paper's first claim, by the fit within families."""
    row = fits.get("within families")
    if row is None:
        return "no family has models of two sizes, so that nothing can be said about size itself."
    if math.isnan(row["ci_low"]):
        return f"within families the slope is {_signed(row['slope'])}, without an interval ({row['withheld']})."
    if row["ci_low"] > 0:
        return "within families larger models are more human-like; the interval leaves zero out."
    if row["ci_high"] < 0:
        return "within families larger models are *less* human-like; the interval leaves zero out."
    return "within families no effect of size is shown: the interval has zero in it."


def _of_families(fits: Mapping[Any, Mapping[Any, Any]]) -> str:
    """Whether the families agree, which one slope for all of them supposes."""
    own = {name.removeprefix("family "): row["slope"] for name, row in fits.items() if name.startswith("family ")}
    if len({slope > 0 for slope in own.values()}) < 2:
        return ""
    listed = ", ".join(f"{name} {_signed(math.log(2) * slope)}" for name, slope in own.items())
    return f" The families point in different ways ({listed}), and one slope for all of them stands for neither."


def _groups(results: Path) -> str:
    tests = _read(results, "statistics/resemblance-groups.csv", TESTS)
    own = tests[(tests["signal"] == SIGNAL) & tests["statistic"].notna()]
    if own.empty:
        return "The configuration contrasts no groups.\n"
    scales, rows = list(dict.fromkeys(own["scale"])), []
    for model, part in own.groupby("model", sort=False):
        cells = []
        for scale in scales:
            here = part[part["scale"] == scale]
            found = {test: (here.loc[here["test"] == test, p] < SIGNIFICANT).sum() for test, p in GROUP_TESTS.items()}
            cells.append(" / ".join(map(str, found.values())))
        rows.append([model, part["index"].nunique(), *cells])
    pairs = ", ".join(f"{a} above {b}" for a, b in own[["a", "b"]].drop_duplicates().itertuples(index=False))
    return (
        f"{pairs}: in how many layers, by a t-test as in the paper (over readers), after Holm / by a test over "
        f"readers and sentences, by flips over all layers, p below {SIGNIFICANT}. `r2` is the paper's "
        "scale; `percent_of_ceiling`, `percent_cv` and `own_ceiling` are shares of what readers share; `thinned` has "
        "as many saccades in both groups.\n\n" + _table(["model", "layers", *(f"`{scale}`" for scale in scales)], rows)
    )


def _reliance(results: Path) -> str:
    found = _read(results, "statistics/reliance-change.csv", RELIANCE_CHANGE)
    own = found[(found["comparison"] == "scaling") & (found["condition"] == PLAIN)]
    rows = [
        [
            *(corpus, a, b),
            *(f"{100 * row['change']:+.0f} ({100 * row['ci_low']:+.0f} to {100 * row['ci_high']:+.0f})"
              for row in part.sort_values("quarter").to_dict("records")),
        ]
        for (corpus, a, b), part in own.groupby(["corpus", "a", "b"], sort=False)
    ]  # fmt: skip
    down, up = (own["ci_high"] < 0).sum(), (own["ci_low"] > 0).sum()
    return (
        "Change of the reliance on attention to the first word, the previous one and the word itself (R2, mean of the "
        "heads) from the smaller to the larger model, in percent, by quarters of the layers, with 95 percent intervals "
        f"over sentences. It falls in {down} of {len(own)} places and rises in {up}.\n\n"
        + _table(["corpus", "smaller", "larger", *(f"quarter {k + 1}" for k in range(4))], rows)
    )


def _transfer(results: Path) -> str:
    found = _read(results, "statistics/transfer.csv", TRANSFER)
    rows = [
        [
            *(row["claim"], row["corpus"], row["group"], row["n_readers"], row["n_models"]),
            *(_signed(row["estimate"]), _interval(row), row["unit"]),
        ]
        for row in found.to_dict("records")
    ]
    header = ["claim", "corpus", "group", "readers", "models", "estimate", "95 percent interval", "unit"]
    return "What each claim is: `columns.csv` and the caption of Figure 19.\n\n" + _table(header, rows)


def _floor(results: Path) -> str:
    rows = []
    frame = _resemblance(results)
    for (model, group), own in frame[frame["signal"] == SIGNAL].groupby(["model", "group"], sort=False):
        mean = own.groupby("layer")[["r2_cv", "r2_cv_ols", "r2_unique_b0", "r2_unique_b0_ols"]].mean()
        alone, beyond = (mean[name] - mean[f"{name}_ols"] for name in ("r2_cv", "r2_unique_b0"))
        layer = int(beyond.abs().to_numpy().argmax())
        worst = mean.iloc[layer]
        rows.append(
            [
                *(model, group, f"{(alone.abs() > CHANGED).sum()} of {len(mean)}"),
                *(f"{(beyond.abs() > CHANGED).sum()} of {len(mean)}", f"layer {mean.index[layer]}"),
                *(_signed(worst["r2_unique_b0_ols"]), _signed(worst["r2_unique_b0"])),
            ]
        )
    header = ["model", "group", "`r2_cv`", "`r2_unique_b0`", "where most", "least squares", "with the floor"]
    return (
        f"Layers whose mean score differs by more than {CHANGED} between plain least squares and the same without "
        "directions that hardly vary in training (`measures/held_out.py` says why), and `r2_unique_b0` of the layer "
        "that differs most.\n\n" + _table(header, rows)
    )


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
        + _table(header, rows)
        + "".join(f"\n![{title}](real-models/{stem}.png)\n" for stem, title in NOISE_PICTURES.items())
    )


def _slope(row: Mapping[Any, Any]) -> str:
    return f"{_signed(row['slope'], 2)} ({_signed(row['slope_low'], 2)} to {_signed(row['slope_high'], 2)})"


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
    return "Extraction in all conditions, as Snakemake measured it.\n\n" + _table(header, rows)


if __name__ == "__main__":
    run(main)
