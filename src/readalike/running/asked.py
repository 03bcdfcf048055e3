"""How the workflow is started: what the Snakefile has to know of the command line and of the checkout; a command."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from readalike.errors import ConfigurationError


def is_dry_run(words: Sequence[str]) -> bool:
    """Whether jobs are only listed; Snakemake itself tells it too late. Short options may stand together."""
    return any(re.fullmatch("-[npqFk]*n[npqFk]*|--dry-?run", word) for word in words)


def hidden_profiles(words: Sequence[str], environment: Mapping[str, str], folders: Iterable[str]) -> list[Path]:
    """Profiles of the user's own called `slurm` that the project's hides: Snakemake looks in the current folder first.

    folders : where Snakemake looks for profiles of the user and of the site
    """
    named = re.search(r"--profile[ =]slurm( |$)", " ".join(words)) or environment.get("SNAKEMAKE_PROFILE") == "slurm"
    return [own for folder in folders if (own := Path(folder) / "slurm").exists() and named]


def revision_of(root: Path) -> str:
    """Commit of the project, with `-dirty` behind it where files were changed since, or `unknown` without git."""
    describe = ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(["git", "-C", str(root), *describe], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def snakemake(root: Path, folder: Path, config: Path, *arguments: str, profile: str = "demo") -> list[str]:
    """The command that starts Snakemake on a configuration in a folder, by a profile of the workflow.

    Every profile has checksums compared, as in the run that made what is there.
    """
    return [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(root / "Snakefile"), "--directory", str(folder)),
        *("--profile", str(root / "workflow" / "profiles" / profile), *arguments, "--configfile", str(config)),
    ]


def shell_prefix(source: Path) -> str:
    """What every job's shell begins with: the library of this checkout."""
    return in_shell(f"export PYTHONPATH={shlex.quote(str(source))}; ")


def python(script: Path) -> str:
    """The start of a job's command: the script as seen from the working directory."""
    return in_shell(f"python {shlex.quote(os.path.relpath(script))}")


def require_plain_path(root: Path) -> None:
    """Raise ConfigurationError where the project lies below a folder that Snakemake or a shell would misread."""
    if bad := sorted(set(str(root)) & set("{}:\n")):
        raise ConfigurationError(
            f"the project lies in {str(root)!r}: {bad[0]!r} in a path is a wildcard for Snakemake or ends a path for "
            "Python; move it to another folder"
        )


def in_shell(text: str) -> str:
    """Text for a shell template of Snakemake, which takes braces for fields."""
    return text.replace("{", "{{").replace("}", "}}")
