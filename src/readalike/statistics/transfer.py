"""Do conclusions transfer? Each claim with its size in every corpus and group, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from readalike.corpus import FloatArray
from readalike.files.contracts.statistics import TRANSFER
from readalike.statistics.best_layer import standing
from readalike.statistics.slopes import POOLED, WITHIN

SIZE, SIZE_POOLED = "size, within families", "size, all models"
BEYOND, DEPTH, AGREEMENT = "beyond position and length", "depth of the best layer", "same heads matter"
REFERENCE = "the others are compared with this group"
SIZE_SCORE = "nested r2_cv - r2_null"


def transfer(
    resemblance: pd.DataFrame,
    best_layer: pd.DataFrame,
    slopes: pd.DataFrame,
    heads: pd.DataFrame,
    corpora: Mapping[str, str],
    layers: Mapping[str, int],
    signal: str,
) -> pd.DataFrame:
    """One row a claim and group, in the order of `corpora`; of one signal.

    size : held-out R2 above shuffled attention, of the layers that the other articles choose, for each unit of
        ln(parameters), within families and over all models
    beyond position and length : r2_unique_b2 - r2_unique_b2_null at each model's best layer (by in-sample r2), mean
        over models and readers; the interval is over readers
    depth of the best layer : 0 is the first layer, 1 the last; mean and interval over models
    same heads matter : Spearman's rank correlation over a model's heads between their r with this group and with the
        first one; mean and interval over models

    corpora : group -> the corpus it read, of the groups with saccades; layers : of every model that counts
    """
    rows: list[tuple[object, ...]] = []
    first = next(iter(corpora))
    own = resemblance[resemblance["signal"] == signal]
    best = standing(best_layer, signal)
    for group, corpus in corpora.items():
        here = own[own["group"] == group]
        at = {model: layer for (model, read), layer in best.items() if read == group and model in layers}
        labels = (corpus, group, str(here["readers_are"].iloc[0]) if len(here) else "")
        readers = int(here["reader"].nunique())
        for claim, fit in ((SIZE, WITHIN), (SIZE_POOLED, POOLED)):
            rows.append((claim, *labels, readers, *_slope(slopes, group, fit, signal)))
        rows.append((BEYOND, *labels, readers, len(at), *_interval(_beyond(here, at)), "R2", ""))
        deep = [at[model] / (layers[model] - 1) for model in at if layers[model] > 1]
        rows.append((DEPTH, *labels, readers, len(deep), *_interval(np.array(deep)), "share of the layers", ""))
        if group == first:
            rows.append((AGREEMENT, *labels, readers, len(at), np.nan, np.nan, np.nan, "rank r", REFERENCE))
        else:
            agreed = _agreement(heads[heads["signal"] == signal], first, group, list(at))
            rows.append((AGREEMENT, *labels, readers, len(agreed), *_interval(agreed), "rank r", ""))
    return pd.DataFrame(rows, columns=TRANSFER.names)


def _slope(slopes: pd.DataFrame, group: str, fit: str, signal: str) -> tuple[object, ...]:
    """n_models, estimate, interval, unit, withheld."""
    unit = "R2 for each unit of ln(parameters)"
    found = slopes[(slopes["group"] == group) & (slopes["signal"] == signal) & (slopes["fit"] == fit)]
    found = found[found["column"] == SIZE_SCORE]
    if found.empty:
        why = "no family with models of two sizes" if fit == WITHIN else "fewer than three models"
        return 0, np.nan, np.nan, np.nan, unit, why
    row = found.iloc[0]
    return int(row["n"]), row["slope"], row["ci_low"], row["ci_high"], unit, str(row["withheld"])


def _beyond(resemblance: pd.DataFrame, at: Mapping[str, int]) -> FloatArray:
    """Mean over models of what attention adds to baseline b2, above shuffled attention, a value a reader."""
    own = resemblance[resemblance["layer"] == resemblance["model"].map(at)]
    above = own["r2_unique_b2"] - own["r2_unique_b2_null"]
    return above.groupby(own["reader"]).mean().dropna().to_numpy(dtype=float)


def _agreement(heads: pd.DataFrame, first: str, group: str, models: Sequence[str]) -> FloatArray:
    """Spearman's rank correlation of the heads' r with two groups, a value a model; heads without r are left out."""
    own = heads.set_index(["model", "layer", "head"])
    found = []
    for model in models:
        both = [own.loc[own["group"] == name, "r"].loc[model] for name in (first, group)]
        pair = pd.concat(both, axis=1, keys=["first", "group"]).dropna()
        if len(pair) > 2:
            found.append(float(stats.spearmanr(pair["first"], pair["group"]).statistic))
    return np.array([r for r in found if not np.isnan(r)])


def _interval(values: FloatArray) -> tuple[float, float, float]:
    """Mean and its 95 percent t interval."""
    if len(values) == 0:
        return np.nan, np.nan, np.nan
    mean = float(values.mean())
    if len(values) == 1:
        return mean, np.nan, np.nan
    half = float(stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - half, mean + half
