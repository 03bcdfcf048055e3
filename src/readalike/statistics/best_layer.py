"""The layer that stands for a model: by maximum, as in the paper, and nested, so that depth brings nothing for free."""

import numpy as np
import pandas as pd

from readalike.files.contracts.statistics import BEST_LAYER
from readalike.statistics.ceilings import group_ceiling, percent_of, withheld

# The one rule by which a layer stands for a model wherever a single layer is shown, and how it is named there: the
# paper's. Held out scores are then of a layer that was not chosen by them.
CHOSEN_BY = "r2"
RULE = "the layer with the highest in-sample R2"

KEYS = ["model", "group", "readers_are", "signal"]

BEYOND = "r2_unique_b2 - r2_unique_b2_null"
ABOVE_NULL = "r2_cv - r2_null"
# Column -> what it is a percentage of: scores as they are of what the other readers explain, those above shuffled
# attention, which no longer pay for their heads, of what infinitely many readers would.
CEILING = {
    "r2": "group_mean",
    "r2_cv": "leave_one_out_cv",
    ABOVE_NULL: "split_half_cv",
    BEYOND: "split_half_beyond_b2",
}


def standing(best_layer: pd.DataFrame, signal: str) -> dict[tuple[str, str], int]:
    """(model, group) -> the layer that stands for a whole model, by RULE; best_layer : rows of BEST_LAYER."""
    own = best_layer[(best_layer["rule"] == "maximum") & (best_layer["column"] == CHOSEN_BY)]
    own = own[own["signal"] == signal]
    return {(m, g): int(layer) for m, g, layer in zip(own["model"], own["group"], own["layer"], strict=True)}


def standing_of(resemblance: pd.DataFrame) -> dict[tuple[str, str], int]:
    """The same from the scores themselves, which also tell of models that lack layers: of those that are there.

    resemblance : rows of RESEMBLANCE of one signal. A model and group without any score is left out
    """
    means = resemblance.groupby(["model", "group", "layer"], sort=False)[CHOSEN_BY].mean().dropna()
    best = means.groupby(["model", "group"], sort=False).idxmax()
    return {(str(model), str(group)): int(layer) for model, group, layer in best}


def best_layers(resemblance: pd.DataFrame, folds: pd.DataFrame, ceilings: pd.DataFrame) -> pd.DataFrame:
    """One row a model, group, signal, rule and column.

    maximum : the layer with the highest mean over readers; chosen on the scores it is reported with, which favours
        deep models
    nested : for each left-out article the layer with the highest mean r2 over readers on the other articles; SSE and
        SST of what was left out are summed over the articles. `layer` names one layer an article. The same layers stand
        for every score, which is that of `NESTED`
    percent : of the group's mean ceiling of CEILING
    """
    frame = resemblance.assign(
        **{
            "r2_cv - r2_null": resemblance["r2_cv"] - resemblance["r2_null"],
            BEYOND: resemblance["r2_unique_b2"] - resemblance["r2_unique_b2_null"],
        }
    )
    rows = []
    for key, part in frame.groupby(KEYS, sort=False):
        labels = tuple(str(value) for value in np.asarray(key, dtype=object))
        _, group, _, signal = labels
        for column in ("r2", "r2_cv", "r2_cv - r2_null", "r2_specific", BEYOND):
            means = part.groupby("layer")[column].mean()
            if means.isna().all():
                continue  # a corpus without text has no baseline
            layer, score = int(means.index[int(means.argmax())]), float(means.max())
            name = CEILING.get(column)
            ceiling = group_ceiling(ceilings, group, signal, name) if name else np.nan
            why = withheld(ceiling) if name else ""
            rows.append((*labels, "maximum", column, str(layer), score, ceiling, percent_of(score, ceiling), why))
    for key, part in folds.groupby(KEYS, sort=False):
        labels = tuple(str(value) for value in np.asarray(key, dtype=object))
        _, group, _, signal = labels
        layers, scores = nested(part)
        for column, score in scores.items():
            name = CEILING.get(column)
            ceiling = group_ceiling(ceilings, group, signal, name) if name else np.nan
            found = (score, ceiling, percent_of(score, ceiling), withheld(ceiling) if name else "")
            rows.append((*labels, "nested", column, " ".join(map(str, layers)), *found))
    return pd.DataFrame(rows, columns=BEST_LAYER.names)


# Column -> squared errors of which it is the first less the second, over SST.
NESTED = {
    "r2_cv": ("sst", "sse"),
    ABOVE_NULL: ("sse_null", "sse"),
    "r2_specific": ("sse_swap", "sse"),
    BEYOND: ("sse_b2_null", "sse_b2"),
}


def chosen_layers(folds: pd.DataFrame) -> pd.Series:
    """Article -> the layer with the highest mean r2 on the others, of one model, group and signal.

    folds : layer, reader, article, r2_train. An article without any, where nothing varies, is left out
    """
    training = folds.groupby(["article", "layer"])["r2_train"].mean().unstack("layer").dropna(how="all")
    return training.idxmax(axis=1)


def nested(folds: pd.DataFrame) -> tuple[list[int], dict[str, float]]:
    """Layer chosen in each fold, and the scores of NESTED, means over readers: neither where nothing varies.

    Every score is a difference of R2 with one SST, hence of errors summed over the left-out articles. One without
    errors, beyond a baseline of a corpus without text, is left out.

    folds : layer, reader, article, r2_train, sst and the errors of one model, group and signal
    """
    chosen = chosen_layers(folds)
    kept = folds[folds["layer"] == folds["article"].map(chosen)]
    if kept.empty:
        return [], {}
    names = list(dict.fromkeys(name for both in NESTED.values() for name in both))
    # An error that is not there must not add up to none at all.
    sums = kept.groupby("reader")[names].sum(min_count=1)
    scores = {column: float(((sums[a] - sums[b]) / sums["sst"]).mean()) for column, (a, b) in NESTED.items()}
    return [int(layer) for layer in chosen], {column: s for column, s in scores.items() if not np.isnan(s)}
