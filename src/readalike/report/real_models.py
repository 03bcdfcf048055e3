"""What models say of readers, in words and tables: the sections of docs/real-models.md on scores.

Each takes the tables of a run and gives Markdown.
"""

import math
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from readalike.conditions import PLAIN
from readalike.report.markdown import signed, table
from readalike.statistics import conclusions as c
from readalike.statistics.scored import ALL, AT_ONCE, BEST
from readalike.tables.summary import SIZE_SCORES

SIGNAL = "number"
CHANGED = 0.001  # of R2: what counts as another score
SIGNIFICANT = 0.05
AT_ONCE_PICTURE = "figure-35-all-layers"
# Score and models of `statistics/conclusions.csv` -> what is told of it.
TWINS = {"": "what trained models add, mean", ", untrained": "what untrained ones add, mean",
         ", above untrained": "trained less untrained, mean over twins"}  # fmt: skip
SIZES = {c.PAIRS: "larger less smaller, mean over pairs", c.WITHIN: "a doubling of the parameters, within families",
         c.POOLED: "a doubling of the parameters, all models"}  # fmt: skip
GROUP_TESTS = {"independent t": "p_holm", "clustered t": "p_maxt"}  # with the p that is counted


def headline(head: pd.DataFrame, losses: pd.DataFrame, untrained: Collection[str]) -> str:
    """
    head : rows of HEADLINE; losses : of LOSS, which tell the parameters; untrained : models whose weights were drawn
    """
    sizes = losses.drop_duplicates("model").set_index("model")["parameters"]
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
                *(signed(row[name]) for name in ("r2_specific", "r2_unique_b0", "r2_unique_b1")),
                f"{signed(row['r2_unique_b2'])} ({signed(row['r2_unique_b2_null'])})",
                f"{signed(row['r2_unique_b2_all_layers'])} [{signed(row['r2_unique_b2_all_layers_ci_low'])}, "
                f"{signed(row['r2_unique_b2_all_layers_ci_high'])}]",
            ]
            for row in own.to_dict("records")
        ]
        header = ["model", "layer", "in sample", "percent of ceiling", "held out", "shuffled", "another sentence's"]
        text.append(
            table(
                [*header, "specific", "beyond b0", "beyond b1", "beyond b2 (shuffled)", "all layers at once beyond b2"],
                rows,
            )
        )
        own = own[~own["model"].isin(untrained)]
        b0, b2 = ((own["r2_cv"] > own[f"baseline_{name}_cv"]).sum() for name in ("b0", "b2"))
        text.append(
            f"Held out, {b0} of {len(own)} trained models explain more than b0 does, and {b2} more than b2. "
            f"Attention adds {signed(own['r2_unique_b0'].min())} to {signed(own['r2_unique_b0'].max())} to b0 and "
            f"{signed(own['r2_unique_b2'].min())} to {signed(own['r2_unique_b2'].max())} to b2; all layers at once, "
            f"by ridge regression, {signed(own['r2_unique_b2_all_layers'].min())} to "
            f"{signed(own['r2_unique_b2_all_layers'].max())}. Of what a layer explains "
            f"alone, {signed(own['r2_specific'].min())} to {signed(own['r2_specific'].max())} is lost with the "
            "attention of another sentence of the same length.\n"
        )
    return "\n".join(text)


def at_once(conclusions: pd.DataFrame) -> str:
    """What a layer adds to b2 beside what all layers add, of trained and untrained models and by size.

    conclusions : rows of CONCLUSIONS
    """
    own = conclusions[conclusions["test"] == c.CLUSTERED]
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
                    f"{signed(row['estimate'], 5)} [{signed(row['ci_low'], 5)}, {signed(row['ci_high'], 5)}], "
                    f"p {row['p']:.2g}" for row in at.to_dict("records")
                ))  # fmt: skip
            rows.append([group, words, *cells])
    return (
        "A layer by least squares, and the heads of all layers by ridge regression, both beside b2 and held out "
        '([results.md](results.md), "All layers at once"). All layers were added when the answers by layer were known. '
        "R2, with 95 percent intervals over readers and sentences and p before correction.\n\n"
        + table(["readers", "what", "at the layer with the highest in-sample R2", "all layers at once"], rows)
        + f"\n![What attention adds to b2, at one layer and over all](real-models/{AT_ONCE_PICTURE}.png)\n"
    )


def _interval(row: Mapping[Any, Any], scale: float = 1.0) -> str:
    if math.isnan(row["ci_low"]):
        return str(row["withheld"])
    return f"{signed(scale * row['ci_low'])} to {signed(scale * row['ci_high'])}"


def size(slopes: pd.DataFrame, correlations: pd.DataFrame) -> str:
    """slopes : rows of SLOPES; correlations : of CORRELATIONS"""
    doubling, text = math.log(2), []
    for column, words in SIZE_SCORES.items():
        own = slopes[(slopes["signal"] == SIGNAL) & (slopes["column"] == column)]
        rows = [
            [
                *(row["group"], row["fit"], row["n"], signed(doubling * row["slope"]), _interval(row, doubling)),
                *(f"{row['p_permutation']:.3f}", signed(row["skill"], 2)),
            ]
            for row in own.to_dict("records")
        ]
        text += [
            f"{words[0].upper()}{words[1:]} (`{column}`) for each doubling of the parameters, at the layer where that "
            "is highest (not always that of the tables above). Models of different families differ in more than size; "
            "`within families` has an intercept for each.\n",
            table(
                [*("group", "fit", "models", "for each doubling", "95 percent interval"), "permutation p", "skill"],
                rows,
            ),
            "Skill: 1 - squared errors of predicting each model from the others by its size, over the same by the mean "
            "of its family. Below zero size predicts worse than no size.\n",
        ]
        for group, part in own.groupby("group", sort=False):
            fits = {row["fit"]: row for row in part.to_dict("records")}
            text.append(f"{group}: {_size_verdict(fits)}{_of_families(fits)}\n")
    found = correlations[(correlations["question"] == "size") & (correlations["signal"] == SIGNAL)]
    rows = [
        [*(row["group"], row["column"], row["n"], f"{row['r']:.2f}", f"{row['p']:.3f}"), f"{row['p_permutation']:.3f}"]
        for row in found.to_dict("records")
    ]
    text += [
        "Pearson's r with ln(parameters) over all models, whatever their family, as the paper computes it:\n",
        table(["group", "score", "models", "r", "p", "permutation p"], rows),
    ]
    return "\n".join(text)


def _size_verdict(fits: Mapping[Any, Mapping[Any, Any]]) -> str:
    """One sentence on the paper's first claim, by the fit within families."""
    row = fits.get("within families")
    if row is None:
        return "no family has models of two sizes, so that nothing can be said about size itself."
    if math.isnan(row["ci_low"]):
        return f"within families the slope is {signed(row['slope'])}, without an interval ({row['withheld']})."
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
    listed = ", ".join(f"{name} {signed(math.log(2) * slope)}" for name, slope in own.items())
    return f" The families point in different ways ({listed}), and one slope for all of them stands for neither."


def groups(tests: pd.DataFrame) -> str:
    """tests : rows of TESTS, of resemblance between groups"""
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
        "as many saccades in both groups.\n\n" + table(["model", "layers", *(f"`{scale}`" for scale in scales)], rows)
    )


def reliance(changes: pd.DataFrame) -> str:
    """changes : rows of RELIANCE_CHANGE"""
    own = changes[(changes["comparison"] == "scaling") & (changes["condition"] == PLAIN)]
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
        + table(["corpus", "smaller", "larger", *(f"quarter {k + 1}" for k in range(4))], rows)
    )


def transfer(found: pd.DataFrame) -> str:
    """found : rows of TRANSFER"""
    rows = [
        [
            *(row["claim"], row["corpus"], row["group"], row["n_readers"], row["n_models"]),
            *(signed(row["estimate"]), _interval(row), row["unit"]),
        ]
        for row in found.to_dict("records")
    ]
    header = ["claim", "corpus", "group", "readers", "models", "estimate", "95 percent interval", "unit"]
    return "What each claim is: `columns.csv` and the caption of Figure 19.\n\n" + table(header, rows)


def floor(resemblance: pd.DataFrame) -> str:
    """resemblance : rows of RESEMBLANCE, of all models and groups"""
    rows = []
    for (model, group), own in resemblance[resemblance["signal"] == SIGNAL].groupby(["model", "group"], sort=False):
        mean = own.groupby("layer")[["r2_cv", "r2_cv_ols", "r2_unique_b0", "r2_unique_b0_ols"]].mean()
        alone, beyond = (mean[name] - mean[f"{name}_ols"] for name in ("r2_cv", "r2_unique_b0"))
        layer = int(beyond.abs().to_numpy().argmax())
        worst = mean.iloc[layer]
        rows.append(
            [
                *(model, group, f"{(alone.abs() > CHANGED).sum()} of {len(mean)}"),
                *(f"{(beyond.abs() > CHANGED).sum()} of {len(mean)}", f"layer {mean.index[layer]}"),
                *(signed(worst["r2_unique_b0_ols"]), signed(worst["r2_unique_b0"])),
            ]
        )
    header = ["model", "group", "`r2_cv`", "`r2_unique_b0`", "where most", "least squares", "with the floor"]
    return (
        f"Layers whose mean score differs by more than {CHANGED} between plain least squares and the same without "
        "directions that hardly vary in training (`measures/held_out.py` says why), and `r2_unique_b0` of the layer "
        "that differs most.\n\n" + table(header, rows)
    )
