"""Sums of squares by sentence and reader: what a score is made of, so that both may be taken as drawn from many.

R2 of a reader is 1 - sum_s SSE_sr / sum_s SST_sr over the sentences s. `statistics.clustered` makes standard errors of
the terms. The coefficients stay as they were fitted: in sample they minimise the SSE, so that weighing the sentences
anew changes R2 through them in second order only; held out they come from other articles.
"""

import numpy as np

from readalike.corpus import FloatArray, IntArray
from readalike.measures.held_out import left_out
from readalike.measures.regression import never_varies


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


def through_the_mean(values: FloatArray, *, itself: bool) -> FloatArray:
    """How R2 of each reader on a mean of readers changes with the weight of each reader in that mean.

    values : (readers, pairs); itself : whether a reader is in the mean (`group_mean`) or not (`leave_one_out`)

    Returns (readers, readers): of the reader of the row by the weight, 1 for all, of that of the column. With centred y
    of a reader and x the mean of n others, R2 = (y x)^2 / (y y) (x x), and a weight on z moves x by (z - x) / n:
    2 R2 [y(z - x) / yx - x(z - x) / xx] / n. Rows sum to 0. Held-out scores have the same derivative but for what the
    coefficients of the other articles change, which is small. NaN for a reader whose signal never varies.
    """
    centred = values - values.mean(axis=1, keepdims=True)
    products, count = centred @ centred.T, len(values)
    total, own = products.sum(axis=1), np.diagonal(products)
    if itself:
        n, yx, xx, zx = count, total / count, np.full(count, total.sum() / count**2), np.tile(total, (count, 1)) / count
    else:
        n = count - 1
        yx = (total - own) / n
        xx = (total.sum() - 2 * total + own) / n**2
        zx = (total[None, :] - products) / n  # of the reader of the column with the mean that lacks that of the row
    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = yx**2 / (own * xx)
        cross: FloatArray = (2 * r2 / n)[:, None] * (
            (products - yx[:, None]) / yx[:, None] - (zx - xx[:, None]) / xx[:, None]
        )
    if not itself:
        np.fill_diagonal(cross, 0)
    return cross
