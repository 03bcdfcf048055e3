"""Tables that a person reads, as CSV with all digits and as LaTeX rounded, and the summary in plain words."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from readalike.files.atomic import replacing
from readalike.files.contracts import Table
from readalike.files.contracts.resemblance import SCORES
from readalike.files.tables import write_table
from readalike.statistics.ceilings import group_ceiling, percent_of, withheld
from readalike.statistics.slopes import POOLED, WITHIN

CEILINGS_OF_TABLE_8 = ("gao2023", "pearson", "group_mean")
SIGNAL = "number"  # the paper's choice: duration depends on word length besides


def loss_and_resemblance(best_layer: pd.DataFrame, loss: pd.DataFrame, corpora: Mapping[str, str]) -> pd.DataFrame:
    """Table 1: size, loss in `plain` and resemblance of each model, a row a model and group.

    corpora : group -> the corpus it read, whose loss stands beside it; empty for a corpus of lengths only

    percent_of_ceiling is the paper's score; nested_percent is held out, its layer chosen without the articles scored;
    r2_cv_above_null is what sizes are compared on.
    """
    own = best_layer[best_layer["signal"] == SIGNAL]
    plain = loss[loss["condition"] == "plain"]
    parameters = plain.drop_duplicates("model").set_index("model")["parameters"]
    losses = plain.set_index(["model", "corpus"])[["loss_per_token", "loss_per_word"]]
    rows = []
    for key, part in own.groupby(["model", "group", "readers_are"], sort=False):
        model, group, readers_are = (str(name) for name in np.asarray(key, dtype=object))
        by, read = part.set_index(["rule", "column"]), (model, corpora[group])
        known = read in losses.index
        nats = {name: float(losses[name][read]) if known else np.nan for name in ("loss_per_token", "loss_per_word")}
        rows.append(
            {
                **{"model": model, "parameters": parameters[model], **nats},
                **{"group": group, "readers_are": readers_are},
                "best_layer": by.loc[("maximum", "r2"), "layer"],
                "percent_of_ceiling": by.loc[("maximum", "r2"), "percent"],
                "nested_percent": by.loc[("nested", "r2_cv"), "percent"],
                "r2_cv_above_null": by.loc[("maximum", "r2_cv - r2_null"), "score"],
                "withheld": _withheld(
                    percent_of_ceiling=float(by["ceiling"][("maximum", "r2")]),
                    nested_percent=float(by["ceiling"][("nested", "r2_cv")]),
                ),
            }
        )
    return pd.DataFrame(rows).sort_values(["parameters", "model", "group"], kind="stable", ignore_index=True)


def _scored(resemblance: pd.DataFrame) -> int:
    """Readers who are in the means: one whose signal never varies has no score."""
    return int(resemblance.loc[resemblance["r2"].notna(), "reader"].nunique())


def _withheld(**ceilings: float) -> str:
    """Why each of some percentages is empty, e.g. `percent_held_out: ceiling not above zero`."""
    return "; ".join(f"{name}: {why}" for name, ceiling in ceilings.items() if (why := withheld(ceiling)))


def reader_reliance(reliance: pd.DataFrame) -> pd.DataFrame:
    """Table 5: R2 of readers' saccade number on the trivial patterns; s.e. with n - 1, over sqrt n."""
    own = reliance[reliance["signal"] == SIGNAL]
    groups = own.groupby(["group", "readers_are"], sort=False)["r2"]
    found = groups.agg(["count", "min", "max", "mean", "sem"]).reset_index()
    return found.rename(columns={"count": "n", "sem": "se"})


def headline(
    resemblance: pd.DataFrame, best_layer: pd.DataFrame, ceilings: pd.DataFrame, baseline: pd.DataFrame
) -> pd.DataFrame:
    """Every column of resemblance side by side at the layer with the highest in-sample r2, means over readers.

    Beside them the group's ceilings and what position and word length alone give, held out.
    """
    chosen = best_layer[(best_layer["rule"] == "maximum") & (best_layer["column"] == "r2")]
    chosen = chosen[chosen["signal"] == SIGNAL]
    rows = []
    for model, group, readers_are, layer in zip(
        chosen["model"], chosen["group"], chosen["readers_are"], chosen["layer"], strict=True
    ):
        at = resemblance[
            (resemblance["model"] == model)
            & (resemblance["group"] == group)
            & (resemblance["signal"] == SIGNAL)
            & (resemblance["layer"] == int(layer))
        ]
        mean = at[[score.name for score in SCORES]].mean()
        ceiling = {name: group_ceiling(ceilings, group, SIGNAL, name) for name in ("group_mean", "leave_one_out_cv")}
        position = baseline[(baseline["group"] == group) & (baseline["signal"] == SIGNAL)]["r2_cv"].mean()
        rows.append(
            {
                **{"group": group, "readers_are": readers_are, "n": _scored(at), "model": model},
                **{"layer": int(layer), **mean},
                "r2_cv_above_null": mean["r2_cv"] - mean["r2_null"],
                "r2_unique_above_null": mean["r2_unique"] - mean["r2_unique_null"],
                "percent_of_ceiling": percent_of(mean["r2"], ceiling["group_mean"]),
                "percent_held_out": percent_of(mean["r2_cv"], ceiling["leave_one_out_cv"]),
                "ceiling_group_mean": ceiling["group_mean"],
                "ceiling_leave_one_out_cv": ceiling["leave_one_out_cv"],
                "baseline_cv": position,
                "withheld": _withheld(
                    percent_of_ceiling=ceiling["group_mean"], percent_held_out=ceiling["leave_one_out_cv"]
                ),
            }
        )
    return pd.DataFrame(rows)


def fmri(resemblance: pd.DataFrame, ceilings: pd.DataFrame, layers: Mapping[str, int]) -> pd.DataFrame:
    """Table 8: the best layer's resemblance to each brain region, in sample and held out; a row a model and region.

    percent_of_gao2023 : the paper's score, an R2 over a Pearson r (with the authors' slip); percent_of_pearson : the
    same without the slip; percent_of_group_mean : R2 over R2. r2_cv is the highest of any layer, each with an article
    left out. layers : of the whole model; imported attention may lack some.
    """
    rows = []
    for key, part in resemblance.groupby(["model", "group", "readers_are", "signal"], sort=False):
        model, group, readers_are, region = (str(value) for value in np.asarray(key, dtype=object))
        mean = part.groupby("layer")[["r2", "r2_cv", "r2_null"]].mean()
        best, best_cv = (int(mean.index[int(mean[name].argmax())]) for name in ("r2", "r2_cv"))
        ceiling = {
            name: group_ceiling(ceilings, group, region, name) for name in (*CEILINGS_OF_TABLE_8, "leave_one_out_cv")
        }
        rows.append(
            {
                **{"model": model, "group": group, "readers_are": readers_are, "region": region},
                **{"n": _scored(part), "layers": f"{len(mean)} of {layers[model]}"},
                **{"best_layer": best, "r2": mean["r2"].max()},
                **{f"percent_of_{kind}": percent_of(mean["r2"].max(), ceiling[kind]) for kind in CEILINGS_OF_TABLE_8},
                "withheld": _withheld(**{f"percent_of_{kind}": ceiling[kind] for kind in CEILINGS_OF_TABLE_8}),
                **{"best_layer_cv": best_cv, "r2_cv": mean["r2_cv"].max()},
                "r2_cv_above_null": (mean["r2_cv"] - mean["r2_null"]).max(),
                "ceiling_leave_one_out_cv": ceiling["leave_one_out_cv"],
            }
        )
    return pd.DataFrame(rows)


def with_model_column(
    table: pd.DataFrame, loss: pd.DataFrame, column: str, group: str, models: Sequence[str]
) -> pd.DataFrame:
    """Rows of Table 8 of one group and some models, with their loss or parameters, which must be known."""
    plain = loss[(loss["condition"] == "plain") & loss[column].notna()]
    known = plain.drop_duplicates("model").set_index("model")[column].astype(float)
    own = table[(table["group"] == group) & table["model"].isin([m for m in models if m in known.index])]
    return own.assign(**{column: own["model"].map(known)})


ESCAPES = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "_": r"\_", "#": r"\#", "$": r"\$"}


def latex(frame: pd.DataFrame, caption: str) -> str:
    """A booktabs tabular; whole numbers as they are, others with four significant digits."""
    alignment = "".join("r" if pd.api.types.is_numeric_dtype(frame[name]) else "l" for name in frame)
    lines = [f"% {caption}", rf"\begin{{tabular}}{{{alignment}}}", r"\toprule"]
    lines.append(" & ".join(_escape(str(name).replace("_", " ")) for name in frame) + r" \\")
    lines.append(r"\midrule")
    lines += [" & ".join(_cell(value) for value in row) + r" \\" for row in frame.itertuples(index=False)]
    lines += [r"\bottomrule", r"\end{tabular}", ""]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        if math.isnan(value):
            return "--"
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"
    return _escape(str(value))


def _escape(text: str) -> str:
    return "".join(ESCAPES.get(character, character) for character in text)


def save(frame: pd.DataFrame, table: Table, csv: Path, tex: Path, caption: str) -> None:
    """Write a table as CSV with all digits and as LaTeX rounded. Simulated readers are named in the caption."""
    if "readers_are" in frame and (frame["readers_are"] == "simulated").any():
        caption += " The readers are simulated: no person was measured."
    write_table(csv, frame, table)
    with replacing(tex) as temporary:
        temporary.write_text(latex(frame, caption), encoding="utf-8")


def fmri_sentences(table: pd.DataFrame) -> list[str]:
    """What is left of each model's resemblance to brain regions once an article is left out."""
    lines = []
    for (model, group, layers), part in table.groupby(["model", "group", "layers"], sort=False):
        best = part.iloc[int(part["r2_cv"].argmax())]
        above = part[part["r2_cv"] > 0]
        lines.append(f"  {model} ({layers} layers) and the brain regions of {group}:")
        highest = part.iloc[int(part["r2"].argmax())]
        percent = highest["percent_of_gao2023"]
        share = "no percentage" if np.isnan(percent) else f"{percent:.1f} percent"
        lines.append(
            f"    in sample R2 up to {highest['r2']:.4f} ({highest['region']}), "
            f"{share} of the paper's ceiling, which is a Pearson r"
        )
        if above.empty:
            lines.append(
                f"    held out below zero in every layer and region (best {best['r2_cv']:.4f}, {best['region']}): "
                "nothing of the in-sample scores is left"
            )
        else:
            found = ", ".join(f"{row.region} {row.r2_cv:.4f}" for row in above.itertuples())
            lines.append(f"    held out above zero in {found}; below zero in the other regions")
        shared = part["ceiling_leave_one_out_cv"]
        lines.append(
            f"    readers predict one another, held out, with R2 {shared.min():.4f} to {shared.max():.4f} by region"
        )
    return lines


def size_sentences(slopes: pd.DataFrame) -> list[str]:
    """What size does to resemblance, by group. Within families first: over all models, families differ in more than
    size."""
    lines = []
    own = slopes[(slopes["signal"] == SIGNAL) & (slopes["column"] == "r2_cv - r2_null")]
    for (group, readers_are), part in own.groupby(["group", "readers_are"], sort=False):
        lines.append(f"  {group}{' (simulated)' if readers_are == 'simulated' else ''}:")
        fits = {row["fit"]: row for row in part.to_dict("records")}
        for name, words in ((WITHIN, "within families"), (POOLED, "over all models, whatever their family")):
            if name not in fits:
                lines.append(f"    {words}: cannot be said; no family has models of two sizes")
                continue
            row = fits[name]
            slope, low, high = (math.log(2) * row[value] for value in ("slope", "ci_low", "ci_high"))
            interval = row["withheld"] if math.isnan(low) else f"95 percent interval {low:+.4f} to {high:+.4f}"
            families = f", {row['families']} families" if row["families"] > 1 else ""
            p = f"; permutation p {row['p_permutation']:.3f}" if name == WITHIN else ""
            lines.append(f"    {words}: {slope:+.4f} for each doubling ({interval}; {row['n']} models{families}{p})")
    return lines


def summary(head: pd.DataFrame, slopes: pd.DataFrame, regions: pd.DataFrame, made: Sequence[Path]) -> str:
    """What was made, and the headline numbers in sentences.

    head, slopes, regions : the headline table, the slopes on size and Table 8, or empty
    """
    lines = []
    if (head["readers_are"] == "simulated").any():
        lines += ["The readers of this run are simulated: nothing here is a statement about people.", ""]
    lines += ["Figures and tables:", *(f"  {path}" for path in made)]
    if len(head):
        lines += ["", "Headline numbers (saccade number):"]
    for row in head.itertuples(index=False):
        people = "simulated readers" if row.readers_are == "simulated" else "readers"
        lines.append(f"  {row.model} and {row.group} ({row.n} {people}), layer {row.layer}:")
        withheld_here = dict(part.split(": ", 1) for part in str(row.withheld).split("; ") if part)
        if why := withheld_here.get("percent_of_ceiling"):
            share = f"no percentage of the group's ceiling ({why})"
        else:
            share = f"{row.percent_of_ceiling:.1f} percent of the group's ceiling {row.ceiling_group_mean:.4f}"
        lines.append(f"    in sample R2 {row.r2:.4f}, {share} (the paper's score)")
        lines.append(
            f"    held out R2 {row.r2_cv:.4f}; shuffled attention scores {row.r2_null:.4f}; "
            f"position and word length alone {row.baseline_cv:.4f}"
        )
        lines.append(
            f"    what attention adds to position and word length: {row.r2_unique:+.4f} "
            f"(shuffled attention {row.r2_unique_null:+.4f})"
        )
    if len(slopes) and (sizes := size_sentences(slopes)):
        lines += ["", "Size and resemblance (held-out R2 of the best layer above shuffled attention):", *sizes]
    if len(regions):
        lines += ["", "Brain regions (fMRI):", *fmri_sentences(regions)]
    return "\n".join(lines) + "\n"
