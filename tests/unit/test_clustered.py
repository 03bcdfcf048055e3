"""Readers and sentences both as drawn: against plain loops, statsmodels, numerical derivatives and resampling."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from readalike.corpus import FloatArray, IntArray
from readalike.measures.sums import through_the_mean
from readalike.statistics.clustered import (
    Scores,
    clustered,
    clustered_t,
    equivalence,
    flipped,
    max_t_flips,
    minus,
    over,
    p_of_articles,
    parts,
    r2_scores,
    ratio_parts,
)
from tests.skewed import by_hand

PRECISION = 1e-10  # the same sums in another order
SLOPE = 1e-6  # of central differences with steps of 1e-4
RNG = np.random.default_rng(23)
S, R = 14, 5
ONE = RNG.normal(0.2, 1, (S, 1)) + RNG.exponential(1, (1, R)) - 1 + RNG.normal(0, 1, (S, R))
OTHER = RNG.normal(0, 1, (S, 1)) + RNG.normal(0, 2, (S, 8))
NAMES = tuple("abcde")


def by_loops(groups: Sequence[FloatArray]) -> float:
    """The variance of the docstring, cell by cell; of its three terms, where it is positive and not too small."""
    count = len(groups[0])
    deviations = [[[cell - group.mean() for cell in row] for row in group] for group in groups]
    sentences = 0.0
    for s in range(count):
        total = 0.0
        for rows in deviations:
            for e in rows[s]:
                total += e
        sentences += total**2
    sentences *= count / (count - 1)
    readers = cells = 0.0
    for rows in deviations:
        size = len(rows[0])
        for r in range(size):
            readers += size / (size - 1) * sum(row[r] for row in rows) ** 2
        cells += count * size / (count * size - 1) * sum(e**2 for row in rows for e in row)
    return sentences + readers - cells


@pytest.mark.parametrize("groups", [(ONE,), (ONE, -OTHER), (OTHER, ONE)])
def test_the_variance_is_that_of_plain_loops(groups: tuple[FloatArray, ...]) -> None:
    found = clustered(groups)
    assert by_loops(groups) > 0
    assert found.error == pytest.approx(np.sqrt(by_loops(groups)), rel=PRECISION)
    assert found.estimate == pytest.approx(sum(group.sum() for group in groups), rel=PRECISION)


@pytest.mark.parametrize(("groups", "df"), [((ONE,), 4), ((OTHER,), 7), ((ONE, OTHER), 4), ((ONE[:4], OTHER[:4]), 3)])
def test_degrees_of_freedom_are_the_smaller_number_less_one(groups: tuple[FloatArray, ...], df: int) -> None:
    assert clustered(groups).df == df


@pytest.mark.parametrize("groups", [(ONE,), (ONE, -OTHER)])
def test_articles_are_held_against_their_sentences(groups: tuple[FloatArray, ...]) -> None:
    """F by its definition, and statsmodels' test of dummies for articles."""
    article = np.array([1, 1, 1, 2, 2, 2, 2, 2, 7, 7, 7, 7, 7, 7])
    y = [sum(float(group[s].sum()) for group in groups) for s in range(S)]
    found = p_of_articles(groups, article)
    dummies = np.stack([article == one for one in (1, 2, 7)], axis=1).astype(float)
    assert found == pytest.approx(sm.OLS(y, dummies).fit().f_test("x1 = x2, x2 = x3").pvalue, rel=PRECISION)
    about = [[v for v, a in zip(y, article, strict=True) if a == one] for one in (1, 2, 7)]
    between = sum(len(own) * (np.mean(own) - np.mean(y)) ** 2 for own in about) / 2
    within = sum((v - np.mean(own)) ** 2 for own in about for v in own) / (S - 3)
    assert found == pytest.approx(stats.f.sf(between / within, 2, S - 3), rel=PRECISION)


@pytest.mark.parametrize("article", [np.ones(S, dtype=np.int64), np.arange(S)])
def test_one_article_or_one_a_sentence_cannot_be_held_against_others(article: IntArray) -> None:
    assert np.isnan(p_of_articles((ONE,), article))
    assert np.isnan(p_of_articles((np.zeros((S, R)),), np.arange(S) // 2))


@pytest.mark.parametrize("cells", [ONE, OTHER])
def test_the_variance_of_a_mean_is_statsmodels_two_way(cells: FloatArray) -> None:
    """A constant fitted to the cells, which are S x R times their mean; its correction is G / (G - 1) for each of G."""
    sentence, reader = (index.ravel() for index in np.indices(cells.shape))
    fit = sm.OLS(cells.ravel(), np.ones(cells.size)).fit(
        cov_type="cluster", cov_kwds={"groups": np.column_stack([sentence, reader]), "use_correction": True}
    )
    found = clustered((cells,))
    assert found.error / cells.size == pytest.approx(float(fit.bse[0]), rel=PRECISION)
    assert found.estimate / cells.size == pytest.approx(float(fit.params[0]), rel=PRECISION)


def test_without_effects_of_sentences_it_is_the_t_over_readers() -> None:
    """Contributions that are the same in very many sentences: what is left of the third term goes with their number."""
    many = 4000
    a, b = RNG.normal(0.5, 1, 9), RNG.normal(0, 2, 12)
    row = clustered_t((np.tile(a / (many * 9), (many, 1)), -np.tile(b / (many * 12), (many, 1))), "two-sided")
    expected = stats.ttest_ind(a, b, equal_var=False)
    assert row["statistic"] == pytest.approx(expected.statistic, rel=1e-3)
    assert (row["n_a"], row["n_b"], row["n_sentences"], row["df"]) == (9, 12, many, 8)


def test_in_place_of_a_negative_variance_stands_the_larger_term() -> None:
    """Sums over readers and over sentences that are nearly zero, of cells that are not."""
    board = np.where(np.indices((4, 4)).sum(axis=0) % 2 == 0, 1.0, -1.0)
    board[0] += 0.3
    assert by_loops((board,)) < 0
    e = board - board.mean()
    terms = 4 / 3 * (e.sum(axis=1) ** 2).sum(), 4 / 3 * (e.sum(axis=0) ** 2).sum()
    assert terms[0] > terms[1] + 0.1
    assert clustered((board,)).error == pytest.approx(np.sqrt(terms[0]))
    assert clustered((board.T,)).error == pytest.approx(np.sqrt(terms[0]))


def test_a_variance_below_both_terms_is_the_smaller_one() -> None:
    board = np.where(np.indices((4, 4)).sum(axis=0) % 2 == 0, 1.0, -1.0)
    cells = board + np.array([[0.6], [0.0], [-0.6], [0.0]]) + np.array([[0.55, 0.0, -0.55, 0.0]])
    e = cells - cells.mean()
    sentences, readers = (4 / 3 * (e.sum(axis=axis) ** 2).sum() for axis in (1, 0))
    assert 0 < by_loops((cells,)) < readers < sentences
    assert clustered((cells,)).error == pytest.approx(np.sqrt(readers))


@pytest.mark.parametrize(
    "groups", [(np.full((6, 4), 0.1 / 3),), (ONE[:1],), (ONE[:, :1],), (ONE, OTHER[:, :1]), (ONE[:, :0],)]
)
def test_what_never_varies_or_is_alone_is_described_and_not_tested(groups: tuple[FloatArray, ...]) -> None:
    assert np.isnan(clustered(groups).error)
    for row in (clustered_t(groups, "greater"), equivalence(groups, 0.1)):
        assert not {"p", "statistic", "ci_low", "outcome"} & set(row)
        assert row["difference"] == pytest.approx(sum(group.sum() for group in groups))
    assert np.isnan(max_t_flips([groups], 9, 1, ("greater",))["greater"]).all()


@pytest.mark.parametrize("side", ["greater", "less", "two-sided"])
def test_a_row_of_one_group_has_p_of_corrected_t(side: str) -> None:
    row, found = clustered_t((ONE,), side), clustered((ONE,))  # type: ignore[arg-type]
    expected = by_hand(ONE, found.error, 4)
    t = expected.t(0)
    assert row["statistic"] == pytest.approx(found.estimate / found.error)
    assert abs(t - row["statistic"]) > 0.01
    p = {"greater": 1 - stats.t.cdf(t, 4), "less": stats.t.cdf(t, 4), "two-sided": 2 * stats.t.cdf(-abs(t), 4)}[side]
    got = [row[name] for name in ("skewness", "p", "ci_low", "ci_high", "df")]
    assert got == pytest.approx([expected.G, p, *expected.interval, 4])


@pytest.mark.parametrize("side", ["greater", "less", "two-sided"])
def test_a_row_of_two_groups_has_t_and_its_p_and_interval(side: str) -> None:
    groups = (ONE, -OTHER)
    row, found = clustered_t(groups, side), clustered(groups)  # type: ignore[arg-type]
    t = found.estimate / found.error
    df = 4
    p = {"greater": 1 - stats.t.cdf(t, df), "less": stats.t.cdf(t, df), "two-sided": 2 * stats.t.cdf(-abs(t), df)}[side]
    half = stats.t.ppf(0.975, df) * found.error
    got = [row[name] for name in ("difference", "ci_low", "ci_high", "statistic", "df", "p")]
    assert got == pytest.approx([found.estimate, found.estimate - half, found.estimate + half, t, df, p])
    assert (row["test"], row["side"], row["n_a"], row["n_b"], row["n_sentences"]) == ("clustered t", side, 5, 8, S)


@pytest.mark.parametrize("sign", [1, -1])
def test_equivalence_is_two_one_sided_tests_with_three_outcomes(sign: int) -> None:
    groups = (sign * (ONE + 0.3),)
    found = clustered(groups)
    expected = by_hand(groups[0], found.error, 4)
    assert abs(expected.G) > 0.02
    t = abs(found.estimate) / found.error
    outcomes = {}
    for bound in found.error * np.array([0.1, t + 0.5, t + 4]):
        row = equivalence(groups, bound)
        assert row["p"] == pytest.approx(expected.p_margin(bound))
        # Of the bound that p goes by.
        decides = bound if stats.t.cdf(expected.t(bound), 4) > stats.t.sf(expected.t(-bound), 4) else -bound
        assert row["statistic"] == pytest.approx((found.estimate - decides) / found.error)
        within = -bound < row["ci_low"] and row["ci_high"] < bound
        assert within == (row["p"] < 0.05) == (row["outcome"] == "equivalent")
        assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected.interval)
        assert (row["test"], row["side"], row["bound"]) == ("equivalence", "within bounds", bound)
        outcomes[row["outcome"]] = True
    far = equivalence((groups[0] + sign * 10 * found.error / ONE.size,), 0.1 * found.error)
    assert far["outcome"] == "different"
    assert list(outcomes) == ["inconclusive", "equivalent"]


# Scores of made-up readers, as functions of weights of sentences and readers.

LENGTH = 7
SIGNALS = RNG.poisson(1.5, (R, S * LENGTH)) + RNG.poisson(2, S * LENGTH)
SENTENCE = np.repeat(np.arange(S), LENGTH)
X = RNG.normal(size=(S * LENGTH, 2)) + SIGNALS.mean(axis=0)[:, None]
OVER = np.column_stack([X, SIGNALS.mean(axis=0)])


def fitted(x: FloatArray, y: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Squared errors and distances of every pair, both by weighted least squares."""
    design = np.column_stack([np.ones(len(x)), x])
    root = np.sqrt(weights)
    beta = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
    return (y - design @ beta) ** 2, (y - np.average(y, weights=weights)) ** 2


def r2_of(x: FloatArray, sentences: FloatArray) -> FloatArray:
    """R2 of every reader with sentences weighted, from the rows."""
    weights = sentences[SENTENCE]
    both = [fitted(x, y, weights) for y in SIGNALS]
    return np.array([1 - weights @ sse / (weights @ sst) for sse, sst in both])


def scores(x: FloatArray, cross: FloatArray | None = None) -> Scores:
    both = [fitted(x, y, np.ones(len(y))) for y in SIGNALS]
    sse, sst = (np.stack([np.bincount(SENTENCE, part[k]) for part in both], axis=1) for k in (0, 1))
    return r2_scores(sse, sst, NAMES, cross)


def mean_of(readers: FloatArray) -> FloatArray:
    return readers @ SIGNALS / readers.sum()


def model(sentences: FloatArray, readers: FloatArray) -> FloatArray:
    return r2_of(X, sentences)


def ceiling(sentences: FloatArray, readers: FloatArray) -> FloatArray:
    return r2_of(mean_of(readers)[:, None], sentences)


CEILING = scores(SIGNALS.mean(axis=0)[:, None], through_the_mean(SIGNALS.astype(float), itself=True))
Estimate = Callable[[FloatArray, FloatArray], float]
ESTIMATES: dict[str, tuple[Estimate, FloatArray]] = {
    "mean": (lambda s, r: float(np.average(model(s, r), weights=r)), parts(scores(X))),
    "difference": (
        lambda s, r: float(np.average(r2_of(OVER, s) - model(s, r), weights=r)),
        parts(minus(scores(OVER), scores(X))),
    ),
    "own ceiling": (
        lambda s, r: float(np.average(model(s, r) / ceiling(s, r), weights=r)),
        parts(over(scores(X), CEILING)),
    ),
    "percent of ceiling": (
        lambda s, r: float(np.average(model(s, r), weights=r) / np.average(ceiling(s, r), weights=r)),
        ratio_parts(scores(X), CEILING),
    ),
}


@pytest.mark.parametrize("name", ESTIMATES)
def test_contributions_are_what_weights_of_sentences_and_readers_change(name: str) -> None:
    """The delta method: derivatives of the estimate by weights, with all that was fitted fitted anew."""
    estimate, found = ESTIMATES[name]
    s, r, step = np.ones(S), np.ones(R), 1e-4
    assert found.sum() == pytest.approx(estimate(s, r), rel=PRECISION)
    e = found - found.mean()
    by_sentence = [(estimate(s + h, r) - estimate(s - h, r)) / (2 * step) for h in step * np.eye(S)]
    by_reader = [(estimate(s, r + h) - estimate(s, r - h)) / (2 * step) for h in step * np.eye(R)]
    np.testing.assert_allclose(e.sum(axis=1), by_sentence, atol=SLOPE)
    np.testing.assert_allclose(e.sum(axis=0), by_reader, atol=SLOPE)


def test_the_error_of_a_ratio_is_that_of_resampled_sentences() -> None:
    """Sentences drawn anew and readers kept: the first term of the variance, without its correction."""
    estimate, found = ESTIMATES["percent of ceiling"]
    rng = np.random.default_rng(4)
    # Many draws by weights near 1, so that what is not linear stays small; their spread is a tenth of that of draws.
    drawn = [estimate(1 + 0.1 * (rng.multinomial(S, np.full(S, 1 / S)) - 1.0), np.ones(R)) for _ in range(600)]
    expected = np.sqrt(((found - found.mean()).sum(axis=1) ** 2).sum())
    assert 10 * np.std(drawn) == pytest.approx(expected, rel=0.1)  # 600 draws: 3 percent of Monte Carlo error


@pytest.mark.parametrize("itself", [True, False])
def test_the_mean_that_readers_are_scored_on_moves_with_them(itself: bool) -> None:
    signals, step = SIGNALS.astype(float), 1e-4

    def r2(weights: FloatArray) -> FloatArray:
        of = [weights * (np.arange(R) != k) if not itself else weights for k in range(R)]
        return np.array([np.corrcoef(signals[k], of[k] @ signals)[0, 1] ** 2 for k in range(R)])

    slopes = [(r2(1 + h) - r2(1 - h)) / (2 * step) for h in step * np.eye(R)]
    found = through_the_mean(signals, itself=itself)
    np.testing.assert_allclose(found, np.stack(slopes, axis=1), atol=SLOPE)
    np.testing.assert_allclose(found.sum(axis=1), 0, atol=PRECISION)


def test_readers_meet_by_name_and_those_without_a_score_are_left_out() -> None:
    a, b = scores(X), scores(OVER)
    turned = Scores(b.value[::-1], b.slope[:, ::-1], b.readers[::-1], b.cross)
    assert minus(a, turned).value == pytest.approx(a.value - b.value)
    holes = a._replace(value=np.where(np.arange(R) == 2, np.nan, a.value))
    kept = [0, 1, 3, 4]
    assert parts(holes).shape == (S, 4)
    np.testing.assert_allclose(parts(holes) * 4, parts(a)[:, kept] * R)
    # A reader with a score and no ceiling counts in the one mean and not in the other.
    less = Scores(CEILING.value[kept], CEILING.slope[:, kept], tuple("abde"), CEILING.cross[np.ix_(kept, kept)])
    found = ratio_parts(a, less)
    assert found.shape == (S, R)
    assert found.sum() == pytest.approx(a.value.mean() / CEILING.value[kept].mean())


def test_a_reader_without_a_score_changes_no_mean_though_others_are_scored_on_it() -> None:
    holes = CEILING._replace(value=np.where(np.arange(R) == 2, np.nan, CEILING.value))
    assert np.abs(holes.cross[:, 2]).max() > 1e-4, "the reader is in the mean that all are scored on"
    assert parts(holes).sum() == pytest.approx(np.nanmean(holes.value), rel=PRECISION)


def test_a_flip_has_the_clustered_error_of_what_it_flips() -> None:
    groups, rng = (ONE, -OTHER), np.random.default_rng(5)
    f = rng.choice([-1.0, 1.0], size=(20, S))
    g = [rng.choice([-1.0, 1.0], size=(20, group.shape[1])) for group in groups]
    found = flipped(groups, f, g)
    for k in range(20):
        made = []
        for group, signs in zip(groups, g, strict=True):
            e = group - group.mean()
            a, b = e.mean(axis=1, keepdims=True), e.mean(axis=0, keepdims=True)
            made.append(f[k][:, None] * a + signs[k] * b + np.outer(f[k], signs[k]) * (e - a - b))
        expected = clustered(made)
        assert found.estimate[k] == pytest.approx(expected.estimate, rel=1e-8)
        assert found.error[k] == pytest.approx(expected.error, rel=1e-8)


def test_the_p_of_one_test_by_flips_is_near_that_of_its_t() -> None:
    rng = np.random.default_rng(6)
    cells = rng.normal(0, 1, (40, 1)) + rng.normal(0.15, 1, (1, 30)) + rng.normal(0, 1, (40, 30))
    p = clustered_t((cells,), "greater")["p"]
    found = max_t_flips([(cells,)], 4000, 1, ("greater",))["greater"][0]
    assert 0.02 < p < 0.6
    assert found == pytest.approx(p, abs=0.04)  # 4,000 flips: 0.008; the rest is that t is t in flips only nearly
    twice = max_t_flips([(cells,)], 4000, 1, ("two-sided",))["two-sided"][0]
    assert twice == pytest.approx(clustered_t((cells,), "two-sided")["p"], abs=0.06)
    (less,) = max_t_flips([(-cells,)], 4000, 1, ("less",))["less"]
    assert less == pytest.approx(found, abs=0.02)


def test_a_family_counts_every_test_and_both_directions() -> None:
    rng = np.random.default_rng(7)
    tests = [(rng.normal(0.05, 1, (30, 12)),) for _ in range(6)]
    alone = np.array([max_t_flips([test], 500, 3, ("greater",))["greater"][0] for test in tests])
    together = max_t_flips(tests, 500, 3, ("greater",))["greater"]
    assert (together >= alone).all()
    assert together.min() > 2 * alone.min(), "six tests that have nothing in common"
    both = max_t_flips(tests, 500, 3, ("greater", "less"))
    assert (both["greater"] >= together).all()
    t = [clustered(test).estimate / clustered(test).error for test in tests]
    assert np.argmin(both["greater"]) == np.argmax(t)
    assert np.argmin(both["less"]) == np.argmin(t)
    # Six times the same test is one test.
    same = max_t_flips([tests[0]] * 6, 500, 3, ("greater",))["greater"]
    np.testing.assert_array_equal(same, np.full(6, alone[0]))
    with_hole = max_t_flips([*tests, (np.zeros((30, 12)),)], 500, 3, ("greater",))["greater"]
    np.testing.assert_array_equal(with_hole[:6], together)
    assert np.isnan(with_hole[6])
    assert together.tolist() != max_t_flips(tests, 500, 4, ("greater",))["greater"].tolist()
