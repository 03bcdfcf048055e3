"""Least squares with intercept of many signals on the same regressors, in sample: as they are and resampled.

The regressors are turned once into an orthonormal basis of their centred columns. All else, here and in `held_out`,
comes from sums of products of that basis and from small solves that serve every signal at once.
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from readalike.corpus import Corpus, FloatArray, IntArray

BoolArray = NDArray[np.bool_]

# Sums of products are trusted down to this smallest eigenvalue (of columns of length 1, or of 1 for a whole basis): the
# error of a solution is at most about machine precision over it, 1e-11. Below, the rows themselves are solved.
SMALLEST_EIGENVALUE = 1e-5


def orthonormal(X: FloatArray) -> FloatArray:
    """Orthonormal basis of the centred columns of X, (pairs, columns) -> (pairs, rank).

    Columns that do not vary, and those that others determine, add nothing.
    """
    centred = X - X.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    # Rounding of the mean leaves a constant column at about machine precision of its value.
    varies = norms > 1e-12 * np.linalg.norm(X, axis=0)
    if not varies.any():
        return np.zeros((len(X), 0))
    basis: FloatArray = centred[:, varies] / norms[varies]
    if np.linalg.eigvalsh(basis.T @ basis)[0] > SMALLEST_EIGENVALUE:
        # Columns this far from collinear: two rounds of Cholesky are as accurate as Householder's reflections
        # (Yamamoto et al., Electronic Transactions on Numerical Analysis 44, 2015) and several times faster.
        # numpy's functions only: scipy brings threads of its own for BLAS, and the two kinds get in each other's way.
        for _ in range(2):
            basis = basis @ np.linalg.inv(np.linalg.cholesky(basis.T @ basis)).T
        return basis
    U, singular, _ = np.linalg.svd(basis, full_matrices=False)
    rank = int((singular > singular[0] * max(X.shape) * np.finfo(float).eps).sum())
    return U[:, :rank]


def r2_in_sample(basis: FloatArray, Y: FloatArray) -> FloatArray:
    """R2 of every column of Y (pairs, signals) on a basis (pairs, rank); NaN for a signal that never varies."""
    centred = Y - Y.mean(axis=0)
    # Without an array of the squares, whose memory takes longer to get than they take to add.
    total = np.vecdot(centred.T, centred.T)
    explained = ((basis.T @ centred) ** 2).sum(axis=0)
    return ratio(explained, total, never_varies(Y))


def residual(values: FloatArray, X: FloatArray) -> FloatArray:
    """What least squares on X (pairs, columns) with intercept leaves of each row of values (rows, pairs)."""
    basis = orthonormal(X)
    centred = values - values.mean(axis=1, keepdims=True)
    left: FloatArray = centred - (centred @ basis) @ basis.T
    # Rounding is no remainder: of a row that never varies, or that X determines.
    left[np.linalg.norm(left, axis=1) <= 1e-10 * np.linalg.norm(values, axis=1)] = 0
    return left


def adjusted(r2: FloatArray, n: int, rank: int) -> FloatArray:
    """R2 adjusted for `rank` regressors over n pairs (Theil 1961); NaN where no degree of freedom is left.

    The rank is the number of heads unless some of them never vary or are determined by others.
    """
    if n <= rank + 1:
        return np.full(r2.shape, np.nan)
    return 1 - (1 - r2) * (n - 1) / (n - rank - 1)


def never_varies(Y: FloatArray) -> BoolArray:
    """Which columns of Y (pairs, signals) hold one value only, (signals,): by value, since sums of squares round."""
    flat: BoolArray = np.ptp(Y, axis=0) == 0
    return flat


def ratio(part: FloatArray, total: FloatArray, flat: BoolArray) -> FloatArray:
    """part / total, each (..., signals), NaN where a signal is flat (signals,)."""
    result = np.full(total.shape, np.nan)
    np.divide(part, total, out=result, where=np.broadcast_to(~flat, total.shape) & (total > 0))
    return result


def shuffles(corpus: Corpus, seed: int, number: int = 20) -> list[IntArray]:
    """Orders of all pairs of a corpus: the same for every model, layer and reader."""
    return [np.random.default_rng([seed, k]).permutation(corpus.n_pairs) for k in range(number)]


def sentence_draws(corpus: Corpus, seed: int, draws: int) -> FloatArray:
    """How often each sentence is drawn, (draws, sentences): with replacement within each article.

    The same for every model and group of a corpus, so that differences between them are paired.
    """
    rng = np.random.default_rng([seed, 0x5E17])
    counts = np.zeros((draws, len(corpus.sentences)))
    for article in np.unique(corpus.articles):
        inside = np.flatnonzero(corpus.articles == article)
        counts[:, inside] = rng.multinomial(len(inside), np.full(len(inside), 1 / len(inside)), size=draws)
    return counts


def r2_resampled(basis: FloatArray, Y: FloatArray, offsets: IntArray, draws: FloatArray) -> FloatArray:
    """In-sample R2 with sentences drawn as `sentence_draws` says, shape (draws, signals).

    offsets : (sentences + 1,) first pair of each sentence. Sums of products by sentence are made once.
    NaN for a signal that does not vary in the sentences drawn.
    """
    flat = never_varies(Y)
    Y = Y - Y.mean(axis=0)  # as in `held_out`
    Z = np.column_stack([np.ones(len(basis)), basis * np.sqrt(len(basis))])
    slices = [slice(a, b) for a, b in itertools.pairwise(offsets)]
    k, signals = Z.shape[1], Y.shape[1]
    ZZ = np.stack([Z[s].T @ Z[s] for s in slices]).reshape(len(slices), k * k)  # (sentences, k * k)
    ZY = np.stack([Z[s].T @ Y[s] for s in slices]).reshape(len(slices), k * signals)  # (sentences, k * signals)
    YY = np.stack([(Y[s] ** 2).sum(axis=0) for s in slices])
    result = np.empty((len(draws), signals))
    # In parts, so that memory stays small for many readers.
    for start in range(0, len(draws), 50):
        part = draws[start : start + 50]
        G = (part @ ZZ).reshape(-1, k, k)  # (draws, k, k)
        H = (part @ ZY).reshape(-1, k, signals)  # (draws, k, signals)
        total = part @ YY - H[:, 0] ** 2 / G[:, 0, 0, None]
        # Least norm by eigenvalues: a draw may leave out the sentences that tell two heads apart.
        inverse = np.linalg.pinv(G, rcond=1e-10, hermitian=True)
        explained = np.einsum("dks,dks->ds", H, inverse @ H) - H[:, 0] ** 2 / G[:, 0, 0, None]
        # What is left of the sum of squares by rounding, where all that varies was not drawn, is no variance.
        result[start : start + 50] = ratio(explained, np.where(total > 1e-9 * (part @ YY), total, 0), flat)
    return result
