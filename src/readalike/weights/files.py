"""Which files of a folder are a checkpoint's weights. Without torch, since the workflow asks before any job."""

import json
from pathlib import Path

from readalike.errors import FileFormatError

# What transformers loads from a folder: the first of these that is there, whole or by its index.
NAMES = ("model.safetensors", "pytorch_model.bin")


def shards(index: Path) -> list[str]:
    """Names of the files over which an index spreads a checkpoint. Raises FileFormatError."""
    try:
        # Through Path: what is no text is no name.
        return sorted({Path(name).as_posix() for name in json.loads(index.read_text("utf-8"))["weight_map"].values()})
    except (ValueError, KeyError, AttributeError, TypeError):
        raise FileFormatError(f"{index}: no index of weights; download it again") from None


def weight_files(folder: Path) -> list[Path]:
    """The files of a checkpoint that transformers would load, and no others beside them.

    Raises FileFormatError where there are none or a shard is missing.
    """
    for single in NAMES:
        if (folder / single).is_file():
            return [folder / single]
        index = folder / f"{single}.index.json"
        if index.is_file():
            files = [folder / name for name in shards(index)]
            if missing := [path.name for path in files if not path.is_file()]:
                raise FileFormatError(
                    f"{folder}: {index.name} names {missing[0]}, which is not there; download it again"
                )
            return files
    raise FileFormatError(
        f"{folder}: no {' and no '.join(NAMES)}, whole or with an index; save the model there with save_pretrained()"
    )
