"""Prompts of the regression setting, drawn example by example, and what heads make of them: the check on the formulas.

Nothing here uses a formula of `regression`: inputs, labels and noise are drawn, z is summed, and errors are averaged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from readalike.corpus import FloatArray

# Prompts that are drawn at once: bounds memory. It is part of which numbers are drawn.
CHUNK = 2_000


@dataclass(frozen=True)
class Prompts:
    """What a prompt comes to: `z`, with label noise apart since it enters in proportion; all (prompts, d).

    task : w; query : x_q
    clean, labels : mean of y_i x_i, and of e_i x_i with e of variance 1; both of the inputs as shown
    """

    task: FloatArray
    query: FloatArray
    clean: FloatArray
    labels: FloatArray

    def shown(self, label_noise: float) -> FloatArray:
        return np.asarray(self.clean + np.sqrt(label_noise) * self.labels)


def draw_prompts(
    inputs: FloatArray,
    demonstrations: int,
    prompts: int,
    seed: Sequence[int],
    *,
    weights: FloatArray | None = None,
    task: FloatArray | None = None,
    input_noise: FloatArray | None = None,
) -> Prompts:
    """Draw prompts of inputs ~ N(0, `inputs`), (d, d).

    weights : covariance of w (default: the identity); task : one w, (d,), for all prompts instead
    input_noise : Q, (d, d), covariance of what is added to each input after its label was made
    """
    rng = np.random.default_rng(seed)
    d = len(inputs)
    root = np.linalg.cholesky(inputs)
    of_tasks = np.eye(d) if weights is None else np.linalg.cholesky(weights)
    parts: list[tuple[FloatArray, ...]] = []
    for start in range(0, prompts, CHUNK):
        many = min(CHUNK, prompts - start)
        w = rng.standard_normal((many, d)) @ of_tasks.T if task is None else np.tile(task, (many, 1))
        x = rng.standard_normal((many, demonstrations, d)) @ root.T
        query = rng.standard_normal((many, d)) @ root.T
        y = np.einsum("pmd,pd->pm", x, w)
        noise = rng.standard_normal((many, demonstrations))
        if input_noise is not None:
            values, vectors = np.linalg.eigh(input_noise)
            added = vectors * np.sqrt(np.maximum(values, 0))
            x = x + rng.standard_normal((many, demonstrations, d)) @ added.T
        shown = [np.einsum("pm,pmd->pd", which, x) / demonstrations for which in (y, noise)]
        parts.append((w, query, shown[0], shown[1]))
    return Prompts(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def squared_errors(read: FloatArray, prompts: Prompts, label_noise: float = 0.0) -> FloatArray:
    """(f - <w, x_q>)^2 of every prompt, (prompts,), for a head U, (d, d), or its diagonal, (d,)."""
    shown = prompts.shown(label_noise)
    seen = shown * read if read.ndim == 1 else shown @ read.T
    return np.asarray(np.einsum("pd,pd->p", prompts.query, seen - prompts.task) ** 2)


def mean_and_error(values: FloatArray) -> tuple[float, float]:
    """Mean and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def ratio_and_error(over: FloatArray, under: FloatArray) -> tuple[float, float]:
    """mean(over) / mean(under) of pairs of values, with its standard error by the delta method."""
    ratio = float(over.mean() / under.mean())
    return ratio, float(np.std(over - ratio * under, ddof=1) / np.sqrt(len(over)) / abs(under.mean()))


def crossing_and_error(differences: Mapping[float, FloatArray]) -> tuple[float, float]:
    """Where a difference of errors that is linear in the noise is 0, from paired differences at two levels of noise."""
    (low, at_low), (high, at_high) = sorted(differences.items())
    ratio, error = ratio_and_error(-at_low, at_high - at_low)
    return low + (high - low) * ratio, (high - low) * error
