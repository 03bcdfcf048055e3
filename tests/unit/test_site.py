"""`make docs`: the site is built without a warning, and every link in it leads somewhere, without a network."""

import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.running import ROOT


def build(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """As `make docs` does."""
    (line,) = [line for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines() if "sphinx-build" in line]
    words = line.split("sphinx-build ")[1].replace("build/site", str(site)).split()
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *words], cwd=root, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    done = build(ROOT, folder)
    assert done.returncode == 0, done.stdout
    return folder


class Page(HTMLParser):
    """Where a page leads, and what in it can be led to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" and value:
                self.places.add(value)


def broken(site: Path) -> list[str]:
    """Links of all pages that lead nowhere, and whatever a page would fetch from elsewhere."""
    pages = {path.resolve(): Page(path) for path in site.rglob("*.html")}
    found = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target.is_file() and (
                not parts.fragment or target not in pages or parts.fragment in pages[target].places
            )
            if not there and link != "#":
                found.append(f"{path.relative_to(site.resolve())}: {link}")
    return found


def test_every_link_of_the_site_leads_somewhere(site: Path) -> None:
    assert broken(site) == []


def test_every_page_is_in_the_site(site: Path) -> None:
    pages = [*ROOT.glob("docs/*.md"), *ROOT.glob("*.md"), *ROOT.glob("config/*.md"), *ROOT.glob("envs/*.md")]
    assert len(pages) > 20
    assert [page for page in pages if not (site / page.relative_to(ROOT).with_suffix(".html")).is_file()] == []


def test_the_reference_has_the_docstrings(site: Path) -> None:
    text = (site / "docs" / "reference.html").read_text(encoding="utf-8")
    for name in ("readalike.open_results", "readalike.results.Results.attention", "readalike.corpus.Corpus.pairs"):
        assert f'id="{name}"' in text
    assert "what goes to the tokens of the" in text


def test_a_link_that_leads_nowhere_is_seen(site: Path, tmp_path: Path) -> None:
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    page = copy / "docs" / "index.html"
    text = page.read_text(encoding="utf-8")
    assert 'href="install.html"' in text
    page.write_text(text.replace('href="install.html"', 'href="instal.html"'), encoding="utf-8")
    (copy / "docs" / "results.html").unlink()
    assert {"docs/index.html: instal.html", "docs/index.html: results.html"} <= set(broken(copy))
