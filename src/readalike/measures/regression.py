"""Least squares with intercept of many signals on the same regressors: in sample, held out, shuffled, resampled.

The regressors are turned once into an orthonormal basis of their centred columns. All else comes from sums of products
of that basis, kept by sentence, and from small solves that serve every signal at once. An orthonormal basis makes this
as accurate as solving from the rows; where rows left out make it ill-conditioned all the same, the rows are solved.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.errors import CorpusError

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
    return _ratio(explained, total, never_varies(Y))


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


def _ratio(part: FloatArray, total: FloatArray, flat: BoolArray) -> FloatArray:
    """part / total, each (..., signals), NaN where a signal is flat (signals,)."""
    result = np.full(total.shape, np.nan)
    np.divide(part, total, out=result, where=np.broadcast_to(~flat, total.shape) & (total > 0))
    return result


def left_out(article: IntArray) -> list[BoolArray]:
    """For each article in order of its number, which pairs are its own: the folds of everything held out.

    Raises CorpusError for a single article, which leaves nothing to learn from.
    """
    names = np.unique(article)
    if len(names) < 2:
        raise CorpusError(
            "the corpus has one article only: leaving one article out needs at least two; "
            "number the articles in the column `article` of the sentences"
        )
    return [article == name for name in names]


@dataclass(frozen=True)
class HeldOut:
    """Scores with one article left out at a time, each of shape (articles, signals).

    sse, sst : of the left-out article; sst against the mean of the training articles
    r2_train : in-sample R2 on the training articles; NaN where the signal does not vary there
    flat : (signals,) signals that never vary, which have no R2
    """

    sse: FloatArray
    sst: FloatArray
    r2_train: FloatArray
    flat: BoolArray
    predicted: FloatArray | None = None  # (pairs, signals), each from the other articles; where asked for

    @property
    def r2(self) -> FloatArray:
        """1 - sum SSE / sum SST over the left-out articles, shape (signals,); NaN where nothing varies."""
        return 1 - _ratio(self.sse.sum(axis=0), self.sst.sum(axis=0), self.flat)


class Split:
    """Signals split by article: made once, then scored in sample and held out on any number of regressors."""

    def __init__(self, Y: FloatArray, article: IntArray) -> None:
        """Y : (pairs, signals); article : (pairs,) article of each pair; raises CorpusError for a single article."""
        self.Y, self.rows = Y, left_out(article)
        # The intercept takes up any constant; without it a signal far from zero would lose its digits in the squares.
        self.centre = Y.mean(axis=0)
        self.centred = Y - self.centre
        self.parts = [self.centred[inside] for inside in self.rows]
        self.squares = [(part**2).sum(axis=0) for part in self.parts]
        lowest, highest = (np.stack([f(part, axis=0) for part in self.parts]) for f in (np.min, np.max))
        self.flat = highest.max(axis=0) == lowest.min(axis=0)
        others = ~np.eye(len(self.rows), dtype=bool)
        self.flat_train = [highest[kept].max(axis=0) == lowest[kept].min(axis=0) for kept in others]

    def in_sample(self, basis: FloatArray) -> FloatArray:
        """As `r2_in_sample`, without going over the signals anew for each basis."""
        explained = ((basis.T @ self.centred) ** 2).sum(axis=0)
        return _ratio(explained, np.sum(self.squares, axis=0), self.flat)

    def held_out(self, basis: FloatArray, X: Callable[[], FloatArray], *, predict: bool = False) -> HeldOut:
        """As the function `held_out`; X gives the regressors, which few folds need."""
        Y, rows, YY = self.Y, self.rows, self.squares
        predicted = np.empty(Y.shape) if predict else None
        Z = np.column_stack([np.ones(len(basis)), basis])  # (pairs, 1 + rank)
        ZZ, ZY = [], []
        for inside, part in zip(rows, self.parts, strict=True):
            own = Z[inside]
            ZZ.append(own.T @ own)  # (1 + rank, 1 + rank)
            ZY.append(own.T @ part)  # (1 + rank, signals)
        all_ZZ, all_ZY, all_YY = sum(ZZ), sum(ZY), sum(YY)
        sse, sst, r2_train = (np.empty((len(rows), Y.shape[1])) for _ in range(3))
        for k, inside in enumerate(rows):
            G, H, total = all_ZZ - ZZ[k], all_ZY - ZY[k], all_YY - YY[k]
            n_train, n_test = G[0, 0], ZZ[k][0, 0]
            mean = H[0] / n_train
            sst[k] = YY[k] - 2 * mean * ZY[k][0] + n_test * mean**2
            # The intercept's column is as long as the root of the number of rows; the others are of length 1.
            scale = np.concatenate([[1 / np.sqrt(n_train)], np.ones(len(G) - 1)])
            scaled = G * np.outer(scale, scale)
            # A column that does not vary in the training rows shows as an eigenvalue of zero here.
            if np.linalg.eigvalsh(scaled)[0] > SMALLEST_EIGENVALUE:
                factor = scipy.linalg.cho_factor(scaled)
                B = scale[:, None] * scipy.linalg.cho_solve(factor, scale[:, None] * H)  # (1 + rank, signals)
                sse[k] = YY[k] - 2 * (B * ZY[k]).sum(axis=0) + (B * (ZZ[k] @ B)).sum(axis=0)
                sse_train = total - (B * H).sum(axis=0)
                if predicted is not None:
                    predicted[inside] = Z[inside] @ B + self.centre
            else:
                found, sse_train = _solve_rows(X(), Y, inside)
                sse[k] = ((Y[inside] - found) ** 2).sum(axis=0)
                if predicted is not None:
                    predicted[inside] = found
            r2_train[k] = 1 - _ratio(sse_train, total - n_train * mean**2, self.flat_train[k])
        return HeldOut(sse, sst, r2_train, self.flat, predicted)


def held_out(basis: FloatArray, X: FloatArray, Y: FloatArray, article: IntArray, *, predict: bool = False) -> HeldOut:
    """Leave each article out in turn: coefficients from the others, scored on the one left out.

    basis : (pairs, rank) `orthonormal(X)`, or X's basis in another order of rows when X is in that order too
    X : (pairs, columns) the regressors themselves, solved directly in a fold where the basis is ill-conditioned. A
        column that does not vary in the training rows then has coefficient 0 (the solution of least norm).
    article : (pairs,) article of each pair
    predict : keep the predictions of the left-out pairs
    """
    return Split(Y, article).held_out(basis, lambda: X, predict=predict)


def _solve_rows(X: FloatArray, Y: FloatArray, inside: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Predictions of the rows inside and SSE on the others, by the solution of least norm on the others."""
    train = X[~inside]
    mean_x, mean_y = train.mean(axis=0), Y[~inside].mean(axis=0)
    centred = train - mean_x
    # Exactly zero, so that the least-norm solution leaves these columns out whatever the rounding of the mean.
    centred[:, np.ptp(train, axis=0) == 0] = 0
    # Singular values that are rounding must not count: scipy's default keeps those of heads equal in these articles.
    rounding = max(centred.shape) * np.finfo(float).eps
    B = scipy.linalg.lstsq(centred, Y[~inside] - mean_y, cond=rounding)[0]
    residual = Y[~inside] - mean_y - centred @ B
    return mean_y + (X[inside] - mean_x) @ B, (residual**2).sum(axis=0)


def held_out_resampled(
    predicted: FloatArray, Y: FloatArray, article: IntArray, offsets: IntArray, draws: FloatArray
) -> FloatArray:
    """Held-out R2 with sentences drawn as `sentence_draws` says, shape (draws, signals).

    The sentences scored are resampled, the coefficients stay: this is the uncertainty of the text that is predicted.
    """
    mean = np.empty(Y.shape)
    for inside in left_out(article):
        mean[inside] = Y[~inside].mean(axis=0)
    sse = np.add.reduceat((Y - predicted) ** 2, offsets[:-1], axis=0)
    sst = np.add.reduceat((Y - mean) ** 2, offsets[:-1], axis=0)
    return 1 - _ratio(draws @ sse, draws @ sst, never_varies(Y))


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
        result[start : start + 50] = _ratio(explained, np.where(total > 1e-9 * (part @ YY), total, 0), flat)
    return result
