"""Conditional logit of pooled choices: P(j | row) = exp(x_j' b) / sum over the row's words, with a ridge, by many fits.

Fits differ in which parts of the corpus they may see and in their penalties. All are solved side by side, since what
costs is going over the cells: one product of the regressors with a matrix, (cells, columns) by (columns, fits), serves
them all. Each fit takes Newton's step with the curvature at one common start, which is a sum over the parts that it
sees, and half of it while the step leads uphill; whichever has not arrived after some rounds is finished by Newton's
method with its own curvature. The problem is convex and every fit goes on until it can gain no more than TOLERANCE, so
that neither the start nor the company of other fits changes what comes out.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.linalg

from readalike.cells import Cells
from readalike.corpus import FloatArray, IntArray
from readalike.errors import NumericsError
from readalike.measures.regression import BoolArray

# Nats, of all saccades together, that a further step could bring: scores are given by saccade, of which there are
# thousands, and looked at to 1e-4.
TOLERANCE = 1e-12
SIDE_BY_SIDE = 30
ROUNDS = 100
# Fits that are solved together, for memory's sake: each is a column of (cells,) three times.
TOGETHER = 64
HALVINGS = 40
# What an objective may rise by rounding, as a part of it: it is a difference of sums that are some times larger.
ROUNDING = 1e-12


@dataclass
class _Point:
    """Where fits stand. e : (cells, fits) exp(x_j' b); sums : (rows, fits) of e; loss : (parts, fits) nats"""

    e: FloatArray
    sums: FloatArray
    loss: FloatArray

    def replace(self, some: BoolArray, other: "_Point") -> None:
        for name in ("e", "sums", "loss"):
            getattr(self, name)[:, some] = getattr(other, name)


@dataclass(frozen=True)
class Choices:
    """Pooled choices of one group. Every array follows the order of cells.

    X : (cells, columns), each row of words centred, so that exp(x_j' b) is a number of usual size
    counts : (cells,) how often each was chosen
    part : (rows,) which of `n_parts` parts of the corpus each row is of, such as an article
    """

    X: FloatArray
    counts: FloatArray
    part: IntArray
    n_parts: int
    cells: Cells

    @cached_property
    def chosen(self) -> FloatArray:
        """(rows,) choices made in each row."""
        total: FloatArray = np.add.reduceat(self.counts, self.cells.starts)
        return total

    @cached_property
    def _inside(self) -> FloatArray:
        """(parts, rows) whether a row is of a part."""
        inside: FloatArray = (self.part == np.arange(self.n_parts)[:, None]).astype(np.float64)
        return inside

    @cached_property
    def _of_chosen(self) -> FloatArray:
        """(parts, columns) sums of the regressors over what was chosen, which is all that choices tell."""
        by_row = np.add.reduceat(self.counts[:, None] * self.X, self.cells.starts, axis=0)
        return self._inside @ by_row

    def log_p(self, B: FloatArray) -> FloatArray:
        """Log probabilities, (cells, fits), for coefficients (columns, fits)."""
        eta: FloatArray = self.X @ B
        eta -= self.cells.by_row(np.maximum.reduceat(eta, self.cells.starts, axis=0))
        sums = np.add.reduceat(np.exp(eta), self.cells.starts, axis=0)
        eta -= self.cells.by_row(np.log(sums))
        return eta

    def at(self, B: FloatArray) -> _Point:
        """What coefficients (columns, fits) give. Of a step that went too far the loss is infinite, or no number."""
        with np.errstate(over="ignore", invalid="ignore"):
            e = np.exp(self.X @ B)
            sums = np.add.reduceat(e, self.cells.starts, axis=0)
            return _Point(e, sums, self._inside @ (self.chosen[:, None] * np.log(sums)) - self._of_chosen @ B)

    def gradient(self, at: _Point, seen: FloatArray) -> FloatArray:
        """Of the loss over the parts that each fit sees, (columns, fits). seen : (parts, fits) 0 or 1"""
        expected = at.e * self.cells.by_row(self.chosen[:, None] * seen[self.part] / at.sums)
        slope: FloatArray = self.X.T @ expected - self._of_chosen.T @ seen
        return slope

    def curvature(self, at: _Point) -> FloatArray:
        """Second derivatives by part, (parts, columns, columns), of the first of the fits."""
        p = at.e[:, 0] / self.cells.by_row(at.sums[:, 0])
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
    curvature = choices.curvature(choices.at(start[:, None]))
    found = []
    for first in range(0, seen.shape[1], TOGETHER):
        some = slice(first, first + TOGETHER)
        found.append(_side_by_side(choices, seen[:, some], penalty[:, some], start, curvature))
    return Fits(np.concatenate([one.B for one in found], axis=1), np.concatenate([one.loss for one in found], axis=1))


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
    at = choices.at(B)
    for _ in range(SIDE_BY_SIDE):
        loss[:, going] = at.loss
        slope = choices.gradient(at, seen[:, going]) + penalty[:, going] * B[:, going]
        step = np.column_stack([scipy.linalg.cho_solve(factors[f], slope[:, k]) for k, f in enumerate(going)])
        still = (slope * step).sum(axis=0) / 2 > TOLERANCE
        going, step = going[still], step[:, still]
        if not len(going):
            return Fits(B, loss)
        B[:, going], at = _downhill(choices, B[:, going], loss[:, going], step, seen[:, going], penalty[:, going])
    for f in going:
        B[:, f], loss[:, f] = _newton(choices, B[:, [f]], seen[:, [f]], penalty[:, [f]])
    return Fits(B, loss)


def _objective(B: FloatArray, loss: FloatArray, seen: FloatArray, penalty: FloatArray) -> FloatArray:
    # What a fit does not see may be infinite at a step that went too far.
    total: FloatArray = np.where(seen > 0, loss, 0).sum(axis=0) + (penalty * B**2).sum(axis=0) / 2
    return total


def _downhill(
    choices: Choices, B: FloatArray, loss: FloatArray, step: FloatArray, seen: FloatArray, penalty: FloatArray
) -> tuple[FloatArray, _Point]:
    """B - step, halved for the fits that it would lead uphill, and what is there."""
    before = _objective(B, loss, seen, penalty)
    share = np.ones(B.shape[1])
    moved = B - step
    at = choices.at(moved)
    for _ in range(HALVINGS):
        after = _objective(moved, at.loss, seen, penalty)
        uphill = ~(after <= before + ROUNDING * np.abs(before))
        if not uphill.any():
            break
        share[uphill] /= 2
        moved[:, uphill] = B[:, uphill] - share[uphill] * step[:, uphill]
        at.replace(uphill, choices.at(moved[:, uphill]))
    return moved, at


def _newton(choices: Choices, B: FloatArray, seen: FloatArray, penalty: FloatArray) -> tuple[FloatArray, FloatArray]:
    """One fit, B (columns, 1), by Newton's method: its coefficients (columns,) and its loss (parts,)."""
    at = choices.at(B)
    for _ in range(ROUNDS):
        slope = choices.gradient(at, seen) + penalty * B
        hessian = np.tensordot(seen[:, 0], choices.curvature(at), 1) + np.diag(penalty[:, 0])
        step = scipy.linalg.solve(hessian, slope, assume_a="pos")
        if float((slope * step).sum()) / 2 <= TOLERANCE:
            return B[:, 0], at.loss[:, 0]
        B, at = _downhill(choices, B, at.loss, step, seen, penalty)
    raise NumericsError("the landing model did not arrive; are the regressors numbers of one size?")
