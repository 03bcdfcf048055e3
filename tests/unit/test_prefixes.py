"""What the texts of a condition begin with: found on ids, run once, and the same as running every text whole."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from transformers.models.llama.modeling_llama import LlamaMLP, LlamaModel

from readalike.attention import passes
from readalike.attention import tap as tap_module
from readalike.attention.batches import Item, Padded, batches, pad
from readalike.attention.prefixes import share, shared_prefixes
from readalike.attention.words import NO_WORD, Tokens
from readalike.errors import FileFormatError, NumericsError, UnsupportedModelError
from readalike.files.attention import ROLLOUT
from tests.tiny_models import make_tiny_checkpoint
from tests.unit.test_extract import ATTENTION_TOL, CONDITIONS, LOSS_TOL, run
from tests.unit.test_memory import allocator_fails


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
    shared = run(folder, token_budget=budget, kind=ROLLOUT)
    whole = run(folder, token_budget=budget, kind=ROLLOUT, share_prefixes=False)
    assert whole.attributes["shared_prefix_tokens"] == dict.fromkeys(CONDITIONS, 0)
    for name, result in shared.conditions.items():
        expected = whole.conditions[name]
        np.testing.assert_allclose(result.attention, expected.attention, atol=ATTENTION_TOL)
        np.testing.assert_allclose(result.other[ROLLOUT], expected.other[ROLLOUT], atol=ATTENTION_TOL)
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


def from_zero(padded: Padded) -> Padded:
    return padded._replace(positions=np.maximum(padded.positions - n_shared(padded), 0))


def from_the_caches_length(padded: Padded) -> Padded:
    """Right for the longest prefix of a batch only."""
    return padded._replace(positions=n_shared(padded) + np.zeros_like(padded.ids) + np.arange(padded.ids.shape[1]))


def last_one_hidden(padded: Padded) -> Padded:
    padded.mask[:, n_shared(padded) - 1 : n_shared(padded)] = 0
    return padded


def n_shared(padded: Padded) -> int:
    return padded.mask.shape[1] - padded.ids.shape[1]


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize(
    ("family", "first", "wrong"),
    [
        ("llama", 0, from_zero),
        ("llama", 2, from_zero),
        ("llama", 0, last_one_hidden),
        ("llama", 2, last_one_hidden),
        ("gpt2", 0, from_the_caches_length),
    ],
)
def test_a_model_that_does_not_look_back_as_it_should_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dtype: str,
    family: str,
    first: int,
    wrong: Callable[[Padded], Padded],
) -> None:
    folder = make_tiny_checkpoint(tmp_path / "model", family=family)
    states = None
    if first:
        states = tmp_path / "states.safetensors"
        run(folder, 0, first - 1, states_out=states, dtype=dtype)
    monkeypatch.setattr(passes, "pad", lambda items: wrong(pad(items)) if any(i.shared for i in items) else pad(items))
    expected = (
        rf"tiny: (attention of|what enters|what leaves) layer [{first}-3] differs by \d[\d.e+-]* behind a shared "
        r"prefix .*condition \w+, article 1, sentence \d\).* set share_prefixes: false"
    )
    with pytest.raises(UnsupportedModelError, match=expected):
        run(folder, first, 3, states_in=states, dtype=dtype)
    if first == 0:
        run(folder, share_prefixes=False, dtype=dtype)


@pytest.mark.parametrize("where", ["any layer", "the last"])
def test_what_tokens_hand_on_beside_attention_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """A feed-forward part that also looks at the token before: there is none before the first own token."""
    plain = LlamaMLP.forward
    layers = iter(range(1000))

    def shifted(module: LlamaMLP, x: torch.Tensor) -> torch.Tensor:
        if where == "the last" and next(layers) % 4 != 3:
            return plain(module, x)
        return plain(module, x + torch.nn.functional.pad(x, (0, 0, 1, 0))[:, :-1])

    folder = make_tiny_checkpoint(tmp_path)
    monkeypatch.setattr(LlamaMLP, "forward", shifted)
    message = "what leaves layer 3" if where == "the last" else "attention of layer [1-3]"
    with pytest.raises(UnsupportedModelError, match=f"{message} differs"):
        run(folder)


def test_prefixes_that_end_in_no_numbers_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last layer's attention: no text looks back at it, and only the loss of its first token would show."""
    plain = LlamaMLP.forward
    layers = iter(range(1000))

    def overflows(module: LlamaMLP, x: torch.Tensor) -> torch.Tensor:
        tap = tap_module._ACTIVE.get()
        of_prefixes = tap is not None and tap.membership is not None and tap.membership.shape[1] == 0
        return plain(module, x) * (float("inf") if next(layers) % 4 == 3 and of_prefixes else 1)

    folder = make_tiny_checkpoint(tmp_path)
    monkeypatch.setattr(LlamaMLP, "forward", overflows)
    with pytest.raises(NumericsError, match=r"condition \w+: what leaves layer 3 is not a number"):
        run(folder)


def test_a_model_without_a_cache_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    plain = LlamaModel.forward

    def forgets(module: LlamaModel, past_key_values: object = None, **keywords: object) -> object:
        return plain(module, **keywords)

    def knows_none(module: LlamaModel, **keywords: object) -> object:
        if keywords.get("past_key_values") is not None:
            raise TypeError("forward() got an unexpected keyword argument 'past_key_values'")
        return plain(module, **keywords)

    for forward, message in ((forgets, "leaves no keys and values"), (knows_none, "cannot look back")):
        monkeypatch.setattr(LlamaModel, "forward", forward)
        with pytest.raises(UnsupportedModelError, match=f"{message}.*share_prefixes: false"):
            run(folder)
        run(folder, share_prefixes=False)


def test_only_looking_back_passes_as_causal() -> None:
    """Behind a prefix of two tokens the third column is the first token's own."""
    for column, causal in ((2, True), (3, False)):
        looks = torch.zeros(1, 1, 2, 4)
        looks[0, 0, 0, column] = 1
        tap = tap_module.Tap(torch.ones(1, 1, 2), torch.ones(1, 2), check_causal=True)
        with contextlib.nullcontext() if causal else pytest.raises(UnsupportedModelError, match="not causal"):
            tap_module._collect(tap, 0, looks)


def test_no_memory_for_the_prefixes_halves_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = make_tiny_checkpoint(tmp_path)
    expected = run(folder, token_budget=32)
    error = torch.OutOfMemoryError("CUDA out of memory")

    def several_prefixes(tap: tap_module.Tap, attention: torch.Tensor) -> bool:
        return tap.membership is not None and tap.membership.shape[1] == 0 and attention.shape[0] > 1

    allocator_fails(monkeypatch, error, several_prefixes)
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


def test_what_stands_on_padding_of_prefixes_is_handed_on(tmp_path: Path) -> None:
    """Experts work on all tokens of a batch together: other padding would change the last bits of the rest."""
    found = run(make_tiny_checkpoint(tmp_path / "model"), 0, 1, states_out=tmp_path / "s.safetensors", token_budget=512)
    tokens = [found.attributes["shared_prefix_tokens"][name] for name in ("noise", "translate")]
    assert 0 < tokens[0] < tokens[1], "the shorter one is padded"
    states = load_file(tmp_path / "s.safetensors")
    assert [states[f"{name}/lengths"][0] for name in ("noise", "translate")] == [tokens[1], tokens[1]]


def test_batches_count_own_tokens_and_bound_what_they_look_back_at() -> None:
    items = share([item(c, k, [9] * (40 * c), list(range(1, k + 2))) for c in range(2) for k in range(9)])
    assert {found.shared for found in items} == {0, 40}
    for budget in (1, 12, 60, 500):
        plan = batches(items, budget)
        lengths = [len(items[k].own.ids) for members in plan for k in members]
        assert lengths == sorted(lengths, reverse=True), "the longest first"
        for members in plan:
            own, back = max(len(items[k].own.ids) for k in members), max(items[k].shared for k in members)
            alone = len(members) == 1
            assert alone or len(members) * own <= budget
            assert alone or len(members) * (own + back) <= 4 * budget
    assert [len(members) for members in batches(items, 500)] == [18], "what is shared takes no room of own tokens"
