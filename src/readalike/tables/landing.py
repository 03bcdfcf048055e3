"""What attention tells of where saccades land: a row a model and group, at a layer chosen without what is scored."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from readalike.corpus import FloatArray
from readalike.files.contracts.tables import LANDING_TABLE
from readalike.files.gains import Gains


def chosen_layers(found: Gains) -> list[int]:
    """For each article, in order, the place of the layer under which the other articles predict one another best."""
    return [int(k) for k in np.argmax(found.sums["inner"], axis=0)]


def nested(found: Gains, name: str) -> FloatArray:
    """Nats a saccade of each reader, (readers,), every article at the layer that the others chose.

    name : `gain` or `gain_swapped`, both at the layers that own attention chooses
    """
    article = np.unique(found.articles, return_inverse=True)[1]
    layer = np.array(chosen_layers(found))[article]
    nats = found.sums[name][layer, :, np.arange(len(article))]  # (sentences, readers)
    with np.errstate(invalid="ignore"):
        return np.asarray(nats.sum(axis=0) / found.sums["saccades"].sum(axis=1))


def landing_table(sentences: Sequence[Gains]) -> pd.DataFrame:
    """A row a model and group; intervals are 95 percent t intervals over readers."""
    rows = []
    for found in sentences:
        gain, swapped = nested(found, "gain"), nested(found, "gain_swapped")
        saccades = found.sums["saccades"].sum(axis=1)
        known = saccades > 0
        baseline = found.sums["baseline"].sum(axis=1)[known] / saccades[known]
        row: dict[str, object] = {name: found.labels[name] for name in ("model", "group", "readers_are")}
        layers = found.layers[chosen_layers(found)]
        row |= {"layers": " ".join(map(str, layers)), "n": int(known.sum()), "saccades": int(saccades.sum())}
        row |= {"baseline": baseline.mean(), "gain_swapped": swapped[known].mean()}
        for name, values in (("gain", gain[known]), ("excess", (gain - swapped)[known])):
            mean, half = values.mean(), _half(values)
            row |= {name: mean, f"{name}_ci_low": mean - half, f"{name}_ci_high": mean + half}
        rows.append(row | {"readers_above": int((gain[known] > 0).sum())})
    return pd.DataFrame(rows, columns=LANDING_TABLE.names)


def _half(values: FloatArray) -> float:
    n = len(values)
    return float(stats.t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan


def printed(table: pd.DataFrame) -> pd.DataFrame:
    """Gains in thousandths of a nat, which is what they are made of."""

    def thousandths(*names: str) -> list[str]:
        low, mean, high = (table[name] * 1000 for name in names)
        return [f"{m:.2f} [{a:.2f}, {b:.2f}]" for a, m, b in zip(low, mean, high, strict=True)]

    return pd.DataFrame(
        {
            "Model": table["model"],
            "Group": table["group"],
            "Layers": table["layers"],
            "Readers": table["n"].map(str),
            "Baseline": [f"{value:.3f}" for value in table["baseline"]],
            "Gain, thousandths": thousandths("gain_ci_low", "gain", "gain_ci_high"),
            "Above another sentence's": thousandths("excess_ci_low", "excess", "excess_ci_high"),
            "Readers above 0": table["readers_above"].map(str),
        }
    )
