"""What a model says of prompts: log-probabilities of whole labels, and where the prompt's last token looks.

The demonstrations of a prompt go through the layers once for all texts that are asked about behind them, as prefixes of
conditions do in extraction (`attention.prefixes`); what a token is shown is the same, and every job proves it on a few
whole prompts. Layers run block by block, so that no more than one block is loaded.
"""

import gc
import logging
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from readalike.attention.blocks import Block
from readalike.attention.extract import DTYPES, limits_of_positions, set_arithmetic
from readalike.attention.probe import probe
from readalike.corpus import FloatArray
from readalike.errors import ReadalikeError, UnsupportedModelError
from readalike.files.attention import Float32Array
from readalike.incontext.through_layers import Asked, Run
from readalike.weights.description import read_config
from readalike.weights.failures import OutOfMemory, shortage_is_out_of_memory
from readalike.weights.tensors import Checkpoint
from readalike.weights.unread import require_all_taken

log = logging.getLogger("readalike")


class Answers(NamedTuple):
    """log_probabilities : (prompts, labels) nats; attention : (prompts, layers, heads, groups), sums.

    parameters : of the whole model
    """

    log_probabilities: FloatArray
    attention: Float32Array
    parameters: int


def ask(
    checkpoint: Checkpoint,
    asked: Sequence[Asked],
    *,
    model_name: str,
    blocks: Sequence[tuple[int, int]],
    dtype: str,
    token_budget: int,
    threads: int,
    share_demonstrations: bool = True,
    device: str | None = None,
) -> Answers:
    """Run prompts through a model.

    blocks : first and last layer of each, all layers of the model; one is loaded at a time
    token_budget : padded tokens a batch, shared ones not counted; halved where memory does not suffice
    share_demonstrations : run those of a condition once; False: every prompt whole

    Raises UnsupportedModelError, NumericsError, FileFormatError, and ReadalikeError where memory does not suffice.
    """
    set_arithmetic(threads)
    config = read_config(checkpoint)
    whole = probe(config, trust_remote_code=checkpoint.trust_remote_code)
    run = Run(asked, model_name, torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu")))
    require_fitting(limits_of_positions(config), asked, model_name)
    if share_demonstrations:
        run.share()
    longest = max(len(text.item.own.ids) for k, text in enumerate(run.texts) if k not in run.proofs)
    budget = token_budget
    while True:
        found = _through_blocks(checkpoint, config, whole, run, blocks, dtype, budget)
        if isinstance(found, Answers):
            return found
        # Here, outside any handler, nothing holds on to the tensors of what failed.
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if found.weights or budget <= longest:
            raise ReadalikeError(
                f"{model_name}, layers {found.first} to {found.last}: "
                + ("the weights do not fit" if found.weights else "not even one prompt fits")
                + " into memory; lower layers_per_job, or use a larger device"
            )
        budget //= 2
        log.warning("%s: out of memory; starting again with a token budget of %d", model_name, budget)


class _DoesNotFit(NamedTuple):
    """A block for which there was no memory, for its weights or for a batch behind them."""

    first: int
    last: int
    weights: bool


def _through_blocks(
    checkpoint: Checkpoint,
    config: Any,
    whole: Any,
    run: Run,
    blocks: Sequence[tuple[int, int]],
    dtype: str,
    token_budget: int,
) -> Answers | _DoesNotFit:
    """All layers, block by block; `whole` is the model without weights."""
    carried, sums = None, []
    for first, last in blocks:
        loaded = False
        try:
            with shortage_is_out_of_memory():
                block = Block(checkpoint, config, first, last, DTYPES[dtype])
                require_all_taken(whole, checkpoint)
                block.to(run.device)
                loaded = True
                carried, found = run.layers(block, carried, token_budget)
                sums.append(found)
                if block.is_last:
                    run.prove(carried, np.concatenate(sums, axis=1), block.dtype)
                    logarithms = run.label_nats(block, carried)
        except OutOfMemory:
            return _DoesNotFit(first, last, weights=not loaded)
    attention = np.concatenate(sums, axis=1)[: len(run.asked)]
    return Answers(logarithms, attention, whole.num_parameters())


def require_fitting(limits: dict[str, int], asked: Sequence[Asked], model_name: str) -> None:
    """Raise UnsupportedModelError where a prompt with its longest label has more tokens than the model positions."""
    longest = longest_prompt(asked)
    for what, limit in limits.items():
        if longest > limit:
            raise UnsupportedModelError(
                f"{model_name}: a prompt has {longest} tokens with its label, the model {limit} {what}; use fewer "
                "demonstrations"
            )


def longest_prompt(asked: Sequence[Asked]) -> int:
    """Tokens of the longest prompt with its longest label."""
    return max(len(one.encoded.ids) + max(map(len, one.encoded.labels)) for one in asked)
