"""Conditional logit of pooled choices: P(j | row) = exp(x_j' b) / sum over the row's words, with a ridge, by many fits.

Fits differ in which parts of the corpus they may see and in their penalties. All are solved side by side, since what
costs is going over the cells: one product of the regressors with a matrix, (cells, columns) by (columns, fits), serves
them all. Each fit takes Newton's step with the curvature at one common start, which is a sum over the parts that it
sees, and half of it while the step leads uphill; whichever has not arrived after some rounds is finished by Newton's
method with its own curvature. The problem is convex and every fit goes on until it can gain no more than TOLERANCE, so
that neither the start nor the company of other fits changes what comes out.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg

from readalike.cells import Cells
from readalike.corpus import FloatArray, IntArray
from readalike.errors import NumericsError

# Nats, of all saccades together, that a further step could bring: scores are given by saccade, of which there are
# thousands, and looked at to 1e-4.
TOLERANCE = 1e-9
SIDE_BY_SIDE = 30
ROUNDS = 100
# Fits that are solved together, for memory's sake: each is a column of (cells,) three times.
TOGETHER = 64
# What an objective may rise by rounding, as a part of it.
ROUNDING = 1e-13


@dataclass(frozen=True)
class Choices:
    """Pooled choices of one group. Every array follows the order of cells.

    X : (cells, columns)
    counts : (cells,) how often each was chosen
    part : (rows,) which of `n_parts` parts of the corpus each row is of, such as an article
    """

    X: FloatArray
    counts: FloatArray
    part: IntArray
    n_parts: int
    cells: Cells

    @property
    def chosen(self) -> FloatArray:
        """(rows,) choices made in each row."""
        return np.add.reduceat(self.counts, self.cells.starts)

    def log_p(self, B: FloatArray) -> FloatArray:
        """Log probabilities, (cells, fits), for coefficients (columns, fits)."""
        eta = self.X @ B
        eta -= self.cells.by_row(np.maximum.reduceat(eta, self.cells.starts, axis=0))
        sums = np.add.reduceat(np.exp(eta), self.cells.starts, axis=0)
        eta -= self.cells.by_row(np.log(sums))
        return eta

    def loss(self, log_p: FloatArray) -> FloatArray:
        """Nats by part, (parts, fits)."""
        by_row = -np.add.reduceat(self.counts[:, None] * log_p, self.cells.starts, axis=0)
        result = np.zeros((self.n_parts, log_p.shape[1]))
        np.add.at(result, self.part, by_row)
        return result

    def gradient(self, log_p: FloatArray, seen: FloatArray) -> FloatArray:
        """Of the loss over the parts that each fit sees, (columns, fits). seen : (parts, fits) 0 or 1"""
        excess = self.cells.by_row(self.chosen)[:, None] * np.exp(log_p) - self.counts[:, None]
        return self.X.T @ (excess * self.cells.by_row(seen[self.part]))

    def curvature(self, log_p: FloatArray) -> FloatArray:
        """Second derivatives by part, (parts, columns, columns), at one fit's log probabilities (cells,)."""
        p = np.exp(log_p)
        means = np.add.reduceat(self.X * p[:, None], self.cells.starts, axis=0)
        centred = (self.X - self.cells.by_row(means)) * np.sqrt(self.cells.by_row(self.chosen) * p)[:, None]
        part_of = self.cells.by_row(self.part)
        return np.stack([own.T @ own for own in (centred[part_of == k] for k in range(self.n_parts))])


@dataclass(frozen=True)
class Fits:
    """B : (columns, fits); loss : (parts, fits) nats, of parts seen and unseen alike."""

    B: FloatArray
    loss: FloatArray


def fit(choices: Choices, seen: FloatArray, penalty: FloatArray, start: FloatArray) -> Fits:
    """Minimise for every fit: loss over the parts it sees + sum of penalty * b ** 2 / 2.

    seen : (parts, fits) 0 or 1; penalty : (columns, fits); start : (columns,) where all begin
    Raises NumericsError where a fit does not arrive.
    """
    curvature = choices.curvature(choices.log_p(start[:, None])[:, 0])
    parts = []
    for first in range(0, seen.shape[1], TOGETHER):
        some = slice(first, first + TOGETHER)
        parts.append(_side_by_side(choices, seen[:, some], penalty[:, some], start, curvature))
    return Fits(
        np.concatenate([part.B for part in parts], axis=1), np.concatenate([part.loss for part in parts], axis=1)
    )


def _side_by_side(
    choices: Choices, seen: FloatArray, penalty: FloatArray, start: FloatArray, curvature: FloatArray
) -> Fits:
    n = seen.shape[1]
    B = np.repeat(start[:, None], n, axis=1)
    loss = np.zeros(seen.shape)
    factors = [
        scipy.linalg.cho_factor(np.tensordot(seen[:, f], curvature, 1) + np.diag(penalty[:, f])) for f in range(n)
    ]
    going = np.arange(n)
    for _ in range(SIDE_BY_SIDE):
        log_p = choices.log_p(B[:, going])
        loss[:, going] = choices.loss(log_p)
        slope = choices.gradient(log_p, seen[:, going]) + penalty[:, going] * B[:, going]
        step = np.column_stack([scipy.linalg.cho_solve(factors[f], slope[:, k]) for k, f in enumerate(going)])
        open_ = (slope * step).sum(axis=0) / 2 > TOLERANCE
        going, step = going[open_], step[:, open_]
        if not len(going):
            return Fits(B, loss)
        _downhill(choices, B, loss, going, step, seen, penalty)
    for f in going:
        B[:, f], loss[:, f] = _newton(choices, B[:, f], seen[:, [f]], penalty[:, [f]])
    return Fits(B, loss)


def _objective(B: FloatArray, loss: FloatArray, seen: FloatArray, penalty: FloatArray) -> FloatArray:
    return (loss * seen).sum(axis=0) + (penalty * B**2).sum(axis=0) / 2  # type: ignore[no-any-return]


def _downhill(
    choices: Choices,
    B: FloatArray,
    loss: FloatArray,
    going: IntArray,
    step: FloatArray,
    seen: FloatArray,
    penalty: FloatArray,
) -> None:
    """Move the fits `going` of B by their steps, halved where the whole step leads uphill; sets B."""
    before = _objective(B[:, going], loss[:, going], seen[:, going], penalty[:, going])
    share = np.ones(len(going))
    left = np.arange(len(going))
    while len(left) and share[left[0]] > 1e-6:
        f = going[left]
        moved = B[:, f] - share[left] * step[:, left]
        after = _objective(moved, choices.loss(choices.log_p(moved)), seen[:, f], penalty[:, f])
        good = after <= before[left] * (1 + ROUNDING)
        B[:, f[good]] = moved[:, good]
        left = left[~good]
        share[left] /= 2


def _newton(choices: Choices, b: FloatArray, seen: FloatArray, penalty: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One fit by Newton's method: its coefficients (columns,) and its loss (parts,)."""
    B = b[:, None].copy()
    for _ in range(ROUNDS):
        log_p = choices.log_p(B)
        loss = choices.loss(log_p)
        slope = choices.gradient(log_p, seen) + penalty * B
        hessian = np.tensordot(seen[:, 0], choices.curvature(log_p[:, 0]), 1) + np.diag(penalty[:, 0])
        step = scipy.linalg.solve(hessian, slope, assume_a="pos")
        if float((slope * step).sum()) / 2 <= TOLERANCE:
            return B[:, 0], loss[:, 0]
        _downhill(choices, B, loss, np.array([0]), step, seen, penalty)
    raise NumericsError("the landing model did not arrive; are the regressors numbers of one size?")
