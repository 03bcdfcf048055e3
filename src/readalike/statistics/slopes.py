"""Does resemblance grow with size? Slopes on ln(parameters): over all models, and within families of models.

Models of different families differ in data, tokenizer and training as well as in size, so that a line through all of
them cannot tell size from these. Within a family all but size is meant to be the same: one slope with an intercept for
each family (analysis of covariance; Fisher 1932) is what size itself has to show. The paper's own claim is within one.
"""

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import statsmodels.api as sm

from readalike.corpus import FloatArray, IntArray
from readalike.files.contracts.statistics import SLOPES
from readalike.statistics.scaling import RANDOM_ORDERS, about_family, scores_by_model

# All orders are gone through up to as many; beyond, RANDOM_ORDERS are drawn.
ALL_ORDERS = math.factorial(9)
FREE = 1e-9  # of a leverage below 1: what is nearer is rounding, and the model fixes a coefficient by itself
POOLED, WITHIN = "pooled", "within families"


def slopes(
    best_layer: pd.DataFrame, loss: pd.DataFrame, law: Sequence[str], families: Mapping[str, str], *, seed: int
) -> pd.DataFrame:
    """One row a group, signal, score and fit: `pooled`, `within families`, and `family NAME` for each of two or more.

    law : base models; families : model -> family, for those that have one. A model without one, or alone in its own,
        counts in `pooled` only: it tells nothing about size within a family
    """
    parameters = loss.drop_duplicates("model").set_index("model")["parameters"].astype(float)
    scores = scores_by_model(best_layer, law).dropna(subset="score")
    rows = []
    for key, part in scores.groupby(["group", "readers_are", "signal", "column"], sort=False):
        part = part.assign(
            size=np.log(parameters[part["model"]].to_numpy()),
            family=[families.get(model, "") for model in part["model"]],
        )
        named = part[part["family"] != ""]
        several = named[named.groupby("family")["size"].transform("nunique") > 1]
        fits = [(POOLED, part.assign(family="all"))] + ([(WITHIN, several)] if len(several) else [])
        fits += [(f"family {name}", own) for name, own in several.groupby("family", sort=False)]
        labels = tuple(np.asarray(key, dtype=object))
        # Models of one size have no slope.
        rows += [(*labels, name, *_fit(own, seed)) for name, own in fits if len(set(own["size"])) > 1]
    return pd.DataFrame(rows, columns=SLOPES.names)


def _fit(frame: pd.DataFrame, seed: int) -> tuple[object, ...]:
    """The values of a row of SLOPES."""
    size, score = frame["size"].to_numpy(dtype=float), frame["score"].to_numpy(dtype=float)
    design = np.column_stack([size, pd.get_dummies(frame["family"]).to_numpy(dtype=float)])
    fitted = sm.OLS(score, design).fit()
    df = int(fitted.df_resid)
    low, high = fitted.conf_int()[0] if df > 0 else (np.nan, np.nan)
    p = float(fitted.pvalues[0]) if df > 0 else np.nan
    p_permutation, orders = _permutation_p(about_family(size, frame["family"]), score, frame["family"], seed)
    why = "" if df > 0 else "no degree of freedom is left: a line always fits"
    members = " ".join(frame["model"])
    families = frame["family"].nunique()
    tested = (low, high, df, p, p_permutation, orders, _skill(design, score))
    return len(frame), families, float(fitted.params[0]), *tested, members, why


def _skill(design: FloatArray, score: FloatArray) -> float:
    """How much better size predicts a model that was left out than the mean of its family does; NaN where neither can.

    1 - PRESS of the line / PRESS of the means, PRESS = sum of (residual / (1 - leverage))^2: each model predicted by
    the fit to all others (Allen 1974). At most 1; below 0 size makes predictions worse.

    design : (models, 1 + families), ln(parameters) and a column for each family
    """
    left_out = [_left_out(columns, score) for columns in (design, design[:, 1:])]
    line, means = (float((errors**2).sum()) for errors in left_out)
    return 1 - line / means if means > 0 else np.nan


def _left_out(design: FloatArray, score: FloatArray) -> FloatArray:
    """Errors of predicting each model from all others, (models,); NaN where the others leave the fit open."""
    hat = design @ np.linalg.pinv(design)
    free = 1 - np.diag(hat)
    errors: FloatArray = (score - hat @ score) / np.where(free > FREE, free, np.nan)
    return errors


def _permutation_p(x: FloatArray, y: FloatArray, family: pd.Series, seed: int) -> tuple[float, int]:
    """Two-sided p of the slope over orders of y within families, and how many orders.

    x : size less the mean of its family; the slope is x @ y over a constant
    """
    places = [np.flatnonzero((family == name).to_numpy()) for name in dict.fromkeys(family)]
    observed, total = abs(x @ y), math.prod(math.factorial(len(own)) for own in places)
    if total <= ALL_ORDERS:
        orders = np.array([np.concatenate(order) for order in itertools.product(*map(_orders, places))])
        slopes = x[np.concatenate(places)] @ y[orders].T
        return float((np.abs(slopes) >= observed - 1e-12).mean()), total
    rng = np.random.default_rng(seed)
    drawn = [rng.permuted(np.tile(own, (RANDOM_ORDERS, 1)), axis=1) for own in places]
    slopes = y[np.concatenate(drawn, axis=1)] @ x[np.concatenate(places)]
    return float((1 + (np.abs(slopes) >= observed - 1e-12).sum()) / (1 + RANDOM_ORDERS)), RANDOM_ORDERS


def _orders(places: IntArray) -> list[IntArray]:
    return [np.array(order) for order in itertools.permutations(places)]
