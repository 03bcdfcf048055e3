"""Outputs of jobs that share an allocation of a cluster, kept until the last of them stands.

Snakemake counts such jobs as one: where one of them fails it removes the outputs of all, and starts all of them again.
What was finished is found here then, under a key that says of what and by which code it was made, and taken as it is.
Kept are hard links, which take no room of their own while the outputs stand.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from readalike.files.atomic import replacing, replacing_folder


def key_of(arguments: Mapping[str, Any], inputs: Mapping[str, str], code: str, outputs: Sequence[Path]) -> str:
    """What an output depends on, as in its record: arguments that are no paths, checksums of what was read, code."""
    facts = {"arguments": dict(arguments), "inputs": dict(inputs), "code": code, "outputs": [*map(str, outputs)]}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def keep(folder: Path, key: str, outputs: Sequence[Path]) -> None:
    """Keep the outputs of one job below `folder`, all or none."""
    with replacing_folder(folder / key) as place:
        for number, output in enumerate(outputs):
            _link(output, place / str(number))


def restore(folder: Path, key: str, outputs: Sequence[Path]) -> bool:
    """Put outputs back where they are kept under this key; whether they were."""
    kept = [folder / key / str(number) for number in range(len(outputs))]
    if not all(path.is_file() for path in kept):
        return False
    for path, output in zip(kept, outputs, strict=True):
        with replacing(output) as temporary:
            _link(path, temporary)
            # Snakemake refuses an output that is older than what it is made of.
            os.utime(temporary)
    return True


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without links; a full disk says so here
        shutil.copyfile(source, target)
