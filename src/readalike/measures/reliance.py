"""A model's reliance on the trivial patterns, by layer and head (paper, 3.3.1)."""

import logging

import numpy as np
import pandas as pd

from readalike.corpus import Corpus, FloatArray
from readalike.files.attention import Attention
from readalike.measures.quarters import quarter
from readalike.measures.regression import orthonormal, r2_in_sample, r2_resampled
from readalike.measures.regressors import trivial_patterns

log = logging.getLogger("readalike")


# Columns with the attention that goes to each pattern's place, in the order of `trivial_patterns`.
PLACES = ("to_first", "to_previous", "to_self")


def reliance(attention: Attention, corpus: Corpus) -> pd.DataFrame:
    """R2 of every head on first word, previous word and self, in every condition, and the attention that goes there.

    `to_first`, `to_previous`, `to_self` : mean over the words after a sentence's first, each of which has all three
    places. A head that never varies has no R2; it is left empty and counted in the log.
    """
    patterns = trivial_patterns(corpus)
    basis = orthonormal(patterns)
    later = patterns * (corpus.pairs.from_word > 0)[:, None]
    later /= np.maximum(later.sum(axis=0), 1)
    tables = []
    for condition in attention.conditions:
        for layer in attention.layers:
            heads = attention.layer(condition, layer)
            r2 = r2_in_sample(basis, heads.T)
            if flat := int(np.isnan(r2).sum()):
                log.warning("%s, %s, layer %d: %d heads never vary", attention.model, condition, layer, flat)
            table = pd.DataFrame({"condition": condition, "layer": layer, "head": range(len(r2)), "r2": r2})
            tables.append(table.assign(**dict(zip(PLACES, (heads @ later).T, strict=True))))
    table = pd.concat(tables, ignore_index=True)
    table.insert(0, "model", attention.model)
    return table


def resampled(attention: Attention, corpus: Corpus, draws: FloatArray) -> dict[str, FloatArray]:
    """Reliance by quarter with sentences resampled: condition -> (4, draws).

    A quarter's value is the mean over its layers of the mean over heads. Needs all layers; a model of fewer than four
    layers has empty quarters, which are NaN.
    """
    attention.require_whole("reliance by quarter")
    basis = orthonormal(trivial_patterns(corpus))
    result = {}
    for condition in attention.conditions:
        layers = np.stack(
            [
                _mean_over_heads(
                    r2_resampled(basis, attention.layer(condition, layer).T, corpus.offsets, draws),
                )
                for layer in attention.layers
            ]
        )
        by_quarter = [layers[list(quarter(attention.n_layers, k))] for k in range(4)]
        empty = np.full(len(draws), np.nan)
        result[condition] = np.stack([part.mean(axis=0) if len(part) else empty for part in by_quarter])
    return result


def _mean_over_heads(r2: FloatArray) -> FloatArray:
    """(draws, heads) -> (draws,): heads without R2 are left out; NaN where no head of the layer has one."""
    counted = (~np.isnan(r2)).sum(axis=1)
    mean: FloatArray = np.full(len(r2), np.nan)
    np.divide(np.nansum(r2, axis=1), counted, out=mean, where=counted > 0)
    return mean
