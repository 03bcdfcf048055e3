"""Tables that a person reads, as CSV with all digits and as LaTeX rounded, and the summary in plain words."""

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from readalike.files.atomic import replacing
from readalike.files.tables import write_table

SIGNAL = "number"  # the paper's choice: duration depends on word length besides


def loss_and_resemblance(best_layer: pd.DataFrame, loss: pd.DataFrame) -> pd.DataFrame:
    """Table 1: size, loss in `plain` and resemblance of each model, a row a model and corpus group.

    percent_of_ceiling is the paper's score; nested_percent is held out, its layer chosen without the articles scored;
    r2_cv_above_null is what sizes are compared on.
    """
    own = best_layer[best_layer["signal"] == SIGNAL]
    rows = []
    for (model, group, readers), part in own.groupby(["model", "group", "readers"], sort=False):
        by = part.set_index(["rule", "column"])
        plain = loss[(loss["model"] == model) & (loss["condition"] == "plain")].iloc[0]
        rows.append(
            {
                **{"model": model, "parameters": plain["parameters"], "loss_per_token": plain["loss_per_token"]},
                **{"loss_per_word": plain["loss_per_word"], "group": group, "readers": readers},
                "best_layer": by.loc[("maximum", "r2"), "layer"],
                "percent_of_ceiling": by.loc[("maximum", "r2"), "percent"],
                "nested_percent": by.loc[("nested", "r2_cv"), "percent"],
                "r2_cv_above_null": by.loc[("maximum", "r2_cv - r2_null"), "score"],
            }
        )
    return pd.DataFrame(rows).sort_values(["parameters", "model", "group"], kind="stable", ignore_index=True)


def reader_reliance(reliance: pd.DataFrame) -> pd.DataFrame:
    """Table 5: R2 of readers' saccade number on the trivial patterns; s.e. with n - 1, over sqrt n."""
    own = reliance[reliance["signal"] == SIGNAL]
    groups = own.groupby(["group", "readers"], sort=False)["r2"]
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
    for model, group, readers, layer in zip(
        chosen["model"], chosen["group"], chosen["readers"], chosen["layer"], strict=True
    ):
        at = resemblance[
            (resemblance["model"] == model)
            & (resemblance["group"] == group)
            & (resemblance["signal"] == SIGNAL)
            & (resemblance["layer"] == int(layer))
        ]
        mean = at[["r2", "r2_adjusted", "r2_cv", "r2_null", "r2_unique", "r2_unique_null"]].mean()
        own = ceilings[(ceilings["group"] == group) & (ceilings["signal"] == SIGNAL)]
        ceiling = own.groupby("kind")["value"].mean()
        position = baseline[(baseline["group"] == group) & (baseline["signal"] == SIGNAL)]["r2_cv"].mean()
        rows.append(
            {
                **{"group": group, "readers": readers, "n": at["reader"].nunique(), "model": model},
                **{"layer": int(layer), **mean},
                "r2_cv_above_null": mean["r2_cv"] - mean["r2_null"],
                "r2_unique_above_null": mean["r2_unique"] - mean["r2_unique_null"],
                "percent_of_ceiling": 100 * mean["r2"] / ceiling["group_mean"],
                "percent_held_out": 100 * mean["r2_cv"] / ceiling["leave_one_out_cv"],
                "ceiling_group_mean": ceiling["group_mean"],
                "ceiling_leave_one_out_cv": ceiling["leave_one_out_cv"],
                "baseline_cv": position,
            }
        )
    return pd.DataFrame(rows)


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


def save(frame: pd.DataFrame, stem: Path, caption: str) -> None:
    """Write STEM.csv with all digits and STEM.tex rounded. Simulated readers are named in the caption."""
    if "readers" in frame and (frame["readers"] == "simulated").any():
        caption += " The readers are simulated: no person was measured."
    write_table(stem.with_name(stem.name + ".csv"), frame)
    with replacing(stem.with_name(stem.name + ".tex")) as temporary:
        temporary.write_text(latex(frame, caption), encoding="utf-8")


def summary(head: pd.DataFrame, made: Sequence[Path]) -> str:
    """What was made, and the headline numbers in sentences."""
    lines = []
    if (head["readers"] == "simulated").any():
        lines += ["The readers of this run are simulated: nothing here is a statement about people.", ""]
    lines += ["Figures and tables:", *(f"  {path}" for path in made), "", "Headline numbers (saccade number):"]
    for row in head.itertuples(index=False):
        people = "simulated readers" if row.readers == "simulated" else "readers"
        lines.append(f"  {row.model} and {row.group} ({row.n} {people}), layer {row.layer}:")
        lines.append(
            f"    in sample R2 {row.r2:.4f}, {row.percent_of_ceiling:.1f} percent of the group's ceiling "
            f"{row.ceiling_group_mean:.4f} (the paper's score)"
        )
        lines.append(
            f"    held out R2 {row.r2_cv:.4f}; shuffled attention scores {row.r2_null:.4f}; "
            f"position and word length alone {row.baseline_cv:.4f}"
        )
        lines.append(
            f"    what attention adds to position and word length: {row.r2_unique:+.4f} "
            f"(shuffled attention {row.r2_unique_null:+.4f})"
        )
    return "\n".join(lines) + "\n"
