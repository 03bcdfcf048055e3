"""Memory and time that extraction jobs are given: against what the weights are, and growing where they must."""

import dataclasses
import json
from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM

from readalike import jobs
from readalike.errors import ConfigurationError, FileFormatError
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
    assert memory(attempt=20) == memory(attempt=3), "a job that was preempted so often fits into a node"


def test_minutes_grow_with_layers_and_attempts() -> None:
    few, many = (jobs.minutes(LLAMA, 0, last, dtype="float16", machine=jobs.Machine()) for last in (7, 31))
    assert jobs.MINUTES < few < many
    later = [jobs.minutes(LLAMA, 0, 31, dtype="float16", machine=jobs.Machine(), attempt=k) for k in (2, 3)]
    assert later == [pytest.approx(2 * many, abs=1), pytest.approx(4 * many, abs=3)]
    assert jobs.minutes(LLAMA, 0, 31, dtype="float16", machine=jobs.Machine(), attempt=20) == later[1]


def test_time_is_that_of_the_machine_and_a_gpu_job_fits_into_half_an_hour() -> None:
    """By hand: 13.5 GB of weights; 2 operations a parameter and token, of which there are 40,000."""
    slow = jobs.minutes(LLAMA, 0, 31, dtype="float16", machine=jobs.Machine())
    # The edges count twice in a whole model: embedding and head.
    numbers = LLAMA.parameters + LLAMA.hidden * LLAMA.vocabulary
    assert slow == pytest.approx(10 + (2 * numbers * 40_000 / 1e11 + 2 * numbers / 1e8) / 60, abs=1)
    assert slow > 90
    gpu = jobs.machine_of({"slurm_partition": "gpu", "gflops": 5000, "read_mbps": "100"})
    assert gpu == jobs.Machine(flops=5e12, bandwidth=1e8)
    large = jobs.Size(layers=80, heads=64, parameters=65.3e9, hidden=8192, vocabulary=32_000)
    for size, block in ((LLAMA, (0, 31)), (large, (0, 19)), (large, (60, 79))):
        assert 10 < jobs.minutes(size, *block, dtype="float16", machine=gpu) <= 30


@pytest.mark.parametrize("value", ["fast", 0, -1, "nan", "inf", ""])
def test_a_machine_that_is_no_number_is_named(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"attention:gflops: .* is no number above 0; correct the profile"):
        jobs.machine_of({"gflops": value})


def test_blocks_share_allocations_of_half_an_hour() -> None:
    gpu = jobs.Machine(flops=5e12, bandwidth=1e9)
    large = jobs.Size(layers=80, heads=64, parameters=65.3e9, hidden=8192, vocabulary=32_000)
    blocks = [(k, k) for k in range(80)]
    found = jobs.allocations(large, blocks, dtype="float16", machine=gpu)
    assert [block for own in found for block in own] == blocks
    assert len(found) <= 10, "a model of 80 layers does not queue 80 times"
    for own in found:
        first, *rest = (
            jobs.minutes(large, *block, dtype="float16", machine=gpu, follows=block != own[0]) for block in own
        )
        assert first >= jobs.MINUTES
        assert first + sum(rest) <= jobs.ALLOCATION_MINUTES
    # On a few cores each block takes longer than that, and has a job for itself.
    alone = jobs.allocations(large, [(k, k + 19) for k in range(0, 80, 20)], dtype="float16", machine=jobs.Machine())
    assert [len(own) for own in alone] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("last", "dtype", "budget", "measured"),
    [(7, "bfloat16", 4096, 3750), (7, "float32", 4096, 7430), (31, "bfloat16", 8192, 14_050)],
)
def test_memory_of_a_device_is_a_little_more_than_was_measured(
    last: int, dtype: str, budget: int, measured: float
) -> None:
    """On an H100 (docs/performance.md), random weights of LLaMA 7B's shape of so many layers."""
    layers = last + 1
    parameters = layers * (LLAMA.parameters - 2 * 4096 * 32_000) / 32 + 2 * 4096 * 32_000
    size = dataclasses.replace(LLAMA, layers=layers, parameters=parameters)
    found = jobs.device_mb(size, 0, last, dtype=dtype, token_budget=budget)
    assert measured < found < 1.35 * measured
    # Sixteen values a token as wide as the states: by hand.
    batch = found - jobs.device_mb(size, 0, last, dtype=dtype, token_budget=0)
    assert batch == pytest.approx(16 * budget * 4096 * jobs.BYTES[dtype] / 1e6, abs=1)


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


def test_prompts_count_in_time_and_memory() -> None:
    asking = {"noises": ["labels"], "rates": [0, 0.5, 1], "sets": 4, "templates": 2, "items": 20, "demonstrations": 8}
    cells = 3 * 4 * 2 + 2  # and the templates without demonstrations
    tokens = jobs.asked_tokens(asking)
    assert tokens == cells * (20 + 3 + 8) * 80
    size = jobs.Size(24, 16, 1e9, 2048, 50_000)
    limits = [
        jobs.minutes(size, 0, 23, dtype="float32", machine=jobs.Machine(), tokens=n) for n in (tokens, 10 * tokens)
    ]
    # Two operations a parameter and token, at 1e11 a second.
    assert limits[1] - limits[0] == pytest.approx(9 * tokens * 2 * 1e9 / 1e11 / 60, rel=0.2)
    held = [jobs.memory_mb(size, 0, 5, dtype="float32", conditions=1, tokens=n) for n in (tokens, 10 * tokens)]
    assert held[1] - held[0] == pytest.approx(2 * 9 * tokens * 2048 * 4 / 1e6, abs=1)


def test_all_layers_at_once_have_the_memory_that_was_measured() -> None:
    """1.7 GB with 60 layers of 52 heads and 8,917 pairs (`tests.benchmarks.statistics_cost`)."""
    assert 1700 * 1.2 < jobs.all_layers_mb(60) < 1700 * 3
    assert jobs.all_layers_mb(4) == pytest.approx(1500, rel=0.01), "what every job of the cluster profile has"
    assert jobs.all_layers_mb(60, attempt=2) == pytest.approx(2 * jobs.all_layers_mb(60), rel=1e-3)
