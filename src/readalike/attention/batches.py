"""Batches that follow from the items and a token budget alone, so that every block of layers has the same ones."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from readalike.attention.words import NO_WORD, Tokens


class Item(NamedTuple):
    """One sentence (index in the corpus) in one condition (index in the configuration's order).

    shared : leading tokens that are the same for the whole condition and go through the layers once (prefixes.py)
    """

    condition: int
    sentence: int
    tokens: Tokens
    shared: int = 0

    @property
    def own(self) -> Tokens:
        """What goes through the layers for this sentence: all tokens but the shared ones."""
        return Tokens(self.tokens.ids[self.shared :], self.tokens.words[self.shared :])


# Keys and values of what is looked back at take memory as tokens do, but little work.
LOOKED_AT = 4


def batches(items: Sequence[Item], token_budget: int) -> list[list[int]]:
    """Indexes of items by batch: sorted by length over all conditions, at most `token_budget` padded own tokens.

    With the columns of shared prefixes at most LOOKED_AT times as many. The longest come first, so that what does not
    fit into memory shows at once. A sentence longer than the budget is a batch of its own.
    """
    lengths = [len(item.own.ids) for item in items]
    order = sorted(range(len(items)), key=lambda k: (-lengths[k], items[k].condition, items[k].sentence))
    result: list[list[int]] = []
    shared = 0  # the longest prefix in the newest batch
    for k in order:
        rows = len(result[-1]) + 1 if result else 0
        # The first of a batch is its longest, and sets the padded length.
        length = lengths[result[-1][0]] if result else 0
        looked_at = rows * (max(shared, items[k].shared) + length)
        if result and rows * length <= token_budget and looked_at <= LOOKED_AT * token_budget:
            result[-1].append(k)
            shared = max(shared, items[k].shared)
        else:
            result.append([k])
            shared = items[k].shared
    return result


class Padded(NamedTuple):
    """A batch of own tokens, padded on the right; before it, padded on the left, columns of what it shares.

    Left and right, so that the distance between any two tokens of a text is that of their columns: sliding windows are
    a matter of columns.
    """

    ids: NDArray[np.int64]  # (batch, tokens)
    mask: NDArray[np.int64]  # (batch, shared + tokens): 1 for real tokens
    positions: NDArray[np.int64]  # (batch, tokens): place in the whole text, from 0
    membership: NDArray[np.float32]  # (batch, words, tokens): 1 where a token belongs to a word


def pad(items: Sequence[Item]) -> Padded:
    """Ids are padded with 0, which the mask hides; padding is never found by comparing ids."""
    rows = [item.own for item in items]
    shared = max(item.shared for item in items)
    n_tokens = max(len(own.ids) for own in rows)
    n_words = max((word for own in rows for word in own.words), default=NO_WORD) + 1
    ids = np.zeros((len(items), n_tokens), dtype=np.int64)
    mask = np.zeros((len(items), shared + n_tokens), dtype=np.int64)
    positions = np.zeros((len(items), n_tokens), dtype=np.int64)
    membership = np.zeros((len(items), n_words, n_tokens), dtype=np.float32)
    for row, (item, own) in enumerate(zip(items, rows, strict=True)):
        length = len(own.ids)
        ids[row, :length] = own.ids
        mask[row, shared - item.shared : shared + length] = 1
        # Padding has the last token's place: there may be none behind it.
        positions[row] = item.shared + np.minimum(np.arange(n_tokens), length - 1)
        for token, word in enumerate(own.words):
            if word != NO_WORD:
                membership[row, word, token] = 1
    return Padded(ids, mask, positions, membership)
