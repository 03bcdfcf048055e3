"""The reproduction in plain words: what came out, what did not, and where the paper contradicts its own data."""

from collections.abc import Mapping

import pandas as pd

from readalike.reproduction.values import STATUSES, by_value
from readalike.tables.summary import fmri_sentences

MEANING = {
    "reproduced": "equal at the printed digits",
    "close": "within 10 percent of the printed value, from public events in place of the authors' export",
    "differs": "further away",
    "contradicts itself": "the paper's own other values give another one",
    "not computable here": "needs what is not public",
}
SCALES = {
    "r2": "in-sample R2, as in the paper",
    "percent_of_ceiling": "as percent of the group's ceiling",
    "percent_cv": "held out, as percent of the held-out ceiling",
    "own_ceiling": "each reader over that reader's own ceiling",
    "thinned": "with L2's saccades thinned to L1's number",
}


def report(
    values: pd.DataFrame,
    lists: pd.DataFrame,
    group_tests: pd.DataFrame,
    regions: pd.DataFrame,
    differing: Mapping[str, tuple[int, int]],
) -> str:
    """Markdown text.

    values : `values.compare`; lists : `significance.layer_lists`; group_tests : resemblance of one group above another;
    regions : Table 8; differing : imported model -> sentences whose rows are not its words, of how many
    """
    parts = [
        ["# The published numbers, and what comes out here", ""],
        _counts(values),
        _tables(values),
        ["## In plain words", ""],
        _tuning(lists),
        _sensitivity(lists),
        _groups(group_tests),
        _fmri(values, regions),
        _files(differing),
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _counts(values: pd.DataFrame) -> list[str]:
    best = by_value(values)
    counts = best["status"].value_counts()
    lines = [
        f"Of {len(best)} published values (one printed in several tables counts in each), by the best way to each:",
        "",
    ]
    lines += [f"- {counts.get(status, 0)} {status}: {MEANING[status]}" for status in STATUSES]
    return [*lines, ""]


def _tables(values: pd.DataFrame) -> list[str]:
    lines = []
    for status in STATUSES[:-1]:
        rows = values[values["status"] == status]
        if rows.empty:
            continue
        lines += [f"## {status.capitalize()}", "", "| published in | what | published | here | from | why |"]
        lines.append("|---|---|---|---|---|---|")
        for _, row in rows.iterrows():
            what = " ".join(part for part in (row["quantity"].replace("_", " "), _model(row), row["group"]) if part)
            cells = (row["source"], what, row["published"], f"{row['computed']:.4g}", row["basis"], row["why"])
            lines.append("| " + " | ".join(str(cell).replace("|", "/") for cell in cells) + " |")
        lines.append("")
    return lines


def _model(row: pd.Series) -> str:
    model, size = str(row["model"]), str(row["size_billion"])
    return f"{model} {size}B" if size and not model.startswith("GPT-2") else model


def _find(lists: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    for column, value in wanted.items():
        lists = lists[lists[column] == value]
    return lists


def _layers(row: pd.Series) -> str:
    return f"layers {row['layers']}" if row["count"] else "no layer"


def _tuning(lists: pd.DataFrame) -> list[str]:
    lines = [
        "### Does instruction tuning change attention (section 5.1.2)?",
        "",
        "The paper says that only Vicuna 13B diverges from LLaMA by more than the reference, and that the same result",
        "is seen after an instruction. The authors' own divergences of the 7B models, with the paper's test (paired t",
        "over sentences, p < 0.05/64), contradict both statements:",
        "",
    ]
    for source, where in (("name/7B/js-name.xlsx", "alone"), ("name/7B/instr_js-name.xlsx", "after an instruction")):
        for _, row in _find(lists, source=source).iterrows():
            lines.append(f"- sentences {where}, LLaMA against {row['b'].capitalize()}: above in {_layers(row)}")
    return [*lines, "", "The files for 13B are broken, so that the statement about Vicuna 13B cannot be checked.", ""]


def _sensitivity(lists: pd.DataFrame) -> list[str]:
    above = _find(lists, question="sensitivity above reference", condition="noise")
    everywhere = (above["count"] == above["of"] - 1).all() and not above["layers"].str.startswith("0").any()
    lines = [
        "### Does tuning make models sensitive to instructions (section 5.1.3)?",
        "",
        "The paper tests each model's divergence between a sentence alone and after an instruction against the",
        "reference. That test cannot carry the claim: after a prefix of noise "
        + ("every model, LLaMA too, is above the" if everywhere else "models are above the"),
        f"reference in {'all layers but layer 0' if everywhere else 'many layers'}. The claim is that a tuned model is",
        "more sensitive than its base, and more so for an instruction than for noise. Tested so (paired t over",
        "sentences, p < 0.05 / (2 x layers)), it holds:",
        "",
    ]
    for size in ("7B", "13B"):
        for tuned in ("alpaca", "vicuna"):
            found = _find(lists, source=f"instruct/{size}", a=tuned)
            counts = {(row["question"], row["condition"]): int(row["count"]) for _, row in found.iterrows()}
            lines.append(
                f"- {tuned.capitalize()} {size}: above LLaMA in {counts['tuned above base', 'translate']} of "
                f"{int(found['of'].iloc[0])} layers after the instruction, in {counts['tuned above base', 'noise']} "
                f"after noise; the difference of the two above zero in {counts['excess over noise', 'translate']}"
            )
    return [*lines, ""]


def _groups(tests: pd.DataFrame) -> list[str]:
    lines = ["### Are models more like non-native readers (section 5.2)?", ""]
    tests = tests[tests["signal"] == "number"]
    for model, of_model in tests.groupby("model", sort=False):
        t = of_model[of_model["test"] == "independent t"]
        in_sample = t[t["scale"] == "r2"]
        layer = in_sample.iloc[int(in_sample["mean_b"].argmax())]["index"]
        at = of_model[of_model["index"] == layer]
        lines += [f"{model}, layer {layer:.0f} (one-sided, {at['a'].iloc[0]} above {at['b'].iloc[0]}):", ""]
        for scale, words in SCALES.items():
            own = {row["test"]: row for _, row in at[at["scale"] == scale].iterrows()}
            if own:
                t_test, clustered = own["independent t"], own["clustered t"]
                lines.append(
                    f"- {words}: {t_test['mean_a']:.3f} against {t_test['mean_b']:.3f}, t = {t_test['statistic']:.2f}, "
                    f"p = {t_test['p']:.2g}; over readers and sentences p = {clustered['p']:.2g}"
                )
        lines.append("")
    return [
        *lines,
        "The answer hangs on the scale: raw scores of L2 are higher, as L2's ceilings are. The t-tests take sentences",
        "and ceilings as fixed; the p over readers and sentences takes both as drawn, and the ceiling with them.",
        "",
    ]


def _fmri(values: pd.DataFrame, regions: pd.DataFrame) -> list[str]:
    table_8 = values[values["quantity"] == "fmri_resemblance"]
    printed = table_8["published"].astype(float)
    return [
        "### Do models resemble brain activity (Appendix D)?",
        "",
        "The published scores are an in-sample R2 divided by a Pearson r, and the r is too high by a slip: the mean",
        "gathers in the first reader's own matrices, who is then compared with himself. With one article left out:",
        "",
        *(f"{'  ' if line.startswith('    ') else ''}- {line.strip()}" for line in fmri_sentences(regions)),
        "",
        f"The published {printed.min():.0f} to {printed.max():.0f} percent (LLaMA, Alpaca and Vicuna, 7B and 13B) "
        "cannot be checked so: their attention is not public.",
        "",
    ]


def _files(differing: Mapping[str, tuple[int, int]]) -> list[str]:
    lines = ["### What the released files are", ""]
    for model, (different, sentences) in differing.items():
        level = "; not word level: word i of a reader meets token i" if different > sentences / 2 else ""
        lines.append(f"- {model}: rows and words differ in {different} of {sentences} sentences{level}")
    return lines
