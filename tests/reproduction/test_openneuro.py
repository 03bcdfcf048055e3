"""The registry of the public events holds the checksum of every events file, and of nothing else."""

import hashlib
from pathlib import Path

from readalike.imports.openneuro import read_registry
from tests.conftest import ROOT


def test_every_checksum(reading_brain: Path) -> None:
    folder = reading_brain / "openneuro"
    found = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.glob("ds*/**/*_events.tsv")
    }
    assert len(found) == 539
    assert read_registry(ROOT / "resources" / "reading-brain.sha256") == found
