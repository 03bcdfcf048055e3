"""What the Snakefile learns of how it was started."""

import shlex
import subprocess
from pathlib import Path

import pytest

from readalike.running.asked import hidden_profiles, in_shell, is_dry_run, python, revision_of, shell_prefix


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-n"], True),
        (["-np"], True),
        (["--dry-run"], True),
        (["--dryrun"], True),
        (["-p"], False),
        (["--notemp"], False),
    ],
)
def test_dry_runs(words: list[str], expected: bool) -> None:
    assert is_dry_run(["snakemake", *words, "all"]) == expected


def test_a_profile_of_ones_own_that_is_hidden_is_named_where_it_was_meant(tmp_path: Path) -> None:
    (tmp_path / "slurm").mkdir()
    folders = [str(tmp_path), str(tmp_path / "none")]
    for words, environment in (
        (["--profile", "slurm"], {}),
        (["--profile=slurm"], {}),
        ([], {"SNAKEMAKE_PROFILE": "slurm"}),
    ):
        assert hidden_profiles(words, environment, folders) == [tmp_path / "slurm"]
    assert hidden_profiles(["--profile", "slurm-mine"], {}, folders) == []
    assert hidden_profiles(["--profile", "slurm"], {}, [str(tmp_path / "none")]) == []


def test_the_revision_is_the_commit_and_says_what_is_not_in_it(tmp_path: Path) -> None:
    assert revision_of(tmp_path / "none") == "unknown"

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@x", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "-q")
    (tmp_path / "a").write_text("1", encoding="utf-8")
    git("add", "a")
    git("commit", "-qm", "x")
    assert revision_of(tmp_path) == git("rev-parse", "HEAD")
    (tmp_path / "a").write_text("2", encoding="utf-8")
    assert revision_of(tmp_path) == git("rev-parse", "HEAD") + "-dirty"


@pytest.mark.parametrize("name", ["plain", "with a space", "with {braces}", "$(touch x)", "it's"])
def test_paths_reach_the_shell_as_they_are(name: str, tmp_path: Path) -> None:
    source = tmp_path / name / "src"
    # As Snakemake fills in a template.
    text = shell_prefix(source).format() + 'printf %s "$PYTHONPATH"'
    assert subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=True).stdout == str(source)
    words = shlex.split(python(tmp_path / name / "x.py").format())
    assert words[0] == "python"
    assert words[1].endswith(f"{name}/x.py")
    assert in_shell(name).format() == name
