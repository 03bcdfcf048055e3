"""Extraction where memory does not suffice: the allocator fails on purpose."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from readalike.attention import tap as tap_module
from readalike.attention.blocks import Block
from readalike.errors import ReadalikeError
from readalike.files.attention import ROLLOUT
from tests.tiny_models import make_tiny_checkpoint
from tests.unit.test_extract import run


def allocator_fails(
    monkeypatch: pytest.MonkeyPatch, error: RuntimeError, where: Callable[[tap_module.Tap, torch.Tensor], bool]
) -> None:
    """Raise `error` from inside the attention of passes of which `where` (tap, probabilities) holds."""
    collect = tap_module._collect

    def failing(tap: tap_module.Tap, layer: int, probabilities: torch.Tensor) -> None:
        if where(tap, probabilities):
            raise error
        collect(tap, layer, probabilities)

    monkeypatch.setattr(tap_module, "_collect", failing)


def test_out_of_memory_halves_the_budget_and_the_result_is_that_of_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    expected = run(folder, token_budget=80)
    error = RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 1 TB")
    allocator_fails(monkeypatch, error, lambda _, attention: attention.shape[0] * attention.shape[2] > 80)
    found = run(folder, token_budget=320)
    assert found.attributes["token_budget"] == 80
    assert "out of memory; starting again with a token budget of 80" in caplog.text
    np.testing.assert_array_equal(found.conditions["plain"].attention, expected.conditions["plain"].attention)


def test_a_sentence_that_never_fits_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A probe has no words, and needs no memory.
    error = torch.OutOfMemoryError("CUDA out of memory")
    allocator_fails(monkeypatch, error, lambda tap, _: tap.membership is not None)
    with pytest.raises(ReadalikeError, match="not even one sentence fits"):
        run(make_tiny_checkpoint(tmp_path))


@pytest.mark.parametrize("where", ["weights", "batch"])
def test_layers_that_do_not_fit_together_go_through_the_device_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    expected = run(folder, kind=ROLLOUT)
    whole, states = Block.to, Block.states

    def device_is_small(block: Block, device: torch.device) -> None:
        if block.last > block.first:
            raise torch.OutOfMemoryError("CUDA out of memory")
        whole(block, device)

    def no_room_for_a_batch(block: Block, *arguments: object, **keywords: object) -> object:
        if block.last > block.first:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
        return states(block, *arguments, **keywords)

    if where == "weights":
        monkeypatch.setattr(Block, "to", device_is_small)
    else:
        monkeypatch.setattr(Block, "states", no_room_for_a_batch)
    found = run(folder, kind=ROLLOUT)
    assert "layers 0 to 3 do not fit into memory together; they go through it in parts of at most 2" in caplog.text
    assert found.attributes["token_budget"] == 64, "the parts have the budget they were given"
    for name, result in found.conditions.items():
        for field, values in vars(result).items():
            other = getattr(expected.conditions[name], field)
            if field == "other":
                assert set(values) == set(other) == {ROLLOUT}
                values, other = values[ROLLOUT], other[ROLLOUT]
            np.testing.assert_array_equal(values, other)


def test_all_parts_become_as_short_as_the_one_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each part on its own would fail, and begin again from the first batch of the first part."""
    folder = make_tiny_checkpoint(tmp_path, layers=7)
    expected, whole, tried = run(folder, last=6, layers=7), Block.to, []

    def device_is_small(block: Block, device: torch.device) -> None:
        tried.append((block.first, block.last))
        if block.last - block.first > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        whole(block, device)

    monkeypatch.setattr(Block, "to", device_is_small)
    found = run(folder, last=6, layers=7)
    assert tried == [(0, 6), (0, 3), (0, 1), (2, 3), (4, 5), (6, 6)]
    for name, result in found.conditions.items():
        np.testing.assert_array_equal(result.attention, expected.conditions[name].attention)


def test_a_layer_that_does_not_fit_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(block: Block, device: torch.device) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Block, "to", no_room)
    with pytest.raises(ReadalikeError, match="tiny, layer 0: its weights do not fit into memory"):
        run(make_tiny_checkpoint(tmp_path))


def test_a_halved_budget_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other batches would change the last bits, which at this size shows."""
    folder, states = make_tiny_checkpoint(tmp_path / "model", hidden=128), tmp_path / "s.safetensors"
    whole = run(folder, token_budget=80)
    error = torch.OutOfMemoryError("CUDA out of memory")
    with monkeypatch.context() as patched:
        allocator_fails(patched, error, lambda _, attention: attention.shape[0] * attention.shape[2] > 80)
        assert run(folder, 0, 1, states_out=states, token_budget=320).attributes["token_budget"] == 80
    part = run(folder, 2, 3, states_in=states, token_budget=320)
    assert part.attributes["token_budget"] == 80
    for name, result in part.conditions.items():
        np.testing.assert_array_equal(result.attention, whole.conditions[name].attention[2:])
