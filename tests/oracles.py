"""What several tests compare with, made with no code of the project beyond tokens: held-out scores by loops over
articles, attention as `output_attentions=True` gives it."""

from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LinearRegression, Ridge

from readalike.attention.words import tokenise
from readalike.corpus import Corpus, FloatArray, IntArray

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
        squares = centred.T @ centred
        candidates = []
        for penalty in PENALTIES:
            # One signal comes back without an axis for it.
            of_all = Ridge(alpha=penalty, solver="cholesky").fit(own, Y[~inside]).predict(W).reshape(Y.shape)
            # The trace of the hat matrix.
            free = n - 1 - np.trace(np.linalg.solve(squares + penalty * np.eye(len(squares)), squares))
            left = ((Y[~inside] - of_all[~inside]) ** 2).sum(axis=0)
            candidates.append((n * left / free**2, penalty, of_all))
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


def eager_attention(model: Any, tokenizer: Any, corpus: Corpus, k: int, prefix: str) -> FloatArray:
    """Word-level attention of sentence k by a model with attn_implementation="eager", (layers, heads, its pairs)."""
    tokens = tokenise(tokenizer, corpus.sentences[k], prefix, None)
    with torch.inference_mode():
        out = model(torch.tensor([tokens.ids]), output_attentions=True).attentions
    matrix = torch.cat(out).double().numpy()  # (layers, heads, tokens, tokens)
    n = int(corpus.lengths[k])
    member = np.array(tokens.words)[None, :] == np.arange(n)[:, None]
    columns = np.stack([matrix[..., member[j]].sum(axis=-1) for j in range(n)], axis=-1)
    merged = np.stack([columns[:, :, member[i]].mean(axis=2) for i in range(n)], axis=2)
    i, j = np.tril_indices(n)
    attention: FloatArray = merged[:, :, i, j]
    return attention
