"""What regressors predict of articles that they were not fitted to: one article left out at a time.

By ridge regression, which is what this project calls held out, and by plain least squares, for comparison with the
literature. Both come from sums of products by article of an orthonormal basis of the regressors.

Plain least squares can score -74 in one layer of a real model: where a head hardly varies in the training articles, its
coefficient is anybody's guess, and one article in which the head does vary pays for it. Here the penalty is on the sum
of squares of the fitted values over all pairs of the corpus, the left-out ones included: on what is predicted, and not
on coefficients whose size depends on a head's scale. (Of the article that is left out it sees the regressors, never a
signal.) A direction that varies in training as much as elsewhere is shrunk by some percent (1.2 with five articles, 2
with two) at the smallest penalty; one that hardly varies there is left near zero. One in between, which varies in
training about as much as the penalty, can still cost: on average the residual variance of 25 pairs. With 9,000 pairs
that was at most 0.003 of a group's R2 in what was tried, and with 1,400 it was 0.09 of a reader's. Each signal and fold
has its own penalty, by generalised cross-validation on the training articles (Golub, Heath and Wahba, Technometrics 21,
1979), so that nothing is chosen on what is scored. One factorisation a fold serves all signals and penalties, as in
himalaya (Dupre la Tour et al., NeuroImage 264, 2022).
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from readalike.corpus import FloatArray, IntArray
from readalike.errors import CorpusError
from readalike.measures.regression import SMALLEST_EIGENVALUE, BoolArray, never_varies, ratio

# In units of the sum of squares of a direction over the whole corpus, which is 1; from the largest, so that where
# penalties tie the larger one is taken. The smallest is never zero: a direction that hardly varies in training adds on
# average a residual variance / (4 x 0.01) to the squared error where it costs most, 25 pairs' worth.
PENALTIES: FloatArray = 10.0 ** np.arange(3, -2.25, -0.5)
# Directions of the whole corpus below this share of the largest are rounding.
RANK = 1e-10


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
    penalty : chosen in the training articles; 0 for least squares
    flat : (signals,) signals that never vary, which have no R2
    """

    sse: FloatArray
    sst: FloatArray
    r2_train: FloatArray
    penalty: FloatArray
    flat: BoolArray
    predicted: FloatArray | None = None  # (pairs, signals), each from the other articles; where asked for

    @property
    def r2(self) -> FloatArray:
        """1 - sum SSE / sum SST over the left-out articles, shape (signals,); NaN where nothing varies."""
        return 1 - ratio(self.sse.sum(axis=0), self.sst.sum(axis=0), self.flat)


@dataclass(frozen=True)
class _Fold:
    """Sums over the training articles or the left-out one: of 1, of the basis Z, of the signals Y, of products."""

    n: int
    Z: FloatArray  # (rank,)
    Y: FloatArray  # (signals,)
    ZZ: FloatArray  # (rank, rank)
    ZY: FloatArray  # (rank, signals)
    YY: FloatArray  # (signals,)

    def __sub__(self, other: "_Fold") -> "_Fold":
        return _Fold(
            *(self.n - other.n, self.Z - other.Z, self.Y - other.Y),
            *(self.ZZ - other.ZZ, self.ZY - other.ZY, self.YY - other.YY),
        )

    def about(self, z: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """ZZ, ZY and YY of the deviations from z (rank,) and y (signals,)."""
        ZZ = self.ZZ - np.outer(self.Z, z) - np.outer(z, self.Z) + self.n * np.outer(z, z)
        ZY = self.ZY - np.outer(self.Z, y) - np.outer(z, self.Y) + self.n * np.outer(z, y)
        return ZZ, ZY, self.YY - 2 * y * self.Y + self.n * y**2


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
        return ratio(explained, np.sum(self.squares, axis=0), self.flat)

    def _folds(self, basis: FloatArray) -> tuple[list[_Fold], _Fold]:
        """Sums of each article, and of all."""
        folds = []
        for inside, part, squares in zip(self.rows, self.parts, self.squares, strict=True):
            own = basis[inside]
            folds.append(_Fold(len(own), own.sum(axis=0), part.sum(axis=0), own.T @ own, own.T @ part, squares))
        total = _Fold(*(sum(getattr(fold, name) for fold in folds) for name in _Fold.__dataclass_fields__))
        return folds, total

    def ridge(self, basis: FloatArray, *, predict: bool = False) -> HeldOut:
        """Each article predicted from the others by ridge regression, see the module.

        basis : (pairs, rank) any basis of the regressors' centred columns, such as `regression.orthonormal` gives
        predict : keep the predictions of the left-out pairs
        """
        folds, total = self._folds(basis)
        # In these coordinates every direction has the same sum of squares over the whole corpus.
        values, vectors = np.linalg.eigh(total.about(total.Z / total.n, total.Y / total.n)[0])
        kept = values > RANK * max(values.max(initial=0), np.finfo(float).tiny)
        white = vectors[:, kept] / np.sqrt(values[kept])  # (rank, directions)
        predicted = np.empty(self.Y.shape) if predict else None
        sse, sst, r2_train, penalty = (np.empty((len(folds), self.Y.shape[1])) for _ in range(4))
        for k, (inside, fold) in enumerate(zip(self.rows, folds, strict=True)):
            train = total - fold
            z, y = train.Z / train.n, train.Y / train.n
            ZZ, ZY, YY = train.about(z, y)
            variance, rotation = np.linalg.eigh(white.T @ ZZ @ white)
            axes = white @ rotation  # (rank, directions)
            along = axes.T @ ZY  # (directions, signals)
            penalty[k], left = _penalties(np.maximum(variance, 0), along, YY, train.n)
            B = axes @ (along / (variance[:, None] + penalty[k]))  # (rank, signals)
            own_ZZ, own_ZY, sst[k] = fold.about(z, y)
            sse[k] = sst[k] - 2 * (B * own_ZY).sum(axis=0) + (B * (own_ZZ @ B)).sum(axis=0)
            r2_train[k] = 1 - ratio(left, YY, self.flat_train[k])
            if predicted is not None:
                predicted[inside] = self.centre + y + (basis[inside] - z) @ B
        return HeldOut(sse, sst, r2_train, penalty, self.flat, predicted)

    def least_squares(self, basis: FloatArray, X: FloatArray) -> HeldOut:
        """The same by least squares.

        basis : (pairs, rank) `orthonormal` of the regressors
        X : (pairs, columns) the regressors themselves, which are solved in a fold where the basis is ill-conditioned. A
            column that does not vary in the training rows then has coefficient 0 (the solution of least norm).
        """
        folds, total = self._folds(basis)
        sse, sst, r2_train = (np.empty((len(folds), self.Y.shape[1])) for _ in range(3))
        for k, (inside, fold) in enumerate(zip(self.rows, folds, strict=True)):
            train = total - fold
            z, y = train.Z / train.n, train.Y / train.n
            ZZ, ZY, YY = train.about(z, y)
            own_ZZ, own_ZY, sst[k] = fold.about(z, y)
            # A column that does not vary in the training rows shows as an eigenvalue of zero here.
            if np.linalg.eigvalsh(ZZ).min(initial=1) > SMALLEST_EIGENVALUE:
                B = scipy.linalg.cho_solve(scipy.linalg.cho_factor(ZZ), ZY) if len(ZZ) else ZY  # (rank, signals)
                sse[k] = sst[k] - 2 * (B * own_ZY).sum(axis=0) + (B * (own_ZZ @ B)).sum(axis=0)
                left = YY - (B * ZY).sum(axis=0)
            else:
                found, left = _solve_rows(X, self.Y, inside)
                sse[k] = ((self.Y[inside] - found) ** 2).sum(axis=0)
            r2_train[k] = 1 - ratio(left, YY, self.flat_train[k])
        return HeldOut(sse, sst, r2_train, np.zeros(sse.shape), self.flat)


def _penalties(variance: FloatArray, along: FloatArray, YY: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
    """For each signal the penalty with the smallest generalised cross-validation score, and its residual squares.

    variance : (directions,) sums of squares in training; along : (directions, signals) products with the signals
    """
    shrunk = 1 / (variance + PENALTIES[:, None])  # (penalties, directions)
    left = YY - (2 * shrunk - variance * shrunk**2) @ along**2  # (penalties, signals)
    left = np.maximum(left, 0)
    free = n - 1 - (variance * shrunk).sum(axis=1)  # (penalties,) degrees of freedom of the residual
    score = np.where(free[:, None] > 0, left / np.maximum(free, np.finfo(float).tiny)[:, None] ** 2, np.inf)
    best = score.argmin(axis=0)
    return PENALTIES[best], left[best, np.arange(len(YY))]


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
    return 1 - ratio(draws @ sse, draws @ sst, never_varies(Y))
