"""The training loop: AdamW, warm-up, constant rate, linear decay; checkpoints that continue bit by bit.

Which sequences a step sees depends on the step and the seed alone, and nothing else is random (no dropout): model,
optimiser and step are the whole state.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm
from transformers import LlamaConfig, LlamaForCausalLM

from readalike.corpus import FloatArray
from readalike.errors import ConfigurationError
from readalike.files.atomic import replacing

IGNORED = -100  # label of a token that is not predicted, as transformers has it
CHECKPOINT_EVERY = 200  # steps: about a minute
MEASURE_EVERY = 500  # steps between points of the learning curve
WARM_UP = 100  # steps
DECAY = 0.4  # share of the steps at the end
# Products in bfloat16 (weights, sums and losses stay float32) where the processor has them: half as fast again.
BFLOAT16 = torch.cpu._is_avx512_bf16_supported()
EVALUATION_BATCH = 32

Batch = tuple[torch.Tensor, torch.Tensor]  # token ids and labels, each (sequences, tokens)


@dataclass(frozen=True)
class Recipe:
    """How a model is trained; `seed` is that of the order of data."""

    steps: int
    batch: int
    rate: float
    seed: int


@dataclass(frozen=True)
class Point:
    """One point of a learning curve: steps done, tokens learned to predict, held-out nats per token."""

    step: int
    tokens: int
    loss: float


def make_model(
    *, hidden: int, layers: int, heads: int, intermediate: int, vocabulary: int, seed: int
) -> LlamaForCausalLM:
    """A LLaMA with first weights drawn by `seed`; `<s>` is token 0, `</s>` token 1."""
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=hidden,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            intermediate_size=intermediate,
            tie_word_embeddings=True,
            max_position_embeddings=512,
            bos_token_id=0,
            eos_token_id=1,
            pad_token_id=1,
        )
    )


def packed(stream: NDArray[np.integer], length: int) -> torch.Tensor:
    """A stream cut into sequences, (sequences, length); what is left over is dropped."""
    whole = len(stream) // length * length
    return torch.from_numpy(stream[:whole].astype(np.int64)).view(-1, length)


def windows(stream: NDArray[np.integer], length: int) -> Batch:
    """Sequences that overlap by half, of which the second half is predicted: each token after half a length or more.

    The tokens predicted are stream[length // 2 :] without what is left over at the end, each once.
    """
    half = length // 2
    ids = packed(stream, half)
    ids = torch.cat([ids[:-1], ids[1:]], dim=1)
    labels = ids.clone()
    labels[:, :half] = IGNORED
    return ids, labels


def batches_of(sequences: torch.Tensor, labels: torch.Tensor, recipe: Recipe) -> Callable[[int], Batch]:
    """The batch of any step: each epoch goes through all sequences in an order of its own."""

    def row(k: int) -> int:
        epoch, at = divmod(k, len(sequences))
        if epoch not in orders:
            generator = torch.Generator().manual_seed(1_000 * recipe.seed + epoch)
            orders[epoch] = torch.randperm(len(sequences), generator=generator)
        return int(orders[epoch][at])

    orders: dict[int, torch.Tensor] = {}

    def batch(step: int) -> Batch:
        rows = [row(step * recipe.batch + k) for k in range(recipe.batch)]
        ids, wanted = sequences[rows], labels[rows]
        # Sequences padded to one length lose the columns in which nothing is predicted.
        used = int((wanted != IGNORED).any(dim=0).nonzero().max()) + 1
        return ids[:, :used], wanted[:, :used]

    return batch


def token_nats(model: LlamaForCausalLM, ids: torch.Tensor, labels: torch.Tensor) -> list[FloatArray]:
    """Nats of each predicted token, an array for each sequence."""
    result: list[FloatArray] = []
    model.train(False)
    with torch.inference_mode():
        for k in range(0, len(ids), EVALUATION_BATCH):
            wanted = labels[k : k + EVALUATION_BATCH, 1:]
            logits = model(input_ids=ids[k : k + EVALUATION_BATCH]).logits[:, :-1].float()
            nats = torch.nn.functional.cross_entropy(
                logits.transpose(1, 2), wanted, ignore_index=IGNORED, reduction="none"
            )
            result += [row[own].double().numpy() for row, own in zip(nats, wanted != IGNORED, strict=True)]
    model.train()
    return result


def mean_nats(model: LlamaForCausalLM, held_out: Batch) -> float:
    return float(np.concatenate(token_nats(model, *held_out)).mean())


def train(
    model: LlamaForCausalLM,
    batch_of: Callable[[int], Batch],
    held_out: Batch,
    recipe: Recipe,
    checkpoint: Path,
    *,
    label: str = "",
    place: int = 0,
    progress: bool = True,
) -> list[Point]:
    """Train in place, from the checkpoint where there is one; the learning curve.

    checkpoint : written every CHECKPOINT_EVERY steps and at the end, whole or not at all
    place : row of the progress bar on the terminal
    Raises ConfigurationError where the checkpoint belongs to another recipe.
    """
    decayed = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() == 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}],
        lr=recipe.rate,
        betas=(0.9, 0.95),
    )
    start, tokens, curve = 0, 0, list[Point]()
    if checkpoint.is_file():
        state = torch.load(checkpoint, weights_only=True)
        if state["recipe"] != asdict(recipe):
            raise ConfigurationError(
                f"{checkpoint}: made by another recipe ({state['recipe']}); remove it to start anew"
            )
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        start, tokens, curve = state["step"], state["tokens"], [Point(*p) for p in state["curve"]]
    else:
        curve.append(Point(0, 0, mean_nats(model, held_out)))
    model.train()
    bar = tqdm(
        range(start, recipe.steps), initial=start, total=recipe.steps, desc=label, unit="step", position=place,
        disable=not progress, mininterval=1 if os.isatty(2) else 60,
    )  # fmt: skip
    for step in bar:
        for group in optimiser.param_groups:
            group["lr"] = recipe.rate * _share(step, recipe.steps)
        ids, labels = batch_of(step)
        with torch.autocast("cpu", torch.bfloat16, enabled=BFLOAT16):
            loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        tokens += int((labels != IGNORED).sum())
        done = step + 1
        if done % MEASURE_EVERY == 0 or done == recipe.steps:
            curve.append(Point(done, tokens, mean_nats(model, held_out)))
            bar.set_postfix(held_out=f"{curve[-1].loss:.3f}")
        if done % CHECKPOINT_EVERY == 0 or done == recipe.steps:
            with replacing(checkpoint) as temporary:
                torch.save(
                    {
                        "model": model.state_dict(),
                        "optimiser": optimiser.state_dict(),
                        "recipe": asdict(recipe),
                        "step": done,
                        "tokens": tokens,
                        "curve": [(p.step, p.tokens, p.loss) for p in curve],
                    },
                    temporary,
                )
    return curve


def _share(step: int, steps: int) -> float:
    """Learning rate of a step as a share of the highest.

    Until the decay begins nothing depends on the number of steps, so that a plan can be changed while it runs.
    """
    return min((step + 1) / WARM_UP, 1.0, (steps - step) / (steps * DECAY))


def save_float16(model: LlamaForCausalLM, folder: Path) -> None:
    """`save_pretrained` in float16, of a copy: the model stays as it is."""
    copy: Any = LlamaForCausalLM(model.config)
    copy.load_state_dict(model.state_dict())
    copy.half().save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)


def pad_right(rows: Sequence[tuple[list[int], int]], length: int, filler: int) -> Batch:
    """Ids and labels of (tokens, how many stand before the first predicted one), cut or padded to `length`."""
    ids = torch.full((len(rows), length), filler)
    labels = torch.full((len(rows), length), IGNORED)
    for k, (tokens, before) in enumerate(rows):
        row = torch.tensor(tokens[:length])
        ids[k, : len(row)] = row
        labels[k, before : len(row)] = row[before:]
    return ids, labels
