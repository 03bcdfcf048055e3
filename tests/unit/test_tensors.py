"""Where tensors come from: sharded safetensors and .bin, deltas, code that comes with a checkpoint."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageTextToText
from transformers.core_model_loading import MergeModulelist

from readalike.attention.extract import Extraction, extract_block
from readalike.errors import FileFormatError, NumericsError, ReadalikeError
from readalike.weights.files import weight_files
from readalike.weights.tensors import Checkpoint
from tests.tiny_models import FAMILIES, make_tiny_checkpoint, tokenizer
from tests.unit.test_extract import ATTENTION_TOL, CONDITIONS, CORPUS, LOSS_TOL, by_hand
from tests.unit.test_extract import run as run_four

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"


SETTINGS: dict[str, Any] = {
    **{"model_name": "tiny", "layers": 2, "dtype": "float32", "token_budget": 64, "threads": 1, "device": "cpu"},
    "progress": False,
}


def run(checkpoint: Checkpoint) -> Extraction:
    return extract_block(checkpoint, CORPUS, CONDITIONS, first=0, last=1, **SETTINGS)


def assert_equal(found: Extraction, expected: Extraction) -> None:
    for name, result in expected.conditions.items():
        np.testing.assert_array_equal(found.conditions[name].attention, result.attention)
        np.testing.assert_array_equal(found.conditions[name].loss, result.loss)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("plain"), layers=2)


@pytest.fixture(scope="module")
def expected(plain: Path) -> Extraction:
    return run(Checkpoint(plain))


def copied(plain: Path, folder: Path) -> Path:
    """Everything but the weights."""
    shutil.copytree(plain, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    return folder


def as_bin(plain: Path, folder: Path, shards: int, **options: Any) -> Path:
    tensors = load_file(plain / "model.safetensors")
    names = sorted(tensors)
    copied(plain, folder)
    files = {name: f"pytorch_model-{k % shards + 1:05d}-of-{shards:05d}.bin" for k, name in enumerate(names)}
    for file in set(files.values()):
        torch.save({name: tensors[name] for name in names if files[name] == file}, folder / file, **options)
    index = {"metadata": {}, "weight_map": files}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


def test_safetensors_in_three_files(plain: Path, expected: Extraction, tmp_path: Path) -> None:
    size = (plain / "model.safetensors").stat().st_size
    model = AutoModelForCausalLM.from_pretrained(plain)
    folder = copied(plain, tmp_path / "sharded")
    model.save_pretrained(folder, max_shard_size=size // 2)
    assert len(weight_files(folder)) == 3
    assert_equal(run(Checkpoint(folder)), expected)
    (folder / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(FileFormatError, match=r"names model-00002-of-00003\.safetensors, which is not there"):
        weight_files(folder)


def test_bin_in_three_files_is_mapped_and_an_old_one_is_read_whole(
    plain: Path, expected: Extraction, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = as_bin(plain, tmp_path / "bin", 3)
    assert len(weight_files(folder)) == 3
    assert_equal(run(Checkpoint(folder)), expected)
    assert not caplog.text
    old = as_bin(plain, tmp_path / "old", 1, _use_new_zipfile_serialization=False)
    assert_equal(run(Checkpoint(old)), expected)
    assert "before PyTorch 1.6" in caplog.text


class Hostile:
    def __reduce__(self) -> Any:
        return os.system, ("touch ran-code",)


def test_a_hostile_bin_runs_no_code(plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = copied(plain, tmp_path / "hostile")
    torch.save({"x": Hostile()}, folder / "pytorch_model.bin")
    with pytest.raises(FileFormatError, match="cannot be read as PyTorch weights"):
        run(Checkpoint(folder))
    assert not (tmp_path / "ran-code").exists()


def test_damaged_files_are_named(plain: Path, tmp_path: Path) -> None:
    folder = copied(plain, tmp_path / "damaged")
    with pytest.raises(FileFormatError, match=r"no model\.safetensors and no pytorch_model\.bin"):
        run(Checkpoint(folder))
    for content in ("{}", "[]", '{"weight_map": {"a": 1}}', "{"):
        (folder / "model.safetensors.index.json").write_text(content, encoding="utf-8")
        with pytest.raises(FileFormatError, match="no index of weights"):
            run(Checkpoint(folder))
    (folder / "model.safetensors").write_bytes((plain / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(FileFormatError, match="cannot be read as safetensors"):
        run(Checkpoint(folder))


@pytest.mark.parametrize("content", [[1], {"state_dict": {"a": torch.zeros(1)}}, {"a": torch.zeros(1), "epoch": 3}])
def test_a_bin_of_something_else_is_named(plain: Path, tmp_path: Path, content: Any) -> None:
    folder = copied(plain, tmp_path / "else")
    torch.save(content, folder / "pytorch_model.bin")
    with pytest.raises(FileFormatError, match=r"pytorch_model\.bin: not tensors by their names alone"):
        run(Checkpoint(folder))


def test_files_beside_those_that_transformers_loads_are_not_read(
    plain: Path, expected: Extraction, tmp_path: Path
) -> None:
    folder = tmp_path / "beside"
    shutil.copytree(plain, folder)
    others = {name: tensor + 1 for name, tensor in load_file(plain / "model.safetensors").items()}
    for name in ("zzz.safetensors", "model-00001-of-00001.safetensors"):
        save_file(others, folder / name, metadata={"format": "pt"})
    index = {"metadata": {}, "weight_map": dict.fromkeys(others, "model-00001-of-00001.safetensors")}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    torch.save(others, folder / "pytorch_model.bin")
    assert_equal(run(Checkpoint(folder)), expected)


@pytest.mark.parametrize("single", ["model.safetensors", "pytorch_model.bin"])
@pytest.mark.parametrize("name", ["../outside.safetensors", "/etc/outside.bin", "a/../../outside.bin", "..", "x" * 300])
def test_mending_6_an_index_names_files_of_its_own_folder_only(
    plain: Path, tmp_path: Path, single: str, name: str
) -> None:
    folder = copied(plain, tmp_path / "inner" / "model")
    for outside in (folder.parent / "outside.safetensors", tmp_path / "inner" / "outside.bin"):
        shutil.copy(plain / "model.safetensors", outside)
    index = {"weight_map": {EMBEDDING: name}}
    (folder / f"{single}.index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(FileFormatError, match=rf"{single}\.index\.json: .* is no name of a file in the same folder"):
        run(Checkpoint(folder))


def rewritten(plain: Path, folder: Path, change: Callable[[dict[str, torch.Tensor]], None], **config: Any) -> Path:
    """The plain checkpoint with other tensors or another configuration."""
    copied(plain, folder)
    tensors = load_file(plain / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    content = json.loads((folder / "config.json").read_text(encoding="utf-8")) | config
    (folder / "config.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_quantised_weights_are_refused(plain: Path, tmp_path: Path) -> None:
    """Names and shapes fit, and the scales beside them would be left out without a word."""
    name = "model.layers.1.mlp.up_proj.weight"

    def rounded(dtype: torch.dtype) -> Callable[[dict[str, torch.Tensor]], None]:
        return lambda tensors: tensors.update({name: tensors[name].to(dtype), f"{name}_scale_inv": torch.ones(1)})

    for dtype in (torch.float8_e4m3fn, torch.int8, torch.uint8):
        folder = rewritten(plain, tmp_path / str(dtype), rounded(dtype))
        with pytest.raises(FileFormatError, match=rf"{name} is {dtype}: quantised"):
            run(Checkpoint(folder))
    said = {"quant_method": "fp8"}
    folder = rewritten(plain, tmp_path / "said", rounded(torch.float8_e4m3fn), quantization_config=said)
    with pytest.raises(FileFormatError, match=r"its weights are quantised \(fp8\)"):
        run(Checkpoint(folder))


def test_quantised_weights_under_a_delta_are_refused(plain: Path, tmp_path: Path) -> None:
    """Their sum with a delta is a plain number."""
    name = "model.layers.1.mlp.up_proj.weight"
    folder = rewritten(plain, tmp_path / "int", lambda tensors: tensors.update({name: tensors[name].to(torch.int32)}))
    for base, delta in ((folder, plain), (plain, folder)):
        with pytest.raises(FileFormatError, match=rf"{name} is torch\.int32: quantised"):
            run(Checkpoint(base, delta))


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("of another number")])
def test_what_goes_wrong_while_experts_are_put_together_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: RuntimeError
) -> None:
    """The loader keeps it to itself, and the tensor would be said to be missing."""
    folder = make_tiny_checkpoint(tmp_path, family="mixtral", layers=2)

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(MergeModulelist, "convert", fails)
    if isinstance(error, torch.OutOfMemoryError):
        with pytest.raises(ReadalikeError, match="tiny, layer 0: its weights do not fit into memory"):
            run(Checkpoint(folder))
    else:
        with pytest.raises(FileFormatError, match=r"mlp\.experts\.\w+ cannot be made .*another number; Error") as found:
            run(Checkpoint(folder))
        assert "Traceback" not in str(found.value)


def test_tensors_of_another_shape_are_named(plain: Path, tmp_path: Path) -> None:
    folder = rewritten(plain, tmp_path / "shape", lambda _: None, intermediate_size=40)
    with pytest.raises(FileFormatError, match=r"has shape \(32, 48\), config\.json asks for \(32, 40\)"):
        run(Checkpoint(folder))


@pytest.mark.parametrize("kept", ["both equal", "head", "embedding", "both differ"])
def test_tied_or_not_follows_what_is_there(plain: Path, tmp_path: Path, kept: str) -> None:
    """As from_pretrained has it: whichever of the two is there counts for both, and two that differ are not tied."""

    def change(tensors: dict[str, torch.Tensor]) -> None:
        if kept != "both differ":
            tensors[HEAD] = tensors[EMBEDDING].clone()
        if kept in ("head", "embedding"):
            del tensors[EMBEDDING if kept == "head" else HEAD]

    folder = rewritten(plain, tmp_path / "tied", change, tie_word_embeddings=True)
    checkpoint, states = Checkpoint(folder), tmp_path / "s.safetensors"
    attention, loss = by_hand(folder)
    extract_block(checkpoint, CORPUS, CONDITIONS, first=0, last=0, states_out=states, **SETTINGS)
    part = extract_block(checkpoint, CORPUS, CONDITIONS, first=1, last=1, states_in=states, **SETTINGS)
    for name, result in run(checkpoint).conditions.items():
        np.testing.assert_allclose(result.attention, attention[name], atol=ATTENTION_TOL)
        np.testing.assert_allclose(result.loss, loss[name], atol=LOSS_TOL)
        np.testing.assert_array_equal(part.conditions[name].loss, result.loss)
        np.testing.assert_array_equal(part.conditions[name].attention, result.attention[1:])


def test_mending_6_a_layer_that_config_json_does_not_count_is_no_longer_dropped(plain: Path, tmp_path: Path) -> None:
    """Whole, in blocks (which read other layers' tensors on purpose not), in .bin files, and in the base of a delta."""
    deeper = make_tiny_checkpoint(tmp_path / "deeper", layers=3)
    config = json.loads((deeper / "config.json").read_text(encoding="utf-8")) | {"num_hidden_layers": 2}
    (deeper / "config.json").write_text(json.dumps(config), encoding="utf-8")
    said = (
        r"model\.safetensors: nothing in the model that .*config\.json describes \(2 layers, LlamaForCausalLM\) takes "
        r"model\.layers\.2\.input_layernorm\.weight, .* and 4 more: .*correct config\.json"
    )
    states = tmp_path / "s.safetensors"
    for checkpoint in (Checkpoint(deeper), Checkpoint(deeper, plain), Checkpoint(plain, deeper)):
        with pytest.raises(FileFormatError, match=said):
            run(checkpoint)
        with pytest.raises(FileFormatError, match=said):
            extract_block(checkpoint, CORPUS, CONDITIONS, first=0, last=0, states_out=states, **SETTINGS)
    bins = as_bin(deeper, tmp_path / "bins", 3)
    with pytest.raises(FileFormatError, match=r"pytorch_model-0000.-of-00003\.bin: nothing .* takes model\.layers\.2"):
        run(Checkpoint(bins))


def test_mending_6_biases_and_scales_that_the_model_would_go_without_are_named(plain: Path, tmp_path: Path) -> None:
    for name in ("model.layers.0.self_attn.q_proj.bias", "model.layers.1.mlp.up_proj.weight_scale_inv", "anything"):
        folder = rewritten(plain, tmp_path / name, lambda tensors, name=name: tensors.update({name: torch.ones(32)}))
        with pytest.raises(FileFormatError, match=rf"takes {re.escape(name)}: are they of one model"):
            run(Checkpoint(folder))


BESIDE = {
    "llama": ["model.layers.1.self_attn.rotary_emb.inv_freq", "model.rotary_emb.inv_freq", "mtp.layers.0.weight"],
    "gpt2": ["transformer.h.0.attn.bias", "h.1.attn.masked_bias", "v_head.summary.weight"],
    "gpt_neox": ["gpt_neox.layers.0.attention.bias", "gpt_neox.layers.0.attention.rotary_emb.inv_freq"],
    "opt": ["model.decoder.version", "decoder.version"],
    "gemma3_text": [
        "vision_tower.vision_model.encoder.layers.0.layer_norm1.weight",
        "multi_modal_projector.norm.weight",
    ],
    # further tokens are guessed by layers numbered after the model's own
    "deepseek_v3": ["model.layers.4.eh_proj.weight", "model.layers.4.mlp.up_proj.weight"],
}


@pytest.mark.parametrize("family", sorted(BESIDE))
def test_mending_6_what_is_known_to_be_harmless_may_lie_beside(tmp_path: Path, family: str) -> None:
    folder = make_tiny_checkpoint(tmp_path / "model", family=family)
    expected = run_four(folder)
    tensors = load_file(folder / "model.safetensors") | {name: torch.ones(3) for name in BESIDE[family]}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    assert_equal(run_four(folder), expected)
    save_file(tensors | {"other": torch.ones(3)}, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(FileFormatError, match="takes other: are they of one model"):
        run_four(folder)


@pytest.mark.parametrize("family", ["llama4", "gemma3"])
def test_mending_6_a_model_of_text_may_be_part_of_one_of_pictures(tmp_path: Path, family: str) -> None:
    """Of the first a class of text alone is loaded, of the second the whole."""
    text: dict[str, Any] = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 4, "vocab_size": 400}
    text |= {"num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128, "pad_token_id": 1}
    text |= FAMILIES[f"{family}_text"]
    picture = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    picture |= {"image_size": 28, "patch_size": 7, "vision_output_dim": 16, "projector_input_dim": 16}
    config = AutoConfig.for_model(family, text_config=text, vision_config=picture, mm_tokens_per_image=4)
    torch.manual_seed(0)
    AutoModelForImageTextToText.from_config(config).save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    assert any("vision" in name for name in load_file(tmp_path / "model.safetensors"))
    attention, loss = by_hand(tmp_path)
    for name, result in run_four(tmp_path).conditions.items():
        np.testing.assert_allclose(result.attention, attention[name], atol=ATTENTION_TOL)
        np.testing.assert_allclose(result.loss, loss[name], atol=LOSS_TOL)


def with_delta(plain: Path, tmp_path: Path, missing_rows: str | None) -> tuple[Path, Path]:
    """Base and delta whose sum is the plain checkpoint; with missing rows, the base's vocabulary is 3 rows shorter."""
    total = load_file(plain / "model.safetensors")
    generator = torch.Generator().manual_seed(7)
    base, delta = {}, {}
    for name, tensor in total.items():
        # Multiples of 1/64 near the tensor's size: every sum below is exact, so that results are equal to the bit.
        base[name] = (torch.randn(tensor.shape, generator=generator) * 64).round() / 64
        rounded = (tensor * 64).round() / 64
        if missing_rows is not None and name in (EMBEDDING, HEAD):
            base[name] = base[name][:-3].clone()
            # 397 rows; their mean as the library computes it, whose rounding then cancels.
            rest = base[name].mean(dim=0, keepdim=True) if missing_rows == "mean" else torch.zeros(1, tensor.shape[1])
            filled = torch.cat([base[name], rest.expand(3, -1)])
            delta[name] = rounded - filled
        else:
            delta[name] = rounded - base[name]
    folders = copied(plain, tmp_path / "base"), copied(plain, tmp_path / "delta")
    for folder, tensors in zip(folders, (base, delta), strict=True):
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folders


@pytest.mark.parametrize("missing_rows", [None, "zeros", "mean"])
def test_a_delta_is_added_tensor_by_tensor(plain: Path, tmp_path: Path, missing_rows: str | None) -> None:
    base, delta = with_delta(plain, tmp_path, missing_rows)
    rounded = {name: (tensor * 64).round() / 64 for name, tensor in load_file(plain / "model.safetensors").items()}
    whole = copied(plain, tmp_path / "whole")
    save_file(rounded, whole / "model.safetensors", metadata={"format": "pt"})
    found, expected = run(Checkpoint(base, delta, missing_rows)), run(Checkpoint(whole))
    for name, result in expected.conditions.items():
        # Only the mean's rows are not exact.
        tolerance = 1e-6 if missing_rows == "mean" else 0
        np.testing.assert_allclose(found.conditions[name].attention, result.attention, rtol=0, atol=tolerance)
        np.testing.assert_allclose(found.conditions[name].loss, result.loss, rtol=0, atol=100 * tolerance)
    assert set(found.attributes["weights"]) == {"base/model.safetensors", "delta/model.safetensors"}


def test_a_delta_that_does_not_fit_is_named(plain: Path, tmp_path: Path) -> None:
    base, delta = with_delta(plain, tmp_path, "zeros")
    with pytest.raises(FileFormatError, match=r"3 rows more in the delta; set delta\.missing_rows to zeros .* or mean"):
        run(Checkpoint(base, delta))
    with pytest.raises(FileFormatError, match=r"has shape \(397, 32\) in the delta, \(400, 32\) in the base"):
        run(Checkpoint(delta, base, "zeros"))
    tensors = load_file(delta / "model.safetensors")
    del tensors["model.norm.weight"]
    save_file(tensors, delta / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(FileFormatError, match=r"no tensor for model\.norm\.weight .* or its delta in .*delta has none"):
        run(Checkpoint(base, delta, "zeros"))


def test_a_delta_is_added_in_float32(tmp_path: Path) -> None:
    """In bfloat16 the sum of 256 and 1 would be 256."""
    for name, value in (("base", 256.0), ("delta", 1.0)):
        (tmp_path / name).mkdir()
        tensors = {"a": torch.full((2, 2), value, dtype=torch.bfloat16)}
        save_file(tensors, tmp_path / name / "model.safetensors", metadata={"format": "pt"})
    (total,) = Checkpoint(tmp_path / "base", tmp_path / "delta").tensors(lambda *_: None).values()
    assert total[...].dtype == torch.float32
    assert (total[...] == 257).all()


def test_a_delta_on_a_base_of_another_depth_is_refused(plain: Path, tmp_path: Path) -> None:
    deeper = make_tiny_checkpoint(tmp_path / "deeper", layers=3)
    with pytest.raises(FileFormatError, match=r"the delta has 2 layers, the base 3; name the base"):
        run(Checkpoint(deeper, plain))


def test_code_of_a_checkpoint_runs_only_where_it_is_trusted(plain: Path, tmp_path: Path, own_modules: None) -> None:
    folder = tmp_path / "own-code"
    shutil.copytree(plain, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["model_type"] = "own"
    config["auto_map"] = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    code = """
from transformers import LlamaConfig, LlamaForCausalLM

class OwnConfig(LlamaConfig):
    model_type = "own"

class OwnModel(LlamaForCausalLM):
    config_class = OwnConfig
"""
    (folder / "own.py").write_text(code, encoding="utf-8")
    with pytest.raises(FileFormatError, match="trust_remote_code: true for the model if you trust it"):
        run(Checkpoint(folder))
    assert_equal(run(Checkpoint(folder, trust_remote_code=True)), run(Checkpoint(plain)))


def test_a_buffer_that_nothing_fills_is_no_chance_number(plain: Path, tmp_path: Path, own_modules: None) -> None:
    """Made in a constructor, and in no checkpoint: from_pretrained leaves there what was in memory."""
    auto = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    folder = rewritten(plain, tmp_path / "own-buffer", lambda _: None, model_type="own-buffer", auto_map=auto)
    code = """
import torch
from transformers import LlamaConfig, LlamaForCausalLM

class Rotation(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("angles", torch.tensor([1.0, 0.1, 0.01, 0.001]), persistent=False)

    def forward(self, x, position_ids):
        turned = torch.cat([position_ids[..., None] * self.angles] * 2, dim=-1)
        return turned.cos(), turned.sin()

class OwnConfig(LlamaConfig):
    model_type = "own-buffer"

class OwnModel(LlamaForCausalLM):
    config_class = OwnConfig

    def __init__(self, config):
        super().__init__(config)
        self.model.rotary_emb = Rotation()
"""
    (folder / "own.py").write_text(code, encoding="utf-8")
    with pytest.raises(NumericsError, match="attention of layer 0 is not a number .*does not fill its buffers"):
        run(Checkpoint(folder, trust_remote_code=True))


def test_weights_beside_an_adapter_are_refused(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path / "m", layers=2)
    weight_files(folder)
    (folder / "adapter_config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"adapter_config\.json says that an adapter .*merge_and_unload"):
        weight_files(folder)
