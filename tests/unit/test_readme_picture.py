"""The picture in README is what the code draws today, of the demo's numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from readalike.figures.resemblance import resemblance_by_size
from readalike.figures.style import Style, drawing, save
from tests.plumbing import main_of
from tests.running import ROOT

STEM = "figure-07-resemblance-size"
KEPT = ROOT / "docs" / "gallery" / f"{STEM}.png"
DATA = KEPT.with_suffix(".csv")
# A pixel that was rounded otherwise on another machine is no other picture; a word changes some hundred of 600,000.
SHADE, SHARE = 8, 1e-4
SAME = 1e-6  # of numbers made on another machine


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def redrawn(data: pd.DataFrame, folder: Path) -> np.ndarray:
    """As the figure's script and that of the gallery make it."""
    figures = folder / "figures"
    told = data.drop_duplicates(["group", "signal", "column"]).rename(columns={"models": "n"})
    with drawing(Style()):
        figure, frame = resemblance_by_size(data.drop(columns=["models", "r", "p_permutation"]), told, Style())
        save(figure, frame, Style(), **{ending: figures / f"{STEM}.{ending}" for ending in ("pdf", "png", "csv")})
    main_of("project/gallery.py")(
        results=folder, catalogue=ROOT / "workflow/report/catalogue.yaml", page=folder / "gallery.md",
        pictures=folder / "gallery",
    )  # fmt: skip
    assert (folder / "gallery" / DATA.name).read_bytes() == (figures / DATA.name).read_bytes()
    return pixels(folder / "gallery" / KEPT.name)


def different(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape != other.shape or float((np.abs(one - other).max(axis=2) > SHADE).mean()) > SHARE


def test_the_picture_is_drawn_of_the_data_beside_it(tmp_path: Path) -> None:
    data = pd.read_csv(DATA, keep_default_na=False, na_values=[""]).assign(family="")
    assert not different(redrawn(data, tmp_path / "same"), pixels(KEPT)), (
        "make docs/gallery again: scripts/project/gallery.py"
    )
    data.loc[data["model"] == "large-3m", "score"] *= 1.1
    assert different(redrawn(data, tmp_path / "other"), pixels(KEPT)), "a point elsewhere shows"


def test_the_data_are_those_of_the_demo_that_was_made_last() -> None:
    made = ROOT / "results" / "demo" / "figures" / DATA.name
    if not made.is_file():
        pytest.skip("there is no finished demo in results/demo")
    pd.testing.assert_frame_equal(pd.read_csv(made), pd.read_csv(DATA), rtol=SAME, atol=SAME)


def test_readme_shows_it() -> None:
    assert f"](docs/gallery/{KEPT.name})" in (ROOT / "README.md").read_text(encoding="utf-8")
