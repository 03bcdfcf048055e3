"""Linear models of readers who each lack other words: fitted to all articles but one, scored on that one in nats.

Words that a reader skipped have no time, so that every reader has rows of regressors of their own, and no one
factorisation serves all. What a fit takes are sums of products over the reader's words, which matrix products make for
all readers and articles at once; then a small system is solved for each reader and article.

A reader's values are Gaussian about what least squares on the training articles predicts, with the mean squared error
there as variance (maximum likelihood):

    ln p(y) = -(ln(2 pi v) + (y - x'b)^2 / v) / 2
"""

from dataclasses import dataclass

import numpy as np

from readalike.corpus import FloatArray, IntArray
from readalike.measures.held_out import left_out

# Words of the training articles for each coefficient, the fewest with which a reader is scored: the variance that so
# few leave is too small by a third, and a held-out score by it is hardly one.
PER_COEFFICIENT = 3
# Variance in training of a direction of the standardised regressors below which it is rounding.
RANK = 1e-10


@dataclass(frozen=True)
class Fits:
    """What a set of regressors gives each reader.

    log_p : (values, readers, words) nats of every word by the fit that did not see its article; NaN where the reader
        has no value, or is not scored
    train : (values, readers, articles) mean nats of a word of the training articles, of the fit without the article
    """

    log_p: FloatArray
    train: FloatArray


class Incomplete:
    """Values of readers on words, some of them missing: made once, then fitted with any regressors."""

    def __init__(self, Y: FloatArray, article: IntArray, most: int) -> None:
        """
        Y : (values, readers, words) values of several kinds that are missing for the same readers and words (NaN)
        article : (words,); most : columns of the largest set of regressors. All sets score the same readers

        Raises CorpusError for a single article.
        """
        self.inside = left_out(article)
        self.known = ~np.isnan(Y[0])  # (readers, words)
        self._weights = self.known.astype(np.float64)
        self._counts = _others([self._weights[:, rows].sum(axis=1) for rows in self.inside])
        self.scored = (self._counts >= PER_COEFFICIENT * (most + 1)).all(axis=0)  # (readers,)
        # About the reader's mean, which the intercept takes up, so that squares keep their digits.
        centre = np.nansum(Y, axis=2) / np.maximum(self._weights.sum(axis=1), 1)
        self.Y = np.where(self.known, Y - centre[:, :, None], 0)
        self._squares = _others([(self.Y[:, :, rows] ** 2).sum(axis=2) for rows in self.inside])

    def fit(self, X: FloatArray) -> Fits:
        """X : (words, columns) without a constant, which is added. One that does not vary in training counts as 0."""
        centred = X - X.mean(axis=0)
        spread = centred.std(axis=0)
        Z = np.column_stack([np.ones(len(X)), centred / np.where(spread > 0, spread, 1)])
        squares = (Z[:, :, None] * Z[:, None, :]).reshape(len(Z), -1)
        ZZ = _others([self._weights[:, rows] @ squares[rows] for rows in self.inside])
        ZY = _others([np.einsum("vrw,wp->rpv", self.Y[:, :, rows], Z[rows]) for rows in self.inside])
        log_p = np.full(self.Y.shape, np.nan)
        train = np.full((*self.Y.shape[:2], len(self.inside)), np.nan)
        for k, rows in enumerate(self.inside):
            n = np.maximum(self._counts[k], 1)
            B, explained = _least_squares(ZZ[k].reshape(-1, Z.shape[1], Z.shape[1]), ZY[k], n)
            left = self._squares[k] - explained.T  # (values, readers)
            # What rounding leaves of values that are all predicted, or all the same, is no variance.
            real = self.scored & (left > RANK * self._squares[k])
            variance = np.where(real, left, np.nan) / n
            constant = np.log(2 * np.pi * variance)
            train[:, :, k] = -(constant + 1) / 2
            error = self.Y[:, :, rows] - np.einsum("wp,rpv->vrw", Z[rows], B)
            nats = -(constant[:, :, None] + error**2 / variance[:, :, None]) / 2
            log_p[:, :, rows] = np.where(self.known[:, rows], nats, np.nan)
        return Fits(log_p, train)


def _others(by_article: list[FloatArray]) -> FloatArray:
    """A sum over each article -> over all others, articles first."""
    own = np.stack(by_article)
    others: FloatArray = own.sum(axis=0) - own
    return others


def _least_squares(ZZ: FloatArray, ZY: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coefficients of each reader, (readers, columns, values), and what they explain of the squares, (readers, values).

    ZZ, ZY : sums of products over n words, of a constant first. Directions that do not vary have coefficient 0.
    """
    mean, level = ZZ[:, 0, 1:] / n[:, None], ZY[:, 0] / n[:, None]
    about = ZZ[:, 1:, 1:] - n[:, None, None] * mean[:, :, None] * mean[:, None, :]
    values, vectors = np.linalg.eigh(about)
    real = values > RANK * n[:, None]
    along = np.einsum("rpq,rpv->rqv", vectors, ZY[:, 1:] - mean[:, :, None] * ZY[:, :1])
    slope = np.einsum("rpq,rqv->rpv", vectors, along * (real / np.where(real, values, 1))[:, :, None])
    constant = level - np.einsum("rp,rpv->rv", mean, slope)
    B = np.concatenate([constant[:, None], slope], axis=1)
    return B, np.einsum("rpv,rpv->rv", B, ZY)
