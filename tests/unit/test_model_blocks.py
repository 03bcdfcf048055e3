"""Blocks of layers of one model: what each holds, and models whose layers need more than the one before leaves."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaModel

from readalike.attention.blocks import Block
from readalike.attention.extract import DTYPES
from readalike.errors import UnsupportedModelError
from readalike.weights.description import read_config
from readalike.weights.tensors import Checkpoint
from tests.tiny_models import FAMILIES, make_tiny_checkpoint
from tests.unit.test_extract import ATTENTION_TOL, CONDITIONS, LOSS_TOL, by_hand, run


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_modules_that_stay_in_float32_do(tmp_path: Path, dtype: str) -> None:
    folder, kind = make_tiny_checkpoint(tmp_path, family="deepseek_v3"), DTYPES[dtype]
    checkpoint = Checkpoint(folder)
    block = Block(checkpoint, read_config(checkpoint), 0, 3, kind)
    expected = AutoModelForCausalLM.from_pretrained(folder, dtype=kind).state_dict()
    found = block.model.state_dict()
    assert {name: tensor.dtype for name, tensor in expected.items() if not name.startswith("lm_head")} == {
        name: tensor.dtype for name, tensor in found.items()
    }
    assert {tensor.dtype for tensor in found.values()} == {kind, torch.float32}


GEMMA4 = {
    **{"head_dim": 8, "global_head_dim": 8, "sliding_window": 4, "layer_types": FAMILIES["gemma3_text"]["layer_types"]},
    **{"vocab_size_per_layer_input": 400, "hidden_size_per_layer_input": 8, "num_kv_shared_layers": 0},
}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        # the embedding goes into every layer, past the states that are handed on
        ({}, "layers 2 to 3 need the embedding beside what the layer before leaves"),
        # keys and values of another block's layers
        ({"num_kv_shared_layers": 2}, "layers 2 to 3 cannot be run"),
    ],
)
def test_layers_that_need_more_than_the_layer_before_run_together_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, int], said: str
) -> None:
    monkeypatch.setitem(FAMILIES, "gemma4_text", GEMMA4 | options)
    folder, states = make_tiny_checkpoint(tmp_path / "model", family="gemma4_text"), tmp_path / "s.safetensors"
    found, (attention, loss) = run(folder), by_hand(folder)
    for name in CONDITIONS:
        np.testing.assert_allclose(found.conditions[name].attention, attention[name], atol=ATTENTION_TOL)
        np.testing.assert_allclose(found.conditions[name].loss, loss[name], atol=LOSS_TOL)
    run(folder, 0, 1, states_out=states)
    with pytest.raises(UnsupportedModelError, match=f"{said}.*leave layers_per_job out"):
        run(folder, 2, 3, states_in=states)


def test_layers_that_write_into_what_they_get_can_be_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where they write into what stands for the embedding."""
    plain = LlamaModel.forward

    def writes(module: LlamaModel, input_ids: torch.Tensor, **keywords: object) -> object:
        keywords["inputs_embeds"] = module.embed_tokens(input_ids).mul_(1)
        return plain(module, **keywords)

    folder = make_tiny_checkpoint(tmp_path / "model")
    expected = run(folder)
    monkeypatch.setattr(LlamaModel, "forward", writes)
    run(folder, 0, 1, states_out=tmp_path / "s.safetensors")
    part = run(folder, 2, 3, states_in=tmp_path / "s.safetensors")
    np.testing.assert_array_equal(part.conditions["noise"].loss, expected.conditions["noise"].loss)


def test_a_head_whose_bias_the_model_asks_for_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BERT as a decoder, in blocks and with a head of its own."""
    monkeypatch.setitem(FAMILIES, "bert", {"is_decoder": True})
    folder, states = make_tiny_checkpoint(tmp_path / "model", family="bert"), tmp_path / "s.safetensors"
    attention, loss = by_hand(folder)
    run(folder, 0, 1, states_out=states)
    part = run(folder, 2, 3, states_in=states)
    for name, result in part.conditions.items():
        np.testing.assert_allclose(result.attention, attention[name][2:], atol=ATTENTION_TOL)
        np.testing.assert_allclose(result.loss, loss[name], atol=LOSS_TOL)


@pytest.mark.parametrize("tied", [True, False])
def test_only_the_last_block_holds_a_head_and_only_where_it_is_the_embedding(tmp_path: Path, tied: bool) -> None:
    checkpoint = Checkpoint(make_tiny_checkpoint(tmp_path, tied=tied))
    config = read_config(checkpoint)
    models = [Block(checkpoint, config, first, first, torch.float32).model for first in range(4)]
    sizes = [sum(p.numel() for p in model.parameters()) for model in models]
    assert ["lm_head.weight" in model.state_dict() for model in models] == [False, False, False, tied]
    layer, embedding = sizes[1], 32 * 400
    assert sizes[0] == layer + embedding
    assert sizes[2] == layer
    assert sizes[3] == layer + (embedding if tied else 0)


def test_buffers_are_those_of_the_model_around_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of pictures inside one of text computes its own, as from_pretrained has it."""
    text = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 4, "num_attention_heads": 4}
    text |= FAMILIES["gemma3_text"] | {"num_key_value_heads": 2, "vocab_size": 400}
    picture = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    picture |= {"image_size": 28, "patch_size": 7}
    config = AutoConfig.for_model("gemma3", text_config=text, vision_config=picture, mm_tokens_per_image=4)
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    checkpoint = Checkpoint(tmp_path)
    found = dict(Block(checkpoint, read_config(checkpoint), 0, 3, torch.float32).model.named_buffers())
    expected = dict(AutoModelForCausalLM.from_pretrained(tmp_path).named_buffers())
    assert {name for name in expected if "vision" in name}
    assert set(found) == set(expected)
    for name, buffer in expected.items():
        torch.testing.assert_close(found[name], buffer, rtol=0, atol=0)


def test_a_stub_tells_the_kind_of_its_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some models ask their layers which mask they need."""
    monkeypatch.setattr(LlamaDecoderLayer, "attention_type", "full_attention", raising=False)
    checkpoint = Checkpoint(make_tiny_checkpoint(tmp_path))
    block = Block(checkpoint, read_config(checkpoint), 2, 3, torch.float32)
    assert [layer.attention_type for layer in block.layers] == ["full_attention"] * 4


def test_a_configuration_that_asks_for_tuples_changes_nothing(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    expected = run(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    asked = {"return_dict": False, "output_attentions": True, "output_hidden_states": True, "use_cache": True}
    (folder / "config.json").write_text(json.dumps(config | asked), encoding="utf-8")
    np.testing.assert_array_equal(run(folder).conditions["noise"].loss, expected.conditions["noise"].loss)
