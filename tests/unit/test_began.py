"""Jobs that would run other code than their run began with are refused, and say what changed."""

import json
import os
import time
from pathlib import Path

import pytest

from readalike.errors import ConfigurationError
from readalike.running import began, records
from readalike.running.digests import code_digest
from tests.running import ROOT


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a script, a module that it uses and one that it does not, and rules; all older than the run."""
    for name in (began.BEGAN, began.CHANGED):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    files = {
        "scripts/measures/a.py": "from readalike.two import TWO\n\n\ndef main() -> None:\n    print(TWO)\n",
        "scripts/measures/b.py": "def main() -> None:\n    print(1)\n",
        "src/readalike/__init__.py": "",
        "src/readalike/two.py": "TWO = 2\n",
        "src/readalike/other.py": "OTHER = 1\n",
        "src/readalike/jobs.py": "def memory() -> int:\n    return 1\n",
        "src/readalike/experiment/paths.py": "def every() -> list[str]:\n    return []\n",
        "Snakefile": "rule all:\n",
        "workflow/rules/a.smk": "rule a:\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        os.utime(tmp_path / name, (time.time() - 1000,) * 2)
    monkeypatch.setattr(records, "SOURCE", tmp_path / "src")
    return tmp_path


def edit(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
    os.utime(file, (time.time() + 10,) * 2)


def fresh_code(project: Path, script: str) -> str:
    """As another process finds it, which has read nothing yet."""
    from readalike.running import digests

    for kept in (digests._parsed, digests._facts, digests._modules):
        kept.cache_clear()
    return code_digest(project / script, project / "src")


def plan(project: Path, configured: object = None) -> str:
    return began.plan_digest(began.plan_files(project), configured)


A, B = "scripts/measures/a.py", "scripts/measures/b.py"


def begin(project: Path) -> None:
    began.begin(plan(project))
    for script in (A, B):
        began.tell(project / script, fresh_code(project, script))


def test_a_job_of_the_same_code_is_not_refused(project: Path) -> None:
    began.require_same(project / A, "anything")  # started by hand
    begin(project)
    edit(project / "src/readalike/two.py", "# a comment\n")
    edit(project / "src/readalike/other.py", "OTHER = 2\n")
    for script in (A, B):
        began.require_same(project / script, fresh_code(project, script))
    began.require_same(project / "scripts/measures/not-of-this-run.py", "anything")


@pytest.mark.parametrize(
    ("file", "text"), [(A, "    print(3)\n"), ("src/readalike/two.py", "TWO = 3\n")], ids=["script", "library"]
)
def test_a_job_whose_code_was_edited_is_refused_and_others_are_not(project: Path, file: str, text: str) -> None:
    begin(project)
    edit(project / file, text)
    said = rf"^the code of {A} is not what this run began with \(changed since: {file}\); undo the change, or stop"
    with pytest.raises(ConfigurationError, match=said):
        began.require_same(project / A, fresh_code(project, A))
    began.require_same(project / B, fresh_code(project, B))
    # The same command again.
    begin(project)
    began.require_same(project / A, fresh_code(project, A))


def test_a_change_with_times_of_before_is_refused_as_well(project: Path) -> None:
    begin(project)
    edit(project / A, "    print(3)\n")
    os.utime(project / A, (time.time() - 2000,) * 2)
    with pytest.raises(ConfigurationError, match=rf"^the code of {A} is not what this run began with; undo"):
        began.require_same(project / A, fresh_code(project, A))


@pytest.mark.parametrize(
    ("file", "text", "refused"),
    [
        ("workflow/rules/a.smk", "rule b:\n", True),
        ("Snakefile", "# a comment\n", True),  # nobody tells what it does
        ("src/readalike/experiment/paths.py", "EXTRA = 1\n", True),
        ("src/readalike/jobs.py", "EXTRA = 1\n", True),
        ("src/readalike/jobs.py", "# a comment\n", False),
        ("src/readalike/other.py", "EXTRA = 1\n", False),
    ],
)
def test_a_process_of_a_job_compares_the_plan(project: Path, file: str, text: str, refused: bool) -> None:
    begin(project)
    edit(project / file, text)
    began.compare(plan(project), began.plan_files(project))
    if refused:
        with pytest.raises(ConfigurationError, match=rf"^rules, configuration .* \(changed since: {file}\); undo"):
            began.require_same(project / B, fresh_code(project, B))
        # A run that begins in such a process' variables is another one.
        begin(project)
    began.require_same(project / B, fresh_code(project, B))


def test_another_configuration_is_another_plan(project: Path) -> None:
    assert plan(project, {"seed": 1}) == plan(project, {"seed": 1}) != plan(project, {"seed": 2})
    # Order is that of rows.
    assert plan(project, {"a": 1, "b": 2}) != plan(project, {"b": 2, "a": 1})


def test_many_files_are_counted(project: Path) -> None:
    begin(project)
    for k in range(began.NAMED + 3):
        file = project / f"workflow/rules/{k}.smk"
        file.touch()
        edit(file, "rule x:\n")
    began.compare(plan(project), began.plan_files(project))
    with pytest.raises(ConfigurationError, match=r"0\.smk, .*4\.smk and 3 more\)"):
        began.require_same(project / B)


def test_the_plan_of_this_project_is_its_rules_and_what_they_ask(project: Path) -> None:
    names = {str(path.relative_to(ROOT)) for path in began.plan_files(ROOT)}
    assert {"Snakefile", "workflow/rules/common.smk", "src/readalike/jobs.py"} < names
    assert "src/readalike/experiment/experiment.py" in names
    scripts = [str(path.relative_to(ROOT)) for path in ROOT.glob("scripts/*/*.py")]
    assert len(json.dumps(dict.fromkeys(scripts, "0" * 16))) < 20_000, "a variable of a process may have 128 kB"
