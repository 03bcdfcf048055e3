"""Prompts as texts, and one block of layers after the other for them, demonstrations shared."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from transformers.cache_utils import Cache, DynamicCache

from readalike.attention.batches import Item, batches, pad
from readalike.attention.blocks import Block
from readalike.attention.passes import LOGITS, stacked
from readalike.attention.prefixes import Prefixes, share, shared_prefixes
from readalike.attention.states import Carried
from readalike.attention.tap import Tap, tapping
from readalike.attention.whole_texts import STATES_TOL, relative
from readalike.attention.words import NO_WORD, Tokens
from readalike.corpus import FloatArray
from readalike.errors import NumericsError, UnsupportedModelError
from readalike.files.attention import Float32Array
from readalike.incontext.context_attention import group_tap
from readalike.incontext.encoding import Encoded

# By how much sums of attention behind shared demonstrations may differ from those of the whole prompt: rounding over
# all layers. Where it is coarser than in float32 states are not compared, for experts choose, and a choice may tip.
SUMS_TOL = {torch.float32: 1e-3, torch.float16: 0.05, torch.bfloat16: 0.2}
# Prompts run whole as well, for the proof.
PROVEN = 2


class Asked(NamedTuple):
    """A prompt with its labels; prompts of one `condition` begin with the same demonstrations."""

    condition: int
    encoded: Encoded


class _Text(NamedTuple):
    """A text that goes through the layers: a prompt with all tokens but the last of one of its labels."""

    item: Item
    prompt: int


class Run:
    """Prompts as texts, and what goes through a block of layers for them.

    Behind the texts of all prompts stand a few once more, whole: `proofs` says of each which text it is.
    """

    def __init__(self, asked: Sequence[Asked], model_name: str, device: torch.device) -> None:
        self.asked, self.model_name, self.device = asked, model_name, device
        self.texts = [_Text(item, k) for k, one in enumerate(asked) for item in _items(k, one)]
        self.proofs: dict[int, int] = {}

    def share(self) -> None:
        """Let the texts of each condition share what they begin with, and add the proofs."""
        shared = share([text.item for text in self.texts])
        self.texts = [text._replace(item=item) for text, item in zip(self.texts, shared, strict=True)]
        looking = [k for k, text in enumerate(self.texts) if text.item.shared]
        # The longest, and those whose prefix is shortest: windows cut off most of the one, least of the other.
        order = sorted(looking, key=lambda k: (-len(self.texts[k].item.tokens.ids), k))
        conditions = 1 + max(one.condition for one in self.asked)
        for number, k in enumerate(dict.fromkeys([*order[: PROVEN - 1], *order[-1:]])):
            self.proofs[len(self.texts)] = k
            whole = self.texts[k].item._replace(condition=conditions + number, shared=0)
            self.texts.append(self.texts[k]._replace(item=whole))

    def layers(self, block: Block, before: Carried | None, token_budget: int) -> tuple[Carried, Float32Array]:
        """States that a block leaves, of the last one only those that tell of labels; sums of attention, (prompts and
        proofs, layers, heads, groups)."""
        nothing = torch.empty(0)
        after = Carried({}, [nothing] * len(self.texts), [])
        heads = block.model.config.get_text_config().num_attention_heads
        first_of: dict[int, int] = {}  # row -> the text whose attention it is
        for k, text in enumerate(self.texts):
            row = len(self.asked) + list(self.proofs).index(k) if k in self.proofs else text.prompt
            first_of.setdefault(row, k)
        row_of = {k: row for row, k in first_of.items()}
        sums: Float32Array | None = None
        by_condition: dict[int, list[int]] = {}
        for k, text in enumerate(self.texts):
            by_condition.setdefault(text.item.condition, []).append(k)
        for number, members in enumerate(by_condition.values()):
            items = [self.texts[k].item for k in members]
            prefixes = self._prefix(block, items, before, after, check_causal=number == 0)
            for batch in batches(items, token_budget):
                chosen = [members[row] for row in batch]
                found, states = self._batch(block, chosen, prefixes, before, check_causal=number == 0)
                if sums is None:
                    sums = np.zeros((len(first_of), found.shape[0], heads, found.shape[3]), dtype=np.float32)
                for at, k in enumerate(chosen):
                    text = self.texts[k]
                    left = states[at, : len(text.item.own.ids)]
                    after.states[k] = (left[-self._tail(k) :] if block.is_last else left).clone()
                    if k in row_of:
                        sums[row_of[k]] = found[:, at]
        assert sums is not None  # there is at least one prompt
        return after, sums

    def _tail(self, k: int) -> int:
        """How many of a text's last tokens predict those of a label."""
        text = self.texts[k]
        return len(text.item.tokens.ids) - len(self.asked[text.prompt].encoded.ids) + 1

    def _prefix(
        self, block: Block, items: Sequence[Item], before: Carried | None, after: Carried, *, check_causal: bool
    ) -> Prefixes:
        """Run what the texts of one condition share; returns what they look back at."""
        shared = shared_prefixes(items)
        kept = Prefixes({condition: len(item.tokens.ids) for condition, item in shared.items()})
        for condition, item in shared.items():
            cache = DynamicCache()
            states = None if before is None else [before.prefixes[condition]]
            ids, mask, positions, membership = self._padded([item])
            tap = Tap(membership, mask, check_causal)
            after.prefixes[condition] = self._through(block, tap, ids, mask, positions, states, cache)[0].clone()
            kept.keep([condition], cache)
        return kept

    def _batch(
        self, block: Block, chosen: Sequence[int], prefixes: Prefixes, before: Carried | None, *, check_causal: bool
    ) -> tuple[Float32Array, torch.Tensor]:
        """Of some texts the sums, (layers, texts, heads, groups), and the states, (texts, tokens, hidden)."""
        items = [self.texts[k].item for k in chosen]
        groups = [self.asked[self.texts[k].prompt].encoded.groups for k in chosen]
        states = None if before is None else [before.states[k] for k in chosen]
        ids, mask, positions, membership = self._padded(items)
        tap = group_tap(items, groups, membership, mask, check_causal=check_causal)
        cache = prefixes.of_batch(items, len(block.layers))
        left = self._through(block, tap, ids, mask, positions, states, cache)
        sums = torch.stack([tap.sums[layer] for layer in sorted(tap.sums)]).cpu().numpy()
        if not np.isfinite(sums).all():
            raise self._no_number("attention", block.dtype)
        return sums, left

    def _padded(self, items: Sequence[Item]) -> list[torch.Tensor]:
        return [torch.from_numpy(part).to(self.device) for part in pad(items)]

    def _through(
        self,
        block: Block,
        tap: Tap,
        ids: torch.Tensor,
        mask: torch.Tensor,
        positions: torch.Tensor,
        states: Sequence[torch.Tensor] | None,
        cache: Cache | None,
    ) -> torch.Tensor:
        """One forward pass; states : those that the block before left, by text. Returns those that this one leaves."""
        inject = {} if states is None else {block.first: stacked(states, ids.shape[1]).to(self.device)}
        with torch.inference_mode(), tapping(tap):
            left, _ = block.states(ids, mask, inject, positions, cache)
        return left.cpu()

    def prove(self, carried: Carried, sums: Float32Array, dtype: torch.dtype) -> None:
        """Compare prompts behind shared demonstrations with the same prompts run whole.

        Raises UnsupportedModelError where they differ by more than rounding does.
        """
        for row, (proof, k) in enumerate(self.proofs.items(), start=len(self.asked)):
            difference = float(np.abs(sums[row] - sums[self.texts[k].prompt]).max())
            of_states = relative(carried.states[k], carried.states[proof]) if dtype == torch.float32 else 0.0
            if not (difference <= SUMS_TOL[dtype] and of_states <= STATES_TOL):
                raise UnsupportedModelError(
                    f"{self.model_name}: behind shared demonstrations attention differs by {difference:.2g} and what "
                    f"leaves the last layer by {of_states:.2g}, from those of the whole prompt, more than rounding; "
                    "set share_prefixes: false for this model"
                )

    def label_nats(self, block: Block, final: Carried) -> FloatArray:
        """(prompts, labels) log-probabilities of whole labels, from the last layer's states; its layers are freed."""
        block.to_head()
        vocabulary = int(block.model.config.get_text_config().vocab_size)
        own = [k for k in range(len(self.texts)) if k not in self.proofs]
        longest = max(self._tail(k) for k in own)
        rows = max(1, LOGITS // (vocabulary * longest))
        result = np.full((len(self.asked), len(self.asked[0].encoded.labels)), np.nan)
        for start in range(0, len(own), rows):
            members = own[start : start + rows]
            states = stacked([final.states[k] for k in members], longest).to(self.device)
            ids = torch.zeros(states.shape[:2], dtype=torch.long, device=self.device)
            with torch.inference_mode():
                logits = block.logits(ids, torch.ones_like(ids), states).float()
                nats = torch.log_softmax(logits, dim=2).cpu().double().numpy()
            for row, k in enumerate(members):
                text = self.texts[k]
                prompt = self.asked[text.prompt].encoded
                behind = text.item.tokens.ids[len(prompt.ids) :]
                for place, label in enumerate(prompt.labels):
                    if np.isnan(result[text.prompt, place]) and label[:-1] == behind[: len(label) - 1]:
                        result[text.prompt, place] = sum(nats[row, t, token] for t, token in enumerate(label))
        if not np.isfinite(result).all():
            raise self._no_number("the log-probability of a label", block.dtype)
        return result

    def _no_number(self, what: str, dtype: torch.dtype) -> NumericsError:
        advice = "its weights are damaged" if dtype == torch.float32 else "use dtype: float32"
        return NumericsError(f"{self.model_name}: {what} is not a number in a prompt; {advice}")


def _items(number: int, one: Asked) -> list[Item]:
    """The texts of a prompt: with all but the last token of each label, but none that another one begins with."""
    ids, _, own, labels = one.encoded
    behind = sorted({label[:-1] for label in labels}, key=lambda tokens: (-len(tokens), tokens))
    kept: list[tuple[int, ...]] = []
    for tokens in behind:
        if not any(other[: len(tokens)] == tokens for other in kept):
            kept.append(tokens)
    return [
        Item(
            one.condition,
            number,
            Tokens((*ids, *tokens), (NO_WORD,) * own + (0,) * (len(ids) + len(tokens) - own)),
        )
        for tokens in kept
    ]
