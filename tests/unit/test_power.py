"""Power from variance components: against statsmodels, a plain analysis of variance, and simulation."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.power import TTestPower

from readalike.corpus import FloatArray
from readalike.statistics import power
from readalike.statistics.clustered import clustered, clustered_t
from readalike.statistics.power import Components, components

SAME_FORMULA = 1e-9  # both are the noncentral t of scipy or its like


def drawn(
    rng: np.random.Generator, S: int, R: int, sd: tuple[float, float, float], mean: float = 0.0
) -> tuple[FloatArray, FloatArray]:
    """Cells of one group, (S, R), and the contributions that sum to their mean."""
    a, b, c = rng.normal(0, sd[0], (S, 1)), rng.normal(0, sd[1], R), rng.normal(0, sd[2], (S, R))
    cells = mean + a + b + c
    return cells, cells / cells.size


def mean_squares(cells: FloatArray) -> tuple[float, float, float]:
    """Of sentences, readers and the rest, by statsmodels."""
    S, R = cells.shape
    frame = pd.DataFrame({"d": cells.ravel(), "s": np.repeat(range(S), R), "r": np.tile(range(R), S)})
    found = anova_lm(ols("d ~ C(s) + C(r)", frame).fit())
    squares = found["sum_sq"] / found["df"]
    return squares["C(s)"], squares["C(r)"], squares["Residual"]


def test_components_are_those_of_an_analysis_of_variance() -> None:
    S, R = 9, 6
    cells, parts = drawn(np.random.default_rng(1), S, R, (1.0, 1.5, 0.7))
    of_sentences, of_readers, rest = mean_squares(cells)
    found = components([parts])
    expected = ((of_sentences - rest) / R, (of_readers - rest) / S, rest)
    assert found == pytest.approx(expected, rel=1e-10)  # least squares against means


def test_two_groups_share_sentences_and_add_their_readers() -> None:
    S, sizes = 9, (6, 4)
    rng = np.random.default_rng(2)
    shared = rng.normal(0, 2, (S, 1))
    cells = [shared * k + drawn(rng, S, R, (0.1, 1.5, 0.7))[0] for k, R in zip((1, 0.2), sizes, strict=True)]
    found = components([cells[0] / cells[0].size, -cells[1] / cells[1].size])
    squares = [mean_squares(own) for own in cells]
    difference = cells[0].mean(axis=1) - cells[1].mean(axis=1)
    expected = (
        difference.var(ddof=1) - sum(rest / R for (_, _, rest), R in zip(squares, sizes, strict=True)),
        sum((of_readers - rest) / S for _, of_readers, rest in squares),
        sum(rest for *_, rest in squares),
    )
    assert found == pytest.approx(expected, rel=1e-10)


def test_no_component_is_negative_and_too_few_have_none() -> None:
    # Readers whose means are equal: an unbiased estimate of their variance is below zero.
    cells = np.random.default_rng(3).normal(size=(6, 5))
    cells -= cells.mean(axis=0)
    assert components([cells]).reader == 0
    cells -= cells.mean(axis=1, keepdims=True)
    assert components([cells]).sentence == 0
    assert np.isfinite(components([cells[:2]])[:3]).all()
    assert np.isnan(components([cells[:1]])[:3]).all()
    assert np.isnan(components([cells, cells[:, :1]])[:3]).all()


def test_the_standard_error_is_that_of_the_clustered_test() -> None:
    for groups in (
        [drawn(np.random.default_rng(4), 40, 30, (1, 1, 2))[1]],
        [drawn(np.random.default_rng(k), 40, 30, (1, 1, 2))[1] for k in (5, 6)],
    ):
        squared = power.standard_error(components(groups), 30, 40) ** 2
        # In place of the mean square of the rest the clustered variance has that of all cells.
        more = sum(group.var(ddof=1) * group.size - mean_squares(group)[2] * group.size for group in groups)
        assert squared == pytest.approx(clustered(groups).error ** 2 + more, rel=1e-9)
        assert more < 0.05 * squared


@pytest.mark.parametrize("readers", [2, 5, 40])
@pytest.mark.parametrize("effect", [0.0, 0.3, 1.2, 2.0])
def test_without_sentences_in_it_power_is_that_of_a_t_test_over_readers(readers: int, effect: float) -> None:
    of = Components(0.0, 4.0, 0.0)
    expected = TTestPower().power(effect / 2, readers, 0.01)
    assert power.power(of, effect, readers, 1000, 0.01) == pytest.approx(expected, abs=SAME_FORMULA)
    # Sentences stand in for readers where readers do not vary.
    expected = TTestPower().power(effect / 2, readers, 0.01)
    assert power.power(Components(4.0, 0.0, 0.0), effect, 1000, readers, 0.01) == pytest.approx(
        expected, abs=SAME_FORMULA
    )


@pytest.mark.parametrize("df", [1, 3, 80])
@pytest.mark.parametrize("shift", [1e-4, 2.0, 25.0, 300.0])
def test_power_far_from_zero_is_the_integral_over_the_error(df: int, shift: float) -> None:
    critical = stats.t.ppf(0.975, df)

    # By a normal variate z and the error that goes with it: chi of df over the square root of df.
    error = (np.arange(200_000) + 0.5) * (12 / np.sqrt(df) + 2) / 200_000
    weight = stats.chi.pdf(error * np.sqrt(df), df)
    beyond = stats.norm.sf(critical * error - shift) + stats.norm.cdf(-critical * error - shift)
    expected = (beyond * weight).sum() / weight.sum()
    of = Components(1.0, 0.0, 0.0)
    assert power.power(of, shift / np.sqrt(df + 1), 10_000, df + 1) == pytest.approx(expected, abs=1e-5)


def test_what_is_needed_is_the_first_number_that_is_enough() -> None:
    of = Components(1.0, 2.0, 30.0)
    for function, other, enough in (
        (power.readers_needed, 40, lambda n: power.power(of, 1.0, n, 40)),
        (power.sentences_needed, 35, lambda n: power.power(of, 1.0, 35, n)),
    ):
        found = int(function(of, 1.0, other))
        assert 2 < found < power.MOST
        assert enough(found) >= power.POWER > enough(found - 1)
    # What is special to 40 sentences does not average out over readers.
    assert power.readers_needed(of, 0.4, 40) == np.inf
    assert power.readers_needed(Components(np.nan, np.nan, np.nan), 0.4, 40) is np.nan
    assert np.isnan(power.power(of, 1, 1, 40))
    assert np.isnan(power.power(Components(0, 0, 0), 1, 5, 40))


def test_models_are_counted_as_statsmodels_counts_them() -> None:
    for effect in (0.4, 0.8, 1.5):
        found = int(power.models_needed(0.25, effect, 0.9, 0.01))
        expected = TTestPower().solve_power(effect / 0.5, power=0.9, alpha=0.01)
        assert found == np.ceil(expected)
    assert np.isnan(power.models_needed(0.0, 0.4))


def test_what_is_detectable_is_found_as_often_as_wanted() -> None:
    of = Components(1.0, 2.0, 30.0)
    for readers, sentences in ((2, 50), (20, 3), (20, 50)):
        effect = power.detectable(of, readers, sentences, 0.7)
        assert power.power(of, effect, readers, sentences) == pytest.approx(0.7, abs=1e-6)
    assert np.isnan(power.detectable(of, 1, 50))


@pytest.mark.slow
@pytest.mark.parametrize("sd", [(1.0, 1.0, 3.0), (0.2, 2.0, 3.0), (2.0, 0.2, 3.0), (0.7, 0.7, 8.0)])
@pytest.mark.parametrize(("readers", "sentences"), [(24, 60), (12, 30)])
def test_power_is_how_often_the_clustered_test_finds_it(
    sd: tuple[float, float, float], readers: int, sentences: int
) -> None:
    of, rng, times = Components(*(x**2 for x in sd)), np.random.default_rng([7, readers]), 2000
    effect = power.detectable(of, readers, sentences)
    found = sum(
        clustered_t((drawn(rng, sentences, readers, sd, effect)[1],), "two-sided")["p"] < power.LEVEL
        for _ in range(times)
    )
    # Three standard errors of a rate of 2,000, and what the approximate degrees of freedom are wrong by: they are those
    # of the side that has fewer, and count as if it had all of the variance.
    assert abs(found / times - power.POWER) < 3 * stats.binom.std(times, power.POWER) / times + 0.05
