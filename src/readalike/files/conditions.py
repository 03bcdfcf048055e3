"""conditions.json: the texts before the sentences, by condition. A file, since a command line ends at 128 kB."""

import json
from collections.abc import Mapping
from pathlib import Path

from readalike.errors import FileFormatError
from readalike.files.atomic import replacing


def write_conditions(path: Path, conditions: Mapping[str, str]) -> None:
    """Write condition -> prefix, sorted by name: the order in which attention has them."""
    with replacing(path) as temporary:
        text = json.dumps(dict(conditions), sort_keys=True, ensure_ascii=False, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_conditions(path: Path) -> dict[str, str]:
    """Condition -> prefix. Raises FileFormatError where the file is not what `write_conditions` writes."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{path}: cannot be read as conditions ({error}); delete it and run again") from None
    if not isinstance(found, dict) or not all(isinstance(prefix, str) for prefix in found.values()):
        raise FileFormatError(f"{path}: no conditions with a text each; delete it and run again")
    return found
