"""How the project is handed on: one version, recipes of containers with the pins, Snakemake's catalogue."""

import importlib.metadata
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml

import readalike
from tests.running import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RECIPES = ("Dockerfile", "readalike.def")


def test_one_version_everywhere() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    assert readalike.__version__ == cited
    assert "version" in PYPROJECT["project"]["dynamic"]
    assert PYPROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "readalike.__version__"}
    assert importlib.metadata.version("readalike") == cited, "`make environment` installs this checkout"
    assert re.fullmatch(r"\d+\.\d+\.\d+", cited)


def steps(recipe: str) -> list[str]:
    """What a recipe does: lines without comments, goes-on lines joined."""
    text = (ROOT / "envs" / recipe).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def problems(lines: list[str]) -> list[str]:
    """Where a recipe has other packages of Python than requirements.txt, or its pins are not those."""
    found = []
    joined = "\n".join(lines)
    places = re.findall(r"envs/requirements\.txt (\S+)", joined)
    installs = list(map(shlex.split, re.findall(r"pip install[^&\n]*", joined)))
    if len(places) != 1:
        found.append(f"requirements.txt is copied {len(places)} times")
    if len(installs) != 1:
        found.append(f"pip is called {len(installs)} times")
    for words in installs:
        if words[2:] != ["--no-cache-dir", "--requirement", *places]:
            found.append(f"pip installs {words[2:]}")
    if "==" in joined:
        found.append("a pin of its own")
    return found


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_container_has_the_pins_and_no_others(recipe: str) -> None:
    assert problems(steps(recipe)) == []


def test_other_packages_in_a_recipe_are_seen() -> None:
    lines = steps("Dockerfile")
    assert problems([*lines, "RUN pip install numpy"])
    assert problems([line.replace("--requirement", "numpy --requirement") for line in lines])
    assert problems([line.replace("envs/requirements.txt", "other.txt") for line in lines])
    assert problems([*lines, "ENV WHAT=numpy==1.0"])


def test_containers_have_the_python_of_the_conda_environments() -> None:
    versions = set()
    for file in ("analysis.yaml", "attention.yaml"):
        content = yaml.safe_load((ROOT / "envs" / file).read_text(encoding="utf-8"))
        versions |= {entry.removeprefix("python=") for entry in content["dependencies"] if str(entry)[:7] == "python="}
    for recipe in RECIPES:
        (image,) = re.findall(r"^(?:FROM|From:) python:(\d+\.\d+)-slim-\w+$", "\n".join(steps(recipe)), re.MULTILINE)
        versions.add(image)
    assert len(versions) == 1
    assert f">={versions.pop()}" == PYPROJECT["project"]["requires-python"]


def test_both_recipes_install_the_same_of_debian() -> None:
    of_debian = {
        re.findall(r"--no-install-recommends ([a-z ]+)", "\n".join(steps(recipe)))[0].strip() for recipe in RECIPES
    }
    assert len(of_debian) == 1


def test_the_dockerfile_has_instructions_that_docker_knows() -> None:
    known = {"FROM", "RUN", "COPY", "ENV", "WORKDIR", "CMD"}
    assert {line.split()[0] for line in steps("Dockerfile")} <= known
    assert steps("Dockerfile")[0].startswith("FROM ")


def test_the_definition_has_sections_that_apptainer_knows() -> None:
    lines = steps("readalike.def")
    assert lines[0] == "Bootstrap: docker"
    assert [line for line in lines if line.startswith("%")] == ["%files", "%post", "%environment", "%runscript"]


def test_the_catalogue_is_told_what_holds() -> None:
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    flags = usage["mandatory-flags"]["flags"].split()
    assert flags[0] == "--profile"
    assert (ROOT / flags[1]).is_dir()
    rules = "".join(path.read_text(encoding="utf-8") for path in Path(ROOT / "workflow" / "rules").glob("*.smk"))
    deployment = usage["software-stack-deployment"]
    assert deployment["conda"] == ("    conda:\n" in rules)
    assert deployment["singularity"] == deployment["singularity+conda"] == bool(re.search(r"^ *container", rules, re.M))
    assert usage["report"] == ("report(" in rules)
