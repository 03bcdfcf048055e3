"""Which whole texts a job runs as well, to prove that those behind shared prefixes are the same; what that needs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import torch

from readalike.attention.batches import Item

# By how much word-level attention behind a shared prefix may differ from that of the whole text, in any pair and head:
# rounding over all layers of a block in float32 (seen in the 30 of SmolLM2: 4e-6), of one layer in the others (0.002 in
# float16). Positions wrong by one, or a token not looked at, make 0.57 there.
ATTENTION_TOL = {torch.float32: 1e-3, torch.float16: 0.01, torch.bfloat16: 0.05}
# By how much a token's states may differ, as a share of their length.
STATES_TOL = 0.01


def relative(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest difference of a token's states, (tokens, hidden) each, over the length of those expected."""
    expected = expected.double()
    difference = (found[: len(expected)].double() - expected).norm(dim=1)
    return float((difference / expected.norm(dim=1).clamp(min=1e-12)).max())


@dataclass(frozen=True)
class WholeTexts:
    """Items whose whole texts are run as well, and what entered each layer when they were run behind shared prefixes.

    of_prefixes, of_items : by condition and by item, (layers, tokens of its batch, hidden)
    """

    chosen: Collection[int]
    of_prefixes: dict[int, torch.Tensor] = field(default_factory=dict)
    of_items: dict[int, torch.Tensor] = field(default_factory=dict)

    def of_text(self, k: int, item: Item) -> torch.Tensor:
        """(layers, tokens, hidden) of a whole text."""
        own = self.of_items[k][:, : len(item.own.ids)]
        if item.shared == 0:
            return own
        return torch.cat([self.of_prefixes[item.condition][:, : item.shared], own], dim=1)


def to_run_whole(items: Sequence[Item], plan: Sequence[Sequence[int]]) -> set[int]:
    """The longest text that looks back, and of every condition one whose batch looks back furthest beyond its prefix.

    Windows cut off most of the longest; and a model that ignores positions counts from the batch's longest prefix.
    """
    back = {k: max(items[member].shared for member in members) for members in plan for k in members}
    looking = [k for k in back if back[k]]
    chosen = {max(looking, key=lambda k: len(items[k].tokens.ids))} if looking else set()
    for condition in {items[k].condition for k in looking}:
        own = [k for k in looking if items[k].condition == condition]
        chosen.add(max(own, key=lambda k: (back[k] - items[k].shared, len(items[k].tokens.ids))))
    return chosen
