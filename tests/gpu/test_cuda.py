"""Extraction on a CUDA device beside the same on the CPU: `pytest tests/gpu`, skipped where there is no device."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from readalike.attention import tap as tap_module
from readalike.attention.extract import Extraction
from readalike.errors import ReadalikeError
from readalike.files.attention import RAW, ROLLOUT, VALUE_NORMS
from tests.tiny_models import FAMILIES, make_tiny_checkpoint
from tests.unit.test_extract import ATTENTION_TOL, LOSS_TOL, run

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")

ROOT = Path(__file__).parents[2]
BUNDLED = {"tiny-0.1m": 4, "small-0.4m": 4, "medium-1.1m": 6, "large-3m": 8}
# Attention is at most 1; a half has 11 bits, a bfloat16 8.
HALF_TOL = {"float16": 0.01, "bfloat16": 0.08}
# Value norms are no shares; relative to the largest, float32 rounding over a few layers.
OTHER_TOL = 1e-4


def largest_difference(found: Extraction, expected: Extraction) -> float:
    """Over all conditions, layers, heads and pairs of words."""
    differences = (
        np.abs(found.conditions[name].attention - result.attention).max()
        for name, result in expected.conditions.items()
    )
    return float(max(differences))


def require_same_bytes(found: Extraction, expected: Extraction) -> None:
    for name, result in expected.conditions.items():
        np.testing.assert_array_equal(found.conditions[name].attention, result.attention)
        if result.loss is not None:
            np.testing.assert_array_equal(found.conditions[name].loss, result.loss)


@pytest.fixture
def little_memory() -> Iterator[Callable[[float], None]]:
    """Leave so many bytes of the device to what comes, on top of what is reserved already."""

    def leave(free: float) -> None:
        torch.cuda.empty_cache()
        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + free) / total)

    yield leave
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_device_gives_what_the_processor_gives(tmp_path: Path, family: str) -> None:
    folder = make_tiny_checkpoint(tmp_path, family=family)
    expected, found = run(folder), run(folder, device="cuda")
    assert (expected.attributes["device"], found.attributes["device"]) == ("cpu", "cuda")
    assert largest_difference(found, expected) < ATTENTION_TOL
    for name, result in expected.conditions.items():
        np.testing.assert_allclose(found.conditions[name].loss, result.loss, atol=LOSS_TOL, rtol=0)


@pytest.mark.parametrize("model", sorted(BUNDLED))
def test_the_bundled_models_on_the_device(model: str) -> None:
    layers = BUNDLED[model]
    folder = ROOT / "resources" / "models" / model
    expected = run(folder, last=layers - 1, layers=layers)
    found = run(folder, last=layers - 1, layers=layers, device="cuda")
    assert largest_difference(found, expected) < ATTENTION_TOL


@pytest.mark.parametrize("kind", [ROLLOUT, VALUE_NORMS])
@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma2"])
def test_other_kinds_of_attention_on_the_device(tmp_path: Path, family: str, kind: str) -> None:
    folder = make_tiny_checkpoint(tmp_path, family=family)
    expected, found = run(folder, kind=kind), run(folder, kind=kind, device="cuda")
    for name, result in expected.conditions.items():
        scale = np.abs(result.other[kind]).max()
        assert np.abs(found.conditions[name].other[kind] - result.other[kind]).max() < OTHER_TOL * scale


@pytest.mark.parametrize("dtype", sorted(HALF_TOL))
@pytest.mark.parametrize("model", ["medium-1.1m", "large-3m"])
def test_halves_on_the_device_are_near_float32(model: str, dtype: str) -> None:
    layers = BUNDLED[model]
    folder = ROOT / "resources" / "models" / model
    exact = run(folder, last=layers - 1, layers=layers)
    half = run(folder, last=layers - 1, layers=layers, dtype=dtype, device="cuda")
    assert half.attributes["dtype"] == dtype
    assert 0 < largest_difference(half, exact) < HALF_TOL[dtype]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_twice_on_the_device_gives_the_same_bytes(tmp_path: Path, dtype: str) -> None:
    folder = make_tiny_checkpoint(tmp_path, hidden=128)
    require_same_bytes(run(folder, device="cuda", dtype=dtype), run(folder, device="cuda", dtype=dtype))


def test_blocks_on_the_device_give_the_bytes_of_the_whole(tmp_path: Path) -> None:
    folder, states = make_tiny_checkpoint(tmp_path / "model", hidden=128), tmp_path / "states.safetensors"
    whole = run(folder, device="cuda")
    first = run(folder, 0, 1, states_out=states, device="cuda")
    second = run(folder, 2, 3, states_in=states, device="cuda")
    for name, result in whole.conditions.items():
        parts = [part.conditions[name].attention for part in (first, second)]
        np.testing.assert_array_equal(np.concatenate(parts), result.attention)


def test_a_full_device_halves_the_budget_and_gives_the_bytes_of_that_budget(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    little_memory: Callable[[float], None],
) -> None:
    """The device's own allocator fails: whenever more than 80 tokens are in a batch, all of its memory is asked for."""
    folder = make_tiny_checkpoint(tmp_path, hidden=128)
    expected = run(folder, token_budget=80, device="cuda")
    little_memory(2e9)
    collect = tap_module._collect

    def hungry(tap: tap_module.Tap, layer: int, probabilities: torch.Tensor) -> None:
        if probabilities.shape[0] * probabilities.shape[2] > 80:
            torch.empty(4_000_000_000, dtype=torch.uint8, device="cuda")
        collect(tap, layer, probabilities)

    monkeypatch.setattr(tap_module, "_collect", hungry)
    found = run(folder, token_budget=320, device="cuda")
    assert found.attributes["token_budget"] == 80
    assert "out of memory; starting again with a token budget of 80" in caplog.text
    require_same_bytes(found, expected)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four layers of some 320 MB each, in float32."""
    return make_tiny_checkpoint(tmp_path_factory.mktemp("wide"), hidden=5120)


def test_weights_that_do_not_fit_together_go_through_the_device_in_parts(
    wide: Path, caplog: pytest.LogCaptureFixture, little_memory: Callable[[float], None]
) -> None:
    expected = run(wide, device="cuda")
    little_memory(0.75 * 4 * layer_bytes(wide))
    found = run(wide, device="cuda")
    assert "do not fit into memory together; they go through it in parts" in caplog.text
    require_same_bytes(found, expected)


def test_a_layer_too_large_for_the_device_is_one_message(wide: Path, little_memory: Callable[[float], None]) -> None:
    little_memory(0.5 * layer_bytes(wide))
    with pytest.raises(ReadalikeError, match="layer 0: its weights do not fit into memory; use a larger device"):
        run(wide, device="cuda")


def test_the_device_is_left_as_it_was(wide: Path) -> None:
    before = torch.cuda.memory_allocated()
    run(wide, device="cuda", kind=RAW)
    assert torch.cuda.memory_allocated() - before < 0.1 * layer_bytes(wide)


def layer_bytes(folder: Path) -> float:
    """Of one of the four layers of a checkpoint whose embedding is small beside them."""
    return sum(path.stat().st_size for path in folder.glob("*.safetensors")) / 4
