"""Tables 4, 6 and 7: the layers in which tuning changes resemblance (paper, 5.2.3 and Appendix C)."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.files.contracts.tables import CHANGED, CHANGED_LAYERS

SIGNIFICANT = 0.05
# Tests that are counted -> p that is: the paper's, and one that takes sentences as a sample as well as readers.
PAPERS, CLUSTERED = "paired t", "clustered t"
CORRECTED = {PAPERS: "p_bonferroni", CLUSTERED: "p_maxt"}
PAPERS_SCALE = "r2"


class Changed(NamedTuple):
    """Numbers of layers (Table 4), and which ones they are (Tables 6 and 7)."""

    numbers: pd.DataFrame
    layers: pd.DataFrame


def changed_layers(tests: pd.DataFrame, signal: str) -> Changed:
    """Layers of each tuned model whose resemblance is significantly higher or lower than its base's.

    tests : `statistics/resemblance-tuning.csv`
    """
    own = tests[(tests["signal"] == signal) & tests["test"].isin(list(CORRECTED))]
    rows = []
    for key, part in own.groupby(["b", "a", "group", "readers_are", "scale", "test"], sort=False):
        labels = tuple(str(value) for value in np.asarray(key, dtype=object))
        found = part[part[CORRECTED[labels[-1]]] < SIGNIFICANT]
        changed = [sorted(found.loc[found["side"] == side, "index"].astype(int)) for side in ("greater", "less")]
        rows.append((*labels, part["index"].nunique(), *changed))
    lists = pd.DataFrame(rows, columns=CHANGED_LAYERS.names)
    sides = ["higher", "lower"]
    return Changed(
        lists.assign(**{side: lists[side].map(len) for side in sides})[CHANGED.names],
        lists.assign(**{side: [", ".join(map(str, layers)) for layers in lists[side]] for side in sides}),
    )


def printed_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Table 4 as the paper prints it, by its test and scale."""
    own = _papers(table)
    groups = list(dict.fromkeys(own["group"]))
    rows = []
    for (base, model), part in own.groupby(["base", "model"], sort=False):
        by = part.set_index("group").reindex(groups)
        cells = [str(int(n)) if n == n else "--" for side in ("higher", "lower") for n in by[side].astype(float)]
        rows.append([base, model, str(int(part["layers"].iloc[0])), *cells])
    sides = [f"{side}, {group}" for side in ("Higher", "Lower") for group in groups]
    return pd.DataFrame(rows, columns=["Base", "Model", "Layers", *sides])


def printed_layers(table: pd.DataFrame) -> pd.DataFrame:
    """Tables 6 and 7 in one: the paper has a table a size."""
    own = _papers(table)
    return pd.DataFrame(
        {
            **{"Base": own["base"], "Model": own["model"], "Group": own["group"]},
            **{"Higher": own["higher"], "Lower": own["lower"]},
        }
    )


def _papers(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["test"] == PAPERS) & (table["scale"] == PAPERS_SCALE)]
