"""Linear regression in context: every formula agrees with drawn prompts, and without any of its terms it does not."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy import optimize

from readalike.incontext import regression as theory
from readalike.incontext import regression_simulation as simulation
from readalike.incontext.regression import Risk

EIGENVALUES = np.array([1.6, 1.0, 0.6, 0.3])
D = len(EIGENVALUES)
N, M = 10, 6
TASK = np.array([0.5, -1.0, 1.5, 1.0])
RNG = np.random.default_rng(5)
INPUTS = np.diag(EIGENVALUES)
MIXED = RNG.normal(size=(D, D))
WEIGHTS = MIXED @ MIXED.T / D  # commutes with no diagonal matrix
Q = np.cov(RNG.normal(size=(D, 9))) * 2  # not diagonal
DRAWS = 200_000
# Of a formula that is right and of one with a term left out, in standard errors of the simulation.
AGREES, DIFFERS = 3.0, 5.0
EXACT = 1e-10  # rounding of some hundred operations on numbers near 1
# L-BFGS stops where the gradient is below 1e-9; losses near 1, curvature above 0.01.
DESCENT = 1e-8


def first(rank: int, read: np.ndarray | None = None) -> np.ndarray:
    read = theory.diagonal_of_best(EIGENVALUES, N) if read is None else read
    return np.where(np.arange(D) < rank, read, 0.0)


def test_the_loss_of_any_head_is_that_of_drawn_prompts() -> None:
    read = RNG.normal(size=(D, D))
    noise = 1.5
    prompts = simulation.draw_prompts(INPUTS, N, DRAWS, [1], weights=WEIGHTS)
    found, error = simulation.mean_and_error(simulation.squared_errors(read, prompts, noise))
    assert abs(found - theory.population_loss(read, INPUTS, WEIGHTS, N, noise)) < AGREES * error

    def without(lost: np.ndarray) -> float:
        return theory.population_loss(read, INPUTS, WEIGHTS, N, noise) - float(np.trace(INPUTS @ read @ lost @ read.T))

    terms = {
        "own slope of finite prompts": INPUTS @ WEIGHTS @ INPUTS / N,
        "signal of all directions": np.trace(INPUTS @ WEIGHTS) / N * INPUTS,
        "noise of labels": noise / N * INPUTS,
    }
    for name, term in terms.items():
        assert abs(found - without(term)) > DIFFERS * error, name


@pytest.mark.parametrize("rank", [1, 2, 3, 4])
@pytest.mark.parametrize("weights", [np.eye(D), np.diag([0.2, 2.0, 1.0, 3.0]), WEIGHTS], ids=["white", "own", "mixed"])
def test_the_best_head_is_what_descent_finds(rank: int, weights: np.ndarray) -> None:
    """The lowest of six starts; a start may end at a saddle, none below the optimum."""
    best, loss = theory.best_of_rank(rank, INPUTS, weights, N, 0.5)
    assert theory.population_loss(best, INPUTS, weights, N, 0.5) == pytest.approx(loss, abs=EXACT)
    assert np.linalg.matrix_rank(best) == rank
    moment = theory.second_moment(INPUTS, weights, N, 0.5)

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        left, right = flat.reshape(2, D, rank)
        read = left @ right.T
        slope = 2 * INPUTS @ (read @ moment - weights @ INPUTS)
        return (
            theory.population_loss(read, INPUTS, weights, N, 0.5),
            np.concatenate([(slope @ right).ravel(), (slope.T @ left).ravel()]),
        )

    starts = [np.random.default_rng(k).normal(size=2 * D * rank) for k in range(6)]
    options = {"gtol": 1e-9, "ftol": 0, "maxiter": 5000}
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B", options=options) for start in starts]
    assert min(end.fun for end in ends) == pytest.approx(loss, abs=DESCENT)
    assert all(end.fun > loss - DESCENT for end in ends)


@pytest.mark.parametrize("own", [np.ones(D), np.array([0.2, 2.0, 1.0, 3.0])])
def test_the_best_head_of_weights_that_commute_is_diagonal(own: np.ndarray) -> None:
    """Kept are the largest l_i c_i: what a direction tells of y, not how much it varies."""
    best, loss = theory.best_of_rank(2, INPUTS, np.diag(own), N)
    total = np.sum(EIGENVALUES * own)
    kept = np.argsort(-EIGENVALUES * own)[:2]
    expected = np.zeros(D)
    expected[kept] = (N * own / ((N + 1) * EIGENVALUES * own + total))[kept]
    np.testing.assert_allclose(best, np.diag(expected), atol=EXACT)
    if (own == 1).all():
        np.testing.assert_allclose(np.diag(best), first(2), atol=EXACT)
        assert theory.pretraining_loss(EIGENVALUES, N, 2) == pytest.approx(loss, abs=EXACT)


@pytest.mark.parametrize("noise", [0.0, 1.0, 40.0])
def test_with_noise_as_in_training_a_smaller_rank_never_wins(noise: float) -> None:
    losses = [theory.pretraining_loss(EIGENVALUES, N, rank, noise) for rank in range(D + 1)]
    assert (np.diff(losses) < 0).all()
    read = theory.diagonal_of_best(EIGENVALUES, N, noise)
    for rank, loss in enumerate(losses):
        assert theory.best_of_rank(rank, INPUTS, np.eye(D), N, noise)[1] == pytest.approx(loss, abs=EXACT)
        same = theory.risk(EIGENVALUES, first(rank, read), np.ones(D), N, label_noise=noise)
        assert same.total == pytest.approx(loss, abs=EXACT)


@pytest.mark.parametrize("rank", [1, 3, 4])
def test_the_risk_is_that_of_drawn_prompts_and_needs_every_part(rank: int) -> None:
    noise = 2.0
    prompts = simulation.draw_prompts(INPUTS, M, DRAWS, [2, rank], task=TASK, input_noise=Q)
    found, error = simulation.mean_and_error(simulation.squared_errors(first(rank), prompts, noise))
    parts = theory.risk(EIGENVALUES, first(rank), TASK**2, M, label_noise=noise, input_noise=np.diag(Q))
    assert abs(found - parts.total) < AGREES * error
    if rank == 3:  # where no part is near 0
        for field in fields(Risk):
            assert abs(found - replace(parts, **{field.name: 0.0}).total) > DIFFERS * error, field.name


def test_noise_in_inputs_meets_noise_in_labels() -> None:
    """Wrong labels are multiplied by wrong inputs too: the product counts, and what is off Q's diagonal does not."""
    noise, read = 8.0, first(4)
    prompts = simulation.draw_prompts(INPUTS, M, DRAWS, [3], task=TASK, input_noise=Q)
    found, error = simulation.mean_and_error(simulation.squared_errors(read, prompts, noise))
    parts = theory.risk(EIGENVALUES, read, TASK**2, M, label_noise=noise, input_noise=np.diag(Q))
    assert abs(found - parts.total) < AGREES * error
    product = noise * np.sum(EIGENVALUES * read**2 * np.diag(Q)) / M
    assert abs(found - (parts.total - product)) > DIFFERS * error
    white = theory.risk(EIGENVALUES, read, TASK**2, M, label_noise=noise, input_noise=np.trace(Q) / D)
    assert abs(found - white.total) > DIFFERS * error


def test_the_head_shrinks_as_least_squares_on_drawn_prompts_does() -> None:
    noise = 1.0
    prompts = simulation.draw_prompts(INPUTS, N, DRAWS, [4])
    shown = prompts.shown(noise)
    expected = theory.diagonal_of_best(EIGENVALUES, N, noise)
    for i, own in enumerate(EIGENVALUES):
        found, error = simulation.ratio_and_error(prompts.task[:, i] * shown[:, i], shown[:, i] ** 2)
        assert abs(found - expected[i]) < AGREES * error
        rest = EIGENVALUES.sum()
        for name, wrong in {
            "length": N / (N * own + rest + noise),
            "other directions": N / ((N + 1) * own + noise),
            "noise": N / ((N + 1) * own + rest),
        }.items():
            if name != "length" or i == 0:  # for small directions the draws are too few
                assert abs(found - wrong) > DIFFERS * error, (i, name)


def test_the_limit_of_long_training() -> None:
    for rank in range(D + 1):
        read = first(rank, theory.diagonal_of_best(EIGENVALUES, 10**12))
        at_last = theory.risk(EIGENVALUES, read, np.ones(D), M, label_noise=2.0, input_noise=0.3).total
        limit = theory.limit_of_long_pretraining(EIGENVALUES, rank, M, label_noise=2.0, input_noise=0.3)
        assert limit == pytest.approx(at_last, rel=1e-9)
        kept, left = EIGENVALUES[:rank].sum(), EIGENVALUES[rank:].sum()
        plain = (rank + 1) / M * kept + (1 + rank / M) * left + 2.0 * rank / M
        assert theory.limit_of_long_pretraining(EIGENVALUES, rank, M, label_noise=2.0) == pytest.approx(plain)


def paired(rank: int, seed: int, **noise: np.ndarray) -> simulation.Prompts:
    return simulation.draw_prompts(INPUTS, M, DRAWS, [seed, rank], **noise)


@pytest.mark.parametrize("rank", [1, 2])
def test_where_ranks_cross_in_noise_of_labels(rank: int) -> None:
    prompts = paired(rank, 6)
    differences = {
        noise: simulation.squared_errors(first(rank), prompts, noise)
        - simulation.squared_errors(first(rank - 1), prompts, noise)
        for noise in (0.0, 12.0)
    }
    found, error = simulation.crossing_and_error(differences)
    own, total = EIGENVALUES[rank - 1], EIGENVALUES.sum()
    assert abs(found - theory.label_crossings(EIGENVALUES, N, M)[rank - 1]) < AGREES * error
    for name, wrong in {
        "demonstrations": (2 * M / N) * own + (2 * M / N - 1) * total,
        "length, own": (M - 1) * own + (2 * M / N - 1) * total,
        "length, others": (M - 1 + 2 * M / N) * own - total,
        "others": (M - 1 + 2 * M / N) * own,
    }.items():
        assert abs(found - wrong) > DIFFERS * error, name


@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("shape", ["white", "inputs"])
def test_where_ranks_cross_in_noise_of_inputs(rank: int, shape: str) -> None:
    """Risk is linear in the size of Q, and so two draws with other noise but the same prompts tell the crossing."""
    of_shape = np.ones(D) if shape == "white" else EIGENVALUES
    high = 1.0
    differences = {}
    for size in (0.0, high):
        prompts = paired(rank, 7, input_noise=np.diag(of_shape * size))
        both = [simulation.squared_errors(first(kept), prompts) for kept in (rank, rank - 1)]
        differences[size] = both[0] - both[1]
    found, error = simulation.crossing_and_error(differences)
    expected = theory.input_crossings(EIGENVALUES, N, M, of_shape)[rank - 1]
    assert abs(found - expected) < AGREES * error
    labels = theory.label_crossings(EIGENVALUES, N, M)[rank - 1]
    wrong = {"no signal": labels, "none of the direction's own": labels / EIGENVALUES.sum()}
    if shape == "inputs":  # there it is what remains
        assert expected == pytest.approx(wrong.pop("none of the direction's own"))
    elif rank == 2:  # its l is 1
        del wrong["none of the direction's own"]
    for name, value in wrong.items():
        assert abs(found - value) > DIFFERS * error, name


def test_crossings_are_where_the_risks_are_equal() -> None:
    for task in (np.ones(D), TASK**2):
        read = first(D)
        if (task == 1).all():
            labels = theory.label_crossings(EIGENVALUES, N, M)
            inputs = theory.input_crossings(EIGENVALUES, N, M)
            for rank in range(1, D + 1):
                both = [
                    theory.risk(EIGENVALUES, first(kept), task, M, input_noise=inputs[rank - 1]).total
                    for kept in (rank - 1, rank)
                ]
                assert both[0] == pytest.approx(both[1], abs=EXACT)
        else:
            labels = theory.label_crossing_of_task(EIGENVALUES, read, task, M)
            assert (np.diff(labels) > 0).any()  # not monotone for one task
        for rank in range(1, D + 1):
            both = [
                theory.risk(EIGENVALUES, first(kept), task, M, label_noise=labels[rank - 1]).total
                for kept in (rank - 1, rank)
            ]
            assert both[0] == pytest.approx(both[1], abs=EXACT)
    limit = (M - 1) * EIGENVALUES - EIGENVALUES.sum()
    np.testing.assert_allclose(theory.label_crossings(EIGENVALUES, np.inf, M), limit)
    np.testing.assert_allclose(
        theory.label_crossings(EIGENVALUES, N, N), N / theory.diagonal_of_best(EIGENVALUES, N), rtol=EXACT
    )


@pytest.mark.parametrize("demonstrations", [3, 6, 12, 50])
def test_the_best_rank_is_the_number_of_crossings_above_the_noise(demonstrations: int) -> None:
    read = theory.diagonal_of_best(EIGENVALUES, N)
    labels = theory.label_crossings(EIGENVALUES, N, demonstrations)
    inputs = theory.input_crossings(EIGENVALUES, N, demonstrations)
    for noise in np.linspace(0.013, 70, 101):
        assert theory.best_rank(EIGENVALUES, read, demonstrations, label_noise=noise) == (labels > noise).sum()
        assert theory.best_rank(EIGENVALUES, read, demonstrations, input_noise=noise) == (inputs > noise).sum()


def test_draws_depend_on_the_seed_alone() -> None:
    one, again, other = (simulation.draw_prompts(INPUTS, 3, 2500, [seed]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.clean, again.clean)
    assert not np.isclose(one.clean, other.clean).any()
    assert not np.isclose(one.clean[:500], one.clean[2000:]).any()
