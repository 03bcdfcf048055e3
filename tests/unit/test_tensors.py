"""Where tensors come from: sharded safetensors and .bin, deltas, code that comes with a checkpoint."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from readalike.attention.extract import Extraction, extract_block
from readalike.errors import FileFormatError
from readalike.weights.tensors import Checkpoint, weight_files
from tests.tiny_models import make_tiny_checkpoint
from tests.unit.test_extract import CONDITIONS, CORPUS

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"


def run(checkpoint: Checkpoint) -> Extraction:
    return extract_block(
        checkpoint, CORPUS, CONDITIONS, model_name="tiny", first=0, last=1, layers=2, dtype="float32",
        token_budget=64, threads=1, device="cpu", progress=False,
    )  # fmt: skip


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
    with pytest.raises(FileFormatError, match=r"no \*\.safetensors and no pytorch_model\*\.bin"):
        run(Checkpoint(folder))
    (folder / "model.safetensors").write_bytes((plain / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(FileFormatError, match="cannot be read as safetensors"):
        run(Checkpoint(folder))
    (folder / "model.safetensors.index.json").write_text("{}", encoding="utf-8")
    with pytest.raises(FileFormatError, match="no index of weights"):
        run(Checkpoint(folder))


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


def test_code_of_a_checkpoint_runs_only_where_it_is_trusted(plain: Path, tmp_path: Path) -> None:
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
