"""Batches that follow from the items and a token budget alone, so that every block of layers has the same ones."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from readalike.attention.words import NO_WORD, Tokens


class Item(NamedTuple):
    """One sentence (index in the corpus) in one condition (index in the configuration's order)."""

    condition: int
    sentence: int
    tokens: Tokens


def batches(items: Sequence[Item], token_budget: int) -> list[list[int]]:
    """Indexes of items by batch: sorted by length over all conditions, at most `token_budget` padded tokens.

    A sentence longer than the budget is a batch of its own.
    """
    order = sorted(range(len(items)), key=lambda k: (len(items[k].tokens.ids), items[k].condition, items[k].sentence))
    result: list[list[int]] = []
    for k in order:
        # The newest is the longest, so that it sets the padded length.
        if result and len(items[k].tokens.ids) * (len(result[-1]) + 1) <= token_budget:
            result[-1].append(k)
        else:
            result.append([k])
    return result


class Padded(NamedTuple):
    """A batch, padded on the right."""

    ids: NDArray[np.int64]  # (batch, tokens)
    mask: NDArray[np.int64]  # (batch, tokens): 1 for real tokens
    membership: NDArray[np.float32]  # (batch, words, tokens): 1 where a token belongs to a word


def pad(items: Sequence[Item]) -> Padded:
    """Ids are padded with 0, which the mask hides; padding is never found by comparing ids."""
    n_tokens = max(len(item.tokens.ids) for item in items)
    n_words = max(max(item.tokens.words) for item in items) + 1
    ids = np.zeros((len(items), n_tokens), dtype=np.int64)
    mask = np.zeros((len(items), n_tokens), dtype=np.int64)
    membership = np.zeros((len(items), n_words, n_tokens), dtype=np.float32)
    for row, item in enumerate(items):
        length = len(item.tokens.ids)
        ids[row, :length] = item.tokens.ids
        mask[row, :length] = 1
        for token, word in enumerate(item.tokens.words):
            if word != NO_WORD:
                membership[row, word, token] = 1
    return Padded(ids, mask, membership)
