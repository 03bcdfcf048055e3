"""Whose a folder of results is: of one configuration, so that a figure or a table in it is not another one's."""

import os
from pathlib import Path

from readalike.errors import ConfigurationError
from readalike.files.atomic import replacing

OWNER = "configuration.txt"
# Snakemake's own, of `make archive`.
REPORT = "snakemake-report.html"


def require_own(results: Path, configured: Path) -> None:
    """Raise ConfigurationError where another configuration's file made what is in a folder of results.

    configured : the configuration's file. It is known by its place as seen from the working directory, so that a folder
        moved with all that is in it stays its own
    """
    try:
        owner = (results / OWNER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return
    if owner != (name := _name(configured)):
        raise ConfigurationError(
            f"{results} has the results of {owner}, and this run is of {name}; name another folder for it (results: "
            f"results/NAME in {name}), or, where both are the same experiment, delete {results / OWNER}"
        )


def claim(results: Path, configured: Path) -> None:
    """Note in a folder of results which configuration makes them."""
    results.mkdir(parents=True, exist_ok=True)
    with replacing(results / OWNER) as temporary:
        temporary.write_text(f"{_name(configured)}\n", encoding="utf-8")


def _name(configured: Path) -> str:
    return os.path.relpath(configured)
