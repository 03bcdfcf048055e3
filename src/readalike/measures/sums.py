"""Sums of squares by sentence and reader: what a score is made of, so that both may be taken as drawn from many.

R2 of a reader is 1 - sum_s SSE_sr / sum_s SST_sr over the sentences s. `statistics.clustered` makes standard errors of
the terms. The coefficients stay as they were fitted: in sample they minimise the SSE, so that weighing the sentences
anew changes R2 through them in second order only; held out they come from other articles.
"""

from typing import NamedTuple

import numpy as np

from readalike.corpus import FloatArray, IntArray
from readalike.measures.held_out import left_out
from readalike.measures.regression import never_varies


class Sums(NamedTuple):
    """Of one score: squared errors by layer, and squared distances from the mean, which no layer changes.

    sse : (layers, sentences, readers); sst : (sentences, readers), NaN for a reader whose signal never varies
    readers : their names
    """

    sse: FloatArray
    sst: FloatArray
    readers: tuple[str, ...]


def in_sample(basis: FloatArray, Y: FloatArray, offsets: IntArray) -> tuple[FloatArray, FloatArray]:
    """SSE and SST of least squares with intercept, each (sentences, signals); 1 - their sums' ratio is `r2_in_sample`.

    basis : (pairs, rank) as `regression.orthonormal` gives it; Y : (pairs, signals)
    offsets : (sentences + 1,) first pair of each sentence
    """
    centred = Y - Y.mean(axis=0)
    return _by_sentence(centred - basis @ (basis.T @ centred), centred, never_varies(Y), offsets)


def held_out(
    predicted: FloatArray, Y: FloatArray, article: IntArray, offsets: IntArray
) -> tuple[FloatArray, FloatArray]:
    """The same of predictions from the other articles; SST is about the mean of those, as in `HeldOut`.

    predicted, Y : (pairs, signals); article : (pairs,)
    """
    mean = np.empty(Y.shape)
    for inside in left_out(article):
        mean[inside] = Y[~inside].mean(axis=0)
    return _by_sentence(Y - predicted, Y - mean, never_varies(Y), offsets)


def _by_sentence(
    error: FloatArray, distance: FloatArray, flat: np.ndarray, offsets: IntArray
) -> tuple[FloatArray, FloatArray]:
    sse, sst = (np.add.reduceat(values**2, offsets[:-1], axis=0) for values in (error, distance))
    return sse, np.where(flat, np.nan, sst)


def mean_of_thinnings(sse: FloatArray, sst: FloatArray, thinnings: int) -> tuple[FloatArray, FloatArray]:
    """Sums of which the R2 is the mean over thinnings of each reader's R2.

    sse, sst : (sentences, thinnings x readers), readers of one thinning side by side. Returns (sentences, readers):
        each thinning's sums over its own SST, so that every thinning counts as much and SST sums to 1
    """
    shape = len(sse), thinnings, -1
    total = sst.sum(axis=0)
    return (sse / total).reshape(shape).mean(axis=1), (sst / total).reshape(shape).mean(axis=1)
