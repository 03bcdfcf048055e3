"""Jensen-Shannon divergence between two attentions of the same sentences (paper, 3.1).

The paper prints half the symmetric Kullback-Leibler divergence summed over rows; the authors' code computes
Jensen-Shannon in nats, averaged over rows. `computed` is the code's, `printed` the text's.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.errors import ConfigurationError
from readalike.files.attention import Attention
from readalike.measures.quarters import quarter

FLOOR = 1e-12  # of the printed formula, which is infinite where one attention is zero


class Divergences(NamedTuple):
    """Of each sentence: mean over heads of the mean over rows, and how many rows of heads had no distribution."""

    value: FloatArray  # (sentences,); NaN where no head has a row
    rows_left_out: IntArray  # (sentences,)


def row_starts(corpus: Corpus) -> IntArray:
    """First pair of every row (word) of the corpus, (words,)."""
    return np.flatnonzero(corpus.pairs.to_word == 0)


def divergence(A: FloatArray, B: FloatArray, corpus: Corpus, formula: str = "computed") -> Divergences:
    """Divergence by sentence of two attentions, each (heads, pairs), head by head.

    Rows are renormalised over the sentence's words. A row without mass in either attention has no distribution and is
    left out of its head's mean (`computed`) or sum (`printed`). Rows, then heads.
    """
    starts = row_starts(corpus)
    lengths = np.diff(np.append(starts, corpus.n_pairs))
    mass_a, mass_b = np.add.reduceat(A, starts, axis=1), np.add.reduceat(B, starts, axis=1)
    usable = (mass_a > 0) & (mass_b > 0)
    P = A / np.repeat(np.where(mass_a > 0, mass_a, 1), lengths, axis=1)
    Q = B / np.repeat(np.where(mass_b > 0, mass_b, 1), lengths, axis=1)
    if formula == "computed":
        M = (P + Q) / 2
        terms = (_plogp(P, M) + _plogp(Q, M)) / 2
    elif formula == "printed":
        P, Q = np.maximum(P, FLOOR), np.maximum(Q, FLOOR)
        terms = (P - Q) * np.log(P / Q) / 2
    else:
        raise ConfigurationError(f"divergence.formula: {formula!r} is neither computed nor printed")
    rows = np.where(usable, np.add.reduceat(terms, starts, axis=1), 0)
    first_word = np.concatenate([[0], np.cumsum(corpus.lengths)[:-1]])
    total = np.add.reduceat(rows, first_word, axis=1)
    count = np.add.reduceat(usable.astype(np.int64), first_word, axis=1)
    per_head = np.full(total.shape, np.nan)
    np.divide(total, count if formula == "computed" else np.ones_like(count), out=per_head, where=count > 0)
    some = (count > 0).any(axis=0)
    value = np.full(len(corpus.sentences), np.nan)
    value[some] = np.nanmean(per_head[:, some], axis=0)
    return Divergences(value, (corpus.lengths * len(A) - count.sum(axis=0)).astype(np.int64))


def _plogp(P: FloatArray, M: FloatArray) -> FloatArray:
    """P ln(P / M), zero where P is zero."""
    ratio = np.divide(P, M, out=np.ones_like(P), where=P > 0)
    terms: FloatArray = P * np.log(ratio)
    return terms


def quarter_mean(attention: Attention, condition: str, k: int) -> FloatArray:
    """Attention averaged over heads and over the layers of quarter k: shape (1, pairs)."""
    layers = quarter(attention.n_layers, k)
    means = np.stack([attention.layer(condition, layer).mean(axis=0) for layer in layers])
    average: FloatArray = means.mean(axis=0)[None]
    return average


def sensitivity(attention: Attention, corpus: Corpus, formula: str) -> pd.DataFrame:
    """Divergence between each condition and `plain`, by layer, head by head.

    Raises ConfigurationError where there is no condition but `plain`.
    """
    if set(attention.conditions) <= {PLAIN}:
        raise ConfigurationError(
            f"{attention.model} has no condition but {PLAIN}: add one with a prefix under conditions"
        )
    tables = [
        _table(
            divergence(attention.layer(PLAIN, layer), attention.layer(condition, layer), corpus, formula), corpus
        ).assign(condition=condition, layer=layer)
        for condition in attention.conditions
        if condition != PLAIN
        for layer in attention.layers
    ]
    table = pd.concat(tables, ignore_index=True).assign(model=attention.model)
    return table[["model", "condition", "layer", "article", "sentence", "divergence", "rows_left_out"]]


def between_models(a: Attention, b: Attention, corpus: Corpus, units: list[str], formula: str) -> pd.DataFrame:
    """Divergence between two models in every condition that both have.

    units : `layer` (heads each: the same layer, head by head; one architecture) and/or `quarter` (heads mean: heads
    and the quarter's layers averaged first; any depth). Raises ConfigurationError where `layer` does not fit.
    """
    tables = []
    if "layer" in units and (a.n_layers, a.n_heads) != (b.n_layers, b.n_heads):
        raise ConfigurationError(
            f"{a.model} has {a.n_layers} layers of {a.n_heads} heads, {b.model} {b.n_layers} of {b.n_heads}: they "
            "cannot be compared layer by layer; put them under comparisons.scaling"
        )
    if "quarter" in units:
        for model in (a, b):
            model.require_whole("divergence by quarter")
            if model.n_layers < 4:
                raise ConfigurationError(f"{model.model} has {model.n_layers} layers: too few for quarters")
    for condition in (name for name in a.conditions if name in b.conditions):
        if "layer" in units:
            for layer in a.layers:
                found = divergence(a.layer(condition, layer), b.layer(condition, layer), corpus, formula)
                tables.append(_table(found, corpus).assign(condition=condition, unit="layer", index=layer))
        if "quarter" in units:
            for k in range(4):
                found = divergence(quarter_mean(a, condition, k), quarter_mean(b, condition, k), corpus, formula)
                tables.append(_table(found, corpus).assign(condition=condition, unit="quarter", index=k))
    table = pd.concat(tables, ignore_index=True).assign(a=a.model, b=b.model)
    return table[["a", "b", "condition", "unit", "index", "article", "sentence", "divergence", "rows_left_out"]]


def _table(found: Divergences, corpus: Corpus) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "article": corpus.articles,
            "sentence": [item.sentence for item in corpus.sentences],
            "divergence": found.value,
            "rows_left_out": found.rows_left_out,
        }
    )
