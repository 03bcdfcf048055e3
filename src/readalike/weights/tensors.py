"""Tensors of a checkpoint in a local folder, each read when it is asked for and not before.

Safetensors, or PyTorch's own `.bin` files, in one file or sharded; and a second checkpoint that is added to the first
(Vicuna and Alpaca are published as such a delta on LLaMA).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from readalike.errors import FileFormatError
from readalike.weights.failures import explained
from readalike.weights.files import weight_files

log = logging.getLogger("readalike")

MISSING_ROWS = ("zeros", "mean")


@dataclass(frozen=True)
class Lazy:
    """A tensor that is read by `lazy[...]`, which is how transformers asks for it."""

    shape: tuple[int, ...]
    read: Callable[[], torch.Tensor]

    def __getitem__(self, _: Any) -> torch.Tensor:
        return self.read()


@dataclass(frozen=True)
class Checkpoint:
    """Where a model's tensors are.

    folder : config.json, tokenizer and weights, as `save_pretrained` writes them
    delta : a folder of the same kind whose tensors are added to those of `folder`; configuration and tokenizer are its
    missing_rows : how rows count that the delta's vocabulary has and the base's has not: `zeros` (Vicuna v0) or `mean`,
        the mean of the base's rows (Alpaca); None: they are an error
    trust_remote_code : run Python code that comes with the checkpoint
    untrained : seed of the weights that are drawn in place of those in the files (`attention.untrained`)
    """

    folder: Path
    delta: Path | None = None
    missing_rows: str | None = None
    trust_remote_code: bool = False
    untrained: int | None = None

    @property
    def described_by(self) -> Path:
        """The folder whose configuration and tokenizer hold."""
        return self.delta or self.folder

    def files(self) -> list[Path]:
        """Weight files of base and delta."""
        return [path for folder in (self.folder, self.delta) if folder for path in weight_files(folder)]

    def tensors(self, seen: Callable[[str, torch.Tensor], None]) -> dict[str, Lazy]:
        """Every tensor by its name in the files. Raises FileFormatError as `tensors_of` and `added` do.

        seen : told of each tensor as it is read from a file, before a delta is added
        """
        base = _watched(tensors_of(self.folder), seen)
        if self.delta is None:
            return base
        delta = _watched(tensors_of(self.delta), seen)
        return added(base, delta, self.missing_rows, f"{self.delta} on {self.folder}")


def tensors_of(folder: Path) -> dict[str, Lazy]:
    """Name -> tensor of one folder. Raises FileFormatError for files that cannot be read."""
    found: dict[str, Lazy] = {}
    for path in weight_files(folder):
        found.update(tensors_in(path))
    return found


def tensors_in(path: Path) -> Iterable[tuple[str, Lazy]]:
    """Names and tensors of one file. Raises FileFormatError where it cannot be read."""
    return _safetensors(path) if path.suffix == ".safetensors" else _bin(path)


def _watched(tensors: Mapping[str, Lazy], seen: Callable[[str, torch.Tensor], None]) -> dict[str, Lazy]:
    def watched(name: str, lazy: Lazy) -> Lazy:
        def read() -> torch.Tensor:
            tensor = lazy.read()
            seen(name, tensor)
            return tensor

        return Lazy(lazy.shape, read)

    return {name: watched(name, lazy) for name, lazy in tensors.items()}


def _safetensors(path: Path) -> Iterable[tuple[str, Lazy]]:
    try:
        file: Any = safe_open(path, framework="pt")
    except (OSError, SafetensorError) as error:
        raise FileFormatError(f"{path}: cannot be read as safetensors ({error}); download it again") from None
    for name in file.keys():  # noqa: SIM118  (not a dict)
        part = file.get_slice(name)
        yield name, Lazy(tuple(part.get_shape()), lambda part=part: part[...])  # type: ignore[misc]  # bound default


def _bin(path: Path) -> Iterable[tuple[str, Lazy]]:
    """Pickles come from the internet: `weights_only` admits tensors and nothing that runs.

    It follows what the file says step by step, so that a damaged one can raise anything.
    """
    with explained(FileFormatError, f"{path}: cannot be read as PyTorch weights", "download it again"):
        try:
            tensors = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
        except RuntimeError as error:
            if "mmap" not in str(error):
                raise
            log.warning("%s: in the format of before PyTorch 1.6, so that all of it is read into memory", path)
            tensors = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(tensors, dict) or not all(isinstance(value, torch.Tensor) for value in tensors.values()):
        raise FileFormatError(f"{path}: not tensors by their names alone; save the model with save_pretrained()")
    for name, tensor in tensors.items():
        yield name, Lazy(tuple(tensor.shape), lambda tensor=tensor: tensor)  # type: ignore[misc]  # bound default


def added(base: Mapping[str, Lazy], delta: Mapping[str, Lazy], missing_rows: str | None, where: str) -> dict[str, Lazy]:
    """base + delta, tensor by tensor as it is read, in float32 (the checkpoint's own dtype is rounded to afterwards).

    A name that only one of the two has is left out: old checkpoints hold buffers that no model reads, and a tensor
    that a model does read is then found missing. Raises FileFormatError where shapes do not fit.
    """
    result: dict[str, Lazy] = {}
    for name in sorted(set(base) & set(delta)):
        small, large = base[name], delta[name]
        more = large.shape[0] - small.shape[0] if large.shape and small.shape else 0
        if small.shape[1:] != large.shape[1:] or more < 0:
            raise FileFormatError(f"{where}: {name} has shape {large.shape} in the delta, {small.shape} in the base")
        if more and missing_rows is None:
            raise FileFormatError(
                f"{where}: {name} has {more} rows more in the delta; set delta.missing_rows to zeros (as Vicuna v0) or "
                "mean (as Alpaca), as the authors of the delta computed it"
            )
        result[name] = Lazy(large.shape, lambda s=small, d=large: _sum(s, d, missing_rows))  # type: ignore[misc]  # bound defaults
    return result


def _sum(base: Lazy, delta: Lazy, missing_rows: str | None) -> torch.Tensor:
    total = delta[...].to(torch.float32, copy=True)
    rows = base[...].to(torch.float32)
    total[: rows.shape[0]] += rows
    if missing_rows == "mean":
        total[rows.shape[0] :] += rows.mean(dim=0, keepdim=True)
    return total
