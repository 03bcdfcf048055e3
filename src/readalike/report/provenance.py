"""Where the files that a report shows come from, and how to cite what made them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from readalike.running import records


@dataclass(frozen=True)
class Origin:
    """Of one file: its checksum, the script that made it, and at which revision of the project."""

    file: str
    sha256: str
    script: str
    revision: str


def origins(files: Iterable[Path], results: Path) -> list[Origin]:
    """What the records of files below `results` say. Raises FileFormatError for a file without one."""
    found = []
    for path in files:
        record = records.read(path, results)
        found.append(Origin(str(path), record["sha256"], record["script"], record["revision"]))
    return found


def revisions(found: Iterable[Origin]) -> list[str]:
    """Revisions of the project that files were made at, each once; none where it was not known."""
    return sorted({origin.revision for origin in found} - {"unknown"})


def as_yaml(config: Mapping[str, Any], conditions: Mapping[str, str]) -> str:
    """The configuration as a person would write it, defaults and all."""
    return yaml.safe_dump({**config, "conditions": dict(conditions)}, sort_keys=True, allow_unicode=True, width=100)


@dataclass(frozen=True)
class Citation:
    """How to cite the workflow, and the papers behind it."""

    message: str
    own: str
    papers: tuple[str, ...]
    version: str


def citation(text: str) -> Citation:
    """Of a CITATION.cff."""
    content = yaml.safe_load(text)
    version = str(content["version"])
    own = f"{_authors(content['authors'])}. {content['title']}. Version {version}. {content['license']} licence."
    return Citation(content["message"], own, tuple(_paper(paper) for paper in content["references"]), version)


def _paper(paper: Mapping[str, Any]) -> str:
    where = f" {paper['collection-title']}." if "collection-title" in paper else ""
    return f"{_authors(paper['authors'])} ({paper['year']}). {paper['title']}.{where}".replace("?.", "?")


def _authors(authors: Sequence[Mapping[str, str]]) -> str:
    names = [author.get("name") or f"{author['given-names']} {author['family-names']}" for author in authors]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
