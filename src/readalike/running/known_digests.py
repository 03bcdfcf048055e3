"""Digests of what the workflow's scripts do, kept from one start of Snakemake to the next: half of what a start took.

They stand in a file of the cache under a digest over the text of every module and script, so that after any edit all
are computed anew.
"""

import hashlib
import json
import logging
import sys
from pathlib import Path

from readalike.files.atomic import replacing
from readalike.running.digests import code_digest

log = logging.getLogger("readalike")
FILE = "digests.json"
# Scripts that no rule calls.
BY_HAND = "project"


def digests_of(root: Path, cache: Path) -> dict[str, str]:
    """Every script of a project that rules call, as seen from `scripts/`, and the digest of what it does."""
    texts = _texts_digest(root)
    known = _read(cache / FILE, texts)
    if known is not None:
        return known
    places = (path for path in sorted((root / "scripts").glob("*/*.py")) if path.parent.name != BY_HAND)
    found = {f"{path.parent.name}/{path.name}": code_digest(path, root / "src") for path in places}
    try:
        with replacing(cache / FILE) as temporary:
            temporary.write_text(json.dumps({"texts": texts, "code": found}), encoding="utf-8")
    except OSError as error:  # costs time at the next start, and nothing else
        log.debug("%s: %s", cache / FILE, error)
    return found


def _texts_digest(root: Path) -> str:
    """SHA-256 over the names and texts of all modules and scripts, and the version of Python, which parses them."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in ("scripts", "src"):
        for path in sorted((root / folder).rglob("*.py")):
            name, text = str(path.relative_to(root)).encode(), path.read_bytes()
            digest.update(b"%d %d " % (len(name), len(text)) + name + text)
    return digest.hexdigest()


def _read(file: Path, texts: str) -> dict[str, str] | None:
    """What was left for exactly these texts."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return dict(found["code"]) if found["texts"] == texts else None
    except (OSError, ValueError, LookupError, TypeError):
        return None  # none yet, cut off, or of another version
