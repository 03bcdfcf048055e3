"""What the texts of a condition begin with: found on ids, run once, and the same as running every text whole."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from readalike.attention import passes
from readalike.attention import tap as tap_module
from readalike.attention.batches import Item, Padded, batches, pad
from readalike.attention.prefixes import share, shared_prefixes
from readalike.attention.words import NO_WORD, Tokens
from readalike.errors import FileFormatError, UnsupportedModelError
from tests.tiny_models import make_tiny_checkpoint
from tests.unit.test_extract import ATTENTION_TOL, CONDITIONS, LOSS_TOL, run


def item(condition: int, sentence: int, prefix: list[int], own: list[int]) -> Item:
    words = (NO_WORD,) * len(prefix) + tuple(range(len(own)))
    return Item(condition, sentence, Tokens((*prefix, *own), words))


ids = st.lists(st.integers(0, 2), max_size=5)


@given(st.lists(st.tuples(st.integers(0, 2), ids, st.lists(st.integers(0, 2), min_size=1, max_size=4)), min_size=1))
def test_shared_tokens_are_the_longest_common_beginning_before_any_word(texts: list[tuple[int, list, list]]) -> None:
    items = [item(condition, k, prefix, own) for k, (condition, prefix, own) in enumerate(texts)]
    for found in share(items):
        same = [prefix for condition, prefix, _ in texts if condition == found.condition]
        longest = max(n for n in range(6) if all(len(prefix) >= n and prefix[:n] == same[0][:n] for prefix in same))
        assert found.shared == longest
        assert found.own.ids == found.tokens.ids[longest:]
    for condition, prefix in shared_prefixes(share(items)).items():
        assert {found.tokens.ids[: found.shared] for found in share(items) if found.condition == condition} == {
            prefix.tokens.ids
        }


def test_padding_keeps_the_distance_between_any_two_tokens() -> None:
    items = [item(0, 0, [], [5, 6]), item(1, 0, [7, 8, 9], [5]), item(2, 0, [7], [5, 6, 7])]
    padded = pad(share(items))
    assert padded.ids.tolist() == [[5, 6, 0], [5, 0, 0], [5, 6, 7]]
    assert padded.mask.tolist() == [[0, 0, 0, 1, 1, 0], [1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1]]
    assert padded.positions.tolist() == [[0, 1, 1], [3, 3, 3], [1, 2, 3]], "padding is at no place behind the text"
    assert padded.membership.sum(axis=2).tolist() == [[1, 1, 0], [1, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize("budget", [1, 30, 512])
@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma3_text", "mixtral"])
def test_shared_prefixes_change_nothing_beyond_rounding(tmp_path: Path, family: str, budget: int) -> None:
    folder = make_tiny_checkpoint(tmp_path, family=family)
    shared = run(folder, token_budget=budget, rollout=True)
    whole = run(folder, token_budget=budget, rollout=True, share_prefixes=False)
    assert whole.attributes["shared_prefix_tokens"] == dict.fromkeys(CONDITIONS, 0)
    for name, result in shared.conditions.items():
        expected = whole.conditions[name]
        np.testing.assert_allclose(result.attention, expected.attention, atol=ATTENTION_TOL)
        np.testing.assert_allclose(result.rollout, expected.rollout, atol=ATTENTION_TOL)
        np.testing.assert_allclose(result.loss, expected.loss, atol=LOSS_TOL)
        np.testing.assert_array_equal(result.tokens, expected.tokens)


def test_a_start_token_alone_is_shared(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    shared, whole = (run(folder, start_token=True, share_prefixes=given) for given in (True, False))
    assert shared.attributes["shared_prefix_tokens"]["plain"] == 1
    np.testing.assert_allclose(
        shared.conditions["plain"].attention, whole.conditions["plain"].attention, atol=ATTENTION_TOL
    )
    np.testing.assert_array_equal(shared.conditions["plain"].tokens, whole.conditions["plain"].tokens)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("wrong", ["positions", "mask"])
@pytest.mark.parametrize("first", [0, 2])
def test_a_model_that_does_not_look_back_as_it_should_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dtype: str, wrong: str, first: int
) -> None:
    folder = make_tiny_checkpoint(tmp_path / "model")
    states = None
    if first:
        states = tmp_path / "states.safetensors"
        run(folder, 0, first - 1, states_out=states, dtype=dtype)

    def ignorant(items: list[Item]) -> Padded:
        padded = pad(items)
        n_shared = padded.mask.shape[1] - padded.ids.shape[1]
        if wrong == "positions":
            return padded._replace(positions=np.maximum(padded.positions - n_shared, 0))
        padded.mask[:, :n_shared] = 0
        return padded

    monkeypatch.setattr(passes, "pad", ignorant)
    expected = (
        rf"tiny: in layer [{first}-3] attention behind a shared prefix differs by 0\.\d+ .*condition translate, "
        r"article 1, sentence 1\).* set share_prefixes: false"
    )
    with pytest.raises(UnsupportedModelError, match=expected):
        run(folder, first, 3, states_in=states, dtype=dtype)
    if first == 0:
        run(folder, share_prefixes=False, dtype=dtype)


def test_no_memory_for_the_prefixes_halves_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    expected = run(folder, token_budget=32)
    collect = tap_module._collect

    def allocator_fails(tap: tap_module.Tap, layer: int, probabilities: torch.Tensor) -> None:
        if tap.membership is not None and tap.membership.shape[1] == 0 and probabilities.shape[0] > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        collect(tap, layer, probabilities)

    monkeypatch.setattr(tap_module, "_collect", allocator_fails)
    found = run(folder, token_budget=64)
    assert found.attributes["token_budget"] == 32
    assert "starting again with a token budget of 32" in caplog.text
    for name in CONDITIONS:
        np.testing.assert_array_equal(found.conditions[name].attention, expected.conditions[name].attention)


def test_states_of_whole_texts_do_not_go_on_behind_shared_prefixes(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path / "model")
    run(folder, 0, 1, states_out=tmp_path / "s.safetensors", share_prefixes=False)
    with pytest.raises(FileFormatError, match="states of other sentences or conditions"):
        run(folder, 2, 3, states_in=tmp_path / "s.safetensors")


def test_the_longest_texts_go_first() -> None:
    items = share([item(0, k, [9, 9], list(range(1, k + 2))) for k in range(9)])
    lengths = [len(items[k].own.ids) for members in batches(items, 12) for k in members]
    assert lengths == sorted(lengths, reverse=True)
