"""HDF5 of where prompts look: attention of a prompt's last token summed over groups of tokens, by layer and head."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from readalike.corpus import FloatArray, IntArray
from readalike.files.attention import Float32Array
from readalike.files.hdf5 import dataset, reading_hdf5, replacing_hdf5, texts, write, write_texts


@dataclass(frozen=True)
class ContextAttention:
    """Of one model and task; along prompts what `ANSWERS` has as keys.

    parameters : of the model
    groups : names; tokens : (prompts, groups) of each
    attention : (prompts, layers, heads, groups) sums, 1 over all groups
    """

    model: str
    task: str
    parameters: int
    groups: tuple[str, ...]
    noise: tuple[str, ...]
    rate: FloatArray
    template: IntArray
    set: IntArray
    item: IntArray
    tokens: IntArray
    attention: Float32Array


def write_context_attention(path: Path, found: ContextAttention) -> None:
    """Attention is kept as float32."""
    with replacing_hdf5(path) as file:
        file.attrs["model"], file.attrs["task"] = found.model, found.task
        file.attrs["parameters"] = found.parameters
        for name in ("groups", "noise"):
            write_texts(file, name, getattr(found, name))
        for name in ("rate", "template", "set", "item", "tokens"):
            write(file, name, getattr(found, name))
        write(file, "attention", found.attention.astype(np.float32), chunks=(1, *found.attention.shape[1:]))


def read_context_attention(path: Path) -> ContextAttention:
    """Raises FileFormatError where the file cannot be read, or is none of these."""
    with reading_hdf5(path) as file:
        groups, noise = texts(file, "groups"), texts(file, "noise")
        prompts = len(noise)
        attention = dataset(file, "attention")
        if attention.ndim != 4 or attention.shape[::3] != (prompts, len(groups)):
            raise ValueError(f"attention has shape {attention.shape} for {prompts} prompts and {len(groups)} groups")
        template, number, item = (dataset(file, name, (prompts,), kinds="i")[:] for name in ("template", "set", "item"))
        return ContextAttention(
            str(file.attrs["model"]),
            str(file.attrs["task"]),
            int(file.attrs["parameters"]),
            groups,
            noise,
            dataset(file, "rate", (prompts,))[:],
            template,
            number,
            item,
            dataset(file, "tokens", (prompts, len(groups)), kinds="i")[:],
            attention[:],
        )


def read_parameters(path: Path) -> tuple[str, int]:
    """The model and how many parameters it has; errors as of `read_context_attention`."""
    with reading_hdf5(path) as file:
        return str(file.attrs["model"]), int(file.attrs["parameters"])
