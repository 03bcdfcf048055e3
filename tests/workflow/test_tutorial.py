"""docs/tutorial.ipynb, executed as it stands on the results of the one run."""

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.documented import blocks
from tests.running import ROOT
from tests.workflow.conftest import Finished

NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"


def executed(notebook: nbformat.NotebookNode, results: Path, place: Path) -> nbformat.NotebookNode:
    """The notebook, run in `place`/docs with `results` where the demo's are."""
    (place / "docs").mkdir()
    (place / "results").mkdir()
    (place / "results" / "demo").symlink_to(results)
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(place / "docs")}}
    )
    # As where the library is installed; the tests draw without a screen, and a notebook draws into itself.
    environment = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    return client.execute(env=environment | {"PYTHONPATH": str(ROOT / "src"), "IPYTHONDIR": str(place / "ipython")})


def read() -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def test_the_tutorial_runs_and_draws(one_run: Finished, tmp_path: Path) -> None:
    notebook = executed(read(), one_run.folder / "results", tmp_path)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    kinds = [{kind for output in cell.outputs for kind in output.get("data", {})} for cell in cells]
    assert sum("image/png" in found for found in kinds) == 4
    assert sum("text/html" in found for found in kinds) == 3, "tables"
    assert not [output for cell in cells for output in cell.outputs if output.get("name") == "stderr"], "no warning"


def test_a_number_that_is_not_the_tables_stops_it(one_run: Finished, tmp_path: Path) -> None:
    notebook = read()
    end = notebook.cells[-1]
    assert "orthonormal(heads)" in end.source
    end.source = end.source.replace("orthonormal(heads)", "orthonormal(heads[:, :1])")
    with pytest.raises(CellExecutionError, match="AssertionError"):
        executed(notebook, one_run.folder / "results", tmp_path)


def test_the_tutorial_is_short_and_stands_without_outputs() -> None:
    """What it prints would be that of some run, and pictures would make every change of it large."""
    cells = [cell for cell in read().cells if cell.cell_type == "code"]
    assert len(cells) == 10
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)


def test_the_example_of_the_readme_runs(one_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = [found for found in blocks("README.md") if found.language == "python"]
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "demo").symlink_to(one_run.folder / "results")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(block.text, names)
    results = names["results"]
    assert "ra.open_results" in block.text
    assert set(results.headline()["model"]) == set(one_run.config["models"])
    assert set(results.statistics("scaling-law")["model"]) == set(one_run.config["scaling_law"])
    assert set(results.resemblance("small", "L2")["group"]) == {"L2"}
    found = results.attention("small", layer=1, article=1, sentence=2, condition="noise")
    assert found.values.shape == (2, len(found.words), len(found.words))
