"""Linear models of readers who each lack other words: fitted to all articles but one, scored on that one in nats; and
slopes of fits to all articles, with what each word has to do with them.

Words that a reader skipped have no time, so that every reader has rows of regressors of their own, and no one
factorisation serves all. What a fit takes are sums of products over the reader's words, which matrix products make for
all readers and articles at once; then a small system is solved for each reader and article.

A reader's values are Gaussian about what least squares on the training articles predicts, with the reader's mean
squared error there as variance:

    ln p(y) = -(ln(2 pi v) + (y - a - x'b)^2 / v) / 2

Intercept a and variance v are the reader's. The slopes b are those of the group, least squares over the words of all
its readers, or the reader's own. An own slope costs about half a nat over the reader's words when it is scored on
others, whatever it is of, and that is as much as a real effect of a predictor may gain; a slope of the group costs that
once for all readers.
"""

import numpy as np
from numpy.typing import NDArray

from readalike.corpus import FloatArray, IntArray
from readalike.measures.held_out import left_out

OF_GROUP, OF_READER = SLOPES = ("group", "reader")
# Words of the training articles for each coefficient, the fewest with which a reader is scored: the variance that so
# few leave is too small by a third, and a held-out score by it is hardly one.
PER_COEFFICIENT = 3
# Variance in training of a direction of the standardised regressors below which it is rounding.
RANK = 1e-10
# Standard deviation over the largest value of a regressor below which it does not vary: attention is kept in float32.
ROUNDING = 1e-7


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
        enough = self._counts >= PER_COEFFICIENT * (most + 1)
        self.scored: NDArray[np.bool_] = np.asarray(enough.all(axis=0))  # (readers,)
        # About the reader's mean, which the intercept takes up, so that squares keep their digits.
        centre = np.nansum(Y, axis=2) / np.maximum(self._weights.sum(axis=1), 1)
        self.Y = np.where(self.known, Y - centre[:, :, None], 0)
        self._squares = _others([(self.Y[:, :, rows] ** 2).sum(axis=2) for rows in self.inside])

    def held_out(self, X: FloatArray, slopes: str) -> FloatArray:
        """Nats of every word by the fit that did not see its article, (values, readers, words).

        X : (words, columns), the intercept left out. A column that does not vary in training has slope 0
        slopes : OF_GROUP or OF_READER

        NaN where a reader has no value, or is not scored.
        """
        Z = np.column_stack([np.ones(len(X)), _standardised(X)])
        squares = (Z[:, :, None] * Z[:, None, :]).reshape(len(Z), -1)
        ZZ = _others([self._weights[:, rows] @ squares[rows] for rows in self.inside])
        ZY = _others([np.einsum("vrw,wp->rpv", self.Y[:, :, rows], Z[rows]) for rows in self.inside])
        log_p = np.full(self.Y.shape, np.nan)
        for k, rows in enumerate(self.inside):
            n = np.maximum(self._counts[k], 1)
            sums = ZZ[k].reshape(-1, Z.shape[1], Z.shape[1])
            mean, level = sums[:, 0, 1:] / n[:, None], ZY[k][:, 0] / n[:, None]
            # Of deviations from the reader's means in training, which the intercept takes up.
            about = sums[:, 1:, 1:] - n[:, None, None] * mean[:, :, None] * mean[:, None, :]
            along = ZY[k][:, 1:] - mean[:, :, None] * ZY[k][:, :1]
            total = self._squares[k] - n * level.T**2  # (values, readers)
            if slopes == OF_GROUP:
                all_about, all_along, all_n = (
                    values[self.scored].sum(axis=0, keepdims=True) for values in (about, along, n)
                )
                b = _least_squares(all_about, all_along, all_n).repeat(len(n), axis=0)
            else:
                b = _least_squares(about, along, n)
            left = total - np.einsum("rpv,rpv->vr", b, 2 * along - about @ b)
            # What rounding leaves of values that are all predicted, or all the same, is no variance.
            real = self.scored & (left > RANK * self._squares[k])
            variance = np.where(real, left, np.nan) / n
            constant = np.log(2 * np.pi * variance)
            intercept = level - np.einsum("rp,rpv->rv", mean, b)
            error = self.Y[:, :, rows] - intercept.T[:, :, None] - np.einsum("wp,rpv->vrw", Z[rows, 1:], b)
            nats = -(constant[:, :, None] + error**2 / variance[:, :, None]) / 2
            log_p[:, :, rows] = np.where(self.known[:, rows], nats, np.nan)
        return log_p

    def summed_slopes(self, X: FloatArray, last: int, sentence: IntArray, values: int) -> tuple[FloatArray, FloatArray]:
        """Sum of the slopes of the last columns, and what each word of each reader has to do with it.

        X : (words, columns), the intercept left out; slopes are of columns of unit standard deviation over the words
        last : how many columns, at the end of X, are summed over; sentence : (words,); values : how many, the first

        Least squares over the words of all articles and scored readers, intercepts a reader's, slopes b the group's.
        With d_rw the regressors of a word about their means over the reader's words, e_rw its error, A the sum of dd'
        over all words and A_s over those of sentence s, the words of s move b by

            (A - A_s)^-1 sum_rw d_rw e_rw

        which is what b is more than it would be without s, the readers' means as they are; nothing of what s alone
        tells. A^-1 in its place would have errors pass for small that are small because they were fitted (the jackknife
        of clusters: MacKinnon, Nielsen and Webb, Journal of Applied Econometrics 38, 2023; their variance has
        (S - 1) / S for S sentences, `statistics.clustered` has S / (S - 1), which is a little too large for few).

        A column that the others tell has slope 0: least squares would give it half of theirs. Returns (values,) and
        (values, readers, words), a word's part of the summed slopes; NaN where a reader has no value or is not scored.
        """
        Z, there = _standardised(X), self.known & self.scored[:, None]
        n = there.sum(axis=1)
        D = Z - (there @ Z / np.maximum(n, 1)[:, None])[:, None]
        D[~there] = 0
        products = np.einsum("rwp,rwq->pq", D, D, optimize=True)
        told, own = products[:-last, :-last], products[:-last, -last:]
        by_others = _least_squares(told[None], own[None], n.sum()[None])[0]
        left = np.diag(products[-last:, -last:] - own.T @ by_others)
        D[..., -last:] *= left > RANK * n.sum()
        starts = np.unique(sentence)
        inside = [D[:, sentence == s].reshape(-1, Z.shape[1]) for s in starts]
        about_s = np.stack([rows.T @ rows for rows in inside])
        about = about_s.sum(axis=0)
        Y = self.Y[:values]
        along = np.einsum("rwp,vrw->pv", D, Y)
        summed = np.zeros((Z.shape[1], 1))
        summed[-last:] = 1
        b = _least_squares(about[None], along[None], n.sum()[None])[0]  # (columns, values)
        number = np.full(len(starts), n.sum())
        without = _least_squares(about - about_s, np.broadcast_to(summed, (len(starts), *summed.shape)), number)
        direction = without[np.searchsorted(starts, sentence), :, 0]  # (words, columns)
        error = Y - np.einsum("rwp,pv->vrw", D, b)
        moved = error * np.einsum("rwp,wp->rw", D, direction)
        return summed[:, 0] @ b, np.where(there, moved, np.nan)


def _standardised(X: FloatArray) -> FloatArray:
    """Columns about their mean, of unit standard deviation; one that varies by rounding alone is 0."""
    centred = X - X.mean(axis=0)
    spread = centred.std(axis=0)
    real = spread > ROUNDING * np.abs(X).max(axis=0, initial=0)
    standardised: FloatArray = np.where(real, centred / np.where(real, spread, 1), 0)
    return standardised


def _others(by_article: list[FloatArray]) -> FloatArray:
    """A sum over each article -> over all others, articles first."""
    own = np.stack(by_article)
    others: FloatArray = own.sum(axis=0) - own
    return others


def _least_squares(about: FloatArray, along: FloatArray, n: FloatArray) -> FloatArray:
    """Slopes of several fits, (fits, columns, values); directions that do not vary have slope 0.

    about, along : sums of products of deviations, of the regressors and with the values; n : (fits,) how many
    """
    values, vectors = np.linalg.eigh(about)
    real = values > RANK * n[:, None]
    turned = np.einsum("rpq,rpv->rqv", vectors, along)
    slopes: FloatArray = np.einsum("rpq,rqv->rpv", vectors, turned * (real / np.where(real, values, 1))[:, :, None])
    return slopes
