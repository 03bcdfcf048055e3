"""Figures 2 to 5, 7 and 10 from what the paper's authors released or printed, drawn as those of a run are."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from readalike.figures.divergence import divergence_between_models, sensitivity
from readalike.figures.loss import resemblance_by_loss
from readalike.figures.resemblance import resemblance_by_size
from readalike.figures.style import Style
from readalike.reproduction.significance import divergences
from readalike.reproduction.workbooks import WORKBOOKS
from readalike.statistics.scaling import permutation_p, scaling_law

REFERENCE = ("vicuna v0 13B", "vicuna v1.1 13B")
SIZES = ("7B", "13B")


def published_divergence(folder: Path, comparison: str, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Figure 2 (scaling) or 3 (tuning; the workbook of 13B is broken), a panel a condition.

    folder : the authors' `divergence`
    """
    found = [divergences(folder, name) for name, released in WORKBOOKS.items() if released.question == comparison]
    a, b = REFERENCE
    reference = pd.concat([own for _, own in found]).assign(a=a, b=b)
    return divergence_between_models(pd.concat([own for own, _ in found]), reference, comparison, style)


def published_sensitivity(
    folder: Path, condition: str, tests: pd.DataFrame, style: Style
) -> tuple[Figure, pd.DataFrame]:
    """Figure 4 (translate) or 10 (noise), a panel a model.

    tests : `statistics/published-significance.csv`, whose rows know their workbook
    """
    frames, references, asked = [], [], []
    for name, released in WORKBOOKS.items():
        if (released.question, released.condition) != ("sensitivity", condition):
            continue
        size = Path(name).parent.name
        own, reference = divergences(folder, name)
        frames.append(own.assign(model=own["model"] + f" {size}"))
        references.append(reference)
        of_size = tests[tests["source"].isin([name, f"instruct/{size}"])]
        asked.append(of_size.assign(a=of_size["a"] + f" {size}"))
    a, b = REFERENCE
    # The same reference stands in the workbooks of both sizes.
    beside = references[-1].assign(a=a, b=b)
    return sensitivity(pd.concat(frames), beside, pd.concat(asked), style)


def published_size(published: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Figure 7 from Table 2, with the line, band and all.

    published : `resources/published-values.csv`
    """
    own = published[(published["source"] == "Table 2") & (published["quantity"] == "resemblance")]
    own = own.assign(model=own["model"] + " " + own["size_billion"], percent=own["value"].astype(float))
    best = own[["group", "model", "percent"]].assign(
        readers_are="measured", signal="number", rule="maximum", column="r2", score=float("nan"), layer=""
    )
    # The printed r needs 33 billion for the model that is called 30B.
    billions = own["size_billion"].astype(float).replace(30.0, 33.0)
    sizes = pd.DataFrame({"model": own["model"], "parameters": 1e9 * billions})
    law = scaling_law(best, sizes, list(dict.fromkeys(own["model"])), {})
    return resemblance_by_size(law, _correlations(law), style)


def _correlations(law: pd.DataFrame) -> pd.DataFrame:
    """r of each group's scores and ln(parameters), and p over the orders of the models."""
    rows = []
    for (group, signal, column), own in law.groupby(["group", "signal", "column"], sort=False):
        x, y = own["log_parameters"].to_numpy(), own["score"].to_numpy()
        p, _ = permutation_p(x, y, seed=0)
        rows.append((group, signal, column, len(own), float(np.corrcoef(x, y)[0, 1]), p))
    return pd.DataFrame(rows, columns=["group", "signal", "column", "n", "r", "p_permutation"])


def published_loss(published: pd.DataFrame, style: Style) -> tuple[Figure, pd.DataFrame]:
    """Figure 5 from Table 1; the paper does not say what its loss is normalised by."""
    own = published[published["source"] == "Table 1"]
    own = own.assign(model=own["model"] + " " + own["size_billion"], value=own["value"].astype(float))
    losses = own[own["quantity"] == "ntp_loss"].set_index("model")["value"]
    rows = own[own["quantity"] == "resemblance"]
    table = rows[["model", "group"]].assign(
        readers_are="measured", percent_of_ceiling=rows["value"], loss_per_token=rows["model"].map(losses),
        loss_per_word=float("nan"),
    )  # fmt: skip
    return resemblance_by_loss(table, style, {"loss_per_token": "loss as printed (its unit is not)"})
