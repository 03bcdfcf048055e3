"""Versions in records, what is warned of when others are installed, and what they depend on for a script."""

import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import statsmodels.api  # noqa: F401  (and with it numpy, scipy and pandas)

from readalike.running import digests, environment, records
from tests.running import ROOT

SOURCE = ROOT / "src"
RESULTS = Path("results")


def version(name: str) -> str:
    return importlib.metadata.version(name)


def test_a_record_has_what_the_script_imports_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "h5py"):  # as where a function that imports it was not called
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert {"numpy", "pandas", "scipy", "statsmodels"} <= set(sys.modules)
    found = environment.of_job(ROOT / "scripts" / "measures" / "resemblance.py", SOURCE)
    assert found == {
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("numpy", "pandas", "scipy")},
    }


@pytest.mark.parametrize("on_gpu", [False, True])
def test_with_torch_a_record_has_the_device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on_gpu: bool) -> None:
    cuda = SimpleNamespace(is_initialized=lambda: on_gpu, get_device_name=lambda: "NVIDIA H100 80GB HBM3")
    torch = SimpleNamespace(cuda=cuda, version=SimpleNamespace(cuda="12.8"))
    monkeypatch.setitem(sys.modules, "torch", torch)
    (tmp_path / "script.py").write_text("import torch\n\n\ndef main() -> None: ...\n", encoding="utf-8")
    monkeypatch.setattr(environment, "driver", lambda: "570.124.06")
    found = environment.of_job(tmp_path / "script.py", SOURCE)
    assert found["packages"]["torch"] == version("torch")
    gpu = {"device": "cuda", "gpu": "NVIDIA H100 80GB HBM3", "cuda": "12.8", "driver": "570.124.06"}
    assert {key: found[key] for key in found if key not in ("python", "packages")} == (
        gpu if on_gpu else {"device": "cpu"}
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\n", "535.104.05"),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65  Release Build\nGCC 12.2.0\n", "580.65"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_driver_is_what_linux_tells(tmp_path: Path, text: str | None, expected: str) -> None:
    if text is not None:
        (tmp_path / "version").write_text(text, encoding="utf-8")
    assert environment.driver(tmp_path / "version") == expected


def test_what_is_installed_and_what_is_pinned_are_the_same_packages() -> None:
    """test_environments.py compares the pins with what is installed."""
    pins, here = environment.pinned(ROOT / "envs" / "requirements.txt"), environment.installed()
    assert {*pins, "python"} == set(here) == {*environment.PACKAGES, "python"}
    assert here["python"] == platform.python_version()
    assert pins["numpy"] == here["numpy"] == version("numpy")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        # statsmodels needs the other three.
        ("tables/summary.py", ["numpy", "pandas", "python", "scipy", "statsmodels"]),
        (
            "attention/extract.py",
            ["h5py", "numpy", "pandas", "python", "safetensors", "tokenizers", "torch", "transformers"],
        ),
        ("weights/fetch_wheel.py", ["python"]),
    ],
)
def test_a_script_depends_on_what_it_imports_and_what_that_needs(script: str, expected: list[str]) -> None:
    versions = dict.fromkeys((*environment.PACKAGES, "python"), "1.0")
    found = environment.versions_for(ROOT / "scripts" / script, SOURCE, versions)
    assert found == ", ".join(f"{name} 1.0" for name in expected)


def test_imports_in_functions_count_and_those_for_types_do_not(tmp_path: Path) -> None:
    text = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import seaborn\n\n\n"
    text += "def main() -> None:\n    from h5py import File\n\n    File('x')\n"
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    assert environment.packages_of(tmp_path / "script.py", SOURCE) == ["h5py", "numpy"]
    assert "h5py" in digests.packages_reached(tmp_path / "script.py", SOURCE)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Three results with records of what is installed, which is returned."""
    monkeypatch.chdir(tmp_path)
    versions = {"python": "3.11.7", "numpy": "2.4.6", "torch": "2.13.0+cpu"}
    by_no_script = RESULTS / "corpus" / "conditions.json"
    by_no_script.parent.mkdir(parents=True)
    by_no_script.write_text("{}", encoding="utf-8")
    records.write(Path("x"), {}, code="", environment={}, inputs={}, outputs=[by_no_script], results=RESULTS)
    for name, packages in (("a", ["numpy"]), ("b", ["numpy", "torch"]), ("c", [])):
        output = RESULTS / "loss" / f"{name}.csv"
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text("1\n", encoding="utf-8")
        told = {"python": "3.11.7", "packages": {package: versions[package] for package in packages}}
        records.write(Path("x.py"), {}, code="c", environment=told, inputs={}, outputs=[output], results=RESULTS)
    return versions


def test_nothing_is_said_where_versions_are_the_same(made: dict[str, str]) -> None:
    assert environment.outdated(RESULTS, made) == ""
    assert environment.outdated(Path("none"), made) == ""
    # A pin names no build; and what is installed nowhere cannot be compared.
    assert environment.outdated(RESULTS, {"torch": "2.13.0"}) == ""


def test_what_was_made_with_other_versions_is_named(made: dict[str, str]) -> None:
    said = environment.outdated(RESULTS, made | {"numpy": "2.5.0", "torch": "2.14.0+cpu"})
    assert "2 results in results were made with other versions" in said
    assert "numpy 2.4.6 (now 2.5.0) in 2, torch 2.13.0+cpu (now 2.14.0+cpu) in 1" in said
    assert "the first is results/loss/a.csv" in said
    assert "rerun_on: [environment]" in said
    assert "1 results" in environment.outdated(RESULTS, made | {"torch": "2.13.0+cu128"}), "another build"
    assert "3 results" in environment.outdated(RESULTS, made | {"python": "3.12.0"})
    (RESULTS / "loss" / "a.csv").unlink()
    assert "numpy 2.4.6 (now 2.5.0) in 1;" in environment.outdated(RESULTS, made | {"numpy": "2.5.0"}), "it is made now"


def test_records_of_before_versions_were_kept_are_counted(made: dict[str, str]) -> None:
    path = records.record_of(RESULTS / "loss" / "a.csv", RESULTS)
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    del told["environment"]
    path.write_text(json.dumps(told), encoding="utf-8")
    assert environment.outdated(RESULTS, made) == (
        "of 1 results in results no record tells with which versions they were made"
    )


def test_records_are_read_and_results_are_not(made: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of them are read at every start: no checksum, and one file opened for each."""
    opened: list[str] = []
    before = open

    def counting(file: Any, *arguments: Any, **named: Any) -> Any:
        opened.append(os.fspath(file))
        return before(file, *arguments, **named)

    monkeypatch.setattr("builtins.open", counting)
    environment.outdated(RESULTS, made | {"numpy": "3"})
    names = ["corpus/conditions.json", *(f"loss/{name}.csv" for name in "abc")]
    assert sorted(opened) == [f"results/provenance/{name}.json" for name in names]
