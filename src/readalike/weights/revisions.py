"""Repositories of the Hugging Face Hub at pinned commits: revisions.lock, which `make resolve` writes.

Imported while the DAG is built, so it imports nothing heavy.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from readalike.errors import ConfigurationError
from readalike.files.atomic import replacing

# Where tensors come from, as in the configuration: `folder`, `hub` with or without `revision`, a GGUF file. A model's
# `weights` is one; its `delta` is another.
Source = Mapping[str, Any]

COMMIT = re.compile("[0-9a-f]{40}")


@dataclass(frozen=True)
class Revision:
    """What was looked up of a repository: the commit behind a branch or tag, and the model that its config.json gives.

    hidden : values a token between layers; vocabulary : rows of the embedding; width : bytes of a number in its files

    Raises ValueError where the commit is none.
    """

    commit: str
    revision: str
    layers: int
    heads: int
    parameters: int
    hidden: int
    vocabulary: int
    width: int

    def __post_init__(self) -> None:
        # It becomes part of paths and command lines.
        if not COMMIT.fullmatch(self.commit):
            raise ValueError(f"{self.commit!r} is no commit of 40 hexadecimal digits")


def sources(weights: Source) -> Iterator[tuple[str, Source]]:
    """A model's sources with their places below `models.NAME`: its weights and, where there is one, their delta."""
    yield "weights", weights
    if "delta" in weights:
        yield "weights.delta", weights["delta"]


def entry_name(source: Source) -> str:
    """What a source on the Hub is called in revisions.lock: OWNER/NAME, for a branch or tag OWNER/NAME@REVISION."""
    repository, revision = str(source["hub"]), source.get("revision", "main")
    return repository if revision == "main" else f"{repository}@{revision}"


def locked(source: Source, revisions: Mapping[str, Revision], field: str) -> Revision:
    """The revision of a source on the Hub. Raises ConfigurationError naming `field` where it was never looked up."""
    name = entry_name(source)
    if name not in revisions:
        raise ConfigurationError(
            f"{field}.hub: {name} is not in revisions.lock, which holds the commit to be fetched; run make resolve "
            "(CONFIG=FILE for another configuration than config.yaml) where there is a network"
        )
    return revisions[name]


def planned(models: Mapping[str, Mapping[str, Any]], revisions: Mapping[str, Revision]) -> dict[str, Revision]:
    """The revisions, and a stand-in for what was never looked up where `layers:` and `parameters:` say how large it is.

    For a dry run only: the commit is none, but one a name, since paths are made of it.
    """
    stand_ins = {
        entry_name(source): Revision(
            hashlib.sha1(entry_name(source).encode()).hexdigest(),
            "unresolved",
            model["layers"],
            0,
            int(model["parameters"]),
            0,
            0,
            0,
        )
        for model in models.values()
        for _, source in sources(model.get("weights", {}))
        if "hub" in source and "layers" in model and "parameters" in model
    }
    return {**stand_ins, **revisions}


def cached(source: Source, revisions: Mapping[str, Revision], *, code: bool) -> str:
    """Folder of a source on the Hub, below the cache.

    With the repository's Python code it is another one, so that no model has code that did not ask for it.
    """
    commit = revisions[entry_name(source)].commit
    return f"hub/{source['hub'].replace('/', '--')}/{commit}{'-with-code' if code else ''}"


def read_revisions(path: Path) -> dict[str, Revision]:
    """Every entry of a lock; none where there is no such file. Raises ConfigurationError where it is damaged."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return {name: Revision(**entry) for name, entry in entries.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"{path}: not as make resolve writes it ({error}); take it from version control again, or remove it and "
            "run make resolve"
        ) from None


def write_revisions(path: Path, revisions: Mapping[str, Revision]) -> None:
    """Sorted, so that a repository added or moved is a difference of a few lines."""
    entries = {name: asdict(revision) for name, revision in revisions.items()}
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(entries, indent=2, sort_keys=True) + "\n", encoding="utf-8")
