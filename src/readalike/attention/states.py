"""Hidden states that one block of layers hands to the next: a file, written whole, with what the next must know."""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from readalike.corpus import Corpus
from readalike.errors import FileFormatError
from readalike.files.atomic import replacing


def write_states(path: Path, states: Sequence[torch.Tensor], corpus: Corpus, *, layer: int, token_budget: int) -> None:
    """states : one (tokens, hidden) tensor an item, in the order of the items; layer : the one that left them."""
    metadata = {"corpus_digest": corpus.digest, "layer": str(layer), "token_budget": str(token_budget)}
    with replacing(path) as temporary:
        save_file({"states": torch.cat(list(states)).contiguous()}, temporary, metadata=metadata)


def read_token_budget(path: Path) -> int:
    """The budget that the previous block ended with: batches must be the same for the same bits."""
    with safe_open(path, framework="pt") as file:
        return int(file.metadata()["token_budget"])


def read_states(path: Path, lengths: Sequence[int], corpus: Corpus, *, layer: int) -> list[torch.Tensor]:
    """States by item, as written. Raises FileFormatError unless they come from `layer` of the same corpus."""
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
        if metadata["corpus_digest"] != corpus.digest or int(metadata["layer"]) != layer:
            raise FileFormatError(
                f"{path}: states of layer {metadata['layer']}, expected layer {layer} of this corpus; "
                "delete it and run the workflow again"
            )
        states = file.get_tensor("states")
    if len(states) != sum(lengths):
        raise FileFormatError(f"{path}: {len(states)} tokens, expected {sum(lengths)}; delete it and run again")
    return list(torch.split(states, list(lengths)))
