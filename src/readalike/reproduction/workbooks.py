"""The authors' result files that are read. Imported while the DAG is built, so it imports nothing heavy."""

from collections.abc import Mapping
from typing import NamedTuple


class Released(NamedTuple):
    """A workbook of divergences: what is compared in it, and after which prefix."""

    question: str  # tuning, scaling or sensitivity
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

# Their scores of readers (layer, reader), all that were released, below lr_scores_reading_brain.
RELEASED_SCORES = (
    "heads_vs_saccade/num_1_gpt2_large.npy",
    "heads_vs_saccade/num_1_llama_7B.npy",
    "heads_vs_fmri/num_1_angular_llama_7B.npy",
    "heads_vs_fmri/num_2_angular_llama_7B.npy",
)
