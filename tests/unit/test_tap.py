"""The attention function by itself: its numbers, and what it does not accept."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from readalike.attention.tap import Tap, tapped_attention, tapping
from readalike.errors import UnsupportedModelError

MODULE: Any = SimpleNamespace(layer_idx=0)
N = 5


def qkv(dtype: torch.dtype, heads: int = 4, key_heads: int = 2, size: int = 8) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(1)
    shapes = ((1, heads, N, size), (1, key_heads, N, size), (1, key_heads, N, size))
    return tuple(torch.randn(shape, generator=generator).to(dtype) for shape in shapes)


def causal(dtype: torch.dtype) -> torch.Tensor:
    return torch.full((N, N), torch.finfo(dtype).min, dtype=dtype).triu(1)[None, None]


def tap_of_tokens() -> Tap:
    """Every token is a word."""
    return Tap(torch.eye(N)[None], torch.ones(1, N))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_softmax_is_float32_and_output_has_the_dtype_of_values(dtype: torch.dtype) -> None:
    query, key, value = qkv(dtype)
    tap = tap_of_tokens()
    with tapping(tap):
        output, nothing = tapped_attention(MODULE, query, key, value, causal(dtype))
    keys, values = (part.repeat_interleave(2, dim=1) for part in (key, value))
    scores = (query @ keys.transpose(2, 3)) * 8**-0.5 + causal(dtype)
    expected = scores.float().softmax(dim=-1)
    torch.testing.assert_close(tap.words[0], expected, rtol=0, atol=1e-6)
    # In the scores' own dtype the rows would be off by its rounding, 1e-3 and more.
    torch.testing.assert_close(tap.words[0].sum(dim=-1), torch.ones(1, 4, N), rtol=0, atol=1e-6)
    torch.testing.assert_close(output, (expected.to(dtype) @ values).transpose(1, 2))
    assert output.dtype == dtype
    assert nothing is None


@pytest.mark.parametrize("mask", [None, torch.zeros(N, N), torch.ones(1, 1, N, N, dtype=torch.bool)])
def test_a_mask_that_is_not_added_to_scores_is_refused(mask: torch.Tensor | None) -> None:
    """None stands for causal in some attention functions, and is nothing at all in this one."""
    with tapping(tap_of_tokens()), pytest.raises(UnsupportedModelError, match="no additive mask"):
        tapped_attention(MODULE, *qkv(torch.float32), mask)


def test_an_argument_that_is_not_known_is_refused_unless_it_is_none() -> None:
    with tapping(tap_of_tokens()):
        tapped_attention(MODULE, *qkv(torch.float32), causal(torch.float32), s_aux=None, sliding_window=3)
        with pytest.raises(UnsupportedModelError, match="passes s_aux to its attention"):
            tapped_attention(MODULE, *qkv(torch.float32), causal(torch.float32), s_aux=torch.zeros(4))


def test_outside_it_nothing_is_computed() -> None:
    with pytest.raises(RuntimeError, match="outside tapping"):
        tapped_attention(MODULE, *qkv(torch.float32), causal(torch.float32))
