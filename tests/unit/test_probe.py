"""Models whose attention cannot be had are refused before any weight is read, in one message."""

import pytest
import torch
from transformers import AutoConfig

from readalike.attention.probe import layer_list, probe
from readalike.errors import UnsupportedModelError

SMALL = {"vocab_size": 100, "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 2}
HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2}
REFUSED = {
    # their own attention, which no tap reaches
    "bloom": {"vocab_size": 100, "hidden_size": 32, "n_layer": 2, "n_head": 4},
    "gptj": {"vocab_size": 100, "n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4},
    "falcon": {"vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4},
    "gpt_neo": {
        **{"vocab_size": 100, "hidden_size": 32, "num_layers": 2, "num_heads": 4},
        "attention_types": [[["global", "local"], 1]],
    },
    "codegen": {"vocab_size": 100, "n_embd": 32, "n_layer": 2, "n_head": 4, "rotary_dim": 4},
    "mpt": {"vocab_size": 100, "d_model": 32, "n_layers": 2, "n_heads": 4},
    # no softmax attention in some layers, or in none
    "mamba": {"vocab_size": 100, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4},
    "qwen3_next": {
        **SMALL, **HEADS, **{"head_dim": 8, "num_experts": 2, "num_experts_per_tok": 1},
        **{"linear_num_key_heads": 2, "linear_num_value_heads": 2, "linear_key_head_dim": 8},
        **{"linear_value_head_dim": 8, "layer_types": ["linear_attention", "full_attention"]},
        **{"moe_intermediate_size": 8, "shared_expert_intermediate_size": 8},
    },
    # the difference of two softmaxes
    "diffllama": {**SMALL, **HEADS},
}  # fmt: skip


@pytest.mark.parametrize("family", sorted(REFUSED))
def test_models_that_cannot_be_tapped_are_refused_before_weights_are_read(family: str) -> None:
    config = AutoConfig.for_model(family, **REFUSED[family])
    with pytest.raises(UnsupportedModelError, match=r"(?s)(attention calls|cannot be tapped|softmax attention).*LLaMA"):
        probe(config)


def test_sinks_are_refused() -> None:
    config = AutoConfig.for_model(
        "gpt_oss", vocab_size=100, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=8, intermediate_size=32, num_local_experts=2, num_experts_per_tok=1,
    )  # fmt: skip
    with pytest.raises(UnsupportedModelError, match="s_aux"):
        probe(config)


# Forward passes that fail on the meta device, or need what is not installed.
FAILING = {
    "jetmoe": {**SMALL, **HEADS, **{"num_local_experts": 2, "num_experts_per_tok": 1, "kv_channels": 8}},
    "xlnet": {"vocab_size": 100, "d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 32},
    "reformer": {"vocab_size": 100, "is_decoder": True, "num_hidden_layers": 2},
}


@pytest.mark.parametrize("family", sorted(FAILING))
def test_whatever_a_model_raises_is_one_message(family: str) -> None:
    with pytest.raises(UnsupportedModelError, match=rf"(?s){family}: .*LLaMA"):
        probe(AutoConfig.for_model(family, **FAILING[family]))


def test_an_encoder_is_refused() -> None:
    config = AutoConfig.for_model(
        "bert", vocab_size=400, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=32,
        is_decoder=False,
    )  # fmt: skip
    with pytest.raises(UnsupportedModelError, match="not causal"):
        probe(config)


def test_two_lists_of_as_many_modules_as_layers_are_refused() -> None:
    model = torch.nn.Module()
    model.layers, model.others = (torch.nn.ModuleList([torch.nn.Identity()] * 2) for _ in range(2))
    with pytest.raises(UnsupportedModelError, match="2 lists of 2 layers in Module"):
        layer_list(model, 2)


def test_a_probe_leaves_the_configuration_as_it_was() -> None:
    config = AutoConfig.for_model("llama", **SMALL, **HEADS)
    before = config.to_json_string(), config._attn_implementation
    probe(config)
    assert (config.to_json_string(), config._attn_implementation) == before
