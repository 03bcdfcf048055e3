"""Prefixes: what every text of a condition begins with goes through the layers once, and all texts look back at it.

A causal model computes the same for a token whatever follows it, so that keys and values of a condition's first tokens
are those of every one of its texts; a quarter of all tokens in the paper's four conditions need not be run again.
Rounding differs from that of a whole text as it does between two sizes of a batch, and no more: every job proves it on
a few texts (whole_texts.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicCache, DynamicLayer

from readalike.attention.batches import Item
from readalike.attention.words import NO_WORD, Tokens
from readalike.errors import UnsupportedModelError


def share(items: Sequence[Item]) -> list[Item]:
    """The items, each with as many `shared` tokens as all texts of its condition begin with.

    Found on ids, since a tokenizer may join the end of a prefix to what follows; tokens of words are never shared.
    """
    common: dict[int, tuple[int, ...]] = {}
    for item in items:
        before = next(k for k, word in enumerate(item.tokens.words) if word != NO_WORD)
        ids = item.tokens.ids[:before]
        known = common.setdefault(item.condition, ids)
        same = next((k for k, (a, b) in enumerate(zip(known, ids, strict=False)) if a != b), min(len(known), len(ids)))
        common[item.condition] = known[:same]
    return [item._replace(shared=len(common[item.condition])) for item in items]


def shared_prefixes(items: Sequence[Item]) -> dict[int, Item]:
    """Condition -> its shared tokens as an item without words; conditions that share none are left out."""
    first = {item.condition: item for item in reversed(items)}
    return {
        condition: Item(condition, item.sentence, Tokens(item.tokens.ids[: item.shared], (NO_WORD,) * item.shared))
        for condition, item in sorted(first.items())
        if item.shared
    }


class Prefixes:
    """Keys and values of every condition's prefix in the layers of a block.

    lengths : condition -> tokens of its prefix, for those that have one
    """

    def __init__(self, lengths: Mapping[int, int]) -> None:
        self._lengths = dict(lengths)
        self._rows = {condition: row for row, condition in enumerate(self._lengths)}
        self._layers: dict[int, tuple[torch.Tensor, ...]] = {}

    def keep(self, conditions: Sequence[int], cache: DynamicCache) -> None:
        """Take from `cache` what the layers left for these conditions' prefixes, one a row of the batch."""
        longest = max(self._lengths.values())
        for number, layer in enumerate(cache.layers):
            assert isinstance(layer, DynamicLayer)
            if layer.keys is None or layer.values is None:
                continue  # of another block
            found = (layer.keys, layer.values)
            kept = self._layers.setdefault(number, tuple(self._room(part, longest) for part in found))
            for row, condition in enumerate(conditions):
                length = self._lengths[condition]
                for room, part in zip(kept, found, strict=True):
                    room[self._rows[condition], :, longest - length :] = part[row, :, :length]

    def _room(self, like: torch.Tensor, longest: int) -> torch.Tensor:
        """(conditions with a prefix + 1, heads, tokens, size): the last row is for conditions that have none."""
        return like.new_zeros(len(self._lengths) + 1, like.shape[1], longest, like.shape[3])

    def of_batch(self, items: Sequence[Item], layers: int) -> Cache | None:
        """What a batch looks back at, padded on the left; None where none of it looks back at anything.

        layers : of the whole model
        Raises UnsupportedModelError where the layers left nothing.
        """
        length = max(item.shared for item in items)
        if length == 0:
            return None
        if not self._layers:
            raise UnsupportedModelError(
                "this model leaves no keys and values to look back at; set share_prefixes: false for it"
            )
        device = next(iter(self._layers.values()))[0].device
        rows = torch.tensor([self._rows.get(item.condition, len(self._rows)) for item in items], device=device)
        return Cache(layers=[_Behind(self._layers.get(number), rows, length) for number in range(layers)])


class _Behind(DynamicLayer):  # type: ignore[no-untyped-call]  # transformers' own
    """One layer's keys and values of a batch's prefixes. New ones are joined to them, and not kept."""

    def __init__(self, kept: tuple[torch.Tensor, ...] | None, rows: torch.Tensor, length: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # transformers' own
        self._kept, self._batch, self._length = kept, rows, length

    def get_seq_length(self) -> int:
        return self._length

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        assert self._kept is not None, "layers of other blocks are stubs and ask for nothing"
        keys, values = (part[:, :, -self._length :].index_select(0, self._batch) for part in self._kept)
        return torch.cat([keys, key_states], dim=2), torch.cat([values, value_states], dim=2)
