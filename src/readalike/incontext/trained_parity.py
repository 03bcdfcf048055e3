"""Parity heads that are trained: hinge loss, Adam, fresh prompts at every step, several starts side by side.

Which prompts a start sees depends on the seed alone, not on the number of heads, so that sizes are compared in pairs.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from readalike.corpus import FloatArray, IntArray
from readalike.incontext.parity import CONFIGURATIONS, Heads, exact_margins, pairs, probabilities
from readalike.incontext.parity_accuracy import Setting, draw_shown, right

FIRST_SCALE = 0.5  # standard deviation of first weights
# What a generator is for, beside the seed.
PROMPTS, WEIGHTS, TESTS = 0, 1, 2


@dataclass(frozen=True)
class Recipe:
    """How heads are trained.

    d, covered : features, and the first of them that frequent tasks are about; rare : share of tasks about any feature
    examples : demonstrations of a prompt; None for z as endlessly many give it
    """

    d: int
    covered: int
    g: float
    rare: float
    examples: int | None
    starts: int
    steps: int
    batch: int
    rate: float
    seed: int


def draw_tasks(recipe: Recipe, many: int, rng: np.random.Generator) -> IntArray:
    """Frequent and rare tasks as they come, (many, 2)."""
    frequent, every = np.array(pairs(recipe.covered)), np.array(pairs(recipe.d))
    is_rare = rng.random(many) < recipe.rare
    own, other = rng.integers(0, len(frequent), many), rng.integers(0, len(every), many)
    return np.asarray(np.where(is_rare[:, None], every[other], frequent[own]))


def draw_batch(recipe: Recipe, many: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """z p, (many, d), of prompts and their queries, and the queries' labels, (many,)."""
    tasks = draw_tasks(recipe, many, rng)
    rows = np.arange(many)
    if recipe.examples is None:
        z = np.zeros((many, recipe.d))
        z[rows[:, None], tasks] = 2 * recipe.g
    else:
        setting = Setting(recipe.examples, recipe.g, 0.0)
        z = draw_shown(tasks, recipe.d, setting, rng) / recipe.examples
    query = 2 * rng.integers(0, 2, (many, recipe.d)) - 1
    own = np.array(CONFIGURATIONS)[rng.choice(4, many, p=probabilities(recipe.g))]
    query[rows[:, None], tasks] = own
    return np.asarray(z * query), np.asarray(own.prod(axis=1), dtype=np.float64)


def train(heads: int, recipe: Recipe) -> tuple[list[Heads], FloatArray]:
    """Trained heads of every start, and their hinge loss over the last tenth of the steps, (starts,)."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    first = np.random.default_rng([recipe.seed, WEIGHTS, heads])
    shape = (recipe.starts, heads, recipe.d)
    diagonals = torch.tensor(first.normal(0, FIRST_SCALE, shape), dtype=torch.float32, requires_grad=True)
    signs = torch.tensor(first.normal(0, FIRST_SCALE, shape[:2]), dtype=torch.float32, requires_grad=True)
    optimiser = torch.optim.Adam([diagonals, signs], lr=recipe.rate)
    rng = np.random.default_rng([recipe.seed, PROMPTS])
    last = max(1, recipe.steps // 10)
    losses = torch.zeros(recipe.starts)
    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * (1 + math.cos(math.pi * step / recipe.steps)) / 2
        seen, labels = draw_batch(recipe, recipe.starts * recipe.batch, rng)
        inputs = torch.tensor(seen.reshape(recipe.starts, recipe.batch, recipe.d), dtype=torch.float32)
        answers = torch.relu(inputs @ diagonals.transpose(1, 2)) @ signs[:, :, None]
        wanted = torch.tensor(labels.reshape(recipe.starts, recipe.batch, 1), dtype=torch.float32)
        loss = torch.relu(1 - wanted * answers).mean(dim=(1, 2))
        optimiser.zero_grad()
        # Starts do not touch one another.
        loss.sum().backward()  # type: ignore[no-untyped-call]  # torch's own
        optimiser.step()
        if step >= recipe.steps - last:
            losses += loss.detach() / last
    ends = zip(diagonals.detach().double().numpy(), signs.detach().double().numpy(), strict=True)
    return [Heads(np.asarray(v), np.asarray(a)) for v, a in ends], np.asarray(losses.double().numpy())


def weight_by_feature(heads: Heads) -> FloatArray:
    """Share of the sum of (a_h v_hi)^2 that stands on each feature, (d,)."""
    energy = ((heads.signs[:, None] * heads.diagonals) ** 2).sum(axis=0)
    return np.asarray(energy / energy.sum())


def exact_accuracy(heads: Heads, tasks: list[tuple[int, int]], g: float) -> float:
    """Accuracy with z as endlessly many demonstrations give it; a tie is 1/2."""
    answers = (np.sign(exact_margins(heads, tasks, g)) + 1) / 2
    return float((answers @ probabilities(g)).mean())


def tested(
    heads: Heads, tasks: list[tuple[int, int]], setting: Setting, prompts: int, seed: list[int]
) -> FloatArray:  # (4,)
    """Accuracy by configuration on drawn prompts, which depend on the seed alone."""
    rng = np.random.default_rng([*seed, TESTS])
    chosen = np.array(tasks)[rng.integers(0, len(tasks), prompts)]
    shown = draw_shown(chosen, heads.diagonals.shape[1], setting, rng)
    return np.asarray(right(heads, chosen, shown, rng).mean(axis=0))
