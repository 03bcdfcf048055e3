"""The conditional logit against plain loops, scipy's optimizer and statsmodels."""

import numpy as np
import pytest
from scipy import optimize
from statsmodels.discrete.conditional_models import ConditionalLogit

from readalike.cells import Cells, cells
from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.measures.conditional_logit import Choices, fit

CORPUS = Corpus(tuple(Sentence(1 + s // 3, 1 + s % 3, ("x",) * n) for s, n in enumerate((3, 5, 4, 6, 2, 5, 4, 3, 1))))
CELLS: Cells = cells(CORPUS)
# Two optimizers stop at most this far from the optimum of a problem of some hundred nats.
COEFFICIENTS = 1e-4


def choices(columns: int = 3, seed: int = 0, per_row: float = 6.0) -> Choices:
    rng = np.random.default_rng(seed)
    n = len(CELLS.sentence)
    X = rng.normal(size=(n, columns))
    X -= CELLS.by_row(np.add.reduceat(X, CELLS.starts, axis=0) / CELLS.row_lengths[:, None])
    counts = rng.poisson(per_row / CELLS.by_row(CELLS.row_lengths) * np.exp(X @ np.linspace(-1, 1, columns)))
    part = CORPUS.articles[CELLS.row_sentence] - 1
    return Choices(X, counts.astype(float), part, 3, CELLS)


def nats(b: FloatArray, of: Choices, seen: FloatArray) -> float:
    """Negative log likelihood by a loop over rows and words."""
    total = 0.0
    for row, first in enumerate(CELLS.starts):
        words = range(first, first + int(CELLS.row_lengths[row]))
        value = [float(of.X[cell] @ b) for cell in words]
        norm = np.log(sum(np.exp(v) for v in value))
        for cell, v in zip(words, value, strict=True):
            total += seen[of.part[row]] * of.counts[cell] * (norm - v)
    return total


def test_loss_and_log_probabilities_are_those_of_a_loop() -> None:
    of = choices()
    B = np.random.default_rng(1).normal(size=(3, 2))
    for k in range(2):
        expected = [nats(B[:, k], of, np.eye(3)[part]) for part in range(3)]
        np.testing.assert_allclose(of.at(B).loss[:, k], expected, rtol=1e-12)
        log_p = of.log_p(B)[:, k]
        np.testing.assert_allclose(np.add.reduceat(np.exp(log_p), CELLS.starts), 1)
        assert -of.counts @ log_p == pytest.approx(sum(expected))


def test_gradient_and_curvature_are_derivatives() -> None:
    of, seen = choices(), np.array([[1.0], [0.0], [1.0]])
    b = np.random.default_rng(2).normal(size=3)

    def value(b: FloatArray) -> float:
        return float((of.at(b[:, None]).loss * seen).sum())

    def slope(b: FloatArray) -> FloatArray:
        return of.gradient(of.at(b[:, None]), seen)[:, 0]

    assert optimize.check_grad(value, slope, b) < 1e-4
    curvature = np.tensordot(seen[:, 0], of.curvature(of.at(b[:, None])), 1)
    np.testing.assert_allclose(curvature, optimize.approx_fprime(b, slope, 1e-6), rtol=1e-4, atol=1e-3)


def test_every_fit_is_that_of_scipy() -> None:
    of = choices()
    seen = np.array([[1, 1, 0.0], [1, 0, 1], [1, 1, 1]])
    penalty = np.array([[0.5, 5, 50], [1, 1, 1], [100, 1, 0.5]])
    found = fit(of, seen, penalty, np.zeros(3))
    for k in range(3):

        def objective(b: FloatArray, k: int = k) -> float:
            return nats(b, of, seen[:, k]) + float(penalty[:, k] @ b**2) / 2

        best = optimize.minimize(objective, np.zeros(3), method="L-BFGS-B", tol=1e-14)
        np.testing.assert_allclose(found.B[:, k], best.x, atol=COEFFICIENTS)
        assert objective(found.B[:, k]) <= best.fun + 1e-8
        np.testing.assert_allclose(found.loss[:, k], [nats(found.B[:, k], of, part) for part in np.eye(3)])


def test_without_a_penalty_it_is_the_conditional_logit_of_statsmodels() -> None:
    of = choices()
    found = fit(of, np.ones((3, 1)), np.full((3, 1), 1e-10), np.zeros(3)).B[:, 0]
    chosen, X, groups = [], [], []
    for row, first in enumerate(CELLS.starts):
        words = np.arange(first, first + int(CELLS.row_lengths[row]))
        if len(words) == 1:
            continue  # a choice of one word is none, and statsmodels warns of it
        for cell in np.repeat(words, of.counts[words].astype(int)):
            chosen.append(words == cell)
            X.append(of.X[words])
            groups.append(np.full(len(words), len(groups)))
    theirs = ConditionalLogit(
        np.concatenate(chosen).astype(int), np.concatenate(X), groups=np.concatenate(groups)
    ).fit()
    np.testing.assert_allclose(found, theirs.params, atol=COEFFICIENTS)


@pytest.mark.parametrize("start", [0.0, 3.0, 60.0])
def test_neither_start_nor_company_changes_what_comes_out(start: float) -> None:
    of = choices(seed=4)
    rng = np.random.default_rng(5)
    seen, penalty = rng.integers(0, 2, size=(3, 70)).astype(float), 10 ** rng.uniform(-1, 3, size=(3, 70))
    together = fit(of, seen, penalty, np.full(3, start))
    for k in (0, 33, 69):
        alone = fit(of, seen[:, [k]], penalty[:, [k]], np.zeros(3))
        np.testing.assert_allclose(together.B[:, k], alone.B[:, 0], atol=COEFFICIENTS)
        np.testing.assert_allclose(together.loss[:, k], alone.loss[:, 0], atol=1e-3)
