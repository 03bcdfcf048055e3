"""Accuracy of the closed-form parity heads with few demonstrations and flipped labels: in the normal limit, and drawn.

With N demonstrations and a share e of labels flipped, z_i p_i (p that of the query) is a mean of N signs. On the two
features of the task its mean is +-eta, eta = 2 g (1 - 2 e), elsewhere 0; its covariance is (I - mean mean') / N. So
what the heads see, t = V (z p), is normal for large N with mean m = V mean and covariance (V V' - m m') / N.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import stats
from scipy.stats import qmc

from readalike.corpus import FloatArray, IntArray
from readalike.incontext.parity import CONFIGURATIONS, Heads, bits, coded_heads, probabilities

# Points, 2 to this power, of the integral over what the bits' heads see: right to 0.0001 for up to 4 bits.
POINTS = 12


@dataclass(frozen=True)
class Setting:
    """Demonstrations N, their tilt g and the share of their labels that is flipped."""

    examples: int
    g: float
    flips: float

    @property
    def pull(self) -> float:
        """eta: the mean of z on a feature of the task."""
        return 2 * self.g * (1 - 2 * self.flips)


def accuracy_at(distance: int, covered: int, setting: Setting) -> tuple[float, float]:
    """Accuracy in the normal limit on tasks whose codes differ in `distance` bits, for p_i = p_j and p_i != p_j.

    covered : features that the heads cover, a power of 2, so that all such tasks are alike. Half of the queries are of
        either kind, whatever g is. Raises ValueError for another number of features
    """
    if covered != 2 ** bits(covered) or covered < 2:
        raise ValueError(f"{covered} features: tasks at the same distance are alike for powers of 2 only")
    heads = coded_heads(covered, covered)
    many = bits(covered)
    rows = heads.diagonals[[*range(1, many + 1), 0]]  # the constant last
    i, j = 0, 2**distance - 1
    found = []
    for own, other in ((1, 1), (1, -1)):
        mean = setting.pull * (own * rows[:, i] + other * rows[:, j])
        root = np.linalg.cholesky((rows @ rows.T - np.outer(mean, mean)) / setting.examples)
        # Over the bits by points; given what they see, the constant is normal.
        seen = _normal_points(many) @ root[:, :-1].T + mean
        needed = np.abs(seen[:, :-1]).sum(axis=1) / many
        below = stats.norm.cdf((np.outer(needed, [1, -1]) - seen[:, -1:]) / root[-1, -1])
        above = 1 - below[:, 0] + below[:, 1]
        found.append(float(np.mean(above if own == other else 1 - above)))
    return found[0], found[1]


@cache
def _normal_points(dimensions: int) -> FloatArray:
    """Standard normal points that fill space evenly: the same ones always."""
    return np.asarray(stats.norm.ppf(qmc.Sobol(dimensions, seed=0).random(2**POINTS)))


def accuracy_by_moments(distance: int, covered: int, setting: Setting) -> float:
    """For both kinds of queries together, B |t_0| - sum of |t_b| itself taken for normal: closed, and off by 0.02."""
    many, variance = bits(covered), covered / setting.examples
    mean_1, mean_0 = (_folded_mean(m, variance) for m in (2 * setting.pull, 0.0))
    spread_1, spread_0 = ((2 * setting.pull) ** 2 + variance - mean_1**2, variance - mean_0**2)
    apart = distance * (mean_1 - mean_0)
    same = many**2 * spread_1 + (many - distance) * spread_1 + distance * spread_0
    other = many**2 * spread_0 + (many - distance) * spread_0 + distance * spread_1
    return float((stats.norm.cdf(apart / math.sqrt(same)) + stats.norm.cdf(apart / math.sqrt(other))) / 2)


def _folded_mean(mean: float, variance: float) -> float:
    spread = math.sqrt(variance)
    return float(
        spread * math.sqrt(2 / math.pi) * math.exp(-(mean**2) / (2 * variance))
        + mean * (1 - 2 * stats.norm.cdf(-mean / spread))
    )


def distances(features: int, known: int = 0) -> dict[int, float]:
    """Share of tasks by how many bits their codes differ in: tasks of the first `features`, or not both among `known`.

    Both powers of 2 (or 0).
    """
    counts = {
        h: features * math.comb(bits(features), h) - (known * math.comb(bits(known), h) if known else 0)
        for h in range(1, bits(features) + 1)
    }
    return {h: count / sum(counts.values()) for h, count in counts.items() if count}


def accuracy(covered: int, setting: Setting, shares: dict[int, float]) -> float:
    """Accuracy in the normal limit on tasks at several distances, by their shares."""
    return sum(share * sum(accuracy_at(h, covered, setting)) / 2 for h, share in shares.items())


def turning_share(small: float, large: float, large_uncovered: float) -> float:
    """Share of uncovered tasks beyond which the larger model is the more accurate one; at 1/2 the small one guesses.

    small, large : accuracy on covered tasks. Not a number where neither has an edge
    """
    edge, gain = small - large, large_uncovered - 0.5
    return edge / (edge + gain) if edge + gain > 0 else math.nan


def draw_shown(tasks: IntArray, d: int, setting: Setting, rng: np.random.Generator) -> FloatArray:
    """N G'z, (prompts, d), of a prompt for each of `tasks`, (prompts, 2): sums of y p over demonstrations.

    Exact, without a normal limit: features that are no part of the task are N fair signs, and how often each
    configuration comes with a right and a flipped label is multinomial.
    """
    many = len(tasks)
    shown = 2.0 * rng.binomial(setting.examples, 0.5, (many, d)) - setting.examples
    chances = np.outer([1 - setting.flips, setting.flips], probabilities(setting.g))
    counts = rng.multinomial(setting.examples, chances.ravel(), many).reshape(many, 2, 4)
    kept = counts[:, 0] - counts[:, 1]
    # y p_i = p_j, and the other way round.
    signs = np.array(CONFIGURATIONS)
    rows = np.arange(many)
    shown[rows, tasks[:, 0]] = kept @ signs[:, 1]
    shown[rows, tasks[:, 1]] = kept @ signs[:, 0]
    return np.asarray(shown)


def right(heads: Heads, tasks: IntArray, shown: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Whether each prompt's query is classified, in all four configurations of its task: (prompts, 4); a tie is 1/2."""
    many, d = shown.shape
    query: FloatArray = np.asarray(2 * rng.integers(0, 2, (many, d)) - 1, dtype=np.float64)
    rows = np.arange(many)
    found = np.empty((many, len(CONFIGURATIONS)))
    for k, configuration in enumerate(CONFIGURATIONS):
        query[rows, tasks[:, 0]], query[rows, tasks[:, 1]] = configuration
        found[:, k] = (np.sign(math.prod(configuration) * heads.answers(shown, query)) + 1) / 2
    return found
