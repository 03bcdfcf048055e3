"""What several tests compare with: held-out scores by loops over articles, with scikit-learn and no shared code."""

from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LinearRegression, Ridge

from readalike.corpus import FloatArray, IntArray

# Of LinearRegression: singular values below this share of the largest are zero. Its default, 1e-6, drops a head that
# differs from another by less, which a least-squares fit of all heads must use.
RANK = 1e-12
# As documented in measures/held_out.py: half decades from 1000 to 0.01.
PENALTIES = [10 ** (k / 2) for k in range(6, -5, -1)]


class Folds(NamedTuple):
    """SSE, SST, training R2 and penalty (articles, signals), predictions (pairs, signals)."""

    sse: FloatArray
    sst: FloatArray
    train: FloatArray
    penalty: FloatArray
    predicted: FloatArray

    @property
    def r2(self) -> FloatArray:
        r2: FloatArray = 1 - self.sse.sum(axis=0) / self.sst.sum(axis=0)
        return r2


def least_squares(X: FloatArray, Y: FloatArray, article: IntArray) -> Folds:
    """Every fold fitted on its rows."""
    folds, predicted = [], np.empty(Y.shape)
    for name in np.unique(article):
        inside = article == name
        of_all = LinearRegression(tol=RANK).fit(X[~inside], Y[~inside]).predict(X).reshape(Y.shape)
        predicted[inside] = of_all[inside]
        folds.append(scores(Y, inside, of_all[inside], of_all[~inside]))
    sse, sst, train = (np.stack(parts) for parts in zip(*folds, strict=True))
    return Folds(sse, sst, train, np.zeros(sse.shape), predicted)


def ridge(X: FloatArray, Y: FloatArray, article: IntArray) -> Folds:
    """Every fold, signal and penalty fitted by scikit-learn; the penalty by generalised cross-validation, its degrees
    of freedom from the hat matrix. The columns are whitened over all rows, so that the penalty is on fitted values."""
    U, singular, _ = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    W = U[:, singular > 1e-8 * max(singular.max(), 1e-300)]
    folds, predicted, chosen = [], np.empty(Y.shape), []
    for name in np.unique(article):
        inside = article == name
        own, penalties, fitted = W[~inside], np.empty(Y.shape[1]), np.empty(Y[~inside].shape)
        centred, n = own - own.mean(axis=0), len(own)
        candidates = []
        for penalty in PENALTIES:
            # One signal comes back without an axis for it.
            of_all = Ridge(alpha=penalty, solver="svd").fit(own, Y[~inside]).predict(W).reshape(Y.shape)
            hat = centred @ np.linalg.solve(centred.T @ centred + penalty * np.eye(W.shape[1]), centred.T)
            left = ((Y[~inside] - of_all[~inside]) ** 2).sum(axis=0)
            candidates.append((n * left / (n - 1 - np.trace(hat)) ** 2, penalty, of_all))
        for k in range(Y.shape[1]):
            _, penalties[k], of_all = min(candidates, key=lambda candidate: candidate[0][k])
            predicted[inside, k], fitted[:, k] = of_all[inside, k], of_all[~inside, k]
        chosen.append(penalties)
        folds.append(scores(Y, inside, predicted[inside], fitted))
    sse, sst, train = (np.stack(parts) for parts in zip(*folds, strict=True))
    return Folds(sse, sst, train, np.stack(chosen), predicted)


def scores(
    Y: FloatArray, inside: np.ndarray, predicted: FloatArray, fitted: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    mean = Y[~inside].mean(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        train = 1 - ((Y[~inside] - fitted) ** 2).sum(axis=0) / ((Y[~inside] - mean) ** 2).sum(axis=0)
    return ((Y[inside] - predicted) ** 2).sum(axis=0), ((Y[inside] - mean) ** 2).sum(axis=0), train
