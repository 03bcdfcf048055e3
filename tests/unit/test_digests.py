"""A digest changes with what a script does, directly or through what it uses, and with nothing else."""

import re
import shutil
from pathlib import Path

import pytest

from readalike.running import digests
from readalike.running.digests import PLUMBING, code_digest, modules_reached, reached
from tests.running import ROOT

SCRIPT = '''"""What it is for."""
from lib import tools
from lib.deep.one import f


def main(*, seed: int) -> None:
    """
    seed : of the draws
    """
    print(f(seed), tools.used(1))


if __name__ == "__main__":
    main(seed=1)
'''
LIBRARY = {
    "__init__.py": "",
    "deep/__init__.py": "",
    "deep/one.py": '''"""One."""
import logging

from lib.two import LIMIT, Kind, helper
from readalike.errors import ReadalikeError

log = logging.getLogger("lib")


def f(x: int) -> int:
    """Double."""
    if x > LIMIT:
        log.info("large: %d", x)
        raise ReadalikeError("too large; take less")
    return helper(x) * Kind.two


def unused(x):
    return x
''',
    "two.py": """LIMIT = 10
OTHER = 11
from lib.three import Column, make

VALUE = Column("r2", meaning="score")
MADE = make(1)


class Kind:
    two: int = 2


def helper(x):
    return x  # as it is


def unused():
    return VALUE
""",
    "three.py": "def Column(name, meaning):\n    return name\n\n\ndef make(x):\n    return x\n",
    "tools.py": "from lib.four import FOUR\n\n\ndef used(x):\n    return x\n\n\ndef idle():\n    return FOUR\n",
    "four.py": "FOUR = 4\n",
    "elsewhere.py": "Y = 1\n",
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name, text in LIBRARY.items():
        (tmp_path / "src" / "lib" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / "lib" / name).write_text(text, encoding="utf-8")
    (tmp_path / "script.py").write_text(SCRIPT, encoding="utf-8")
    return tmp_path / "src"


def digest(source: Path) -> str:
    for kept in (digests._parsed, digests._facts, digests._modules):
        kept.cache_clear()
    return code_digest(source.parent / "script.py", source)


def changed(source: Path, name: str, old: str, new: str) -> bool:
    """Whether the digest is another once `old` is `new` in a file."""
    before = digest(source)
    path = source / "lib" / name if name != "script.py" else source.parent / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return digest(source) != before


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("script.py", "f(seed)", "f(seed + 1)"),
        ("script.py", "seed: int", "seed: float"),  # how the command line is read
        ("deep/one.py", "helper(x)", "helper(x + 1)"),
        ("deep/one.py", "x > LIMIT", "x >= LIMIT"),
        ("two.py", "LIMIT = 10", "LIMIT = 12"),
        ("two.py", "two: int = 2", "two: int = 3"),
        ("two.py", "two: int", "two: float"),  # a dataclass is made of these
        ("two.py", "MADE = make(1)", "MADE = make(2)"),  # a constant made by a call counts, used or not
        ("tools.py", "return x", "return -x"),
        ("three.py", "return x", "return 2 * x"),
        ("deep/__init__.py", "", "import os\nos.environ['X'] = '1'\n"),
        ("tools.py", "def used", "print('imported')\n\n\ndef used"),
    ],
)
def test_a_change_in_what_is_used_changes_the_digest(source: Path, name: str, old: str, new: str) -> None:
    assert changed(source, name, old, new)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("script.py", "What it is for", "Something else"),
        ("script.py", "seed : of the draws", "seed : another text"),
        ("deep/one.py", '"""Double."""', '"""Twice."""'),
        ("deep/one.py", "def f(x: int) -> int", "def f(x: float) -> float"),
        ("deep/one.py", "large: %d", "very large: %d"),
        ("deep/one.py", "too large; take less", "too large"),
        ("deep/one.py", "def unused(x):\n    return x", "def unused(x):\n    return 2 * x"),
        ("two.py", "OTHER = 11", "OTHER = 12"),
        ("two.py", "# as it is", "# unchanged"),
        ("two.py", "return VALUE", "return -VALUE"),
        ("two.py", 'meaning="score"', 'meaning="the score"'),
        ("two.py", 'Column("r2"', 'Column("r3"'),  # of a contract that the script does not use
        ("tools.py", "return FOUR", "return FOUR + 1"),
        ("four.py", "FOUR = 4", "FOUR = 5"),  # of a function that the script does not use
        ("elsewhere.py", "Y = 1", "Y = 2"),
    ],
)
def test_a_change_that_reaches_no_number_changes_nothing(source: Path, name: str, old: str, new: str) -> None:
    assert not changed(source, name, old, new)


def test_a_module_that_is_handed_on_counts_as_a_whole(source: Path) -> None:
    script = source.parent / "script.py"
    script.write_text(SCRIPT.replace("tools.used(1)", "vars(tools)"), encoding="utf-8")
    assert changed(source, "tools.py", "return FOUR", "return FOUR + 1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CALLED = frozenset([1])", "CALLED = frozenset([2])"),
        ("    BRANCH = 1", "    BRANCH = 2"),
        ("FUNCTION = lambda x: x", "FUNCTION = lambda x: -x"),
        ("for LOOP in (1, 2)", "for LOOP in (1, 3)"),
    ],
)
def test_a_name_that_no_definition_makes_counts_where_nothing_else_of_its_module_is_used(
    source: Path, old: str, new: str
) -> None:
    text = (
        "CALLED = frozenset([1])\nif CALLED:\n    BRANCH = 1\nFUNCTION = lambda x: x\nfor LOOP in (1, 2):\n    pass\n"
    )
    (source / "lib" / "constants.py").write_text(text, encoding="utf-8")
    name = old.split()[1] if old.startswith("for") else old.split()[0]
    script = source.parent / "script.py"
    script.write_text(
        SCRIPT.replace("    print(", f"    print({name}, ").replace(
            "from lib import tools", f"from lib import tools\nfrom lib.constants import {name}"
        ),
        encoding="utf-8",
    )
    assert changed(source, "constants.py", old, new)


@pytest.mark.parametrize(
    ("module", "old", "new", "script"),
    [
        ("files/contracts/attention.py", "LOSS = Table(", "LOSS = Table(overview=(),", "measures/loss.py"),
        ("files/contracts/names.py", 'text("corpus"', 'text("korpus"', "measures/loss.py"),
        (
            "files/contracts/__init__.py",
            'Column(name, "text", meaning',
            'Column(name, "number", meaning',
            "measures/loss.py",
        ),
        ("reproduction/workbooks.py", '"tuning"', '"scaling"', "reproduction/published_significance.py"),
    ],
)
def test_a_contract_counts_for_the_scripts_that_write_it(
    tmp_path: Path, module: str, old: str, new: str, script: str
) -> None:
    shutil.copytree(ROOT / "src" / "readalike", tmp_path / "src" / "readalike")
    before = code_digest(ROOT / "scripts" / script, ROOT / "src")
    assert code_digest(ROOT / "scripts" / script, tmp_path / "src") == before
    path = tmp_path / "src" / "readalike" / module
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    for kept in (digests._parsed, digests._facts, digests._modules):
        kept.cache_clear()
    assert code_digest(ROOT / "scripts" / script, tmp_path / "src") != before


def test_a_new_label_makes_nothing_again_that_does_not_have_it(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src" / "readalike", tmp_path / "src" / "readalike")
    contracts = tmp_path / "src" / "readalike" / "files" / "contracts"
    for name in ("names", "attention", "statistics"):
        text = (contracts / f"{name}.py").read_text(encoding="utf-8")
        more = 'NEW = number("new", meaning="x")\nANOTHER = Table(("x.csv",), (NEW,), ())\n'
        head = "from readalike.files.contracts import Table, number\n" if name == "names" else ""
        (contracts / f"{name}.py").write_text(f"{text}\n{head}{more}", encoding="utf-8")
    whole = {"overview.py", "columns.py"}  # they show all contracts there are
    scripts = [path for path in (ROOT / "scripts").rglob("*.py") if path.name not in whole]
    assert len(scripts) > 40
    for script in scripts:
        assert code_digest(script, tmp_path / "src") == code_digest(script, ROOT / "src"), script


def test_an_import_inside_a_function_counts(source: Path) -> None:
    script = source.parent / "script.py"
    script.write_text(
        SCRIPT.replace("    print(", "    from lib.four import FOUR\n\n    print(FOUR, "), encoding="utf-8"
    )
    assert changed(source, "four.py", "FOUR = 4", "FOUR = 5")


def test_names_that_a_digest_cannot_follow_are_not_used() -> None:
    """What is found by a name made while running would be missed."""
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![.\w])(globals|eval|exec|__import__)\(|importlib(?!\.metadata)|import \*", text), (
            path
        )


def test_what_extraction_depends_on() -> None:
    """GPU hours hang on this list: a module that joins it makes every model again when it changes."""
    assert modules_reached(ROOT / "scripts/attention/extract.py", ROOT / "src") == [
        *(f"readalike.attention.{name}" for name in ("batches", "blocks", "extract", "passes", "prefixes", "probe")),
        *(f"readalike.attention.{name}" for name in ("states", "tap", "untrained", "whole_texts", "words")),
        "readalike.corpus",
        *(f"readalike.files.{name}" for name in ("attention", "conditions", "corpora", "hdf5")),
        *(f"readalike.weights.{name}" for name in ("description", "failures", "files", "tensors", "unread")),
    ]


def test_extraction_does_not_depend_on_how_attention_is_read() -> None:
    names = {name for _, name in reached(ROOT / "scripts/attention/extract.py", ROOT / "src")}
    assert {"write_attention", "tapped_attention"} <= names
    assert not {"Attention", "open_attention", "read_sentences", "write_corpus"} & names


def test_plumbing_is_there_and_in_no_digest() -> None:
    for module in PLUMBING:
        assert (ROOT / "src" / f"{module.replace('.', '/')}.py").is_file()
    for script in (ROOT / "scripts").rglob("*.py"):
        assert not set(modules_reached(script, ROOT / "src")) & set(PLUMBING), script
