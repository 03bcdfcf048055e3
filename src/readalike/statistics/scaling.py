"""Resemblance against size and against loss: correlations and the line on ln(parameters) (paper, 5.2.1 and 5.2.2)."""

import logging
from collections.abc import Collection, Mapping, Sequence
from itertools import permutations

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats

from readalike.conditions import PLAIN
from readalike.corpus import FloatArray
from readalike.files.contracts.statistics import CORRELATIONS, SCALING_LAW

log = logging.getLogger("readalike")

# The paper's score, percent of the ceiling in sample; the one this project compares sizes on; and what of it is owed to
# the sentence that was read. Both of the best layer by themselves, which favours models with many layers, and nested,
# of the layer that the other articles choose: what is said of size goes by these.
SCORES = {
    "percent of ceiling": ("maximum", "r2", "percent"),
    "r2_cv - r2_null": ("maximum", "r2_cv - r2_null", "score"),
    "r2_specific": ("maximum", "r2_specific", "score"),
    "nested r2_cv - r2_null": ("nested", "r2_cv - r2_null", "score"),
    "nested r2_specific": ("nested", "r2_specific", "score"),
}
EXACT = 9  # up to 9 models, as the paper has, all orders are gone through, beyond that RANDOM_ORDERS are drawn
RANDOM_ORDERS = 100_000


def permutation_p(x: FloatArray, y: FloatArray, seed: int) -> tuple[float, int]:
    """Two-sided p of Pearson's r over orders of y, and how many orders: all of them up to 9 models."""
    x, y = (x - x.mean()) / np.linalg.norm(x - x.mean()), (y - y.mean()) / np.linalg.norm(y - y.mean())
    observed = abs(x @ y)
    if len(x) <= EXACT:
        orders = np.array(list(permutations(range(len(x)))))
        return float((np.abs(y[orders] @ x) >= observed - 1e-12).mean()), len(orders)
    rng = np.random.default_rng(seed)
    orders = rng.permuted(np.tile(np.arange(len(x)), (RANDOM_ORDERS, 1)), axis=1)
    reached = (np.abs(y[orders] @ x) >= observed - 1e-12).sum()
    return float((1 + reached) / (1 + RANDOM_ORDERS)), RANDOM_ORDERS


def scores_by_model(best_layer: pd.DataFrame, models: Sequence[str]) -> pd.DataFrame:
    """Long: group, readers, signal, column, model, score for the scores of `SCORES`."""
    chosen = best_layer[best_layer["model"].isin(models)]
    parts = []
    for name, (rule, column, value) in SCORES.items():
        rows = chosen[(chosen["rule"] == rule) & (chosen["column"] == column)]
        parts.append(rows[["group", "readers_are", "signal", "model"]].assign(column=name, score=rows[value]))
    return pd.concat(parts, ignore_index=True)


def correlations(
    best_layer: pd.DataFrame,
    loss: pd.DataFrame,
    law: Sequence[str],
    corpora: Mapping[str, str],
    left_out: Collection[str] = (),
    *,
    seed: int,
) -> pd.DataFrame:
    """Pearson r of resemblance with ln(parameters), over the models of the scaling law, and with loss, over all others.

    loss : in `plain`, nats per token; corpora : group -> the corpus it read, whose losses count for it
    left_out : of the correlation with loss: models that differ from another one by next to nothing (two points in one
        place count as one), and untrained ones (one point far away decides alone)

    The parametric p is the one printed; few models make it optimistic, so that the permutation p stands beside it.
    """
    plain = loss[loss["condition"] == PLAIN]
    parameters = plain.drop_duplicates("model").set_index("model")["parameters"].astype(float)
    rows = []
    for group, of_group in best_layer.groupby("group", sort=False):
        corpus = corpora[str(group)]
        losses = plain[plain["corpus"] == corpus].set_index("model")["loss_per_token"]
        # Imported models may lack a loss, a size or layers, and with these a best layer.
        there = set(of_group["model"])
        questions: dict[str, tuple[pd.Series, list[str]]] = {
            "size": (parameters.map(np.log), _known(parameters, set(law) & there)),
            "loss": (losses, _known(losses, there - set(left_out))),
        }
        for question, (x, models) in questions.items():
            if len(models) < 3:
                log.info("%s, %s: %d models are too few for a correlation", group, question, len(models))
                continue
            scores = scores_by_model(of_group, models)
            for key, part in scores.groupby(["group", "readers_are", "signal", "column"], sort=False):
                # A percentage of a ceiling that is not above zero is empty.
                y = part.set_index("model")["score"].reindex(models).to_numpy(dtype=float)
                if np.isnan(y).any():
                    continue
                if np.ptp(y) == 0 or np.ptp(x[models]) == 0:
                    log.info("%s, %s: no correlation of what does not vary", group, question)
                    continue
                found = stats.pearsonr(x[models], y)
                p, orders = permutation_p(x[models].to_numpy(), y, seed)
                labels = tuple(np.asarray(key, dtype=object))
                values = (len(models), found.statistic, found.pvalue, p, orders, " ".join(models))
                rows.append((question, corpus, *labels, *values))
    return pd.DataFrame(rows, columns=CORRELATIONS.names)


def _known(values: pd.Series, wanted: set[str]) -> list[str]:
    """Models of `wanted` that have a value."""
    return [str(model) for model, value in values.items() if model in wanted and not np.isnan(value)]


def scaling_law(
    best_layer: pd.DataFrame, loss: pd.DataFrame, law: Sequence[str], families: Mapping[str, str]
) -> pd.DataFrame:
    """Least squares of resemblance on ln(parameters) with the 95 percent band of the mean, a row a model.

    families : model -> family, for those that have one. Beside the line stand those of the fit within families
        (`statistics.slopes`). Empty for fewer than three models: a line through two says nothing.
    """
    if len(law) < 3:
        log.info("the scaling law has %d models, too few for a line", len(law))
        return pd.DataFrame(columns=SCALING_LAW.names)
    parameters = loss.drop_duplicates("model").set_index("model")["parameters"].astype(float)
    scores = scores_by_model(best_layer, law).dropna(subset="score")
    tables = []
    for key, part in scores.groupby(["group", "readers_are", "signal", "column"], sort=False):
        group, readers_are, signal, column = np.asarray(key, dtype=object)
        if len(part) < 3:
            log.info("%s, %s: %d models are too few for a line", group, signal, len(part))
            continue
        size = parameters[part["model"]].to_numpy()
        fitted = sm.OLS(part["score"].to_numpy(dtype=float), sm.add_constant(np.log(size))).fit()
        frame = fitted.get_prediction().summary_frame(alpha=0.05)
        tables.append(
            pd.DataFrame(
                {
                    **{"group": group, "readers_are": readers_are, "signal": signal, "column": column},
                    **{"model": part["model"].to_numpy(), "parameters": size, "log_parameters": np.log(size)},
                    **{"score": part["score"].to_numpy(), "fit": frame["mean"].to_numpy()},
                    "band_low": frame["mean_ci_lower"].to_numpy(),
                    "band_high": frame["mean_ci_upper"].to_numpy(),
                    "slope": fitted.params[1],
                    "intercept": fitted.params[0],
                }
            )
        )
        tables[-1]["family"] = [families.get(model, "") for model in part["model"]]
        tables[-1]["fit_within"] = fit_within(tables[-1])
    return (
        pd.concat(tables, ignore_index=True)[SCALING_LAW.names] if tables else pd.DataFrame(columns=SCALING_LAW.names)
    )


def fit_within(frame: pd.DataFrame) -> FloatArray:
    """Each model's place on the lines of one slope with an intercept a family; NaN for a family of one size.

    frame : log_parameters, score and family, which is empty where none is named
    """
    found = np.full(len(frame), np.nan)
    sizes = frame.groupby("family")["log_parameters"].transform("nunique")
    counted = ((frame["family"] != "") & (sizes > 1)).to_numpy()
    if counted.any():
        own = frame[counted]
        score = own["score"].to_numpy(dtype=float)
        x, y = (about_family(own[name].to_numpy(dtype=float), own["family"]) for name in ("log_parameters", "score"))
        found[counted] = score - y + x * (x @ y) / (x @ x)
    return found


def about_family(values: FloatArray, family: pd.Series) -> FloatArray:
    """Values less the mean of their family, both in the same order."""
    series = pd.Series(values, index=family.index)
    difference: FloatArray = (series - series.groupby(family).transform("mean")).to_numpy()
    return difference
