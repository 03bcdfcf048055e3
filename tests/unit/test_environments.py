"""Conda environments hold exactly the pins of requirements.txt, and all that their packages need."""

import importlib.metadata
import re
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ENVS = Path(__file__).parents[2] / "envs"
DIRECT = {
    "analysis": [
        *("h5py", "numpy", "scipy", "pandas", "statsmodels", "seaborn", "matplotlib", "jsonschema", "PyYAML", "tqdm"),
        *("openpyxl", "wordfreq", "Jinja2", "scikit-learn"),
    ],
    "attention": [
        *(
            "torch",
            "transformers",
            "tokenizers",
            "safetensors",
            "gguf",
            "sentencepiece",
            "protobuf",
            "accelerate",
            "huggingface_hub",
            "httpx2",
            "h5py",
            "numpy",
            "pandas",
            "tqdm",
        ),
    ],
}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lines: list[str]) -> dict[str, str]:
    found = (line.strip().split("==") for line in lines if "==" in line and not line.lstrip().startswith("#"))
    return {canonical(name): version for name, version in found}


def closure(names: list[str]) -> set[str]:
    """The packages and all they need here, from the metadata of what is installed."""
    seen: set[str] = set()
    todo = [canonical(name) for name in names]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for text in importlib.metadata.requires(name) or []:
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                todo.append(canonical(need.name))
    return seen


@pytest.mark.parametrize("name", sorted(DIRECT))
def test_conda_environments_are_the_pins(name: str) -> None:
    every = pins((ENVS / "requirements.txt").read_text(encoding="utf-8").splitlines())
    content = yaml.safe_load((ENVS / f"{name}.yaml").read_text(encoding="utf-8"))
    own = pins(next(entry["pip"] for entry in content["dependencies"] if isinstance(entry, dict)))
    assert own.items() <= every.items()
    assert set(own) == closure(DIRECT[name])


def test_what_is_installed_is_what_is_pinned() -> None:
    every = pins((ENVS / "requirements.txt").read_text(encoding="utf-8").splitlines())
    installed = {name: importlib.metadata.version(name).split("+")[0] for name in every}
    assert installed == every


def test_every_rule_names_its_environment_log_and_benchmark() -> None:
    rules = {}
    for file in sorted((ENVS.parent / "workflow" / "rules").glob("*.smk")):
        # Those of attention are made in a loop, and have their name in it.
        for text in re.split(r"^(?:    )?rule ?", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            rules[text.split(":")[0] or "attention"] = text
    assert len(rules) > 40
    for name, text in rules.items():
        # What runs within Snakemake has Snakemake's environment.
        within = re.search("^ +run:$", text, flags=re.MULTILINE) is not None
        for directive in ("log", "benchmark") if within else ("log", "benchmark", "conda"):
            assert re.search(f"^ +{directive}:$", text, flags=re.MULTILINE), f"{name} has no {directive}:"
        places = re.findall(r'"\.\./\.\./envs/(\w+)\.yaml"', text)
        assert len(places) == (0 if within else 1)
        assert set(places) <= set(DIRECT)
        # The log and the benchmark of a job are called the same: an archive finds one by the other.
        log, benchmark = (
            re.findall(rf'"<{kind}s>/(.+)\.{ending}"', text) for kind, ending in (("log", "log"), ("benchmark", "tsv"))
        )
        assert log == benchmark != [], name
