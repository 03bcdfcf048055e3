"""Attention weighted by value norms, against sums of vectors from `output_hidden_states` and the model's matrices."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from readalike.attention.tap import Tap, tapped_attention, tapping
from readalike.attention.words import tokenise
from readalike.errors import UnsupportedModelError
from readalike.files.attention import RAW, VALUE_NORMS
from tests.tiny_models import make_tiny_checkpoint
from tests.unit.test_extract import CONDITIONS, CORPUS, run

# Float32 rounding; values are up to some tens here.
TOL = 1e-5

Array = np.ndarray


def of_llama(layer: Any, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(tokens, heads * D) values, repeated for the heads that share them, and W_O as (heads * D, hidden)."""
    own = layer.self_attn
    value = own.v_proj(layer.input_layernorm(states))
    groups = own.num_key_value_groups
    by_group = value.view(len(value), -1, own.head_dim).repeat_interleave(groups, dim=1)
    return by_group.reshape(len(value), -1), own.o_proj.weight.T


def of_gpt2(layer: Any, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    # Conv1D: inputs first.
    return layer.attn.c_attn(layer.ln_1(states)).chunk(3, dim=-1)[2], layer.attn.c_proj.weight


def of_gpt_neox(layer: Any, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    own = layer.attention
    joined = own.query_key_value(layer.input_layernorm(states)).view(len(states), -1, 3 * own.head_size)
    return joined[:, :, 2 * own.head_size :].reshape(len(states), -1), own.dense.weight.T


def of_opt(layer: Any, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    own = layer.self_attn
    return own.v_proj(layer.self_attn_layer_norm(states)), own.out_proj.weight.T


FAMILIES: dict[str, tuple[Callable[[Any, torch.Tensor], tuple[torch.Tensor, torch.Tensor]], str]] = {
    "llama": (of_llama, "model.layers"),
    "qwen2": (of_llama, "model.layers"),
    "gpt2": (of_gpt2, "transformer.h"),
    "gpt_neox": (of_gpt_neox, "gpt_neox.layers"),
    "opt": (of_opt, "model.decoder.layers"),
}


def by_hand(folder: Path, family: str, prefix: str) -> list[Array]:
    """Of every sentence (layers, heads, words, words): vectors summed, then measured, then averaged, by loops."""
    values_and_output, place = FAMILIES[family]
    model: Any = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = []
    for sentence in CORPUS.sentences:
        tokens = tokenise(tokenizer, sentence, prefix, None)
        with torch.no_grad():
            out = model(torch.tensor([tokens.ids]), output_attentions=True, output_hidden_states=True)
        owners, n = np.array(tokens.words), len(sentence.words)
        merged = np.zeros((len(out.attentions), out.attentions[0].shape[1], n, n))
        for k, attention in enumerate(out.attentions):
            with torch.no_grad():
                values, output = values_and_output(model.get_submodule(f"{place}.{k}"), out.hidden_states[k][0])
            heads = attention.shape[1]
            size = len(output) // heads
            for head in range(heads):
                part = slice(head * size, (head + 1) * size)
                vectors = (values[:, part].double() @ output[part].double()).detach().numpy()  # (tokens, hidden)
                matrix = attention[0, head].double().numpy()
                for i in range(n):
                    for j in range(i + 1):
                        to = owners == j
                        lengths = [
                            np.linalg.norm(matrix[token, to] @ vectors[to]) for token in np.flatnonzero(owners == i)
                        ]
                        merged[k, head, i, j] = np.mean(lengths)
        found.append(merged)
    return found


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_lengths_are_those_of_sums_of_vectors(tmp_path: Path, family: str) -> None:
    folder = make_tiny_checkpoint(tmp_path, family=family)
    found = run(folder, kind=VALUE_NORMS)
    for name, prefix in CONDITIONS.items():
        result = found.conditions[name]
        assert result.other[VALUE_NORMS].shape == result.attention.shape
        largest = 0.0
        for k, expected in enumerate(by_hand(folder, family, prefix)):
            i, j = np.tril_indices(expected.shape[-1])
            ours = result.other[VALUE_NORMS][:, :, CORPUS.pairs_of(k)]
            np.testing.assert_allclose(ours, expected[:, :, i, j], atol=TOL, rtol=TOL)
            largest = max(largest, expected.max())
        assert largest > 0.1, "a comparison of nothing with nothing"


def test_raw_attention_is_the_same_beside_them(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    raw, beside = run(folder), run(folder, kind=VALUE_NORMS)
    for name in CONDITIONS:
        assert raw.conditions[name].other == {}
        np.testing.assert_array_equal(raw.conditions[name].attention, beside.conditions[name].attention)
    assert run(folder, kind=RAW).conditions["plain"].other == {}


class Toy(torch.nn.Module):
    """An attention module of two heads of three values, with a projection of so many inputs."""

    layer_idx = 0

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.o_proj = torch.nn.Linear(inputs, 5)

    def attention(self) -> torch.Tensor:
        query, key, value = torch.randn(3, 1, 2, 4, 3, generator=torch.Generator().manual_seed(1))
        mask = torch.full((4, 4), -torch.inf).triu(1)[None, None]
        tap = Tap(torch.eye(4)[None], torch.ones(1, 4), kind=VALUE_NORMS)
        with tapping(tap), torch.no_grad():
            return tapped_attention(self, query, key, value, mask)[0].flatten(2)


def test_a_module_without_a_known_output_projection_is_refused() -> None:
    with pytest.raises(UnsupportedModelError, match="Toy has no output projection called o_proj or out_proj or"):
        Toy(7).attention()


def test_a_model_that_changes_attention_before_it_is_projected_is_refused() -> None:
    """As BitNet does, with a norm, and others with a gate."""
    module = Toy(6)
    for _ in range(2):
        module.o_proj(module.attention())
    with pytest.raises(UnsupportedModelError, match="Toy changes what attention gives before it is projected"):
        module.o_proj(1.5 * module.attention())
    module.o_proj(module.attention())
