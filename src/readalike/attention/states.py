"""What one block of layers hands to the next: a file, written whole, with what the next must know."""

import json
from collections.abc import Iterator, Mapping, Sequence
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


def write_states(path: Path, carried: Carried, corpus: Corpus, *, layer: int, token_budget: int) -> None:
    """layer : the one that left the states; token_budget : the one that the block ended with."""
    # One entry: several are written in a random order, and the same states would be other bytes.
    metadata = {"readalike": json.dumps({"corpus": corpus.digest, "layer": layer, "token_budget": token_budget})}
    parts = [*(carried.prefixes[condition] for condition in sorted(carried.prefixes)), *carried.states]
    tensors = {"states": torch.cat(parts).contiguous(), "lengths": torch.tensor([len(part) for part in parts])}
    if carried.rollout:
        tensors["rollout"] = torch.cat([matrix.flatten() for matrix in carried.rollout])
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata=metadata)


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
    path: Path, prefixes: Mapping[int, int], lengths: Sequence[int], corpus: Corpus, *, layer: int, rollout: bool
) -> Carried:
    """States as written. prefixes : condition -> tokens of its shared prefix; lengths : own tokens of each item.

    Raises FileFormatError unless they come from `layer` of the same corpus, with a rollout where one is needed.
    """
    with _opened(path) as file:
        about = _about(file)
        if about["corpus"] != corpus.digest or about["layer"] != layer:
            raise FileFormatError(
                f"{path}: states of layer {about['layer']}, expected layer {layer} of this corpus; "
                "delete it and run the workflow again"
            )
        found = file.get_tensor("lengths").tolist()
        needed = [*(prefixes[condition] for condition in sorted(prefixes)), *lengths]
        if len(found) != len(needed) or any(has < needs for has, needs in zip(found, needed, strict=True)):
            raise FileFormatError(f"{path}: states of other sentences or conditions; delete it and run again")
        parts = list(torch.split(file.get_tensor("states"), found))
        matrices: list[torch.Tensor] = []
        if rollout:
            if "rollout" not in file.keys():  # noqa: SIM118  (not a dict)
                raise FileFormatError(f"{path}: the block before left no rollout; delete it and run again")
            flat = torch.split(file.get_tensor("rollout"), [n * n for n in lengths])
            matrices = [part.view(n, n) for part, n in zip(flat, lengths, strict=True)]
    return Carried(dict(zip(sorted(prefixes), parts, strict=False)), parts[len(prefixes) :], matrices)
