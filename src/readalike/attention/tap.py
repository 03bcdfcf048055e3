"""The tap: an attention function that computes what the model would, and keeps it merged to words.

Registered under one name for attention *and* mask: with the attention alone, transformers gives no mask at all, so
that nothing is causal and nothing says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.masking_utils import AttentionMaskInterface, eager_mask
from transformers.pytorch_utils import Conv1D

from readalike.errors import UnsupportedModelError
from readalike.files.attention import RAW, VALUE_NORMS

NAME = "readalike"

# What models pass beside the usual arguments without changing attention itself. Anything else that is not None is
# refused: gpt-oss, for one, passes sinks that change every weight.
HARMLESS = frozenset(
    [
        *("sliding_window", "position_ids", "is_causal", "cache_position", "past_key_values", "use_cache"),
        *("output_attentions", "output_hidden_states", "output_router_logits", "return_dict", "logits_to_keep"),
        *("cu_seq_lens_q", "cu_seq_lens_k", "max_length_q", "max_length_k"),
    ]
)


@dataclass
class Tap:
    """Collects the word-level attention of one forward pass.

    membership : (batch, words, tokens) of 0/1; None in a probe, which only counts
    mask : (batch, tokens), 1 for real tokens
    check_causal : check that no real token attends to a later one
    kind : of attention to collect beside the raw one
    rollout : (batch, tokens, tokens) attention rollout up to the layer before (Abnar and Zuidema 2020, section 3);
        every layer moves it on
    words, other : by layer, (batch, heads, words, words); `other` is of `kind`, and a rollout has one head
    calls : the layer of each call

    Tokens are those that go through the layers; columns of a shared prefix stand before them and are cut off.
    """

    membership: torch.Tensor | None = None
    mask: torch.Tensor | None = None
    check_causal: bool = False
    kind: str = RAW
    rollout: torch.Tensor | None = None
    words: dict[int, torch.Tensor] = field(default_factory=dict)
    other: dict[int, torch.Tensor] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)

    @cached_property
    def averaging(self) -> torch.Tensor:
        """(batch, words, tokens): a word's tokens, each with one part in their number."""
        assert self.membership is not None
        return self.membership / self.membership.sum(dim=-1, keepdim=True).clamp(min=1)

    def keep(self, layer: int, probabilities: torch.Tensor) -> None:
        """What else is kept of a layer's attention, (batch, heads, tokens, shared + tokens): nothing here."""


_ACTIVE: ContextVar[Tap | None] = ContextVar("readalike_tap", default=None)


@contextmanager
def tapping(tap: Tap) -> Iterator[Tap]:
    """Models called inside hand their attention to `tap`."""
    token = _ACTIVE.set(tap)
    try:
        yield tap
    finally:
        _ACTIVE.reset(token)


def tapped_attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    softcap: float | None = None,
    **keywords: Any,
) -> tuple[torch.Tensor, None]:
    """Attention as transformers' eager function computes it, softmax in float32, handed to the active tap.

    query : [B, heads, T, D]; key, value : [B, key-value heads, T, D]. Returns ([B, T, heads, D], None).
    """
    tap = _ACTIVE.get()
    if tap is None:
        raise RuntimeError("tapped_attention was called outside tapping()")
    unknown = sorted(name for name, given in keywords.items() if given is not None and name not in HARMLESS)
    if unknown:
        raise UnsupportedModelError(
            f"{type(module).__name__} passes {', '.join(unknown)} to its attention, which may change it in a way "
            "that is not known here; models like LLaMA, GPT-2, OPT, Qwen, Gemma or Phi work"
        )
    if attention_mask is None or attention_mask.dim() != 4 or not attention_mask.is_floating_point():
        raise UnsupportedModelError(
            f"{type(module).__name__} hands no additive mask to its attention, so that it would not be causal"
        )
    batch, heads, length, size = query.shape
    groups = key.shape[1]
    scale = size**-0.5 if scaling is None else scaling
    # Heads of one key-value group side by side, instead of keys and values repeated; reshape, as query is transposed.
    scores = query.reshape(batch, groups, -1, size) @ key.transpose(2, 3)  # (batch, groups, heads a group * T, keys)
    scores = scores.view(batch, heads, length, -1) * scale  # (batch, heads, T, keys)
    if softcap is not None:
        scores = torch.tanh(scores / softcap) * softcap
    scores = scores + attention_mask[:, :, :, : scores.shape[-1]]
    probabilities = torch.softmax(scores, dim=-1, dtype=torch.float32)  # (batch, heads, T, keys)
    layer = int(module.layer_idx)  # type: ignore[arg-type]  # set by every attention module
    _collect(tap, layer, probabilities)
    if tap.kind == VALUE_NORMS and tap.membership is not None:
        projection = _output_projection(module, heads, value.shape[-1])
        tap.other[layer] = value_norms(tap, projection, probabilities, value)
    weights = probabilities.to(value.dtype).view(batch, groups, -1, probabilities.shape[-1])
    output = (weights @ value).view(batch, heads, length, value.shape[-1])  # (batch, heads, T, D)
    output = output.transpose(1, 2).contiguous()
    if tap.kind == VALUE_NORMS and tap.membership is not None:
        _expect(projection, output.flatten(2), type(module).__name__)
    return output, None


def _collect(tap: Tap, layer: int, probabilities: torch.Tensor) -> None:
    tap.calls.append(layer)
    tap.keep(layer, probabilities)
    if tap.membership is None:
        return
    shared = probabilities.shape[3] - probabilities.shape[2]
    if tap.check_causal and tap.mask is not None:
        # Padding rows may be uniform (a sliding window that holds only padding); real rows only.
        ahead = torch.triu(probabilities, diagonal=shared + 1).amax(dim=(1, 3)) * tap.mask
        if float(ahead.max()) > 0:
            raise UnsupportedModelError(
                f"layer {layer} attends to later tokens: the model is not causal (is it an encoder?)"
            )
    own = probabilities[..., shared:]  # (batch, heads, tokens, tokens)
    # Summed over the tokens of the word looked at, averaged over those of the word that looks (paper, 4.3).
    # (batch, heads, words, words)
    tap.words[layer] = tap.averaging[:, None] @ own @ tap.membership[:, None].transpose(2, 3)
    if tap.rollout is not None:
        # Half the mean over heads, half the residual connection. What a prefix passes on does not come back to own
        # tokens, since it looks at none of them: their part of the product is the product of their parts.
        tap.rollout = 0.5 * (own.mean(dim=1) @ tap.rollout) + 0.5 * tap.rollout  # (batch, tokens, tokens)
        rolled = tap.averaging @ tap.rollout @ tap.membership.transpose(1, 2)
        tap.other[layer] = rolled[:, None]  # (batch, 1, words, words)


# Names of the projection that joins the heads, in transformers' attention modules.
OUTPUTS = ("o_proj", "out_proj", "c_proj", "dense")


def value_norms(
    tap: Tap, projection: torch.nn.Linear | Conv1D, probabilities: torch.Tensor, value: torch.Tensor
) -> torch.Tensor:
    """Attention weighted by what it carries, merged to words (Kobayashi et al. 2020, section 3): per head the length of
    sum_j a_ij f(x_j) over the tokens j of the word looked at, averaged over the tokens i of the word that looks.

    f(x) is the value through the head's part of the output projection, without its bias. It is not formed: the squared
    length is a' G a with G = V (W W') V', of the size of the attention. Returns (batch, heads, words, words), float32.
    """
    assert tap.membership is not None
    own = probabilities[..., probabilities.shape[3] - probabilities.shape[2] :]  # (batch, heads, tokens, tokens)
    heads, tokens = own.shape[1], own.shape[3]
    # A Conv1D (GPT-2) has its inputs first, a Linear last.
    weight = projection.weight if isinstance(projection, Conv1D) else projection.weight.T
    by_head = weight.float().reshape(heads, value.shape[3], -1)  # (heads, D, hidden)
    v = value[:, :, -tokens:].float().repeat_interleave(heads // value.shape[1], dim=1)  # (batch, heads, tokens, D)
    products = v @ (by_head @ by_head.transpose(1, 2)) @ v.transpose(2, 3)  # (batch, heads, tokens, tokens)
    one_word = tap.membership.transpose(1, 2) @ tap.membership  # (batch, tokens, tokens): 1 within a word
    squares = ((own @ (products * one_word[:, None])) * own) @ tap.membership[:, None].transpose(2, 3)
    # Rounding can leave a little less than nothing.
    return tap.averaging[:, None] @ squares.clamp(min=0).sqrt()


def _output_projection(module: torch.nn.Module, heads: int, size: int) -> torch.nn.Linear | Conv1D:
    """What joins the heads of an attention module."""
    for name in OUTPUTS:
        projection = getattr(module, name, None)
        if isinstance(projection, Conv1D | torch.nn.Linear):
            inputs = projection.weight.shape[0 if isinstance(projection, Conv1D) else 1]
            if inputs == heads * size:
                return projection
    raise UnsupportedModelError(
        f"{type(module).__name__} has no output projection called {' or '.join(OUTPUTS)} that takes {heads} heads of "
        f"{size} values, which value norms need; use attention: raw"
    )


def _expect(projection: torch.nn.Module, given: torch.Tensor, name: str) -> None:
    """Refuse a model that puts a norm or a gate between attention and the projection, once it is called."""

    def compare(_: torch.nn.Module, arguments: tuple[Any, ...]) -> None:
        handle.remove()
        if not torch.equal(arguments[0].reshape(given.shape), given):
            raise UnsupportedModelError(
                f"{name} changes what attention gives before it is projected, so that value norms of attention are not "
                "those of what it passes on; use attention: raw"
            )

    handle = projection.register_forward_pre_hook(compare)


AttentionInterface.register(NAME, tapped_attention)
AttentionMaskInterface.register(NAME, eager_mask)
