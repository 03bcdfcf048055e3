"""The paper's significance tests, from the authors' divergences of every sentence, through this project's own tests."""

from pathlib import Path

import pandas as pd

from readalike.conditions import PLAIN
from readalike.files.contracts.reproduction import LAYER_LISTS
from readalike.imports.gao2023_results import read_divergences
from readalike.reproduction.workbooks import WORKBOOKS
from readalike.statistics.comparisons import Comparisons
from readalike.statistics.divergence import divergence_tests, sensitivity_tests, sensitivity_tuning_tests

LEVEL = 0.05
TUNING: Comparisons = {"tuning": [["llama", "alpaca"], ["llama", "vicuna"]]}
# The three pairs join the same two sizes: 3 x 4 quarters are tested together.
SCALING: Comparisons = {
    "scaling": [["llama 7B", "llama 13B"], ["alpaca 7B", "alpaca 13B"], ["vicuna 7B", "vicuna 13B"]],
    "tuning": [[f"llama {size}", f"{tuned} {size}"] for size in ("7B", "13B") for tuned in ("alpaca", "vicuna")],
}


def significance(folder: Path, *, permutations: int, seed: int) -> pd.DataFrame:
    """Test tables of every workbook below `folder`, with `source` and `significant` (Bonferroni, 0.05).

    Above the reference: paired t over sentences, one-sided, as the paper has it. Tuned above base, and its excess over
    the same difference after noise: the tests that the claim about tuning rests on, which the paper does not make.
    """
    parts = []
    for name, released in WORKBOOKS.items():
        frame, reference = divergences(folder, name)
        if released.question == "sensitivity":
            found = sensitivity_tests(frame, reference, TUNING, permutations=permutations, seed=seed)
        else:
            comparisons = SCALING if released.question == "scaling" else TUNING
            found = divergence_tests(frame, reference, comparisons, permutations=permutations, seed=seed)
        parts.append(found.assign(source=name))
    for size in ("7B", "13B"):
        frames = [divergences(folder, f"instruct/{size}/{name}.xlsx")[0] for name in ("instr_js", "ctrl_js")]
        found = sensitivity_tuning_tests(pd.concat(frames), TUNING, permutations=permutations, seed=seed)
        parts.append(found.assign(source=f"instruct/{size}"))
    found = pd.concat(parts, ignore_index=True)
    return found.assign(significant=found["p_bonferroni"] < LEVEL)


def divergences(folder: Path, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A workbook of WORKBOOKS below `folder`, as this project's tables of divergence or sensitivity, and its reference.

    Models of a workbook of sensitivity are of one size; those of `scaling` are named with it.
    """
    released = WORKBOOKS[name]
    table = read_divergences(folder / name).assign(corpus="reading-brain", article=1)
    noise = table["column"] == "noise"
    if released.question == "sensitivity":
        frame = table[~noise].rename(columns={"index": "layer", "column": "model"})
        return frame.assign(condition=released.condition), _reference(table[noise], "layer", PLAIN)
    unit = "layer" if released.question == "tuning" else "quarter"
    frame = table[~noise].assign(comparison=released.question, condition=released.condition, unit=unit)
    ends = ("7B", "13B") if released.question == "scaling" else None
    frame["a"] = frame["column"].map(lambda pair, e=ends: f"{pair} {e[0]}" if e else pair.split("-")[0])
    frame["b"] = frame["column"].map(lambda pair, e=ends: f"{pair} {e[1]}" if e else pair.split("-")[1])
    return frame, _reference(table[noise], unit, released.condition)


def _reference(noise: pd.DataFrame, unit: str, condition: str) -> pd.DataFrame:
    return noise.assign(comparison="reference", unit=unit, condition=condition)


def layer_lists(tests: pd.DataFrame) -> pd.DataFrame:
    """One row a family of tests: source, question, a, b, condition, n_tests, and its significant layers."""
    keys = ["source", "question", "a", "b", "condition"]
    rows = []
    for _, part in tests.fillna({"b": ""}).groupby(keys, sort=False):
        significant = part.loc[part["significant"], "index"].astype(int)
        first = part.iloc[0]
        layers = " ".join(map(str, sorted(significant)))
        rows.append((*first[keys], int(first["n_tests"]), len(significant), len(part), layers))
    return pd.DataFrame(rows, columns=LAYER_LISTS.names)
