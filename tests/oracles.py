"""What several tests compare with, made with no code of the project beyond tokens: held-out scores by loops over
articles, attention as `output_attentions=True` gives it."""

from typing import Any, NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LinearRegression

from readalike.attention.words import tokenise
from readalike.corpus import Corpus, FloatArray, IntArray

# Of LinearRegression: singular values below this share of the largest are zero. Its default, 1e-6, drops a head that
# differs from another by less, which a least-squares fit of all heads must use.
RANK = 1e-12
# As documented in measures/held_out.py.
FLOOR = 0.3


class Folds(NamedTuple):
    """SSE, SST and training R2 (articles, signals), directions left out (articles,), predictions (pairs, signals)."""

    sse: FloatArray
    sst: FloatArray
    train: FloatArray
    dropped: IntArray
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
    return Folds(sse, sst, train, np.zeros(len(sse), dtype=int), predicted)


def held_out(X: FloatArray, Y: FloatArray, article: IntArray) -> Folds:
    """Every fold fitted on what varies there: principal axes of the training rows of the whitened columns."""
    U, singular, _ = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    W = U[:, singular > 1e-8 * max(singular.max(), 1e-300)]
    folds, predicted, dropped = [], np.empty(Y.shape), []
    for name in np.unique(article):
        inside = article == name
        own = W[~inside] - W[~inside].mean(axis=0)
        _, length, axes = np.linalg.svd(own, full_matrices=False)
        kept = length**2 >= FLOOR * len(own) / len(W)
        dropped.append((~kept).sum())
        along = W @ axes[kept].T
        of_all = np.broadcast_to(Y[~inside].mean(axis=0), Y.shape)
        if kept.any():
            of_all = LinearRegression(tol=RANK).fit(along[~inside], Y[~inside]).predict(along).reshape(Y.shape)
        predicted[inside] = of_all[inside]
        folds.append(scores(Y, inside, of_all[inside], of_all[~inside]))
    sse, sst, train = (np.stack(parts) for parts in zip(*folds, strict=True))
    return Folds(sse, sst, train, np.array(dropped), predicted)


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
