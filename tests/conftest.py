"""What tests share: paths of the project and of the data beside the checkout."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

# Before numpy is imported: two workers with two threads each would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Threads of torch that wait burn no processor: jobs with two threads each stand side by side on few cores, and took
# twice the processor time and up to four times as long otherwise.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "reading-brain"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile` tests of one file run in one process, and all of tests/cluster too: they share a cluster.

    (`--dist loadgroup` of pytest-xdist 3.8.0 sets an attribute that pytest 9.2 does not read, and groups nothing.)
    """
    from xdist.scheduler import LoadFileScheduling

    class OneCluster(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/cluster" if nodeid.startswith("tests/cluster/") else str(super()._split_scope(nodeid))

    return OneCluster(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def reading_brain() -> Path:
    """Folder with the public Reading Brain events, beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the Reading Brain events in {SHARED}, which are not part of the repository")
    return SHARED


@pytest.fixture(scope="session")
def provo() -> Path:
    """Folder with Provo's fixations and sentences, beside the checkout."""
    folder = SHARED.with_name("provo")
    if not folder.is_dir():
        pytest.skip(f"needs Provo's fixations in {folder}, which are not part of the repository")
    return folder


@pytest.fixture(scope="session")
def pdflatex() -> str:
    found = shutil.which("pdflatex")
    if found is None:
        pytest.skip("needs pdflatex with booktabs: apt install texlive-latex-recommended")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, headless. It is closed with the module, so that its loop of events is in nobody's way."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed: make browser-packages")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def authors(reading_brain: Path) -> Path:
    """The authors' released files, unpacked once into a cache outside the repository."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "readalike-tests" / "gao2023"
    subprocess.run([str(reading_brain / "unpack"), str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture
def own_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place of this test's own for the Python code that transformers copies and imports from checkpoints."""
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules"))
    # What an earlier test imported from another place would be found first.
    monkeypatch.setattr("sys.path", [name for name in sys.path if not (Path(name) / "transformers_modules").is_dir()])
    for name in [name for name in sys.modules if name.partition(".")[0] == "transformers_modules"]:
        monkeypatch.delitem(sys.modules, name)


@pytest.fixture(scope="module")
def holm_without_collection() -> Iterator[None]:
    """statsmodels collects garbage at each correction by Holm: a tenth of a second where much is in memory."""
    with mock.patch("gc.collect"):
        yield
