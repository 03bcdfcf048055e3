"""One linear attention layer trained on prompts of regressions: does descent find the head that the formula names?

Tokens are (x_i, y_i) and the query (x_q, 0). The layer's answer is v' [mean of e_i e_i'] K' Q e_q, with K and Q of r
rows: all blocks are free. What multiplies y x is U = v_y (K'Q)_xx + v_x (K'Q)_yx; its rank is at most r, since both
parts have the r rows of Q.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from readalike.corpus import FloatArray

FIRST_SCALE = 0.4  # standard deviation of first weights
PROMPTS, WEIGHTS, TESTS = 0, 1, 2


@dataclass(frozen=True)
class Recipe:
    """How layers are trained: on prompts of `examples` demonstrations; `batch` prompts at a step, for all starts."""

    eigenvalues: tuple[float, ...]
    examples: int
    starts: int
    steps: int
    batch: int
    rate: float
    test_prompts: int
    seed: int


@dataclass(frozen=True)
class Trained:
    """Of every start: `losses` on the same test prompts, `gaps` to the best head's on them with `gap_errors`; `kept`,
    (starts, d), the diagonal of U L, where U is all of the layer that multiplies y x."""

    losses: FloatArray
    gaps: FloatArray
    gap_errors: FloatArray
    kept: FloatArray


def _draw(recipe: Recipe, many: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Means of e e', (many, d + 1, d + 1), queries (x_q, 0), (many, d + 1), and what they should give, (many,)."""
    d = len(recipe.eigenvalues)
    roots = torch.tensor(recipe.eigenvalues, dtype=torch.float32).sqrt()
    x = torch.randn(many, recipe.examples + 1, d, generator=generator) * roots
    y = (x @ torch.randn(many, d, 1, generator=generator)).squeeze(2)
    tokens = torch.cat([x, y[:, :, None]], dim=2)
    shown = tokens[:, :-1]
    query = tokens[:, -1].clone()
    query[:, -1] = 0
    return shown.transpose(1, 2) @ shown / recipe.examples, query, y[:, -1]


def train(rank: int, best: FloatArray, recipe: Recipe) -> Trained:
    """Train layers of a rank from random starts; `best` is the diagonal of the best head of that rank, (d,)."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    d = len(recipe.eigenvalues)
    first = np.random.default_rng([recipe.seed, WEIGHTS, rank])

    def weights(*shape: int) -> torch.Tensor:
        drawn = first.normal(0, FIRST_SCALE, (recipe.starts, *shape))
        return torch.tensor(drawn, dtype=torch.float32, requires_grad=True)

    key, query_weights, value = weights(rank, d + 1), weights(rank, d + 1), weights(d + 1)
    optimiser = torch.optim.Adam([key, query_weights, value], lr=recipe.rate)
    generator = torch.Generator().manual_seed(int(np.random.SeedSequence([recipe.seed, PROMPTS]).generate_state(1)[0]))

    def answers(means: torch.Tensor, queries: torch.Tensor) -> torch.Tensor:
        read = torch.einsum("sra,srb->sab", key, query_weights)
        return torch.einsum("sa,pab,sbc,pc->sp", value, means, read, queries)

    for step in range(recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * (1 + math.cos(math.pi * step / recipe.steps)) / 2
        means, queries, wanted = _draw(recipe, recipe.batch, generator)
        loss = (answers(means, queries) - wanted).square().mean(dim=1)
        optimiser.zero_grad()
        loss.sum().backward()  # type: ignore[no-untyped-call]  # torch's own
        optimiser.step()
    tests = torch.Generator().manual_seed(int(np.random.SeedSequence([recipe.seed, TESTS]).generate_state(1)[0]))
    means, queries, wanted = _draw(recipe, recipe.test_prompts, tests)
    with torch.no_grad():
        errors = (answers(means, queries) - wanted).square().double().numpy()
        blocks = torch.einsum("sra,srb->sab", key, query_weights)[:, :, :d]
        # What meets y x: the value reads y and the key x, or the value reads x and the key y. Descent finds both ways.
        reading = value[:, -1, None, None] * blocks[:, :d] + value[:, :d, None] * blocks[:, None, d]
        formula = torch.einsum("pd,d,pd->p", means[:, -1, :d], torch.tensor(best, dtype=torch.float32), queries[:, :d])
        of_best = (formula - wanted).square().double().numpy()
    gaps = errors - of_best
    return Trained(
        losses=errors.mean(axis=1),
        gaps=gaps.mean(axis=1),
        gap_errors=gaps.std(axis=1, ddof=1) / math.sqrt(recipe.test_prompts),
        kept=np.diagonal(reading.double().numpy(), axis1=1, axis2=2) * np.array(recipe.eigenvalues),
    )
