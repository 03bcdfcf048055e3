"""What the digests of code leave out reaches no number: each such module is replaced, and every output stays the same.

The stand-ins do the least that lets the scripts run (tests/plumbing.py). So changing such a module makes nothing again.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from readalike.running.digests import PLUMBING
from tests.plumbing import STANDS_IN
from tests.running import ROOT

pytestmark = pytest.mark.slow


def outputs(folder: Path, module: str) -> dict[str, str]:
    folder.mkdir()
    command = [sys.executable, "-m", "tests.plumbing", str(folder), module]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def with_all(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = outputs(tmp_path_factory.mktemp("all") / "run", "nothing")
    assert len(found) > 15
    return found


@pytest.mark.parametrize("module", sorted(PLUMBING))
def test_no_output_depends_on_it(with_all: dict[str, str], tmp_path: Path, module: str) -> None:
    assert outputs(tmp_path / "run", module) == with_all


def test_every_module_that_is_left_out_has_a_stand_in() -> None:
    assert set(STANDS_IN) == set(PLUMBING)
