"""Tests that take readers and sentences as drawn: standard errors clustered both ways, and signs flipped both ways.

All readers read the same sentences. What is special to these does not average out over readers, so that a t-test over
readers, which takes the sentences as fixed, rejects far too often (docs/calibration.md). Here an estimate is a sum of
contributions C_sr of each sentence s and reader r, and its variance counts what a sentence does to all readers and what
a reader does in all sentences (Cameron, Gelbach and Miller, Journal of Business and Economic Statistics 29, 2011):

    e_sr = C_sr - mean of C over all s and r of the group
    V = S/(S-1) sum_s (sum_r e_sr)^2 + R/(R-1) sum_r (sum_s e_sr)^2 - SR/(SR-1) sum_sr e_sr^2

over S sentences and R readers. Independent groups g read the same sentences: the first sum adds the readers of both,
the others are made by group with their own R_g and added. t = estimate / sqrt(V) has as many degrees of freedom as the
smallest of these numbers less one: with the sum of R_g - 1 in place of their smallest a group of 10 readers differed
too often from one of 24 like it (docs/calibration.md). In expectation V is no less than its first or its second term;
estimated it can be, and even negative. Where it is not positive the larger of the two terms stands for it, and where it
is below the smaller one, that one.

Of one group t is adjusted for how skewed its readers are, for p and interval (`skewness`); `max_t_flips` goes by t as
it is. Of two groups that are alike and as many skewness cancels; what is estimated of it is noise, and adjusted for
that groups differ too often that do not (docs/calibration.md).

Sentences are taken as independent of one another, those of one article included; `p_of_articles` asks whether they are.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from readalike.corpus import FloatArray, IntArray
from readalike.statistics.differences import Row, Side
from readalike.statistics.skewness import Estimate, interval, p_above, p_below, skewness

SIGNIFICANT = 0.05
EQUIVALENT, DIFFERENT, INCONCLUSIVE = "equivalent", "different", "inconclusive"


class Scores(NamedTuple):
    """A score of each reader and what each sentence has to do with it.

    value : (readers,)
    slope : (sentences, readers) derivative of a reader's value by the weight of the sentence, at equal weights of 1;
        sums to 0 over the sentences, since twice the sentences give the same score
    readers : their names
    cross : (readers, readers) derivative of the value of the reader of the row by the weight of that of the column,
        where readers are scored on a mean of readers (`measures.sums.through_the_mean`); else 0
    """

    value: FloatArray
    slope: FloatArray
    readers: tuple[str, ...]
    cross: FloatArray


def r2_scores(sse: FloatArray, sst: FloatArray, readers: tuple[str, ...], cross: FloatArray | None = None) -> Scores:
    """R2_r = 1 - sum_s SSE_sr / sum_s SST_sr; its slope is (SST_sr - SSE_sr - R2_r SST_sr) / sum_s SST_sr.

    sse, sst : (sentences, readers)
    """
    total = sst.sum(axis=0)
    value = 1 - sse.sum(axis=0) / total
    return Scores(
        value, (sst - sse - value * sst) / total, readers, np.zeros(2 * value.shape) if cross is None else cross
    )


def minus(a: Scores, b: Scores) -> Scores:
    """Reader by reader, of those that both have."""
    a, b = _shared(a, b)
    return Scores(a.value - b.value, a.slope - b.slope, a.readers, a.cross - b.cross)


def over(a: Scores, b: Scores) -> Scores:
    """The same, a ratio: its slope is that of a over b, less the ratio times that of b over b."""
    a, b = _shared(a, b)
    value = a.value / b.value
    cross = (a.cross - value[:, None] * b.cross) / b.value[:, None]
    return Scores(value, (a.slope - value * b.slope) / b.value, a.readers, cross)


def _shared(a: Scores, b: Scores) -> tuple[Scores, Scores]:
    names = tuple(name for name in a.readers if name in b.readers)
    return _of_readers(a, names), _of_readers(b, names)


def _of_readers(scores: Scores, names: tuple[str, ...]) -> Scores:
    at = [scores.readers.index(name) for name in names]
    return Scores(scores.value[at], scores.slope[:, at], names, scores.cross[np.ix_(at, at)])


def parts(scores: Scores) -> FloatArray:
    """Contributions to the mean over readers, (sentences, readers) of those that have a score: they sum to the mean.

    C_sr = (slope_sr + value_r / S + sum_r' cross_r'r / S) / R. Over the readers they sum to what the sentence does to
    the mean, and over the sentences to what the reader does to it, each and a share of the mean itself.
    """
    has = np.isfinite(scores.value)
    through = scores.cross[np.ix_(has, has)].sum(axis=0)
    # Readers without a score are in the mean too; what they do to it must not pass for a part of the estimate.
    through = through - through.mean() if has.any() else through
    slope, value = scores.slope[:, has], scores.value[has] + through
    result: FloatArray = (slope + value / max(len(slope), 1)) / max(int(has.sum()), 1)
    return result


def ratio_parts(a: Scores, b: Scores) -> FloatArray:
    """Contributions to mean of a / mean of b, by the delta method; over the readers that have either.

    With A = mean of a and B = mean of b: e_sr = e(A)_sr / B - A e(B)_sr / B^2, and A / B spread evenly over all.
    """
    a, b = (_of_readers(x, tuple(n for n, v in zip(x.readers, x.value, strict=True) if np.isfinite(v))) for x in (a, b))
    names = tuple(dict.fromkeys((*a.readers, *b.readers)))
    of_a, of_b = parts(a), parts(b)
    top, bottom = float(of_a.sum()), float(of_b.sum())
    result = np.full((len(a.slope), len(names)), top / bottom / (len(a.slope) * max(len(names), 1)))
    result[:, [names.index(name) for name in a.readers]] += (of_a - of_a.mean()) / bottom
    result[:, [names.index(name) for name in b.readers]] -= (of_b - of_b.mean()) * top / bottom**2
    return result


def p_of_articles(groups: Sequence[FloatArray], article: IntArray) -> float:
    """F test of whether articles differ in the estimate by more than their sentences do (one-way analysis of variance).

    A small p says that sentences are not independent of those of their article, and that V is too small.
    groups : as `clustered_t` has them; article : (sentences,). NaN for one article, or as many as sentences
    """
    by_sentence = np.sum([group.sum(axis=1) for group in groups], axis=0)
    samples = [by_sentence[article == one] for one in np.unique(article)]
    if not 1 < len(samples) < len(by_sentence) or np.ptp(by_sentence) == 0:
        return float("nan")
    return float(stats.f_oneway(*samples).pvalue)


class Flips(NamedTuple):
    """Of each flip of signs: the estimate and its standard error, both (flips,)."""

    estimate: FloatArray
    error: FloatArray


def flipped(groups: Sequence[FloatArray], by_sentence: FloatArray, by_reader: Sequence[FloatArray]) -> Flips:
    """Estimate and standard error without a difference, what is of a sentence and of a reader times their signs.

    groups : of each group of readers (sentences, readers) contributions
    by_sentence : (flips, sentences) signs f; by_reader : of each group (flips, readers) signs g

    The deviations e_sr are a sentence's a_s (mean over the readers), a reader's b_r (mean over the sentences) and the
    rest c_sr. A flip has f_s a_s + g_r b_r + f_s g_r c_sr in their place: it keeps what readers share in a sentence,
    what a reader shares over sentences, and how much there is of each. With all signs 1 it is e, whose estimate is 0.
    """
    f, S = by_sentence, by_sentence.shape[1]
    sentence_sums, estimate = np.zeros(f.shape), np.zeros(len(f))
    readers, cells = np.zeros(len(f)), np.zeros(len(f))
    for group, g in zip(groups, by_reader, strict=True):
        R = group.shape[1]
        e = group - group.mean()
        a, b = e.mean(axis=1), e.mean(axis=0)
        c = e - a[:, None] - b
        sentence_sums += f * (R * a + g @ c.T) + (g @ b)[:, None]
        reader_sums = (f @ a)[:, None] + g * (S * b + f @ c)
        total = reader_sums.sum(axis=1)
        # The square of a flipped cell; signs squared are 1.
        crossed = (f @ a) * (g @ b) + g @ (a @ c) + f @ (c @ b)
        squares = R * (a @ a) + S * (b @ b) + (c**2).sum() + 2 * crossed
        # Sums of squared deviations are sums of squares less those of the mean.
        readers += R / (R - 1) * ((reader_sums**2).sum(axis=1) - total**2 / R)
        cells += S * R / (S * R - 1) * (squares - total**2 / (S * R))
        estimate += total
    sentences = S / (S - 1) * ((sentence_sums**2).sum(axis=1) - estimate**2 / S)
    return Flips(estimate, np.sqrt(positive(sentences, readers, cells)))


def positive(sentences: FloatArray, readers: FloatArray, cells: FloatArray) -> FloatArray:
    """The variance of its three terms, with another in place of what is negative or too small (see the module)."""
    variance = sentences + readers - cells
    smaller, larger = np.minimum(sentences, readers), np.maximum(sentences, readers)
    return np.maximum(np.where(variance > 0, np.maximum(variance, smaller), larger), 0)


def clustered(groups: Sequence[FloatArray]) -> Estimate:
    """groups : as in `flipped`; one for paired readers, two for independent ones (the second with its sign turned)."""
    estimate = float(sum(group.sum() for group in groups))
    S, readers = len(groups[0]), [group.shape[1] for group in groups]
    df = min(S, *readers) - 1
    if df < 1:
        return Estimate(estimate, float("nan"), df, float("nan"))
    error = float(flipped(groups, np.ones((1, S)), [np.ones((1, R)) for R in readers]).error[0])
    size = max(float(np.abs(group).max()) * group.size for group in groups)
    # What rounding leaves of equal contributions is no variance.
    if not error > 1e-12 * size:
        return Estimate(estimate, float("nan"), df, float("nan"))
    return Estimate(estimate, error, df, skewness(groups[0], error, df) if len(groups) == 1 else 0.0)


def clustered_t(groups: Sequence[FloatArray], side: Side) -> Row:
    """A row of TESTS; the interval is two-sided, 95 percent. p goes by t adjusted for skewness."""
    found = clustered(groups)
    row = _described("clustered t", groups, found, side)
    if not found.error > 0:
        return row
    greater, less = p_below(found, 0), p_above(found, 0)
    p = {"greater": greater, "less": less, "two-sided": 2 * min(greater, less)}[side]
    return {**row, **_told(found), "statistic": found.estimate / found.error, "p": p}


def equivalence(groups: Sequence[FloatArray], bound: float) -> Row:
    """Two one-sided tests: is the difference within (-bound, bound)? With an `outcome`, of this test alone.

    equivalent : p < 0.05, which is where the 95 percent interval lies within the bounds; this alone is 'no effect',
        also where the difference is not zero. p is twice the larger of the two one-sided ones: Schuirmann's own rule
        (1987), that the 90 percent interval does, was wrong in 8 percent of cases instead of 5 (docs/calibration.md)
    different : not so, and the 95 percent interval leaves out zero
    inconclusive : neither; the data do not tell
    """
    found = clustered(groups)
    row = {**_described("equivalence", groups, found, "within bounds"), "bound": bound}
    if not found.error > 0:
        return row
    above, below = p_above(found, bound), p_below(found, -bound)
    p = min(1.0, 2 * max(above, below))
    told = _told(found)
    apart = told["ci_low"] > 0 or told["ci_high"] < 0
    outcome = EQUIVALENT if p < SIGNIFICANT else DIFFERENT if apart else INCONCLUSIVE
    decides = bound if above > below else -bound
    return {**row, **told, "statistic": (found.estimate - decides) / found.error, "p": p, "outcome": outcome}


def _described(test: str, groups: Sequence[FloatArray], found: Estimate, side: str) -> Row:
    readers = [group.shape[1] for group in groups]
    row: Row = {"test": test, "n_a": readers[0], "n_b": readers[-1], "n_sentences": len(groups[0])}
    return {**row, "side": side, "difference": found.estimate}


def _told(found: Estimate) -> Row:
    low, high = interval(found)
    return {"ci_low": low, "ci_high": high, "df": found.df, "skewness": found.skewness}


def max_t_flips(
    tests: Sequence[Sequence[FloatArray]], permutations: int, seed: int, sides: Sequence[Side]
) -> dict[Side, FloatArray]:
    """Corrected p of each test of a family, side -> (tests,), by flips of sentences and readers (`flipped`).

    tests : of each its groups, as in `clustered`: the same sentences in all, and the same readers wherever a group has
        as many
    sides : what the family asks of each test. With `greater` and `less` both in it, the largest |t| of each flip is the
        null, as it is two-sided: Bonferroni counts both. p = (1 + larger) / (1 + flips)

    All tests take the same signs, so that they keep what they have in common; t has its clustered error in every flip.
    Flips of sentences alone would leave out of the null what readers differ in. Tests in which nothing varies are NaN.
    """
    found = [clustered(groups) for groups in tests]
    t = np.array([own.estimate / own.error if own.error > 0 else np.nan for own in found])
    both = "two-sided" in sides or len(set(sides)) > 1
    largest = np.full(permutations, -np.inf)
    for groups, own in zip(tests, t, strict=True):
        if np.isnan(own):
            continue
        estimate, error = flipped(groups, *_signs(groups, permutations, seed))
        null = np.divide(estimate, error, out=np.zeros_like(error), where=error > 0)
        largest = np.maximum(largest, np.abs(null) if both else -null if "less" in sides else null)
    observed: dict[Side, FloatArray] = {"greater": t, "less": -t, "two-sided": np.abs(t)}
    result: dict[Side, FloatArray] = {}
    for side in sides:
        p = (1 + (largest[:, None] >= observed[side]).sum(axis=0)) / (1 + permutations)
        result[side] = np.where(np.isnan(t), np.nan, p)
    return result


def _signs(groups: Sequence[FloatArray], flips: int, seed: int) -> tuple[FloatArray, list[FloatArray]]:
    """Of sentences, and of each group's readers: the same for every test with as many."""
    sizes = [len(groups[0]), *(group.shape[1] for group in groups)]
    drawn = [
        np.random.default_rng([seed, 0x51C4, k]).choice([-1.0, 1.0], size=(flips, size)) for k, size in enumerate(sizes)
    ]
    return drawn[0], drawn[1:]
