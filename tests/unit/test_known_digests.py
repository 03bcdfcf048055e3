"""Digests are taken from the last start where no text changed, and computed where one did."""

import json
from pathlib import Path

import pytest

from readalike.running import known_digests
from readalike.running.digests import code_digest
from readalike.running.known_digests import FILE, digests_of

SCRIPT = "stage/work.py"
FILES = {
    "src/readalike/__init__.py": "",
    "src/readalike/two.py": "TWO = 2\n",
    f"scripts/{SCRIPT}": "from readalike.two import TWO\n\n\ndef main(*, x: int) -> None:\n    print(TWO * x)\n",
    "scripts/project/by_hand.py": "def main() -> None:\n    pass\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Scripts whose digests were computed. Fresh each time: `digests` itself remembers within a process."""
    asked: list[Path] = []

    def compute(script: Path, source: Path) -> str:
        asked.append(script)
        return "".join(sorted(path.read_text(encoding="utf-8") for path in (script, source / "readalike/two.py")))

    monkeypatch.setattr(known_digests, "code_digest", compute)
    return asked


def test_they_are_those_of_digests(root: Path) -> None:
    expected = {SCRIPT: code_digest(root / "scripts" / SCRIPT, root / "src")}
    assert digests_of(root, root / "cache") == expected
    assert digests_of(root, root / "cache") == expected


@pytest.mark.parametrize("name", sorted(FILES))
def test_any_edit_counts(root: Path, computed: list[Path], name: str) -> None:
    cache = root / "cache"
    first = digests_of(root, cache)
    assert digests_of(root, cache) == first
    assert len(computed) == 1, "computed once, then known"
    (root / name).write_text(FILES[name] + "\n# more\n", encoding="utf-8")
    second = digests_of(root, cache)
    assert len(computed) == 2
    assert (second != first) == (name in (f"scripts/{SCRIPT}", "src/readalike/two.py"))


def test_a_text_that_moves_to_another_name_counts(root: Path, computed: list[Path]) -> None:
    digests_of(root, root / "cache")
    (root / "src/readalike/__init__.py").rename(root / "src/readalike/other.py")
    digests_of(root, root / "cache")
    assert len(computed) == 2


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"texts": 1}'])
def test_what_is_damaged_or_of_another_version_is_computed(root: Path, computed: list[Path], content: str) -> None:
    expected = digests_of(root, root / "cache")
    (root / "cache" / FILE).write_text(content, encoding="utf-8")
    assert digests_of(root, root / "cache") == expected
    assert len(computed) == 2
    assert json.loads((root / "cache" / FILE).read_text(encoding="utf-8"))["code"] == expected


def test_a_cache_that_cannot_be_written_to(root: Path, computed: list[Path]) -> None:
    (root / "cache").write_text("a file", encoding="utf-8")
    assert digests_of(root, root / "cache") == digests_of(root, root / "other")
