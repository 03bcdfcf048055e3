"""Sparse parity in context: closed-form heads are exact, and their accuracy is that of prompts drawn one by one."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from readalike.incontext import parity, parity_accuracy
from readalike.incontext.parity import CONFIGURATIONS, coded_heads, numbered_heads, pairs, probabilities
from readalike.incontext.parity_accuracy import Setting

G = 0.2
EXACT = 1e-12  # rounding of sums of few products
AGREES, DIFFERS = 3.0, 5.0  # standard errors of the simulation
PROMPTS = 60_000
POINTS_TOLERANCE = 1e-4  # of the integral by points


def rotation(d: int) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(1).normal(size=(d, d)))[0]


@pytest.mark.parametrize("d", [8, 16])
@pytest.mark.parametrize("k", [2, 4, 6, 8])
def test_bits_classify_every_covered_pair_exactly(k: int, d: int) -> None:
    heads = coded_heads(k, d)
    assert len(heads) == 2 * (math.ceil(math.log2(k)) + 1)
    codes = parity.codes(k)
    for (i, j), margins in zip(pairs(k), parity.exact_margins(heads, pairs(k), G), strict=True):
        apart = int((codes[:, i] != codes[:, j]).sum())
        np.testing.assert_allclose(margins, 4 * G * apart, atol=EXACT)
        assert apart >= 1
    uncovered = parity.exact_margins(heads, pairs(d, k), G)
    np.testing.assert_allclose(uncovered, 0, atol=EXACT)
    # On the constant head pair any weight above B - 1 does, and B - 1 does not: pairs one bit apart.
    many = parity.bits(k)
    for weight, works in ((many - 0.5, True), (many - 1.0, False)):
        signs = np.where(heads.signs > 0, weight, heads.signs)
        lowest = parity.exact_margins(replace(heads, signs=signs), pairs(k), G).min()
        assert (lowest > EXACT) == works


@pytest.mark.parametrize("d", [8, 16])
@pytest.mark.parametrize("k", [2, 4, 6, 8])
def test_four_heads_do_as_well_for_less_margin_a_weight(k: int, d: int) -> None:
    few, many = numbered_heads(k, d), coded_heads(k, d)
    assert len(few) == 4
    margins = {
        "few": parity.exact_margins(few, pairs(k), G).min(),
        "many": parity.exact_margins(many, pairs(k), G).min(),
    }
    assert margins["few"] == pytest.approx(2 * G)
    assert margins["few"] / few.largest_weight == pytest.approx(4 * G / (k - 1))
    assert margins["many"] / many.largest_weight == pytest.approx(4 * G / parity.bits(k))


@pytest.mark.parametrize("heads", [coded_heads(4, 8), coded_heads(8, 8), numbered_heads(8, 8)])
def test_margins_are_those_of_every_input_whatever_the_basis(heads: parity.Heads) -> None:
    """By a loop over all 256 inputs and all tasks in the space of x, with matrices W_h."""
    d = 8
    basis = rotation(d)
    matrices = [basis @ np.diag(row) @ basis.T for row in heads.diagonals]
    inputs = np.array(list(itertools.product([-1.0, 1.0], repeat=d)))
    tasks = pairs(d)
    margins = parity.exact_margins(heads, tasks, G)
    for (i, j), expected in zip(tasks, margins, strict=True):
        z = 2 * G * (basis[:, i] + basis[:, j])
        answers = sum(
            sign * np.maximum(z @ matrix @ (inputs @ basis.T).T, 0)
            for sign, matrix in zip(heads.signs, matrices, strict=True)
        )
        for k, configuration in enumerate(CONFIGURATIONS):
            own = (inputs[:, [i, j]] == configuration).all(axis=1)
            np.testing.assert_allclose(math.prod(configuration) * answers[own], expected[k], atol=1e-11)


def test_two_heads_of_a_sign_are_needed() -> None:
    """A head's argument is odd in p: with one head for an answer either p or -p of it is lost."""
    heads = numbered_heads(4, 8)
    for lost in range(4):
        kept = np.arange(4) != lost
        fewer = parity.Heads(heads.diagonals[kept], heads.signs[kept])
        assert parity.exact_margins(fewer, pairs(4), G).min() < EXACT


def test_drawn_prompts_are_those_of_a_loop_over_demonstrations() -> None:
    setting, d, many = Setting(40, G, 0.15), 5, 4_000
    rng = np.random.default_rng(3)
    tasks = np.tile([1, 3], (many, 1))
    fast = parity_accuracy.draw_shown(tasks, d, setting, rng)
    slow = np.zeros((many, d))
    for prompt in range(many):
        p = rng.choice([-1.0, 1.0], (setting.examples, d))
        p[:, [1, 3]] = np.array(CONFIGURATIONS)[rng.choice(4, setting.examples, p=probabilities(G))]
        labels = p[:, 1] * p[:, 3] * np.where(rng.random(setting.examples) < setting.flips, -1, 1)
        slow[prompt] = labels @ p
    eta = setting.pull
    mean = eta * np.array([0, 1, 0, 1, 0])
    for drawn in (fast, slow):
        assert ((drawn + setting.examples) % 2 == 0).all()
        z = drawn / setting.examples
        covariance = (np.eye(d) - np.outer(mean, mean)) / setting.examples
        error = np.sqrt(np.diag(covariance) / many)
        assert (np.abs(z.mean(axis=0) - mean) < AGREES * error).all()
        # A covariance of many draws has a standard error of about 1 / sqrt(many) of the variances.
        np.testing.assert_allclose(np.cov(z.T), covariance, atol=4 * covariance.max() * math.sqrt(2 / many))
    for column in range(d):
        assert stats.ks_2samp(fast[:, column], slow[:, column]).pvalue > 0.01


def drawn(
    k: int,
    d: int,
    setting: Setting,
    tasks: list[tuple[int, int]],
    heads: parity.Heads,
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, float]:
    """Accuracy by configuration, and the standard error of its mean by `weights`, by default their probabilities."""
    rng = np.random.default_rng([k, d, setting.examples, round(100 * setting.flips)])
    chosen = np.array(tasks)[rng.integers(0, len(tasks), PROMPTS)]
    found = parity_accuracy.right(heads, chosen, parity_accuracy.draw_shown(chosen, d, setting, rng), rng)
    weights = probabilities(setting.g) if weights is None else weights
    return found.mean(axis=0), float((found @ weights).std(ddof=1) / math.sqrt(PROMPTS))


def wrong_accuracy(k: int, setting: Setting, tasks: list[tuple[int, int]], lost: str) -> np.ndarray:
    """By configuration, the normal limit with a term left out, by a plain draw."""
    heads = coded_heads(k, k)
    half = len(heads) // 2
    rows, signs = heads.diagonals[:half], heads.signs[:half].copy()
    if lost == "weight of the constant":
        signs[0] = 1.0
    pull = 2 * setting.g * (1 if lost == "flips" else 1 - 2 * setting.flips)
    rng = np.random.default_rng(9)
    found = []
    for i, j in tasks:
        for own, other in CONFIGURATIONS:
            mean = pull * (own * rows[:, i] + other * rows[:, j])
            covariance = rows @ rows.T - (0 if lost == "covariance of the task" else np.outer(mean, mean))
            if lost == "noise of the other features":
                covariance = covariance - (
                    rows @ rows.T - np.outer(rows[:, i], rows[:, i]) - np.outer(rows[:, j], rows[:, j])
                )
                covariance = covariance + 1e-9 * np.eye(half)
            root = np.linalg.cholesky(covariance / setting.examples)
            seen = mean + rng.standard_normal((60_000, half)) @ root.T
            found.append(np.mean(own * other * (np.abs(seen) @ signs) > 0))
    return np.reshape(found, (-1, 4)).mean(axis=0)


@pytest.mark.parametrize("k", [4, 16])
@pytest.mark.parametrize(("examples", "flips"), [(64, 0.0), (128, 0.1), (128, 0.3), (512, 0.4)])
def test_accuracy_in_the_normal_limit_is_that_of_drawn_prompts(k: int, examples: int, flips: float) -> None:
    setting, d = Setting(examples, G, flips), 16
    found, error = drawn(k, d, setting, pairs(k), coded_heads(k, d))
    shares = parity_accuracy.distances(k)
    expected = parity_accuracy.accuracy(k, setting, shares)
    assert abs(found @ probabilities(G) - expected) < AGREES * error + POINTS_TOLERANCE
    # By answer: each configuration is a proportion of its own.
    for answer, configurations in enumerate([(0, 3), (1, 2)]):
        own = sum(share * parity_accuracy.accuracy_at(h, k, setting)[answer] for h, share in shares.items())
        for c in configurations:
            assert abs(found[c] - own) < 4 * math.sqrt(own * (1 - own) / PROMPTS) + POINTS_TOLERANCE
    assert parity_accuracy.accuracy_by_moments(1, k, setting) == pytest.approx(
        sum(parity_accuracy.accuracy_at(1, k, setting)) / 2, abs=0.02
    )


EVERY, SAME = probabilities(G), np.array([0.5, 0, 0, 0.5])
NEAR = [(0, 1), (0, 2), (1, 3), (2, 3)]  # of 4 features, those one bit apart


@pytest.mark.parametrize(
    ("lost", "setting", "tasks", "weights"),
    [
        ("weight of the constant", Setting(128, G, 0.1), pairs(4), EVERY),
        ("flips", Setting(128, G, 0.1), pairs(4), EVERY),
        ("noise of the other features", Setting(128, G, 0.1), pairs(4), EVERY),
        # What it takes from one answer it gives to the other; codes that differ in all bits hardly need it.
        ("covariance of the task", Setting(64, 0.245, 0.0), NEAR, SAME),
    ],
)
def test_a_formula_without_one_of_its_terms_is_found_out(
    lost: str, setting: Setting, tasks: list[tuple[int, int]], weights: np.ndarray
) -> None:
    found, error = drawn(4, 16, setting, tasks, coded_heads(4, 16), weights)
    error = math.hypot(error, 3e-4)  # that of the plain draw
    assert abs(found @ weights - wrong_accuracy(4, setting, tasks, "nothing") @ weights) < AGREES * error
    assert abs(found @ weights - wrong_accuracy(4, setting, tasks, lost) @ weights) > DIFFERS * error


def test_two_features_have_a_formula_in_closed_form() -> None:
    """Both z p must have the sign that the query asks for: quadrants of a normal distribution in two dimensions."""
    for setting in (Setting(64, G, 0.0), Setting(256, 0.1, 0.2)):
        eta = setting.pull
        expected = []
        for signs in ([1, 1], [1, -1]):
            mean = eta * np.array(signs)
            own = stats.multivariate_normal(mean, (np.eye(2) - np.outer(mean, mean)) / setting.examples)
            both_above = own.cdf([0, 0], lower_limit=[np.inf, np.inf])
            expected.append(abs(own.cdf([0, 0])) + abs(both_above))
        same, other = parity_accuracy.accuracy_at(1, 2, setting)
        assert same == pytest.approx(expected[0], abs=POINTS_TOLERANCE)
        assert other == pytest.approx(1 - expected[1], abs=POINTS_TOLERANCE)


def test_uncovered_tasks_are_guessed_by_the_small_and_known_by_the_large() -> None:
    k, d, setting = 4, 16, Setting(256, G, 0.0)
    small, error = drawn(k, d, setting, pairs(d, k), coded_heads(k, d))
    assert abs(small @ probabilities(G) - 0.5) < AGREES * error
    large, error = drawn(k, d, setting, pairs(d, k), coded_heads(d, d))
    expected = parity_accuracy.accuracy(d, setting, parity_accuracy.distances(d, k))
    assert abs(large @ probabilities(G) - expected) < AGREES * error + POINTS_TOLERANCE
    of_all = parity_accuracy.accuracy(d, setting, parity_accuracy.distances(d))
    assert abs(large @ probabilities(G) - of_all) > DIFFERS * error  # their codes differ in more bits
    counted = np.zeros(5)
    codes = parity.codes(d)
    for i, j in pairs(d, k):
        counted[int((codes[:, i] != codes[:, j]).sum())] += 1
    shares = parity_accuracy.distances(d, k)
    np.testing.assert_allclose([shares.get(h, 0) for h in range(5)], counted / counted.sum())


def test_all_labels_flipped_change_nothing_and_half_of_them_leave_chance() -> None:
    k, d = 4, 16
    tasks = np.array(pairs(k))[np.random.default_rng(1).integers(0, 6, 2_000)]
    shown = parity_accuracy.draw_shown(tasks, d, Setting(64, G, 0.1), np.random.default_rng(2))
    once, again = (
        parity_accuracy.right(coded_heads(k, d), tasks, sign * shown, np.random.default_rng(3)) for sign in (1, -1)
    )
    np.testing.assert_array_equal(once, again)
    for flips in (0.1, 0.3):
        ends = [parity_accuracy.accuracy_at(1, k, Setting(64, G, e)) for e in (flips, 1 - flips)]
        np.testing.assert_allclose(ends[0], ends[1], atol=2 * POINTS_TOLERANCE)
    found, error = drawn(k, d, Setting(64, G, 0.5), pairs(k), coded_heads(k, d))
    assert abs(found @ probabilities(G) - 0.5) < AGREES * error


def test_where_the_order_turns() -> None:
    small, large, uncovered = 0.9, 0.7, 0.8
    share = parity_accuracy.turning_share(small, large, uncovered)
    mixed = [(1 - share) * small + share * 0.5, (1 - share) * large + share * uncovered]
    assert mixed[0] == pytest.approx(mixed[1])
    assert math.isnan(parity_accuracy.turning_share(0.5, 0.5, 0.5))


def test_other_numbers_of_features_have_no_formula() -> None:
    with pytest.raises(ValueError, match="powers of 2"):
        parity_accuracy.accuracy_at(1, 6, Setting(64, G, 0.0))
