"""A model before its training: weights drawn as its class draws them, in place of those that a checkpoint holds.

What it shares with readers comes of the architecture and the tokenizer alone: causal masks, words of several tokens,
recency that positions bring. A trained model has to be above it.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel

from readalike.errors import UnsupportedModelError


def draw(model: Any, seed: int) -> None:
    """Fill every parameter that is still empty, by a seed of its module's own: a block draws as the whole would.

    Raises UnsupportedModelError for a parameter that the model's class does not draw.
    """
    filled: dict[int, torch.Tensor] = {}
    for module in model.modules():
        for places in (module._parameters, module._buffers):
            for name, tensor in places.items():
                if tensor is not None and tensor.is_meta:
                    # One that stands in two places stays one.
                    if id(tensor) not in filled:
                        filled[id(tensor)] = _without_numbers(tensor)
                    places[name] = filled[id(tensor)]
    with torch.random.fork_rng(devices=[]):
        _draw(model, "", model, seed, {id(tensor) for tensor in filled.values()})
    for target, source in model.all_tied_weights_keys.items():
        _tie(model, target, source)
    every = (*model.named_parameters(), *model.named_buffers())
    missing = [name for name, tensor in every if tensor.is_meta or bool(tensor.isnan().any())]
    if missing:
        raise UnsupportedModelError(
            f"{type(model).__name__} does not say how {missing[0]} is drawn before training ({len(missing)} such "
            "tensors); remove untrained"
        )


def _draw(module: nn.Module, name: str, model: Any, seed: int, new: set[int]) -> None:
    """What is inside a module first: some classes draw parts of what they hold anew. Nothing that stood before."""
    model = module if isinstance(module, PreTrainedModel) else model
    for key, child in module.named_children():
        _draw(child, f"{name}.{key}", model, seed, new)
    inside = {id(tensor) for part in module.modules() for tensor in _stored(part)}
    if inside and inside <= new:
        torch.manual_seed(int.from_bytes(hashlib.sha256(f"{seed}{name}".encode()).digest()[:8], "big") >> 1)
        model._init_weights(module)


def _stored(module: nn.Module) -> Iterator[torch.Tensor]:
    """What a checkpoint holds of a module itself: parameters, and buffers that are saved."""
    yield from (parameter for parameter in module._parameters.values() if parameter is not None)
    for name, buffer in module._buffers.items():
        if buffer is not None and name not in module._non_persistent_buffers_set:
            yield buffer


def _without_numbers(tensor: torch.Tensor) -> torch.Tensor:
    if not isinstance(tensor, nn.Parameter):
        return torch.full_like(tensor, torch.nan if tensor.is_floating_point() else 0, device="cpu")
    return nn.Parameter(torch.full_like(tensor, torch.nan, device="cpu"), requires_grad=False)


def _tie(model: Any, target: str, source: str) -> None:
    there = dict(model.named_parameters(remove_duplicate=False))
    if target in there and source in there:
        place, _, name = target.rpartition(".")
        model.get_submodule(place)._parameters[name] = there[source]
