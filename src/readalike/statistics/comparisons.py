"""Which models are of one size, and how many tests that makes."""

from collections.abc import Mapping, Sequence
from typing import Any

Comparisons = Mapping[str, Any]  # scaling and tuning: lists of pairs; reference: one pair


def sizes(comparisons: Comparisons) -> dict[str, str]:
    """Model -> a name for its size: models joined by `tuning` comparisons are of one size."""
    size: dict[str, str] = {}
    for base, tuned in comparisons.get("tuning", []):
        old = {size.get(base, base), size.get(tuned, tuned)}
        joined = min(old)
        size = {model: joined if name in old else name for model, name in size.items()}
        size[base] = size[tuned] = joined
    return size


def same_sizes(comparisons: Comparisons, pair: Sequence[str]) -> int:
    """How many scaling pairs join the same two sizes as `pair`, itself included."""
    size = sizes(comparisons)

    def key(a: str, b: str) -> frozenset[str]:
        return frozenset([size.get(a, a), size.get(b, b)])

    return sum(key(a, b) == key(*pair) for a, b in comparisons.get("scaling", []))


def tuned_of_size(comparisons: Comparisons, model: str) -> int:
    """How many tuning pairs there are among models of one size."""
    size = sizes(comparisons)
    return sum(size[base] == size.get(model, model) for base, _ in comparisons.get("tuning", []))


def models_of_size(comparisons: Comparisons, model: str) -> int:
    size = sizes(comparisons)
    return max(1, sum(name == size.get(model, model) for name in size.values()))


def reference_index(index: int, count: int, reference_count: int) -> int:
    """Layer of the reference pair beside layer `index` of `count`: the same, or at the same relative depth.

    The paper takes the same index of its 40-layer reference for models of 32 layers; a shorter reference has no such
    layer, so that its last stands beside the last.
    """
    if reference_count >= count:
        return index
    return round(index * (reference_count - 1) / (count - 1))
