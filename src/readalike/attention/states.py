"""What one block of layers hands to the next: a file, written whole, with what the next must know."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from readalike.attention.batches import Item
from readalike.corpus import Corpus
from readalike.errors import FileFormatError
from readalike.files.atomic import replacing


class Carried(NamedTuple):
    """States after a layer: of each condition's prefix, and of the items in their order.

    `rollout` is empty where it was not asked for.
    """

    # (tokens of its batch, hidden) each, in the model's dtype. What stands on padding belongs to it: experts work on
    # all tokens of a batch together, so that other padding would change the last bits of the rest.
    prefixes: dict[int, torch.Tensor]  # of the conditions that have one
    states: list[torch.Tensor]
    rollout: list[torch.Tensor]  # (own tokens, own tokens) an item, float32

    def of_text(self, k: int, item: Item) -> torch.Tensor:
        """States of item `k`, (tokens, hidden), those of its shared prefix before its own."""
        own = self.states[k][: len(item.own.ids)]
        return torch.cat([self.prefixes[item.condition][: item.shared], own]) if item.shared else own


def write_states(
    path: Path,
    carried: Carried,
    items: Sequence[Item],
    conditions: Sequence[str],
    corpus: Corpus,
    *,
    layer: int,
    token_budget: int,
) -> None:
    """Each condition by itself, since a later job may go on with some of them only.

    conditions : names, in the order that the items count them in
    layer : the one that left the states; token_budget : the one that the block ended with
    """
    about = {"corpus": corpus.digest, "layer": layer, "token_budget": token_budget}
    tensors: dict[str, torch.Tensor] = {}
    for number, condition in enumerate(conditions):
        own = [k for k, item in enumerate(items) if item.condition == number]
        before = [carried.prefixes[number]] if number in carried.prefixes else []
        parts = [*before, *(carried.states[k] for k in own)]
        tensors[f"{condition}/states"] = torch.cat(parts).contiguous()
        tensors[f"{condition}/lengths"] = torch.tensor([len(part) for part in parts])
        if carried.rollout:
            tensors[f"{condition}/rollout"] = torch.cat([carried.rollout[k].flatten() for k in own])
    with replacing(path) as temporary:
        # One entry: several are written in a random order, and the same states would be other bytes.
        save_file(tensors, temporary, metadata={"readalike": json.dumps(about)})


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """A file of states to be read in the block; FileFormatError for whatever comes of one that is damaged."""
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (SafetensorError, OSError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise FileFormatError(
            f"{path}: cannot be read as states of the block before ({error}); delete it and run the workflow again"
        ) from error


def read_token_budget(path: Path) -> int:
    """The budget that the previous block ended with: batches must be the same for the same bits."""
    with _opened(path) as file:
        return int(_about(file)["token_budget"])


def _about(file: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.metadata()["readalike"])
    return found


def read_states(
    path: Path, items: Sequence[Item], conditions: Sequence[str], corpus: Corpus, *, layer: int, rollout: bool
) -> Carried:
    """States as written, of these items, which count `conditions` (names); the file may have others.

    Raises FileFormatError unless they come from `layer` of the same corpus, with a rollout where one is needed.
    """
    carried = Carried({}, [torch.empty(0)] * len(items), [torch.empty(0)] * len(items) if rollout else [])
    with _opened(path) as file:
        about, there = _about(file), set(file.keys())
        if about["corpus"] != corpus.digest or about["layer"] != layer:
            raise FileFormatError(
                f"{path}: states of layer {about['layer']}, expected layer {layer} of this corpus; "
                "delete it and run the workflow again"
            )
        for number, condition in enumerate(conditions):
            own = [k for k, item in enumerate(items) if item.condition == number]
            shared = items[own[0]].shared
            needed = [*([shared] if shared else []), *(len(items[k].own.ids) for k in own)]
            found = file.get_tensor(f"{condition}/lengths").tolist() if f"{condition}/lengths" in there else []
            if len(found) != len(needed) or any(has < needs for has, needs in zip(found, needed, strict=True)):
                raise FileFormatError(f"{path}: states of other sentences or conditions; delete it and run again")
            parts = list(torch.split(file.get_tensor(f"{condition}/states"), found))
            if shared:
                carried.prefixes[number] = parts.pop(0)
            for k, part in zip(own, parts, strict=True):
                carried.states[k] = part
            if rollout:
                if f"{condition}/rollout" not in there:
                    raise FileFormatError(f"{path}: the block before left no rollout; delete it and run again")
                sizes = [len(items[k].own.ids) for k in own]
                flat = torch.split(file.get_tensor(f"{condition}/rollout"), [n * n for n in sizes])
                for k, part, n in zip(own, flat, sizes, strict=True):
                    carried.rollout[k] = part.view(n, n)
    return carried
