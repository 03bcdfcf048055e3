"""Another workflow that has this one as a module, as docs/install.md says."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.documented import blocks
from tests.running import ROOT, as_yaml, few_readers, short_sentences


def test_another_workflow_has_this_one_as_a_module(tmp_path: Path) -> None:
    """Planned only: what is found where is known then."""
    (block,) = [found for found in blocks("docs/install.md") if found.language == "python"]
    assert '"readalike/Snakefile"' in block.text
    (tmp_path / "Snakefile").write_text(block.text, encoding="utf-8")
    (tmp_path / "readalike").symlink_to(ROOT)
    config: dict[str, Any] = {
        "results": "results/mine",
        "corpora": {"short": {"sentences": str(short_sentences(tmp_path))}},
        "groups": {"L1": few_readers(1, "native")},
        "models": {"tiny": {"weights": {"folder": "resources/models/tiny-0.1m"}}},
        "conditions": {"plain": ""},
        "seed": 1,
    }
    (tmp_path / "config.yaml").write_text(as_yaml(config), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1", "--printshellcmds"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": ""}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert "results/mine/attention/short/tiny/plain/layers-0-" in done.stdout
    assert "resources/models/tiny-0.1m" in done.stdout
    assert "scripts/attention/extract.py" in done.stdout
    assert not (tmp_path / "results").exists()
