"""Memory and time that extraction jobs are given: against what the weights are, and growing where they must."""

import dataclasses
import json
from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM

from readalike import jobs
from readalike.errors import FileFormatError
from tests.tiny_models import make_tiny_checkpoint

# LLaMA 7B as its card tells it.
LLAMA = jobs.Size(layers=32, heads=32, parameters=6_738_415_616, hidden=4096, vocabulary=32_000)


@pytest.mark.parametrize("family", ["llama", "gpt2", "opt"])
def test_size_of_a_folder_is_that_of_the_model(tmp_path: Path, family: str) -> None:
    folder = make_tiny_checkpoint(tmp_path, family=family, layers=3)
    size = jobs.size_of_folder(folder, list(folder.glob("*.safetensors")), 3)
    model = AutoModelForCausalLM.from_pretrained(folder)
    # The file's header counts as numbers too.
    assert size.parameters == pytest.approx(model.num_parameters(), rel=0.1)
    assert size.parameters >= model.num_parameters()
    assert (size.layers, size.heads, size.hidden) == (3, 4, 32)
    assert size.vocabulary == model.config.vocab_size


def test_unknown_width_of_numbers_errs_upwards(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 8, "num_attention_heads": 2}), encoding="utf-8")
    (tmp_path / "w.bin").write_bytes(b"\0" * 4000)
    assert jobs.size_of_folder(tmp_path, [tmp_path / "w.bin"], 2).parameters == 2000


@pytest.mark.parametrize("field", ["hidden_size", "num_attention_heads", "vocab_size"])
@pytest.mark.parametrize("number", ["eight", None, 0, -1, 10**30, True, [8], 8.5])
def test_mending_6_a_size_that_is_no_number_is_named(tmp_path: Path, field: str, number: object) -> None:
    described = {"hidden_size": 8, "num_attention_heads": 2, "vocab_size": 99, field: number}
    for content in (described, {"hidden_size": 8, "text_config": described}):
        (tmp_path / "config.json").write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(FileFormatError, match=rf"config\.json: {field} is .*, not a whole number from 1"):
            jobs.size_of_folder(tmp_path, [], 2)


@pytest.mark.parametrize("dtype", ["floaty", None, 0, -1, True, [2], {"text_config": "float32"}])
def test_mending_6_an_odd_dtype_counts_as_two_bytes(dtype: object) -> None:
    """Which errs upwards, as where config.json says nothing; what it means is for transformers to say."""
    assert jobs.width_of({"dtype": dtype}) == 2


def test_blocks_together_load_the_weights_once_but_for_the_edges() -> None:
    every = sum(jobs.weights_bytes(LLAMA, k, k + 7, "float16") for k in range(0, 32, 8))
    assert every == jobs.weights_bytes(LLAMA, 0, 31, "float16")
    assert every == pytest.approx(2 * LLAMA.parameters, rel=0.03)
    assert jobs.weights_bytes(LLAMA, 0, 31, "float32") == 2 * every


def test_memory_holds_the_weights_and_grows_with_everything() -> None:
    def memory(first: int = 0, last: int = 31, **changed: object) -> int:
        return jobs.memory_mb(LLAMA, first, last, **{"dtype": "float16", "conditions": 4, **changed})  # type: ignore[arg-type]

    assert memory() > 2 * LLAMA.parameters / 1e6 + jobs.SNAKEMAKE_MB
    assert memory(0, 7) < memory(0, 15) < memory()
    assert memory(dtype="float32") > memory()
    assert memory(conditions=8) > memory()
    assert memory(attempt=2) == pytest.approx(1.5 * memory(), abs=1)
    assert memory(attempt=3) == pytest.approx(2.0 * memory(), abs=1)


def test_minutes_grow_with_layers_and_attempts() -> None:
    few, many = (jobs.minutes(LLAMA, 0, last, dtype="float16") for last in (7, 31))
    assert jobs.MINUTES < few < many
    assert jobs.minutes(LLAMA, 0, 31, dtype="float16", attempt=2) > many


@pytest.mark.parametrize(
    ("parameters", "layers", "hidden"), [(6.7e9, 32, 4096), (65.2e9, 80, 8192), (774e6, 36, 1280), (135e6, 30, 576)]
)
def test_width_from_the_number_of_parameters(parameters: float, layers: int, hidden: int) -> None:
    """LLaMA 7B and 65B, GPT-2 Large, SmolLM2-135M."""
    assert jobs.size_of_parameters(parameters, layers).hidden == pytest.approx(hidden, rel=0.1)


def test_a_gguf_file_is_taken_for_the_most_it_can_hold(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"\0" * 5000)
    assert jobs.size_of_gguf(tmp_path / "m.gguf", 2).parameters == 10_000
    assert jobs.size_of_gguf(tmp_path / "none.gguf", 2).parameters == 1e9


def test_a_conversion_gets_more_than_was_measured_and_less_than_the_whole(tmp_path: Path) -> None:
    """Peaks of three files: 270 million, 0.5 and 1.5 billion parameters, in float32 1.1, 2.5 and 7.1 GB."""
    for size, measured in ((253e6, 2740), (491e6, 2790), (1117e6, 4010)):
        with (tmp_path / "m.gguf").open("wb") as file:
            file.truncate(round(size))
        assert 2 * measured < jobs.conversion_mb(tmp_path / "m.gguf") < 5 * measured
    with (tmp_path / "large.gguf").open("wb") as file:
        file.truncate(40 * 10**9)
    assert jobs.conversion_mb(tmp_path / "large.gguf") < 4 * 65e3, "a float32 of 65 billion numbers, once"
    assert jobs.conversion_mb(tmp_path / "none.gguf") > 8000
    assert jobs.conversion_mb(tmp_path / "none.gguf", attempt=2) > jobs.conversion_mb(tmp_path / "none.gguf")


def test_files_that_are_not_used_as_they_stand_count_as_well() -> None:
    """Measured: a float16 file loaded as float32, and a delta, keep all pages of their files until loading ends."""
    assert jobs.pages_of([2], "float16") == 0
    assert jobs.pages_of([2], "float32") == 2
    assert jobs.pages_of([2, 4], "float16") == 6
    assert jobs.pages_of([2, 2], "float32") == 4, "a delta, though its bytes add up to those of the dtype"
    plain, delta = (dataclasses.replace(LLAMA, pages=pages) for pages in (0, 6))
    sizes = [jobs.memory_mb(size, 0, 31, dtype="float16", conditions=4) for size in (plain, delta)]
    assert sizes[1] - sizes[0] > 0.99 * 6 * LLAMA.parameters / 1e6
