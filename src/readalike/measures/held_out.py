"""What regressors predict of articles that they were not fitted to: one article left out at a time.

Least squares, on what varies in the training articles. Without that condition a layer of a real model can score -74:
where a head hardly varies in training, its coefficient is anybody's guess, and one article in which the head does
vary pays for it. So each fold looks at the regressors' directions of the whole corpus (the principal axes of
training, in coordinates in which every direction has the same sum of squares over all pairs) and leaves out those of
which training has less than FLOOR of its share of pairs. Of the article that is left out this sees the regressors,
never a signal.

A floor and no penalty: where no direction is left out, which is nearly everywhere, the score is that of least squares
to the last digits, and shuffled attention pays for its heads what attention pays, so that the difference to it is not
a matter of how many there are. (Ridge regression with a penalty by cross-validation was tried: attention gets a small
penalty and shuffled attention a large one, which counts against models with many heads, and heads that vary a little
in training still cost more than here.) Plain least squares stands beside, for comparison with the literature.

Both come from sums of products by article of an orthonormal basis of the regressors; one factorisation a fold serves
all signals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from readalike.corpus import FloatArray, IntArray
from readalike.errors import CorpusError
from readalike.measures.regression import SMALLEST_EIGENVALUE, BoolArray, ratio

# Of a direction's sum of squares that training must have, as a part of its share of the pairs. What a direction costs
# on average, beyond the residual variance of each pair, is that variance times what is left out over what training
# has: with five articles at most (1 - 0.24) / 0.24, three pairs' worth. Of SmolLM2, Gemma 3 and Qwen2.5-Coder on two
# corpora, half of all folds have no direction below 0.7, and one in a hundred one below 0.3.
FLOOR = 0.3
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
    dropped : (articles,) directions that hardly vary in the training articles; 0 for plain least squares
    flat : (signals,) signals that never vary, which have no R2
    """

    sse: FloatArray
    sst: FloatArray
    r2_train: FloatArray
    dropped: IntArray
    flat: BoolArray
    predicted: FloatArray | None = None  # (pairs, signals), each from the other articles; where asked for

    @property
    def r2(self) -> FloatArray:
        """1 - sum SSE / sum SST over the left-out articles, shape (signals,); NaN where nothing varies."""
        return 1 - ratio(self.sse.sum(axis=0), self.sst.sum(axis=0), self.flat)


@dataclass(frozen=True)
class Products:
    """Over some articles: of 1, of the basis Z, of the signals Y about their mean, and of products."""

    n: int
    Z: FloatArray  # (rank,)
    Y: FloatArray  # (signals,)
    ZZ: FloatArray  # (rank, rank)
    ZY: FloatArray  # (rank, signals)
    YY: FloatArray  # (signals,)

    def __sub__(self, other: "Products") -> "Products":
        return Products(
            *(self.n - other.n, self.Z - other.Z, self.Y - other.Y),
            *(self.ZZ - other.ZZ, self.ZY - other.ZY, self.YY - other.YY),
        )

    def along(self, directions: FloatArray) -> "Products":
        """Of the columns basis @ directions in place of the basis, directions (rank, columns)."""
        Z, ZZ, ZY = directions.T @ self.Z, directions.T @ self.ZZ @ directions, directions.T @ self.ZY
        return Products(self.n, Z, self.Y, ZZ, ZY, self.YY)

    def about(self, z: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """ZZ, ZY and YY of the deviations from z (rank,) and y (signals,)."""
        ZZ = self.ZZ - np.outer(self.Z, z) - np.outer(z, self.Z) + self.n * np.outer(z, z)
        ZY = self.ZY - np.outer(self.Z, y) - np.outer(z, self.Y) + self.n * np.outer(z, y)
        return ZZ, ZY, self.YY - 2 * y * self.Y + self.n * y**2


def total_of(folds: Sequence[Products]) -> Products:
    return Products(*(sum(getattr(fold, name) for fold in folds) for name in Products.__dataclass_fields__))


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

    def by_article(self, basis: FloatArray) -> list[Products]:
        """Sums of each article, which `of_products` takes: basis (pairs, rank) as in `held_out`."""
        folds = []
        for inside, part, squares in zip(self.rows, self.parts, self.squares, strict=True):
            own = basis[inside]
            folds.append(Products(len(own), own.sum(axis=0), part.sum(axis=0), own.T @ own, own.T @ part, squares))
        return folds

    def held_out(self, basis: FloatArray, *, predict: bool = False) -> HeldOut:
        """Each article predicted from the others, by what varies there; see the module.

        basis : (pairs, rank) any basis of the regressors' centred columns, such as `regression.orthonormal` gives
        predict : keep the predictions of the left-out pairs
        """
        return self.of_products(self.by_article(basis), basis if predict else None)

    def of_products(self, folds: Sequence[Products], basis: FloatArray | None = None) -> HeldOut:
        """`held_out` from the sums of each article, however they were come by.

        basis : (pairs, rank) that they are of, where predictions are to be kept
        """
        total = total_of(folds)
        # In these coordinates every direction has the same sum of squares over the whole corpus.
        values, vectors = np.linalg.eigh(total.about(total.Z / total.n, total.Y / total.n)[0])
        real = values > RANK * max(values.max(initial=0), np.finfo(float).tiny)
        white = vectors[:, real] / np.sqrt(values[real])  # (rank, directions)
        predicted = None if basis is None else np.empty(self.Y.shape)
        sse, sst, r2_train = (np.empty((len(folds), self.Y.shape[1])) for _ in range(3))
        dropped = np.zeros(len(folds), dtype=np.int64)
        for k, (inside, fold) in enumerate(zip(self.rows, folds, strict=True)):
            train = total - fold
            z, y = train.Z / train.n, train.Y / train.n
            ZZ, ZY, YY = train.about(z, y)
            share, rotation = np.linalg.eigh(white.T @ ZZ @ white)  # of each direction's sum of squares
            kept = share >= FLOOR * train.n / total.n
            dropped[k] = (~kept).sum()
            axes = white @ rotation[:, kept]  # (rank, directions kept)
            along = axes.T @ ZY  # (directions kept, signals)
            B = axes @ (along / share[kept, None])  # (rank, signals)
            own_ZZ, own_ZY, sst[k] = fold.about(z, y)
            sse[k] = sst[k] - 2 * (B * own_ZY).sum(axis=0) + (B * (own_ZZ @ B)).sum(axis=0)
            r2_train[k] = 1 - ratio(YY - (along**2 / share[kept, None]).sum(axis=0), YY, self.flat_train[k])
            if basis is not None and predicted is not None:
                predicted[inside] = self.centre + y + (basis[inside] - z) @ B
        return HeldOut(sse, sst, r2_train, dropped, self.flat, predicted)

    def least_squares(self, basis: FloatArray, X: FloatArray) -> HeldOut:
        """The same by plain least squares, whatever varies in training.

        basis : (pairs, rank) `orthonormal` of the regressors
        X : (pairs, columns) the regressors themselves, which are solved in a fold where the basis is ill-conditioned. A
            column that does not vary in the training rows then has coefficient 0 (the solution of least norm).
        """
        folds = self.by_article(basis)
        total = total_of(folds)
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
        return HeldOut(sse, sst, r2_train, np.zeros(len(folds), dtype=np.int64), self.flat)


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
