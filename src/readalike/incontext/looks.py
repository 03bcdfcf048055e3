"""Where the last token of prompts looks: shares of groups of tokens, and noisy demonstrations against intact ones.

Attention is the mean over a layer's heads. Attention is not influence: what is looked at need not be used.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from readalike.corpus import FloatArray, IntArray
from readalike.files.context_attention import ContextAttention
from readalike.files.contracts.incontext_models import LOOKS, NOISY_LOOKS
from readalike.incontext.prompts import FIRST, FLIPPED, IRRELEVANT, KEPT, LABELS, REPLACED, TEXTS, WORDS, ZERO_SHOT
from readalike.statistics.crossed import crossed, with_interval

# Of each kind of noise: the group that is noisy, and the one of the same kind that is not.
NOISY = {LABELS: (FLIPPED, KEPT), IRRELEVANT: (REPLACED, TEXTS), WORDS: (REPLACED, TEXTS)}
ALL_LAYERS = "all"


def shares(found: ContextAttention) -> pd.DataFrame:
    """`LOOKS`: means over prompts by kind and rate of noise and layer, of the groups that have tokens there."""
    attention = found.attention.mean(axis=2, dtype=np.float64)  # (prompts, layers, groups)
    first = found.groups.index(FIRST)
    rest = 1 - attention[:, :, first]
    rows: list[dict[str, Any]] = []
    for noise, rate, of in _cells(found):
        tokens = found.tokens[of].mean(axis=0)
        for layer in range(attention.shape[1]):
            for k, group in enumerate(found.groups):
                if tokens[k] == 0:
                    continue
                share = float(attention[of, layer, k].mean())
                left = np.nan if k == first else float((attention[of, layer, k] / rest[of, layer]).mean())
                values = {"share": share, "a_token": share / tokens[k], "rest": left, "rest_a_token": left / tokens[k]}
                rows.append(
                    {"noise": noise, "rate": rate, "layer": layer, "group": group, **values, "tokens": tokens[k]}
                )
    return pd.DataFrame(rows).assign(model=found.model, task=found.task)[LOOKS.names]


def noisy_against_intact(found: ContextAttention) -> pd.DataFrame:
    """`NOISY_LOOKS`: log ratio of attention a token, within prompts, by kind and rate of noise and layer.

    Beside it by how much that is above the control, the same at rate 0, of the same item and set: words that are
    swapped may stand where the model looks anyway. At `prompts.SHAM_RATE` they are those that the control marks.

    A prompt counts where it has tokens of both groups and attention on both; items that have none in a set or template
    are left out in all, so that items and sets stay crossed.
    """
    attention = found.attention.mean(axis=2, dtype=np.float64)  # (prompts, layers, groups)
    attention = np.concatenate([attention, attention.mean(axis=1, keepdims=True)], axis=1)
    names = [*map(str, range(attention.shape[1] - 1)), ALL_LAYERS]
    rows: list[dict[str, Any]] = []
    controls: dict[tuple[str, str], pd.DataFrame] = {}
    for noise, rate, of in _cells(found):
        if noise == ZERO_SHOT:
            continue
        noisy, intact = (found.groups.index(group) for group in NOISY[noise])
        if (found.tokens[of][:, [noisy, intact]] == 0).any(axis=1).all():
            continue  # at rate 1 nothing is intact
        with np.errstate(divide="ignore", invalid="ignore"):
            a_token = attention[of] / found.tokens[of][:, None]
            ratios = np.log(a_token[:, :, noisy] / a_token[:, :, intact])  # (prompts, layers)
        for layer, ratio in zip(names, ratios.T, strict=True):
            values = _by_item_and_set(found, of, ratio)
            if rate == 0:
                controls[noise, layer] = values
            control = controls.get((noise, layer))
            above = None if rate == 0 or control is None else (values - control).dropna()
            values = values.dropna()
            if values.size == 0:
                continue
            row = {
                "noise": noise,
                "rate": rate,
                "layer": layer,
                **with_interval("log_ratio", crossed(values.to_numpy())),
            }
            own = None if above is None or above.size == 0 else crossed(above.to_numpy())
            row |= with_interval("above_control", own) | {"p": np.nan if own is None else own.p}
            rows.append({**row, "prompts": int(values.size * len(set(found.template[of].tolist())))})
    frame = pd.DataFrame(rows, columns=[name for name in NOISY_LOOKS.names if name not in ("model", "task")])
    return frame.assign(model=found.model, task=found.task)[NOISY_LOOKS.names]


def _cells(found: ContextAttention) -> Iterator[tuple[str, float, IntArray]]:
    """Every kind and rate of noise, and its prompts."""
    noises = np.array(found.noise)
    for noise in dict.fromkeys(found.noise):
        for rate in np.unique(found.rate[noises == noise]):
            yield noise, float(rate), np.flatnonzero((noises == noise) & (found.rate == rate))


def _by_item_and_set(found: ContextAttention, of: IntArray, values: FloatArray) -> pd.DataFrame:
    """A row an item, a column a set: means over templates of a value of each prompt, NaN where one is not finite."""
    table = pd.DataFrame(
        {"item": found.item[of], "set": found.set[of], "value": np.where(np.isfinite(values), values, np.nan)}
    )
    return table.groupby(["item", "set"])["value"].agg(lambda own: own.mean(skipna=False)).unstack()
