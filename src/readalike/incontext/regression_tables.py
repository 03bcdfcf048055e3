"""What the configuration asks of the regression setting, as tables: formulas beside drawn prompts."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import NotRequired, TypedDict

import numpy as np
import pandas as pd
from scipy import optimize

from readalike.corpus import FloatArray
from readalike.files.contracts.incontext import CROSSINGS, DESCENT, RISK, SHRINKAGE
from readalike.incontext import regression, regression_simulation

# What a generator is for, beside the seed.
LABELS, INPUTS, BOTH, KEPT, WEIGHTS = range(5)
STARTS = 4  # of descent on the population loss


class Training(TypedDict):
    """incontext.regression.training of the configuration."""

    ranks: list[int]
    starts: int
    steps: int
    batch: int
    rate: float
    test_prompts: int


class Regression(TypedDict):
    """incontext.regression of the configuration."""

    eigenvalues: list[float]
    examples: int
    lengths: list[int]
    demonstrations: list[int]
    label_noise: list[float]
    input_noise: list[float]
    prompts: int
    training: NotRequired[Training]


def spectrum(settings: Regression) -> FloatArray:
    """Variances of the inputs, largest first."""
    return np.sort(np.array(settings["eigenvalues"], dtype=float))[::-1]


def read_to(rank: int, read: FloatArray) -> FloatArray:
    """The diagonal of a head of a rank."""
    return np.where(np.arange(len(read)) < rank, read, 0.0)


def risks(settings: Regression, seed: int) -> pd.DataFrame:
    """Risk by kind of noise, length of training prompts, demonstrations, rank and noise; drawn prompts beside it.

    Lengths other than `examples` are only asked for at the first number of demonstrations.
    """
    variances, rows = spectrum(settings), []
    ones = np.ones_like(variances)
    for m in settings["demonstrations"]:
        lengths = settings["lengths"] if m == settings["demonstrations"][0] else [settings["examples"]]
        for noise_in, noise, prompts in _noisy(settings, m, seed):
            in_labels = noise_in == "labels"
            both = {"label_noise": noise} if in_labels else {"input_noise": noise}
            for n in sorted({settings["examples"], *lengths}) if in_labels else [settings["examples"]]:
                for rank in range(len(variances) + 1):
                    read = read_to(rank, regression.diagonal_of_best(variances, n))
                    parts = regression.risk(variances, read, ones, m, **both)
                    limit = regression.limit_of_long_pretraining(variances, rank, m, **both)
                    errors = regression_simulation.squared_errors(read, prompts, noise if in_labels else 0.0)
                    rows.append((noise_in, n, m, rank, noise, parts, limit, errors))
    # The control: labels as noisy in training as in the test, and as many of them.
    n = settings["examples"]
    prompts = _draw(settings, n, [seed, BOTH])
    for noise in settings["label_noise"]:
        for rank in range(len(variances) + 1):
            read = read_to(rank, regression.diagonal_of_best(variances, n, noise))
            parts = regression.risk(variances, read, ones, n, label_noise=noise)
            errors = regression_simulation.squared_errors(read, prompts, noise)
            rows.append(("both", n, n, rank, noise, parts, np.nan, errors))
    return pd.DataFrame(
        [
            (*keys, parts.total, *asdict(parts).values(), limit, *regression_simulation.mean_and_error(errors))
            for *keys, parts, limit, errors in rows
        ],
        columns=RISK.names,
    )


def _noisy(settings: Regression, m: int, seed: int) -> Iterator[tuple[str, float, regression_simulation.Prompts]]:
    """Kind and level of noise, with prompts drawn for it."""
    prompts = _draw(settings, m, [seed, LABELS, m])
    yield from (("labels", noise, prompts) for noise in settings["label_noise"])
    for noise in settings["input_noise"]:
        yield "inputs", noise, _draw(settings, m, [seed, INPUTS, m], noise)


def _draw(settings: Regression, m: int, seed: list[int], noise: float | None = None) -> regression_simulation.Prompts:
    variances = spectrum(settings)
    corrupted = None if noise is None else noise * np.eye(len(variances))
    return regression_simulation.draw_prompts(np.diag(variances), m, settings["prompts"], seed, input_noise=corrupted)


def crossings(settings: Regression, seed: int) -> pd.DataFrame:
    """Where neighbouring ranks cross, by formula and by drawn prompts at no noise and at the highest."""
    variances, n, rows = spectrum(settings), settings["examples"], []
    best = regression.diagonal_of_best(variances, n)
    for m in settings["demonstrations"]:
        label_prompts = _draw(settings, m, [seed, LABELS, m])
        high_label, high_input = max(settings["label_noise"]), max(settings["input_noise"])
        clean, noisy = (_draw(settings, m, [seed, INPUTS, m], noise) for noise in (0.0, high_input))
        places = {
            "labels": (regression.label_crossings(variances, n, m), {0.0: label_prompts, high_label: label_prompts}),
            "inputs": (regression.input_crossings(variances, n, m), {0.0: clean, high_input: noisy}),
        }
        for noise_in, (crossing, prompts) in places.items():
            for rank in range(1, len(variances) + 1):
                found = {
                    noise: regression_simulation.squared_errors(
                        read_to(rank, best), own, noise if noise_in == "labels" else 0.0
                    )
                    - regression_simulation.squared_errors(
                        read_to(rank - 1, best), own, noise if noise_in == "labels" else 0.0
                    )
                    for noise, own in prompts.items()
                }
                drawn = regression_simulation.crossing_and_error(found)
                rows.append((noise_in, n, m, rank, crossing[rank - 1], *drawn))
    return pd.DataFrame(rows, columns=CROSSINGS.names)


def shrinkage(settings: Regression, seed: int) -> pd.DataFrame:
    """What the best head keeps of each direction, by formula and by least squares on drawn prompts."""
    variances, rows = spectrum(settings), []
    for n in sorted({settings["examples"], *settings["lengths"]}):
        kept = regression.diagonal_of_best(variances, n) * variances
        prompts = _draw(settings, n, [seed, KEPT, n])
        for i in range(len(variances)):
            z = prompts.clean[:, i]
            ratio, error = regression_simulation.ratio_and_error(prompts.task[:, i] * z, z**2)
            rows.append((n, i + 1, variances[i], kept[i], ratio * variances[i], error * variances[i]))
    return pd.DataFrame(rows, columns=SHRINKAGE.names)


def descents(settings: Regression, seed: int) -> pd.DataFrame:
    """Where L-BFGS on the population loss ends from random starts, for tasks ~ N(0, I) and N(0, C)."""
    variances = spectrum(settings)
    inputs, d = np.diag(variances), len(variances)
    rng = np.random.default_rng([seed, WEIGHTS])
    mixed = rng.normal(size=(d, d))
    rows = []
    for name, weights in {"white": np.eye(d), "mixed": mixed @ mixed.T / d}.items():
        moment = regression.second_moment(inputs, weights, settings["examples"])
        for rank in range(1, d + 1):
            _, optimum = regression.best_of_rank(rank, inputs, weights, settings["examples"])
            for start in range(STARTS):
                loss = _descend(rank, inputs, weights, moment, rng)
                rows.append((name, rank, start, loss, optimum))
    return pd.DataFrame(rows, columns=DESCENT.names)


def _descend(rank: int, inputs: FloatArray, weights: FloatArray, moment: FloatArray, rng: np.random.Generator) -> float:
    d = len(inputs)

    def objective(flat: FloatArray) -> tuple[float, FloatArray]:
        left, right = flat.reshape(2, d, rank)
        read = left @ right.T
        loss = np.trace(inputs @ read @ moment @ read.T) - 2 * np.trace(inputs @ read @ inputs @ weights)
        slope = 2 * inputs @ (read @ moment - weights @ inputs)
        return float(loss), np.concatenate([(slope @ right).ravel(), (slope.T @ left).ravel()])

    options = {"gtol": 1e-10, "ftol": 0, "maxiter": 10_000}
    end = optimize.minimize(  # type: ignore[call-overload]  # the stubs do not know an objective with its slope
        objective, rng.normal(size=2 * d * rank), jac=True, method="L-BFGS-B", options=options
    )
    return float(end.fun + np.trace(inputs @ weights))
