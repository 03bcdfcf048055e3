"""What the clustered variance of a score in sample counts twice, for `calibration.py`.

In sample R2 of a reader is sum_st u_s' u_t / SST with u_s = Z_s' y_s, over pairs of sentences s and t: coefficients
are of all sentences together. A sum over sentences of squared contributions counts what s and t do together once for s
and once for t (Efron and Stein, Annals of Statistics 9, 1981: the jackknife's variance is too large by it), for every
reader and for what readers share. Of the former the term of cells takes one off; of the latter none does.
"""

import itertools

import numpy as np

from readalike.corpus import FloatArray, IntArray
from readalike.measures.regression import orthonormal


def interactions(X: FloatArray, Y: FloatArray, offsets: IntArray) -> FloatArray:
    """What each two sentences do together to the mean R2 over readers, by reader: (readers, sentences, sentences).

    X : (pairs, heads); Y : (pairs, readers). Of the products u_s' u_t about the mean of u over sentences, twice, over
    SST and the number of readers; the diagonal means nothing
    """
    basis, centred = orthonormal(X), Y - Y.mean(axis=0)
    u = np.stack([basis[a:b].T @ centred[a:b] for a, b in itertools.pairwise(offsets)])  # (sentences, rank, readers)
    by_reader = np.ascontiguousarray((u - u.mean(axis=0)).transpose(2, 0, 1))
    products = by_reader @ by_reader.transpose(0, 2, 1)
    scale: FloatArray = 2 / ((centred**2).sum(axis=0) * Y.shape[1])
    return products * scale[:, None, None]


def shared_interactions(tuned: FloatArray, base: FloatArray, Y: FloatArray, offsets: IntArray) -> float:
    """Variance of the difference of mean R2 by what two sentences do together to all readers alike; may be negative.

    Sum over pairs of sentences and pairs of different readers of the product of their interactions.
    """
    found = interactions(tuned, Y, offsets) - interactions(base, Y, offsets)
    first, second = np.triu_indices(len(offsets) - 1, 1)
    by_reader = found[:, first, second]
    return float((by_reader.sum(axis=0) ** 2).sum() - (by_reader**2).sum())
