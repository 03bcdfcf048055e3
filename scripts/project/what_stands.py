"""docs/what-stands.md: what becomes of the paper's conclusions in several runs, written from their files."""

import math
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from readalike.errors import ConfigurationError
from readalike.files.contracts.robustness import ROBUSTNESS
from readalike.files.tables import read_table
from readalike.running import records
from readalike.running.arguments import Out
from readalike.running.command import run
from readalike.tables.evidence import Model, RunFound
from readalike.tables.what_stands import page

TABLE = Path("tables/robustness.csv")
MODELS = Path("resemblance")
SIZES = Path("tables/table-01-loss-and-resemblance.csv")
BUNDLED = Path("resources/models")
PACKAGES = ("numpy", "scipy", "statsmodels", "pandas")


def main(*, runs: list[str], output: Out) -> None:
    """
    runs : NAME=FOLDER of each, FOLDER the one with its results
    output : the page
    """
    if not runs:
        raise ConfigurationError("no run has tables/robustness.csv in its results; run one first, such as make demo")
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    text = page([_found(*_named(one)) for one in runs], f"Python {platform.python_version()}, {versions}")
    output.write_text(text, encoding="utf-8")


def _named(given: str) -> tuple[str, Path]:
    name, equals, folder = given.partition("=")
    if not (name and equals and folder):
        raise ConfigurationError(f"--runs: {given!r} is not NAME=FOLDER")
    return name, Path(folder)


def _found(name: str, folder: Path) -> RunFound:
    table = read_table(folder / TABLE, ROBUSTNESS)
    made = datetime.fromtimestamp((folder / TABLE).stat().st_mtime, UTC)
    revision = records.read(folder / TABLE, folder)["revision"]
    return RunFound(name, str(folder), table, f"{made:%Y-%m-%d}", revision, _models(folder))


def _models(folder: Path) -> tuple[Model, ...]:
    """By size. A run on released attention has no weights, so no table of sizes."""
    names = [path.name for path in (folder / MODELS).iterdir()]
    sizes = {}
    if (folder / SIZES).exists():
        # These two columns alone: a run of an earlier revision has others of its scores.
        table = pd.read_csv(folder / SIZES, usecols=["model", "parameters"]).drop_duplicates()
        sizes = dict(zip(table["model"], table["parameters"], strict=True))
    models = [Model(name, float(sizes.get(name, math.nan)), (BUNDLED / name).is_dir()) for name in names]
    return tuple(sorted(models, key=lambda model: (model.parameters, model.name)))


if __name__ == "__main__":
    run(main)
