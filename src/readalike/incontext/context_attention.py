"""Where a prompt's last token looks: its attention summed over groups of tokens, by layer and head."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from readalike.attention.batches import Item
from readalike.attention.tap import Tap
from readalike.incontext.prompts import GROUPS


@dataclass
class GroupTap(Tap):
    """A tap that keeps of each text what one of its tokens looks at, prefixes shared with others included.

    looking : (batch,) place among the text's own tokens; groups : (batch, shared + tokens, groups) of 0/1
    sums : by layer, (batch, heads, groups)
    """

    looking: torch.Tensor = field(default_factory=lambda: torch.empty(0))
    groups: torch.Tensor = field(default_factory=lambda: torch.empty(0))
    sums: dict[int, torch.Tensor] = field(default_factory=dict)

    def keep(self, layer: int, probabilities: torch.Tensor) -> None:
        rows = torch.arange(len(self.looking), device=probabilities.device)
        self.sums[layer] = probabilities[rows, :, self.looking] @ self.groups


def group_tap(
    items: Sequence[Item],
    groups: Sequence[Sequence[int]],
    membership: torch.Tensor,
    mask: torch.Tensor,
    *,
    check_causal: bool,
) -> GroupTap:
    """A tap for a padded batch (`attention.batches.pad`).

    groups : of each item, the place in `GROUPS` of the tokens of its prompt; the last of them looks
    mask : (batch, shared + tokens), as padded
    """
    columns, tokens = mask.shape[1], membership.shape[2]
    of_columns = np.zeros((len(items), columns, len(GROUPS)), dtype=np.float32)
    for row, (item, own) in enumerate(zip(items, groups, strict=True)):
        start = columns - tokens - item.shared
        of_columns[row, start + np.arange(len(own)), own] = 1
    looking = [len(own) - 1 - item.shared for item, own in zip(items, groups, strict=True)]
    return GroupTap(
        membership,
        mask[:, columns - tokens :],
        check_causal,
        looking=torch.tensor(looking, device=mask.device),
        groups=torch.from_numpy(of_columns).to(mask.device),
    )


def counts(groups: Sequence[int]) -> NDArray[np.int64]:
    """(groups,) tokens of each group in a prompt."""
    return np.bincount(groups, minlength=len(GROUPS))
