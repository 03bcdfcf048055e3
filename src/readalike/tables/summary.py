"""What was made, and the headline numbers, in plain words."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from readalike.statistics.best_layer import RULE
from readalike.statistics.slopes import POOLED, WITHIN

SIZE_SCORES = {
    "nested r2_cv - r2_null": "held-out R2 above shuffled attention",
    "nested r2_specific": "held-out R2 above another sentence's attention",
}
EQUAL_SCORES = {
    "subsets": "held-out R2 of random heads",
    "components": "held-out R2 of principal components",
    "r2_cv - r2_null": "beside it, of all heads, above shuffled attention",
}


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


def size_sentences(slopes: pd.DataFrame, signal: str, scores: Mapping[str, str] = SIZE_SCORES) -> list[str]:
    """What size does to resemblance, by group; within families first, since families differ in more than size.

    scores : column -> what it is, in words
    """
    lines = []
    for column, words in scores.items():
        own = slopes[(slopes["signal"] == signal) & (slopes["column"] == column)]
        if len(own):
            lines += [f"  {words}:", *_slope_sentences(own)]
    return lines


def _slope_sentences(own: pd.DataFrame) -> list[str]:
    """Of the slopes of one score."""
    lines = []
    for (group, readers_are), part in own.groupby(["group", "readers_are"], sort=False):
        lines.append(f"    {group}{' (simulated)' if readers_are == 'simulated' else ''}:")
        fits = {row["fit"]: row for row in part.to_dict("records")}
        for name, words in ((WITHIN, "within families"), (POOLED, "over all models, whatever their family")):
            if name not in fits:
                lines.append(f"      {words}: cannot be said; no family has models of two sizes")
                continue
            row = fits[name]
            slope, low, high = (math.log(2) * row[value] for value in ("slope", "ci_low", "ci_high"))
            interval = row["withheld"] if math.isnan(low) else f"95 percent interval {low:+.4f} to {high:+.4f}"
            families = f", {row['families']} families" if row["families"] > 1 else ""
            p = f"; permutation p {row['p_permutation']:.3f}" if name == WITHIN else ""
            lines.append(f"      {words}: {slope:+.4f} for each doubling ({interval}; {row['n']} models{families}{p})")
            if not math.isnan(row["skill"]):
                better = "better" if row["skill"] > 0 else "no better"
                lines.append(
                    f"        size predicts a model left out {better} than the mean of the others does (skill "
                    f"{row['skill']:+.2f} of at most 1)"
                )
    return lines


def summary(
    head: pd.DataFrame,
    slopes: pd.DataFrame,
    regions: pd.DataFrame,
    made: Sequence[Path],
    signal: str,
    equal: pd.DataFrame,
) -> str:
    """What was made, and the headline numbers in sentences; no percentage of a score that is not above zero held out.

    head, slopes, regions : the headline table, the slopes on size and Table 8, or empty
    equal : slopes at equal numbers of features, or empty
    """
    lines = []
    if (head["readers_are"] == "simulated").any():
        lines += ["The readers of this run are simulated: nothing here is a statement about people.", ""]
    lines += ["Figures and tables:", *(f"  {path}" for path in made)]
    if len(head):
        lines += ["", f"Headline numbers (saccade {signal}; each model at {RULE};"]
        lines += ["in brackets 95 percent intervals, readers and sentences as drawn):"]
    for row, held_out, beyond in zip(
        head.itertuples(index=False), *(above_zero(head, name) for name in ("r2_cv", "percent_beyond_b2")), strict=True
    ):
        people = "simulated readers" if row.readers_are == "simulated" else "readers"
        lines.append(f"  {row.model} and {row.group} ({row.n} {people}), layer {row.layer}:")
        withheld_here = dict(part.split(": ", 1) for part in str(row.withheld).split("; ") if part)
        if not held_out:
            withheld_here.setdefault("percent_of_ceiling", "held-out score not above zero")
        if why := withheld_here.get("percent_of_ceiling"):
            share = f"no percentage of the group's ceiling ({why})"
        else:
            share = f"{row.percent_of_ceiling:.1f}{_interval(row, 'percent_of_ceiling', '.1f')} percent of the group's "
            share += f"ceiling {row.ceiling_group_mean:.4f}"
        lines.append(f"    in sample R2 {row.r2:.4f}{_interval(row, 'r2')}, {share} (the paper's score)")
        lines.append(
            f"    held out R2 {row.r2_cv:.4f}{_interval(row, 'r2_cv')}; shuffled attention scores {row.r2_null:.4f}; "
            f"another sentence's {row.r2_swap:.4f}, so that {row.r2_specific:+.4f} is specific to the sentence"
        )
        lines.append(
            f"    without attention: position and word length {row.baseline_b0_cv:.4f} (b0); all that is known of "
            f"places, lengths and punctuation {row.baseline_b2_cv:.4f} (b2)"
        )
        lines.append(
            f"    what attention adds to b2: {row.r2_unique_b2:+.4f} (shuffled attention "
            f"{row.r2_unique_b2_null:+.4f}), above shuffled {row.r2_unique_b2_above_null:+.4f}"
            f"{_interval(row, 'r2_unique_b2_above_null', '+.4f')}; to b0 only: {row.r2_unique_b0:+.4f}"
            f"{_interval(row, 'r2_unique_b0', '+.4f')}"
        )
        if not math.isnan(row.r2_unique_b2_all_layers):
            lines.append(
                f"    all layers at once: {row.r2_unique_b2_all_layers:+.4f}"
                f"{_interval(row, 'r2_unique_b2_all_layers', '+.4f')}"
            )
        if "percent_beyond_b2" not in withheld_here and beyond:
            lines.append(
                f"    that is, above shuffled attention, {row.percent_beyond_b2:.1f} percent of what is explainable "
                f"beyond b2, {row.ceiling_split_half_beyond_b2:.4f} (halves of the readers)"
            )
        if "r2_unique_b3" not in withheld_here:
            lines.append(
                f"    to b3, which also knows how frequent and how unexpected words are ({row.baseline_b3_cv:.4f} "
                f"alone): {row.r2_unique_b3:+.4f} (shuffled attention {row.r2_unique_b3_null:+.4f})"
            )
    if len(slopes) and (sizes := size_sentences(slopes, signal)):
        lines += ["", "Size and resemblance (each article at the layer that the others choose):", *sizes]
    if len(equal) and (sizes := size_sentences(equal, signal, EQUAL_SCORES)):
        numbers = " or ".join(str(k) for k in sorted(equal["features"].unique()))
        lines += ["", f"Size and resemblance at equal numbers of features ({numbers} of every layer):", *sizes]
    if len(regions):
        lines += ["", "Brain regions (fMRI):", *fmri_sentences(regions)]
    return "\n".join(lines) + "\n"


def _interval(row: Any, name: str, form: str = ".4f") -> str:
    """' [low, high]' of a column of the headline table; nothing where there is none."""
    low, high = getattr(row, f"{name}_ci_low"), getattr(row, f"{name}_ci_high")
    return "" if math.isnan(low) else f" [{low:{form}}, {high:{form}}]"


def above_zero(head: pd.DataFrame, column: str) -> list[bool]:
    """Of each row; a headline table without rows may have no columns."""
    return list(head[column] > 0) if len(head) else []
