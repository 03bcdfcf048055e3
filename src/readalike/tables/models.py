"""Tables 1 to 3: loss and resemblance of every model, of sizes, of base models and their tuned ones (paper, 5.2)."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from readalike.conditions import PLAIN
from readalike.files.contracts.tables import SCALE, TUNING
from readalike.sizes import size_name
from readalike.tables.headline import reasons
from readalike.tables.latex import decimals


def loss_and_resemblance(
    best_layer: pd.DataFrame, loss: pd.DataFrame, corpora: Mapping[str, str], signal: str
) -> pd.DataFrame:
    """Table 1: size, loss in `plain` and resemblance of each model, a row a model and group.

    corpora : group -> the corpus it read, whose loss stands beside it; empty for a corpus of lengths only

    percent_of_ceiling is the paper's score; nested_percent_held_out is held out, of the held-out ceiling, its layer
    chosen without the articles scored;
    nested_above_null is what sizes are compared on, and r2_cv_above_null the same of the layer that is best by it.
    """
    own = best_layer[best_layer["signal"] == signal]
    plain = loss[loss["condition"] == PLAIN]
    parameters = plain.drop_duplicates("model").set_index("model")["parameters"]
    losses = plain.set_index(["model", "corpus"])[["loss_per_token", "loss_per_word"]]
    rows = []
    for key, part in own.groupby(["model", "group", "readers_are"], sort=False):
        model, group, readers_are = (str(name) for name in np.asarray(key, dtype=object))
        by, read = part.set_index(["rule", "column"]), (model, corpora[group])
        known = read in losses.index
        nats = {name: float(losses[name][read]) if known else np.nan for name in ("loss_per_token", "loss_per_word")}
        rows.append(
            {
                **{"model": model, "parameters": parameters[model], **nats},
                **{"group": group, "readers_are": readers_are},
                "best_layer": by.loc[("maximum", "r2"), "layer"],
                "percent_of_ceiling": by.loc[("maximum", "r2"), "percent"],
                "nested_percent_held_out": by.loc[("nested", "r2_cv"), "percent"],
                "nested_above_null": by.loc[("nested", "r2_cv - r2_null"), "score"],
                "r2_cv_above_null": by.loc[("maximum", "r2_cv - r2_null"), "score"],
                "withheld": reasons(
                    percent_of_ceiling=float(by["ceiling"][("maximum", "r2")]),
                    nested_percent_held_out=float(by["ceiling"][("nested", "r2_cv")]),
                ),
            }
        )
    return pd.DataFrame(rows).sort_values(["parameters", "model", "group"], kind="stable", ignore_index=True)


def scale(table_1: pd.DataFrame, scaling_law: Sequence[str]) -> pd.DataFrame:
    """Table 2: the base models whose sizes are compared, smallest first."""
    return table_1[table_1["model"].isin(scaling_law)][SCALE.names].reset_index(drop=True)


def tuning(table_1: pd.DataFrame, pairs: Sequence[Sequence[str]]) -> pd.DataFrame:
    """Table 3: base models, each followed by those tuned from it, and how far these are from it.

    pairs : (base, tuned). changes are in percentage points and R2; empty for a base
    """
    rows = []
    for base in dict.fromkeys(base for base, _ in pairs):
        for model in (base, *(tuned for of, tuned in pairs if of == base)):
            own = table_1[table_1["model"] == model].assign(base=base)
            beside = table_1[table_1["model"] == base].set_index("group").reindex(own["group"])
            for column, change in (("percent_of_ceiling", "change_percent"), ("r2_cv_above_null", "change_above_null")):
                own[change] = own[column] - beside[column].to_numpy() if model != base else np.nan
            rows.append(own)
    return pd.concat(rows, ignore_index=True)[TUNING.names]


def printed_loss(table: pd.DataFrame) -> pd.DataFrame:
    """Table 1 as the paper prints it: a row a model, a column a group; a loss for each corpus that differs."""
    wide = _by_group(table)
    nats = table.groupby("model", sort=False)["loss_per_token"].agg(lambda own: list(dict.fromkeys(own.dropna())))
    losses = [" / ".join(decimals(value, 4) for value in nats[model]) or "--" for model in wide["Model"]]
    wide.insert(2, "Loss", losses)
    return wide


def printed_scale(table: pd.DataFrame) -> pd.DataFrame:
    """Table 2 as the paper prints it."""
    return _by_group(table)


def printed_tuning(table: pd.DataFrame) -> pd.DataFrame:
    """Table 3 as the paper prints it: the size is the base's."""
    parts = [_by_group(own) for _, own in table.groupby("base", sort=False)]
    return pd.concat(parts, ignore_index=True)


def _by_group(table: pd.DataFrame) -> pd.DataFrame:
    """Size, model, and a column a group with the percentage of its ceiling, two decimals."""
    groups = list(dict.fromkeys(table["group"]))
    rows = []
    for model, own in table.groupby("model", sort=False):
        percent = own.set_index("group")["percent_of_ceiling"]
        cells = [decimals(float(percent.get(group, np.nan)), 2) for group in groups]
        rows.append([size_name(float(own["parameters"].iloc[0])), model, *cells])
    return pd.DataFrame(rows, columns=["Size", "Model", *(f"{group} (%)" for group in groups)])
