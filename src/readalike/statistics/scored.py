"""Scores of a model by reader at one layer or over layers, with what each sentence has to do with them; sums of such.

Means over layers, differences of models, slopes over models: all are weighted sums of scores, and the contributions
that the clustered variance is made of (`statistics.clustered.parts`) add up with the same weights.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.corpus import FloatArray
from readalike.files.contracts import Table
from readalike.files.sums import SumsOf
from readalike.statistics.clustered import parts, r2_scores


class Scored(NamedTuple):
    """value : by reader; parts : (sentences, readers), None where no sums of the score are kept"""

    value: pd.Series
    parts: FloatArray | None


BEST, OWN, ALL = "best", "own best", "all"
LAYERS = (BEST, OWN, ALL)


class Score(NamedTuple):
    """column less `null` (a column too, or none) of RESEMBLANCE or a table beside it; sums : name in the files of sums.

    rules : for layers, that can be asked of it; of a score of all layers at once the last
    """

    column: str
    null: str = ""
    sums: str = ""
    rules: tuple[str, ...] = LAYERS


RENORMALISED, OTHERS, BOTH = (
    "beyond b2, renormalised",
    "beyond b2, no first word",
    "beyond b2, no first word, renormalised",
)
AT_ONCE = "beyond b2, all layers at once"
# Name of a score -> where it stands. A score beyond another baseline is one line.
SCORES = {
    "in sample": Score("r2", sums="r2"),
    "held out, above shuffled": Score("r2_cv", "r2_null", "r2_cv"),
    "above another sentence's": Score("r2_specific"),
    "beyond b0": Score("r2_unique_b0", sums="r2_unique_b0"),
    "beyond b1": Score("r2_unique_b1", sums="r2_unique_b1"),
    "beyond b2": Score("r2_unique_b2", "r2_unique_b2_null", "r2_unique_b2"),
    **{
        name: Score(f"r2_unique_b2_{variant}", f"r2_unique_b2_{variant}_null", f"r2_unique_b2_{variant}")
        for name, variant in ((RENORMALISED, "renormalised"), (OTHERS, "others"), (BOTH, "others_renormalised"))
    },
    AT_ONCE: Score("r2_unique_b2_all_layers", sums="r2_unique_b2_all_layers", rules=(ALL,)),
}


def joined(resemblance: pd.DataFrame, beside: Sequence[tuple[pd.DataFrame, Table]]) -> pd.DataFrame:
    """Rows of RESEMBLANCE with the columns of other tables beside them, which are empty where those were not asked for.

    What has no layer stands beside every one.
    """
    for frame, table in beside:
        numbers = frame.astype(dict.fromkeys((value.name for value in table.values), float))
        resemblance = resemblance.merge(numbers, how="left", on=[key.name for key in table.keys], validate="m:1")
    return resemblance


def weighted(weights: Sequence[tuple[float, Scored]]) -> Scored:
    """The sum of scores of the same readers, each times its weight."""
    value = sum((weight * scored.value for weight, scored in weights[1:]), weights[0][0] * weights[0][1].value)
    own = [(weight, scored.parts) for weight, scored in weights if scored.parts is not None]
    return Scored(value, np.sum([weight * part for weight, part in own], axis=0) if len(own) == len(weights) else None)


def by_layer(frame: pd.DataFrame, score: Score, sums: Sequence[SumsOf], signal: str) -> dict[int, Scored]:
    """Of one model and group every layer, NaN readers left out.

    frame : rows of RESEMBLANCE, `joined`
    sums : files of sums of this model and group, in one of which the score may stand
    Of a score of all layers at once there is one, which stands at the first layer.
    """
    own = frame[score.column] - (frame[score.null] if score.null else 0.0)
    values = frame.assign(value=own).pivot(index="layer", columns="reader", values="value").sort_index()
    name = f"{signal}/{score.sums}"
    source = next((one for one in sums if score.sums and name in one.values), None)
    found = {}
    at_once = score.rules == (ALL,)
    for number in values.index[:1] if at_once else values.index:
        layer, row = int(number), values.loc[number]
        kept = row.dropna()
        if kept.empty:
            continue
        contributions = None
        if source is not None:
            kept_sums = source.values[name]
            place = 0 if at_once else source.layers.index(layer)
            r2 = r2_scores(kept_sums.sse[place], kept_sums.sst, kept_sums.readers)
            # What shuffled attention scores is subtracted as each reader's constant.
            r2 = r2._replace(value=row.reindex(list(r2.readers)).to_numpy(dtype=float))
            contributions = parts(r2)
            kept = kept.reindex([name for name in r2.readers if name in kept.index])
        found[layer] = Scored(kept, contributions)
    return found


def chosen(layers: Mapping[int, Scored], rule: str, best: int | None) -> Scored | None:
    """The score by a rule for layers; None where the rule needs a best layer and the model is not whole.

    best : the layer with the highest in-sample R2 of a whole model
    """
    if not layers or (rule != ALL and best is None):
        return None
    if rule == ALL:
        return weighted([(1 / len(layers), own) for own in layers.values()])
    if rule == OWN:
        return max(layers.values(), key=lambda own: float(own.value.mean()))
    return layers.get(best) if best is not None else None
