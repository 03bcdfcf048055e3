"""Does resemblance grow with size at equal numbers of features? Slopes on ln(parameters) beside those on all heads."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from readalike.files.contracts.equal_features import EQUAL_SLOPES
from readalike.statistics.best_layer import ABOVE_NULL, KEYS, chosen_layers
from readalike.statistics.slopes import slopes

EQUAL = {"subsets": "sse_subsets", "components": "sse_components"}
ON_ALL_HEADS = ("r2_cv", ABOVE_NULL)


def nested_equal(folds: pd.DataFrame, equal: pd.DataFrame) -> pd.DataFrame:
    """One row a model, group, signal and score of EQUAL: each article at the layer that the others choose.

    The layer is that of `best_layer.nested`, chosen on all heads, so that only the number of features differs.

    folds, equal : squared errors by left-out article, on all heads and at equal numbers of features
    """
    own = dict(tuple(equal.groupby(KEYS, sort=False)))
    rows = []
    for key, part in folds.groupby(KEYS, sort=False):
        chosen = chosen_layers(part)
        errors = own[key]
        kept = errors[errors["layer"] == errors["article"].map(chosen)]
        if kept.empty:
            continue  # nothing varies
        sums = kept.groupby("reader")[[*EQUAL.values(), "sst"]].sum(min_count=1)
        labels = tuple(np.asarray(key, dtype=object))
        rows += [(*labels, name, float((1 - sums[sse] / sums["sst"]).mean())) for name, sse in EQUAL.items()]
    return pd.DataFrame(rows, columns=[*KEYS, "column", "score"])


def equal_slopes(
    folds: pd.DataFrame,
    equal: pd.DataFrame,
    best_layer: pd.DataFrame,
    loss: pd.DataFrame,
    law: Sequence[str],
    families: Mapping[str, str],
    *,
    seed: int,
) -> pd.DataFrame:
    """Slopes of every score, as `slopes` has them: at equal numbers of features and, nested too, on all heads.

    law, families : as in `slopes`; the other tables may have more models
    """
    on_all = best_layer[(best_layer["rule"] == "nested") & best_layer["column"].isin(ON_ALL_HEADS)]
    scores = pd.concat([nested_equal(folds, equal), on_all[[*KEYS, "column", "score"]]], ignore_index=True)
    features = equal.groupby("group")["features"].first()
    tables = []
    for column in (*EQUAL, *ON_ALL_HEADS):
        # `slopes` takes scores by the names of `scaling.SCORES`: each goes in by one of them, and its own comes back.
        given = scores[scores["column"] == column].assign(rule="nested", column=ABOVE_NULL, percent=np.nan)
        tables.append(slopes(given, loss, law, families, seed=seed).assign(column=column))
    found = pd.concat(tables, ignore_index=True)
    return found.assign(features=found["group"].map(features))[EQUAL_SLOPES.names]
