"""Sparse parity read from a prompt by m heads with relu: closed-form heads that cover k features, and exact margins.

x = G p, p in {-1, 1}^d, G orthonormal; task (i, j) has labels p_i p_j and P(++) = 1/4 + g, P(--) = 1/4 - g, the other
two 1/4; features that are no part of the task are fair signs. Heads are sum over h of a_h relu(z' W_h x_q) with
W_h = G diag(v_h) G', z the mean of y x over the demonstrations. G cancels, so that everything here is in terms of p.
Derived in docs/in-context.md.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from readalike.corpus import FloatArray

# (p_i, p_j) of a task, and their probabilities above 1/4, in g.
CONFIGURATIONS = ((1, 1), (1, -1), (-1, 1), (-1, -1))
NAMES = ("++", "+-", "-+", "--")
TILT = np.array([1.0, 0.0, 0.0, -1.0])


@dataclass(frozen=True)
class Heads:
    """`diagonals` v_h, (heads, d), and `signs` a_h, (heads,)."""

    diagonals: FloatArray
    signs: FloatArray

    def __len__(self) -> int:
        return len(self.signs)

    @property
    def largest_weight(self) -> float:
        """The largest |a_h v_hi|: a head's scale may stand in either."""
        return float(np.abs(self.signs[:, None] * self.diagonals).max())

    def answers(self, shown: FloatArray, query: FloatArray) -> FloatArray:
        """f, (prompts,), for G'z and p of the query, both (prompts, d)."""
        return np.asarray(np.maximum((shown * query) @ self.diagonals.T, 0.0) @ self.signs)


def probabilities(g: float) -> FloatArray:
    """Of the four configurations of a task's features."""
    return 0.25 + g * TILT


def bits(features: int) -> int:
    """Bits that tell `features` things apart."""
    return int(features - 1).bit_length()


def codes(features: int) -> FloatArray:
    """Signs of the bits of 0, ..., features - 1: (bits, features)."""
    places = np.arange(bits(features))[:, None]
    return np.asarray(2.0 * (np.arange(features) >> places & 1) - 1.0)


def coded_heads(covered: int, d: int) -> Heads:
    """2 (ceil(log2 k) + 1) heads with entries of -1, 0 and 1 that classify tasks of the first k = `covered` features.

    f = B |t_0| - sum over B bits of |t_b|, t_0 of the constant 1 on what is covered, t_b of the signs of a bit.
    """
    every = np.vstack([np.ones(covered), codes(covered)])
    half = np.zeros((len(every), d))
    half[:, :covered] = every
    own = np.array([float(bits(covered)), *[-1.0] * bits(covered)])
    return Heads(np.vstack([half, -half]), np.concatenate([own, own]))


def numbered_heads(covered: int, d: int) -> Heads:
    """4 heads with real-valued entries that classify the same tasks: a feature's number stands where its bits do."""
    middle = (covered - 1) / 2
    half = np.zeros((2, d))
    half[0, :covered] = middle
    half[1, :covered] = np.arange(covered) - middle
    own = np.array([1.0, -1.0])
    return Heads(np.vstack([half, -half]), np.concatenate([own, own]))


def pairs(features: int, from_feature: int = 0) -> list[tuple[int, int]]:
    """Tasks (i, j), i < j, among the first `features`; with `from_feature` k only those not both among the first k."""
    return [(i, j) for i, j in itertools.combinations(range(features), 2) if j >= from_feature]


def exact_margins(heads: Heads, tasks: list[tuple[int, int]], g: float) -> FloatArray:
    """y f with z as endlessly many demonstrations give it, 2 g (e_i + e_j): (tasks, configurations).

    The other features of the query meet zeros of z, so that these are all cases.
    """
    d = heads.diagonals.shape[1]
    found = np.empty((len(tasks), len(CONFIGURATIONS)))
    for row, task in enumerate(tasks):
        shown = np.zeros((len(CONFIGURATIONS), d))
        shown[:, list(task)] = 2 * g
        query = np.ones((len(CONFIGURATIONS), d))
        query[:, list(task)] = CONFIGURATIONS
        found[row] = np.prod(CONFIGURATIONS, axis=1) * heads.answers(shown, query)
    return found
