"""A digest changes with a script and with every module it imports, directly or not, and with nothing else."""

from pathlib import Path

import pytest
from readalike.digests import _imports, code_digest


@pytest.fixture
def source(tmp_path: Path) -> Path:
    package = tmp_path / "src" / "lib"
    (package / "deep").mkdir(parents=True)
    for name, text in {
        "__init__.py": "",
        "deep/__init__.py": "",
        "deep/one.py": "from lib import two\n",
        "two.py": "import numpy\nX = 1\n",
        "other.py": "Y = 1\n",
    }.items():
        (package / name).write_text(text, encoding="utf-8")
    (tmp_path / "script.py").write_text("from lib.deep.one import f\n", encoding="utf-8")
    return tmp_path / "src"


def digest(source: Path) -> str:
    _imports.cache_clear()
    return code_digest(source.parent / "script.py", source)


@pytest.mark.parametrize("changed", ["lib/two.py", "lib/deep/one.py", "lib/__init__.py", "../script.py"])
def test_a_change_in_what_is_imported_changes_the_digest(source: Path, changed: str) -> None:
    before = digest(source)
    path = source / changed
    path.write_text(path.read_text(encoding="utf-8") + "Z = 2\n", encoding="utf-8")
    assert digest(source) != before


def test_a_change_elsewhere_or_a_touch_changes_nothing(source: Path) -> None:
    before = digest(source)
    (source / "lib" / "other.py").write_text("Y = 2\n", encoding="utf-8")
    (source / "lib" / "two.py").touch()
    assert digest(source) == before
