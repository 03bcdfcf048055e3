"""Which files of a folder are a checkpoint's weights, and what its config.json says of their size.

Without torch, since the workflow asks before any job.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from readalike.errors import FileFormatError

# What transformers loads from a folder: the first of these that is there, whole or by its index.
NAMES = ("model.safetensors", "pytorch_model.bin")


# Beyond any model, and small enough that jobs of one layer each can be listed.
MOST_LAYERS = 10_000
MOST = 10**9
# A file's name without a folder: no slash of either kind, and not `..`.
PLAIN = re.compile(r"(?!\.\.?$)[ -.0-\[\]-~]{1,200}")


def read_description(config: Path) -> dict[str, Any]:
    """What a config.json holds; `text_config`, where there is one, is an object as well.

    Raises FileFormatError where it cannot be read or is no JSON object; FileNotFoundError where it is not there.
    """
    advice = "fetch the model again, or save it with save_pretrained()"
    try:
        described = json.loads(config.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:  # another encoding, no JSON, a number of 5,000 digits
        raise FileFormatError(f"{config}: cannot be read as JSON in UTF-8 ({error}); {advice}") from None
    if not isinstance(described, dict):
        raise FileFormatError(f"{config}: {_short(described)} is no JSON object with the fields of a model; {advice}")
    if not isinstance(text := described.get("text_config", {}), dict):
        raise FileFormatError(f"{config}: text_config is {_short(text)}, not a JSON object; {advice}")
    return described


def whole_number(described: Mapping[str, Any], names: Sequence[str], config: Path, most: int = MOST) -> int | None:
    """The first of several fields that is there, from 1 to `most`; None where none is. Raises FileFormatError."""
    name = next((name for name in names if name in described), None)
    if name is None:
        return None
    found = described[name]
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= most:
        raise FileFormatError(
            f"{config}: {name} is {_short(found)}, not a whole number from 1 to {most:,}; correct it, or fetch the "
            "model again"
        )
    return found


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def shards(index: Path) -> list[str]:
    """Names of the files over which an index spreads a checkpoint: files of its own folder, and no others.

    Raises FileFormatError where it is no index, or where a name leads out of the folder.
    """
    try:
        names = sorted(set(json.loads(index.read_text("utf-8"))["weight_map"].values()))
        elsewhere = [name for name in names if not PLAIN.fullmatch(name)]
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise FileFormatError(f"{index}: no index of weights; download it again") from None
    if elsewhere:
        raise FileFormatError(
            f"{index}: {_short(elsewhere[0])} is no name of a file in the same folder, which is all that an index may "
            "name; download the model again, from somebody you trust"
        )
    return names


def weight_files(folder: Path) -> list[Path]:
    """The files of a checkpoint that transformers would load, and no others beside them.

    Raises FileFormatError where there are none, a shard is missing, or they are beside an adapter that would not count.
    """
    if (folder / "adapter_config.json").is_file():
        raise FileFormatError(
            f"{folder}: adapter_config.json says that an adapter (LoRA) belongs to it, which would be left out; merge "
            "the two with merge_and_unload() of peft and save the result, or remove its files to measure the base"
        )
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
