"""Running the workflow in a folder of its own, as a user would."""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]


def as_yaml(config: dict[str, Any]) -> str:
    # Through JSON: no anchors for what stands in two places.
    return yaml.safe_dump(json.loads(json.dumps(config)), sort_keys=False)


def stems_of_figures(corpus: str) -> list[str]:
    """Names of the figures that are always made, as the rules have them, for one corpus."""
    rules = (
        ROOT / "workflow" / "rules" / f"{name}.smk"
        for name in ("figures", "figures_resemblance", "planning", "robustness")
    )
    text = "".join(path.read_text(encoding="utf-8") for path in rules)
    return [stem.format(corpus=corpus) for stem in re.findall(r'^FIGURE_\w+ = "(.+)"$', text, flags=re.MULTILINE)]


def short_sentences(folder: Path) -> Path:
    """A corpus in `folder`: three articles of six sentences of the demo, enough to leave one article out."""
    lines = (ROOT / "resources" / "demo" / "sentences.tsv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines[1:] if line.split("\t")[0] in "123" and int(line.split("\t")[1]) <= 6]
    file = folder / "sentences.tsv"
    file.write_text("\n".join([lines[0], *kept]) + "\n", encoding="utf-8")
    return file


def few_readers(seed: int, profile: str) -> dict[str, Any]:
    """A group of four simulated readers of the corpus called `short`."""
    return {"corpus": "short", "saccades": {"simulate": {"readers": 4, "seed": seed, "profile": profile}}}


def copy_of_project(to: Path) -> Path:
    """The files that a run needs, as they are in the working tree, below `to`."""
    tracked = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, text=True, check=True)
    for name in filter(None, tracked.stdout.split("\0")):
        if name.startswith(("Snakefile", "workflow/", "scripts/", "src/", "envs/", "revisions.lock", "CITATION.cff")):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)
    return to


def snakemake(
    folder: Path, config: dict[str, Any] | str, *arguments: str, project: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Run this project's Snakefile with `folder` as working directory; output of both streams in stdout.

    A dry run is done by a fork of a process that has imported Snakemake (`tests.planner`), which takes half as long;
    whatever makes something is started as a user starts it.

    config : the configuration, or the text of its file; one that names no folder has its results in `results`
    project : folder of the Snakefile; another one has a revisions.lock of its own
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "config.yaml"
    file.write_text(config if isinstance(config, str) else as_yaml({"results": "results", **config}), encoding="utf-8")
    command = [
        *("--snakefile", str(project / "Snakefile"), "--directory", str(folder)),
        *("--profile", str(ROOT / "workflow" / "profiles" / "demo"), "--cores", "2"),
        *arguments,
        *("--configfile", str(file)),
    ]
    # As where .venv is not activated: its folder is not among those that are searched for programs.
    folders = os.environ["PATH"].split(os.pathsep)
    path = os.pathsep.join(name for name in folders if Path(name) != Path(sys.executable).parent)
    # The workflow's own threads, not those that the tests give themselves.
    dropped = {"OMP_NUM_THREADS"}
    if project == ROOT:
        # Each job compiles the library again where Python may not keep what it compiled. A copy is edited by tests,
        # and an edit within a second of the last one could go unseen.
        dropped.add("PYTHONDONTWRITEBYTECODE")
    environment = {key: value for key, value in os.environ.items() if key not in dropped} | {"PATH": path}
    if "--dry-run" in arguments:
        return _planner().ask(command, environment, folder.with_name(f"{folder.name}.dry-run.out"))
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *command],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "check": False, "cwd": ROOT},
        env=environment,
    )


class _Planner:
    """The process that does dry runs. It ends with the one that started it, which closes its stdin."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.planner"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )

    def ask(self, arguments: list[str], environment: dict[str, str], output: Path) -> subprocess.CompletedProcess[str]:
        assert self.process.stdin
        assert self.process.stdout
        request = {"arguments": arguments, "cwd": str(ROOT), "environment": environment, "output": str(output)}
        print(json.dumps(request), file=self.process.stdin, flush=True)
        status = self.process.stdout.readline()
        assert status, f"tests.planner has ended: {self.process.wait()}"
        said = output.read_text(encoding="utf-8")
        output.unlink()
        return subprocess.CompletedProcess(["snakemake", *arguments], int(status), said)


@functools.cache
def _planner() -> _Planner:
    return _Planner()


def script(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run one of the project's scripts."""
    command = [sys.executable, str(ROOT / "scripts" / name), *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def planned(folder: Path, config: dict[str, Any] | str, *arguments: str, project: Path = ROOT) -> list[str]:
    """Outputs that a dry run would make, or an empty list where nothing is to be done."""
    done = snakemake(folder, config, *arguments, "--dry-run", "--quiet", "progress", project=project)
    assert done.returncode == 0, done.stdout
    if "Nothing to be done" in done.stdout:
        return []
    # Those of a group are indented further.
    outputs = re.findall(r"^ +output: (.*)$", done.stdout, flags=re.MULTILINE)
    return sorted(part for line in outputs for part in line.split(", "))
