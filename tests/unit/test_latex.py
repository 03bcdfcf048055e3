"""Tables as LaTeX: what stands in a cell is what is printed, and `pdflatex` takes all of it."""

from pathlib import Path

import pandas as pd
import pytest

from readalike.tables.latex import ESCAPES, decimals, escape, latex, rounded
from tests.latex import compiled

SPECIAL = r"a\b & 5% of_x #1 $y$ {z} ~ ^ <|>"


def test_columns_of_numbers_stand_on_the_right() -> None:
    cells = pd.DataFrame({"Model": ["m_1", "[m-2]"], "Loss": ["0.24e-05", "--"], "Layers": ["1, 2", ""]})
    lines = latex(cells, "What\nit is.").splitlines()
    assert lines[0] == "% What it is."
    assert lines[1] == r"\begin{tabular}{lrl}"
    assert lines[3] == r"Model & Loss & Layers \\"
    assert lines[5] == r"m\_1 & 0.24e-05 & 1, 2 \\"
    assert lines[6] == r"{[}m-2] & -- &  \\", "a bracket alone would be an option of the row before"


def test_special_characters_are_escaped_once() -> None:
    assert escape("a_b") == r"a\_b"
    assert escape("50% & {x}") == r"50\% \& \{x\}"
    assert escape("\\") == r"\textbackslash{}"
    assert set(ESCAPES) == set("\\~^&%_#${}<>|")


def test_numbers_are_rounded() -> None:
    cells = rounded(pd.DataFrame({"r2_cv": [0.123456, 3.0, float("nan")], "n": [1, 2, 3], "name": ["a", "b", "c"]}))
    assert cells.columns.tolist() == ["r2 cv", "n", "name"]
    assert cells.to_numpy().tolist() == [["0.1235", "1", "a"], ["3", "2", "b"], ["--", "3", "c"]]
    assert (decimals(0.24085, 4), decimals(53.044, 2), decimals(float("nan"), 2)) == ("0.2409", "53.04", "--")


@pytest.mark.slow
def test_special_characters_compile(pdflatex: str, tmp_path: Path) -> None:
    cells = pd.DataFrame({SPECIAL: [SPECIAL, "[x] y"], "n": ["1", "--"]})
    compiled(pdflatex, tmp_path, [latex(cells, SPECIAL + "\nand more")])
