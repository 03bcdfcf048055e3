"""Tables as CSV with all digits and as LaTeX (booktabs), rounded."""

import math
import re
from pathlib import Path

import pandas as pd

from readalike.files.atomic import replacing
from readalike.files.contracts import Table
from readalike.files.tables import write_table

ESCAPES = {
    **{"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"},
    **{"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"},
    **{character: f"\\{character}" for character in "&%_#${}"},
}
NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*(e[-+]?[0-9]+)?|--|")


def latex(cells: pd.DataFrame, caption: str) -> str:
    """A booktabs tabular of text; columns of nothing but numbers stand on the right."""
    sides = "".join("r" if all(NUMBER.fullmatch(cell) for cell in cells[name]) else "l" for name in cells)
    lines = [f"% {' '.join(caption.split())}", rf"\begin{{tabular}}{{{sides}}}", r"\toprule"]
    lines.append(" & ".join(escape(str(name)) for name in cells) + r" \\")
    lines.append(r"\midrule")
    # A bracket after the end of a row would be its option.
    lines += [re.sub(r"^\[", "{[}", " & ".join(map(escape, row))) + r" \\" for row in cells.itertuples(index=False)]
    lines += [r"\bottomrule", r"\end{tabular}", ""]
    return "\n".join(lines)


def rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """A table as text: whole numbers as they are, others with four significant digits, `--` where there is none."""
    return pd.DataFrame({str(name).replace("_", " "): [_cell(value) for value in frame[name]] for name in frame})


def decimals(value: float, digits: int) -> str:
    """A number as the paper prints it; `--` where there is none."""
    return "--" if math.isnan(value) else f"{value:.{digits}f}"


def escape(text: str) -> str:
    """Text that LaTeX prints as it stands."""
    return "".join(ESCAPES.get(character, character) for character in text)


def save(
    frame: pd.DataFrame, table: Table, csv: Path, tex: Path, caption: str, printed: pd.DataFrame | None = None
) -> None:
    """Write a table as CSV with all digits and as LaTeX. Simulated readers are named in the caption.

    printed : the cells of the LaTeX table, laid out as the paper does; all columns rounded where there is none
    """
    if "readers_are" in frame and (frame["readers_are"] == "simulated").any():
        caption += " The readers are simulated: no person was measured."
    write_table(csv, frame, table)
    with replacing(tex) as temporary:
        temporary.write_text(latex(rounded(frame) if printed is None else printed, caption), encoding="utf-8")


def _cell(value: object) -> str:
    if isinstance(value, float):
        if math.isnan(value):
            return "--"
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"
    return str(value)
