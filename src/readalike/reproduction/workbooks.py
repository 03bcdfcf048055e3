"""The authors' workbooks of divergences that are read. Imported while the DAG is built, so it imports nothing heavy."""

from collections.abc import Mapping
from typing import NamedTuple


class Released(NamedTuple):
    """A workbook of divergences: what is compared in it, and after which prefix."""

    kind: str  # tuning, scaling or sensitivity
    condition: str


# The workbooks of name/13B are broken and are not read.
WORKBOOKS: Mapping[str, Released] = {
    "name/7B/js-name.xlsx": Released("tuning", "plain"),
    "name/7B/instr_js-name.xlsx": Released("tuning", "translate"),
    "size/js-size.xlsx": Released("scaling", "plain"),
    "size/instr_js-size.xlsx": Released("scaling", "translate"),
    "instruct/7B/instr_js.xlsx": Released("sensitivity", "translate"),
    "instruct/7B/ctrl_js.xlsx": Released("sensitivity", "noise"),
    "instruct/13B/instr_js.xlsx": Released("sensitivity", "translate"),
    "instruct/13B/ctrl_js.xlsx": Released("sensitivity", "noise"),
}
