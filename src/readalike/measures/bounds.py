"""Ceilings that are bounds: what infinitely many readers would share, and how much of it lies beyond a baseline.

`leave_one_out` is too low for a bound, since the mean of n - 1 others is itself a sample; `group_mean` has the reader
in the mean and bounds nothing. With reader y = m + e, m what is common to all readers and e of one reader alone, the
mean of k others has variance var(m) + var(e) / k, of which the share

    reliability(k) = var(m) / (var(m) + var(e) / k)

is common, and R2 of a reader on it is R2 on m times this share. So R2 on m is R2 on the mean of the others over its
reliability (correction for attenuation, Spearman 1904). The reliability comes from the correlation r of the means of
two random halves of the readers, h each, which is reliability(h): reliability(k) = q r / (1 + (q - 1) r) with q = k / h
(Spearman 1910, Brown 1910), r averaged over many halvings.

Beyond a baseline the same holds of what it leaves: all readers with the baseline regressed out.

It bounds what is the same for all readers. Coefficients fitted to each reader may use what is a reader's own, which
nothing but a second reading of the same text by the same people could tell from noise.

All of it comes from products of readers with readers, so that a jackknife over readers rebuilds every mean at no cost.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy import stats

from readalike.corpus import FloatArray, IntArray
from readalike.measures.held_out import FLOOR, left_out
from readalike.measures.regression import never_varies, orthonormal, residual

HALVINGS = 200
# What rounding leaves of a reader whom the baseline determines is no remainder.
ROUNDING = 1e-12


class Products(NamedTuple):
    """Of readers with readers, of what a baseline with intercept leaves of them.

    all : (readers, readers) over all pairs, each reader's total sum of squares in `total` (readers,)
    train, test : (articles, readers, readers) the baseline fitted to the other articles, over these and over the
        article; `total_test` (readers,) is the sum of squares of left-out articles about the mean of the others
    flat : (readers,) who never vary
    """

    all: FloatArray
    total: FloatArray
    train: FloatArray
    test: FloatArray
    total_test: FloatArray
    flat: np.ndarray

    def without(self, reader: int) -> "Products":
        kept = np.delete(np.arange(len(self.total)), reader)
        square = np.ix_(kept, kept)
        return Products(
            *(self.all[square], self.total[kept], self.train[:, kept][..., kept], self.test[:, kept][..., kept]),
            *(self.total_test[kept], self.flat[kept]),
        )


def products(values: FloatArray, article: IntArray, B: FloatArray | None = None) -> Products:
    """values : (readers, pairs); article : (pairs,); B : (pairs, columns) of a baseline, none for the intercept alone.

    In a fold the baseline counts by what varies in the other articles (`held_out.FLOOR`).
    """
    basis = np.zeros((values.shape[1], 0)) if B is None else orthonormal(B)
    centred = values - values.mean(axis=1, keepdims=True)
    left = centred if B is None else residual(values, B)
    train, test, total_test = [], [], np.zeros(len(values))
    for inside in left_out(article):
        known = basis[~inside] - basis[~inside].mean(axis=0)
        y = centred[:, ~inside]
        mean = y.mean(axis=1, keepdims=True)
        share, axes = np.linalg.eigh(known.T @ known)
        kept = share >= FLOOR * len(known) / len(basis)
        axes = axes[:, kept]
        coefficients = ((y - mean) @ (known @ axes)) / share[kept]
        own = centred[:, inside] - mean
        total_test += (own**2).sum(axis=1)
        own_left = own - coefficients @ ((basis[inside] - basis[~inside].mean(axis=0)) @ axes).T
        train_left = y - mean - coefficients @ (known @ axes).T
        train.append(train_left @ train_left.T)
        test.append(own_left @ own_left.T)
    total = (centred**2).sum(axis=1)
    return Products(left @ left.T, total, np.stack(train), np.stack(test), total_test, never_varies(values.T))


def halvings(readers: int, seed: int, number: int = HALVINGS) -> IntArray:
    """Random orders of the readers, (halvings, readers): the first half against the second."""
    rng = np.random.default_rng([seed, 0x5BB0])
    return rng.permuted(np.tile(np.arange(readers), (number, 1)), axis=1)


def reliability(all_: FloatArray, orders: IntArray) -> tuple[float, float]:
    """Mean correlation of half means, and the reliability of the mean of all readers but one that follows.

    all_ : (readers, readers) products of readers; orders : as `halvings` gives them; of an odd number the last is idle

    NaN for a single reader; the reliability also where halves share nothing, so that there is nothing to correct.
    """
    n = len(all_)
    half = n // 2
    if not half:
        return np.nan, np.nan
    weights = np.zeros((2, len(orders), n))
    for k in range(2):
        np.put_along_axis(weights[k], orders[:, k * half : (k + 1) * half], 1.0, axis=1)
    a, b = weights
    length = np.sqrt(np.vecdot(a @ all_, a) * np.vecdot(b @ all_, b))
    r = float((np.vecdot(a @ all_, b) / np.where(length > 0, length, np.nan)).mean())
    more = (n - 1) / half
    return r, more * r / (1 + (more - 1) * r) if r > 0 else np.nan


class OnOthers(NamedTuple):
    """What the mean of the others adds to the baseline, each (readers,): in sample, and with one article left out."""

    in_sample: FloatArray
    held_out: FloatArray


def on_others(found: Products) -> OnOthers:
    """NaN for a single reader, and for one who never varies."""
    n = len(found.total)
    if n == 1:
        return OnOthers(np.full(1, np.nan), np.full(1, np.nan))
    others = (1 - np.eye(n)) / (n - 1)  # of each reader the weights of the mean of the others
    yx, xx = np.vecdot(found.all, others), np.vecdot(others @ found.all, others)
    some = xx > ROUNDING * found.total.max()
    in_sample = np.where(some, yx**2 / np.where(some, xx, 1), 0)
    gain = np.zeros(n)
    for train, test in zip(found.train, found.test, strict=True):
        yx, xx = np.vecdot(train, others), np.vecdot(others @ train, others)
        some = xx > ROUNDING * found.total.max()
        slope = np.where(some, yx / np.where(some, xx, 1), 0)
        gain += 2 * slope * np.vecdot(test, others) - slope**2 * np.vecdot(others @ test, others)
    with np.errstate(divide="ignore", invalid="ignore"):
        both = in_sample / found.total, gain / found.total_test
    return OnOthers(*(np.where(found.flat, np.nan, r2) for r2 in both))


class Bound(NamedTuple):
    """A bound of a group, its mean over readers with a jackknife over readers that rebuilds all means.

    value : (readers,); r, reliability : of `reliability`; lower : mean of what the others in fact explain
    """

    value: FloatArray
    r: float
    reliability: float
    lower: float
    mean: float
    error: float
    interval: tuple[float, float]


def bound(found: Products, orders: IntArray, *, held_out: bool) -> Bound:
    """What infinitely many readers would explain, beyond the baseline that `found` has regressed out.

    error : sqrt((n - 1) / n sum of squared deviations of the n means without a reader) (Tukey 1958), interval : 95
        percent, t with n - 1 degrees of freedom. Readers are taken as drawn, sentences as they are. NaN below 3 readers
    """
    n = len(found.total)
    value, r, share, lower = _value(found, orders, held_out)
    mean = _mean(value)
    error, low, high = np.nan, np.nan, np.nan
    if n > 2:
        without = []
        for k in range(n):
            order = orders[orders != k].reshape(len(orders), n - 1)
            without.append(_mean(_value(found.without(k), order - (order > k), held_out)[0]))
        dropped = np.array(without)
        error = float(np.sqrt((n - 1) / n * ((dropped - dropped.mean()) ** 2).sum()))
        half = float(stats.t.ppf(0.975, n - 1)) * error
        low, high = mean - half, mean + half
    return Bound(value, r, share, lower, mean, error, (low, high))


def _value(found: Products, orders: IntArray, held_out: bool) -> tuple[FloatArray, float, float, float]:
    r, share = reliability(found.all, orders)
    scores = on_others(found)
    own = scores.held_out if held_out else scores.in_sample
    return own / share, r, share, _mean(own)


def _mean(values: FloatArray) -> float:
    """Of those that have a value."""
    has = np.isfinite(values)
    return float(values[has].mean()) if has.any() else np.nan


def bounds(values: FloatArray, article: IntArray, known: Mapping[str, FloatArray], *, seed: int) -> dict[str, Bound]:
    """`split_half` in sample, `split_half_cv` held out, and held out `split_half_beyond_{baseline}` of each of known.

    values : (readers, pairs); known : name of a baseline -> (pairs, its columns)
    """
    orders = halvings(len(values), seed)
    alone = products(values, article)
    result = {
        "split_half": bound(alone, orders, held_out=False),
        "split_half_cv": bound(alone, orders, held_out=True),
    }
    for name, B in known.items():
        result[f"split_half_beyond_{name}"] = bound(products(values, article, B), orders, held_out=True)
    return result
