"""Answers and attention behind shared demonstrations against a plain forward pass of each whole prompt."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.models.llama.modeling_llama import LlamaMLP

from readalike.attention.blocks import Block
from readalike.errors import NumericsError, ReadalikeError, UnsupportedModelError, WordAlignmentError
from readalike.incontext import through_layers
from readalike.incontext.answers import Answers, ask
from readalike.incontext.context_attention import GroupTap, counts
from readalike.incontext.encoding import encode, sharing_first_tokens
from readalike.incontext.prompts import (
    FIRST,
    FLIPPED,
    GROUPS,
    KEPT,
    LABELS,
    QUERY,
    TEMPLATES,
    TEXTS,
    WORDS,
    Piece,
    draw_set,
    prompt,
    shown,
)
from readalike.incontext.task import Example, Task, split
from readalike.incontext.through_layers import Asked
from readalike.weights.tensors import Checkpoint
from tests.tiny_models import make_tiny_checkpoint, tokenizer
from tests.unit.test_prefixes import from_zero

NATS = 1e-4  # of a label; float32 rounding over a few layers
SUMS = 1e-5  # of attention
# Two share their first token, and all have several: a tokenizer of 400 tokens knows no word whole.
LABELS_OF_TASK = ("unbelievable", "unbelieving")
TASK = Task(
    "t",
    tuple(
        Example(1 + k, text, LABELS_OF_TASK[k % 2])
        for k, text in enumerate(
            [
                *("A cat sat.", "No extraordinarily counterintuitive end.", "It was.", "Dogs ran, and we ran too."),
                *("She knew the way.", "Rain again", "Why not?", "An uncharacteristically short word."),
            ]
        )
    ),
)


def asked(own: Any, *, start_token: bool | None = None) -> list[Asked]:
    """Prompts with flips and swapped words, of two sets, and without demonstrations."""
    parts = split(TASK, items=4, demonstrations=4, seed=1)
    result = []
    for number, (noise, rate) in enumerate([(LABELS, 0.5), (WORDS, 0.5), ("none", 0.0)]):
        demonstrations = []
        if noise != "none":
            demonstrations = shown(draw_set(TASK, parts, demonstrations=4, seed=1, number=number), noise, rate)
        for query in [*(example.text for example in parts.asked[:3]), ""]:
            pieces = prompt(TEMPLATES[number], TASK.labels, demonstrations, query)
            result.append(Asked(number, encode(own, pieces, TASK.labels, start_token, "tiny")))
    return result


def found(folder: Path, prompts: Sequence[Asked], **options: object) -> Answers:
    settings = {"blocks": [(0, 3)], "token_budget": 64, "dtype": "float32", "threads": 1, "device": "cpu"}
    return ask(Checkpoint(folder), prompts, model_name="tiny", **{**settings, **options})  # type: ignore[arg-type]


def by_hand(folder: Path, prompts: Sequence[Asked]) -> Answers:
    """Each prompt with each label by itself, whole, through transformers' own attention."""
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    nats, sums = [], []
    for one in prompts:
        ids, groups, _, labels = one.encoded
        row = []
        for label in labels:
            with torch.no_grad():
                p = model(torch.tensor([[*ids, *label]])).logits[0].double().log_softmax(dim=-1)
            row.append(sum(float(p[len(ids) - 1 + t, token]) for t, token in enumerate(label)))
        nats.append(row)
        with torch.no_grad():
            attention = model(torch.tensor([ids]), output_attentions=True).attentions
        looks = torch.stack([layer[0, :, -1] for layer in attention]).numpy()  # (layers, heads, tokens)
        of = np.array(groups)
        sums.append(np.stack([looks[:, :, of == k].sum(axis=2) for k in range(len(GROUPS))], axis=2))
    return Answers(np.array(nats), np.array(sums), model.num_parameters())


@pytest.fixture(scope="module")
def prompts() -> list[Asked]:
    return asked(tokenizer())


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma3_text", "gpt_neox", "mixtral"])
def test_answers_equal_a_plain_pass(tmp_path: Path, family: str, prompts: list[Asked]) -> None:
    folder = make_tiny_checkpoint(tmp_path, positions=256, family=family)
    assert max(len(one.encoded.ids) for one in prompts) > 100
    own, expected = found(folder, prompts), by_hand(folder, prompts)
    np.testing.assert_allclose(own.log_probabilities, expected.log_probabilities, rtol=0, atol=NATS)
    np.testing.assert_allclose(own.attention, expected.attention, rtol=0, atol=SUMS)
    np.testing.assert_allclose(own.attention.sum(axis=-1), 1, rtol=0, atol=SUMS)
    assert own.parameters == expected.parameters
    # Nothing of this is the same everywhere.
    assert np.ptp(own.log_probabilities) > 1
    assert np.abs(own.attention[0] - own.attention[1]).max() > 0.01
    assert min(len(label) for label in prompts[0].encoded.labels) > 2


@pytest.mark.parametrize(
    "other",
    [{"token_budget": 1}, {"blocks": [(0, 1), (2, 2), (3, 3)]}, {"share_demonstrations": False}],
    ids=["budget", "blocks", "whole"],
)
def test_batches_blocks_and_sharing_change_no_number(
    tmp_path: Path, other: dict[str, object], prompts: list[Asked]
) -> None:
    folder = make_tiny_checkpoint(tmp_path, positions=256, family="qwen2")
    a, b = found(folder, prompts), found(folder, prompts, **other)
    np.testing.assert_allclose(a.log_probabilities, b.log_probabilities, rtol=0, atol=NATS)
    np.testing.assert_allclose(a.attention, b.attention, rtol=0, atol=SUMS)


def test_a_start_token_stands_first_and_is_the_first_token(tmp_path: Path) -> None:
    own = make_tiny_checkpoint(tmp_path, positions=256)
    prompts = asked(AutoTokenizer.from_pretrained(own), start_token=True)
    assert {one.encoded.ids[0] for one in prompts} == {tokenizer().bos_token_id}
    a, b = found(own, prompts), by_hand(own, prompts)
    np.testing.assert_allclose(a.log_probabilities, b.log_probabilities, rtol=0, atol=NATS)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_coarser_numbers_pass_the_proof(tmp_path: Path, dtype: str, prompts: list[Asked]) -> None:
    folder = make_tiny_checkpoint(tmp_path, positions=256)
    coarse, fine = found(folder, prompts, dtype=dtype), found(folder, prompts)
    np.testing.assert_allclose(coarse.log_probabilities, fine.log_probabilities, rtol=0.05, atol=0.5)


def test_a_model_that_does_not_look_back_as_it_should_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prompts: list[Asked]
) -> None:
    folder, pad = make_tiny_checkpoint(tmp_path, positions=256), through_layers.pad
    monkeypatch.setattr(through_layers, "pad", lambda items: from_zero(pad(items)) if items[0].shared else pad(items))
    with pytest.raises(UnsupportedModelError, match=r"tiny: behind shared demonstrations .* set share_prefixes: false"):
        found(folder, prompts)
    assert np.isfinite(found(folder, prompts, share_demonstrations=False).log_probabilities).all()


def test_demonstrations_go_through_the_layers_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prompts: list[Asked]
) -> None:
    folder, tokens = make_tiny_checkpoint(tmp_path, positions=256), []
    plain = LlamaMLP.forward

    def counted(module: LlamaMLP, x: torch.Tensor) -> torch.Tensor:
        tokens.append(x.shape[0] * x.shape[1])
        return plain(module, x)

    monkeypatch.setattr(LlamaMLP, "forward", counted)
    found(folder, prompts)
    shared = sum(tokens)
    tokens.clear()
    found(folder, prompts, share_demonstrations=False)
    # Of the four prompts of a condition, and two proofs.
    assert shared < 0.8 * sum(tokens)


def test_out_of_memory_halves_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, prompts: list[Asked]
) -> None:
    folder, keep, seen = make_tiny_checkpoint(tmp_path, positions=256), GroupTap.keep, []

    def small(most: int) -> None:
        def kept(tap: GroupTap, layer: int, attention: torch.Tensor) -> None:
            seen.append(attention.shape[0])
            if attention.shape[0] > most:
                raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
            keep(tap, layer, attention)

        monkeypatch.setattr(GroupTap, "keep", kept)

    whole = found(folder, prompts, token_budget=256)
    small(2)
    own = found(folder, prompts, token_budget=1024)
    assert max(seen) > 2
    assert "tiny: out of memory; starting again with a token budget of 512" in caplog.text
    np.testing.assert_allclose(own.log_probabilities, whole.log_probabilities, rtol=0, atol=NATS)
    np.testing.assert_allclose(own.attention, whole.attention, rtol=0, atol=SUMS)
    small(0)
    with pytest.raises(ReadalikeError, match="tiny, layers 0 to 3: not even one prompt fits into memory"):
        found(folder, prompts)


def test_weights_that_do_not_fit_are_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prompts: list[Asked]
) -> None:
    folder, tried = make_tiny_checkpoint(tmp_path, positions=256), []

    def too_small(block: Block, device: torch.device) -> None:
        tried.append(block)
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Block, "to", too_small)
    with pytest.raises(ReadalikeError, match="tiny, layers 0 to 3: the weights do not fit into memory"):
        found(folder, prompts, token_budget=4096)
    assert len(tried) == 1


def test_numbers_that_are_none_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prompts: list[Asked]) -> None:
    folder, plain = make_tiny_checkpoint(tmp_path, positions=256), LlamaMLP.forward
    monkeypatch.setattr(LlamaMLP, "forward", lambda module, x: plain(module, x) * float("nan"))
    with pytest.raises(NumericsError, match="tiny: attention is not a number in a prompt; its weights are damaged"):
        found(folder, prompts)


def test_a_context_too_short_is_refused(tmp_path: Path, prompts: list[Asked]) -> None:
    folder = make_tiny_checkpoint(tmp_path, positions=256)
    long = [Piece("word " * 300, TEXTS), Piece("What?", QUERY), Piece("\nLabel:", "template")]
    one = Asked(0, encode(tokenizer(), long, TASK.labels, None, "tiny"))
    with pytest.raises(UnsupportedModelError, match=r"tiny: a prompt has \d+ tokens with its label, the model 256 pos"):
        found(folder, [*prompts, one])


def test_every_token_is_of_the_group_of_its_characters() -> None:
    """Against a loop over characters that the tokens' own texts cover."""
    demonstrations = shown(
        draw_set(TASK, split(TASK, items=4, demonstrations=4, seed=1), demonstrations=4, seed=1, number=0), LABELS, 0.5
    )
    pieces = prompt(TEMPLATES[0], TASK.labels, demonstrations, "An odd uncharacteristic end.")
    own = encode(tokenizer(), pieces, TASK.labels, None, "tiny")
    owner = [piece.group for piece in pieces for _ in piece.text]
    at, expected = 0, []
    for token in own.ids:
        # The tokenizer's text is the prompt's, so that lengths of tokens add up.
        text = tokenizer().decode([token])
        covered = [k for k in range(at, at + len(text)) if not text[k - at].isspace()] or [at]
        expected.append(owner[covered[0]])
        at += len(text)
    assert at == len(owner)
    assert [GROUPS[k] for k in own.groups] == [FIRST, *expected[1:]]
    assert {GROUPS[k] for k in own.groups} >= {KEPT, FLIPPED, QUERY, TEXTS}
    np.testing.assert_array_equal(counts(own.groups), [own.groups.count(k) for k in range(len(GROUPS))])
    query = next(k for k, group in enumerate(own.groups) if GROUPS[group] == QUERY)
    assert own.own == query
    assert tokenizer().decode(own.labels[0]) == " unbelievable"


def test_labels_that_begin_alike_are_reported_and_scored_whole() -> None:
    tokens = asked(tokenizer())[0].encoded.labels
    assert sharing_first_tokens(TASK.labels, tokens) == [list(TASK.labels)]
    assert sharing_first_tokens(["a", "b"], [(1, 2), (2, 1)]) == []


def test_a_label_that_joins_what_stands_before_it_is_refused() -> None:
    class Joining:
        """A tokenizer of two tokens, the second of which covers the colon and the label."""

        bos_token_id = None

        def __call__(self, text: str, **_: object) -> dict[str, list[Any]]:
            at = text.rindex(":")
            return {
                "input_ids": [1, 2],
                "offset_mapping": [(0, at), (at, len(text))],
                "special_tokens_mask": [0, 0],
            }

    with pytest.raises(WordAlignmentError, match="m: its tokenizer joins the label 'good' with what stands before it"):
        encode(Joining(), [Piece("A", QUERY), Piece("\nLabel:", "template")], ["good", "bad"], None, "m")
    with pytest.raises(UnsupportedModelError, match="start_token: true, but this tokenizer has no <s>"):
        encode(Joining(), [Piece("A", QUERY), Piece("\nLabel:", "template")], ["good", "bad"], True, "m")
