"""Tests over readers: reliance of L2 above L1, resemblance of tuned against base, of L2 above L1 (paper, 5.2 and 5.3).

Beside every t-test over readers, the paper's, stands one over readers and sentences (`clustered`).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from readalike.corpus import FloatArray
from readalike.files.sums import SumsOf
from readalike.statistics.ceilings import group_ceiling, withheld
from readalike.statistics.clustered import (
    Scores,
    clustered_t,
    equivalence,
    max_t_flips,
    minus,
    over,
    parts,
    r2_scores,
    ratio_parts,
)
from readalike.statistics.comparisons import Comparisons, sizes, tuned_of_size
from readalike.statistics.corrections import table
from readalike.statistics.differences import Row, Side, independent_t, paired_t

SIDES: tuple[Side, Side] = ("greater", "less")
ModelSums = Mapping[tuple[str, str], SumsOf]  # (model, group)
GroupSums = Mapping[str, SumsOf]
Groups = tuple[FloatArray, ...]  # contributions as `clustered` takes them


def by_layer(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """(layer x reader) of one column; `r2_cv - r2_null` is computed."""
    if column == "r2_cv - r2_null":
        frame = frame.assign(**{column: frame["r2_cv"] - frame["r2_null"]})
    return frame.pivot(index="layer", columns="reader", values=column).sort_index().sort_index(axis=1)


def scores_of(sums: SumsOf, name: str, layer: int = 0) -> Scores:
    """name : `{signal}/{score}`; layer : its number"""
    own = sums.values[name]
    return r2_scores(own.sse[sums.layers.index(layer)], own.sst, own.readers, own.cross)


def _signals(frame: pd.DataFrame, *groups: str) -> list[str]:
    """Signals that all of these groups have: saccades and fMRI may stand in one configuration."""
    by_group = [set(frame.loc[frame["group"] == group, "signal"]) for group in groups]
    return [str(signal) for signal in dict.fromkeys(frame["signal"]) if all(signal in own for own in by_group)]


def reliance_group_tests(
    frame: pd.DataFrame, sums: GroupSums, contrasts: Sequence[Sequence[str]], *, permutations: int, seed: int
) -> pd.DataFrame:
    """Readers' reliance on trivial patterns, first group of a contrast against the second, two-sided (paper, 5.3.1)."""
    rows: list[Row] = []
    for high, low in contrasts:
        for signal in _signals(frame, high, low):
            own = [frame[(frame["group"] == group) & (frame["signal"] == signal)] for group in (high, low)]
            a, b = (part["r2"].to_numpy() for part in own)
            labels: Row = {
                "question": "readers' reliance",
                **{"a": high, "b": low, "signal": signal, "readers_are": own[0]["readers_are"].iloc[0], "scale": "r2"},
                **{"family": f"{high} {low} {signal}", "n_tests": 1},
            }
            rows.append({**labels, **independent_t(a, b, "two-sided")})
            rows.append({**labels, **independent_t(a, b, "two-sided", welch=True)})
            of_high, of_low = (parts(scores_of(sums[group], f"{signal}/reliance")) for group in (high, low))
            groups = of_high, -of_low
            p = max_t_flips([groups], permutations, seed, ("two-sided",))["two-sided"][0]
            means = {"mean_a": of_high.sum(), "mean_b": of_low.sum()}
            rows.append({**labels, **clustered_t(groups, "two-sided"), **means, "p_maxt": p})
    return table(rows)


def resemblance_tuning_tests(
    frame: pd.DataFrame,
    sums: ModelSums,
    comparisons: Comparisons,
    *,
    bound: float,
    permutations: int,
    seed: int,
) -> pd.DataFrame:
    """Resemblance of a tuned model against its base by layer: higher, lower, and equivalent (paper, 5.2.3).

    Corrected for tuned models of one size x 2 directions x layers. On `r2` as in the paper and on `r2_cv - r2_null`.
    bound : of equivalence, as a multiple of `SumsOf.chance`, the larger of the two models': what as many heads explain
        in sample with nothing to find. A change that is no larger is what other heads would bring that know nothing.
    """
    rows: list[Row] = []
    families: dict[str, list[tuple[Groups, list[Row]]]] = {}  # of each test its rows, one a side
    for base, tuned in comparisons.get("tuning", []):
        for group in dict.fromkeys(frame["group"]):
            for signal in _signals(frame, group):
                own = frame[(frame["group"] == group) & (frame["signal"] == signal)]
                if not {base, tuned} <= set(own["model"]):
                    continue  # a model with weights cannot run on a corpus that is known by lengths only
                of_tuned, of_base = sums[tuned, group], sums[base, group]
                for scale, score in (("r2", "r2"), ("r2_cv - r2_null", "r2_cv")):
                    whole = [by_layer(own[own["model"] == model], scale) for model in (tuned, base)]
                    # Imported attention may lack layers.
                    shared = whole[0].index.intersection(whole[1].index)
                    a, b = (part.loc[shared, whole[0].columns] for part in whole)
                    labels: Row = {
                        "question": "tuned against base",
                        **{"a": tuned, "b": base, "group": group, "readers_are": own["readers_are"].iloc[0]},
                        **{"signal": signal, "unit": "layer", "scale": scale},
                        "n_tests": tuned_of_size(comparisons, base) * 2 * len(a),
                        "family": f"{group} {signal} {scale} {sizes(comparisons)[base]}",
                    }
                    for layer in a.index:
                        place = {**labels, "index": layer}
                        x, y = a.loc[layer], b.loc[layer]
                        name = f"{signal}/{score}"
                        found = minus(scores_of(of_tuned, name, layer), scores_of(of_base, name, layer))
                        # What shuffled attention scores is subtracted as each reader's constant.
                        found = found._replace(value=(x - y).reindex(list(found.readers)).to_numpy())
                        groups = (parts(found),)
                        means = {"mean_a": x[y.notna()].mean(), "mean_b": y[x.notna()].mean()}
                        sided = [{**place, **clustered_t(groups, side), **means} for side in SIDES]
                        rows += [{**place, **paired_t(x.to_numpy(), y.to_numpy(), side)} for side in SIDES] + sided
                        families.setdefault(labels["family"], []).append((groups, sided))
                        chance = max(_chance(of_tuned, layer), _chance(of_base, layer))
                        within = equivalence(groups, bound * chance)
                        rows.append({**place, **within, **means, "n_tests": tuned_of_size(comparisons, base) * len(a)})
    for tests in families.values():
        corrected = max_t_flips([groups for groups, _ in tests], permutations, seed, SIDES)
        for k, (_, sided) in enumerate(tests):
            for row in sided:
                row["p_maxt"] = corrected[row["side"]][k]
    return table(rows)


def _chance(sums: SumsOf, layer: int) -> float:
    return np.nan if sums.chance is None else float(sums.chance[sums.layers.index(layer)])


def resemblance_group_tests(
    frame: pd.DataFrame,
    thinned: pd.DataFrame,
    sums: ModelSums,
    thinned_sums: ModelSums,
    human: GroupSums,
    ceilings: pd.DataFrame,
    contrasts: Sequence[Sequence[str]],
    *,
    permutations: int,
    seed: int,
) -> pd.DataFrame:
    """Is a model more like the first group of a contrast than like the second? By layer, one-sided, on five scales.

    `r2` (the paper); `percent_of_ceiling`: each reader's r2 over the group's mean ceiling; `percent_cv`: r2_cv over
    the group's mean held-out ceiling; `own_ceiling`: each reader's r2 over that reader's own ceiling; `thinned`: r2
    with the first group's saccades thinned to the second's number. The answers differ: see them side by side.
    """
    rows: list[Row] = []
    for high, low in contrasts:
        for model in dict.fromkeys(frame["model"]):
            for signal in _signals(frame[frame["model"] == model], high, low):
                own = frame[(frame["model"] == model) & (frame["signal"] == signal)]
                of_groups = {group: own[own["group"] == group] for group in (high, low)}
                for scale in ("r2", "percent_of_ceiling", "percent_cv", "own_ceiling", "thinned"):
                    if scale == "thinned" and signal != "number":
                        continue
                    thin = (thinned, thinned_sums) if scale == "thinned" else None
                    labels: Row = {
                        "question": "resemblance of a above b",
                        **{"a": high, "b": low, "model": model, "readers_are": own["readers_are"].iloc[0]},
                        **{"signal": signal, "unit": "layer", "scale": scale},
                        "family": f"{high} {low} {model} {signal} {scale}",
                    }
                    if why := not_scaled(scale, of_groups, ceilings):
                        rows.append({**labels, "test": f"none: {why}"})
                        continue
                    sides = [
                        scaled(scale, of_groups[group], sums, human, ceilings, thin if group == high else None)
                        for group in (high, low)
                    ]
                    rows += _group_rows(sides, labels, permutations, seed)
    return table(rows)


# Scale -> the ceiling that it divides by.
DIVIDED_BY = {
    "percent_of_ceiling": "group_mean",
    "percent_cv": "leave_one_out_cv",
    "own_ceiling": "group_mean",
}


def not_scaled(scale: str, of_groups: Mapping[str, pd.DataFrame], ceilings: pd.DataFrame) -> str:
    """Why the groups cannot be compared on a scale; empty where they can.

    of_groups : group -> its scores of one model and signal
    """
    if scale not in DIVIDED_BY:
        return ""
    for group, part in of_groups.items():
        signal = str(part["signal"].iloc[0])
        if why := withheld(group_ceiling(ceilings, group, signal, DIVIDED_BY[scale])):
            return f"{group}: {why}"
        of_signal = ceilings[(ceilings["group"] == group) & (ceilings["signal"] == signal)]
        if scale == "own_ceiling" and set(part["reader"]) != set(of_signal["reader"]):
            return f"{group}: not every reader has a score and a ceiling"
    return ""


# One group of a contrast: (layers x readers) scores, and contributions to their mean by layer.
Scaled = tuple[pd.DataFrame, list[FloatArray]]


def scaled(
    scale: str,
    part: pd.DataFrame,
    sums: ModelSums,
    human: GroupSums,
    ceilings: pd.DataFrame,
    thin: tuple[pd.DataFrame, ModelSums] | None,
) -> Scaled:
    model, group, signal = (str(part[name].iloc[0]) for name in ("model", "group", "signal"))
    if thin is not None:
        table_, all_sums = thin
        rows = table_[(table_["model"] == model) & (table_["group"] == group)]
        mean = rows.groupby(["layer", "reader"], sort=False)["r2"].mean().reset_index()
        scores, own, column = by_layer(mean, "r2"), all_sums[model, group], "r2"
    else:
        column = "r2_cv" if scale == "percent_cv" else "r2"
        scores, own = by_layer(part, column), sums[model, group]
    by_reader = [scores_of(own, f"{signal}/{column}", layer) for layer in scores.index]
    if scale not in DIVIDED_BY:
        return scores, [parts(layer) for layer in by_reader]
    name = DIVIDED_BY[scale]
    ceiling = scores_of(human[group], f"{signal}/{name}")
    if scale == "own_ceiling":
        rows = ceilings[(ceilings["group"] == group) & (ceilings["signal"] == signal) & (ceilings["ceiling"] == name)]
        each = rows.set_index("reader")["value"][scores.columns]
        return scores / each, [parts(over(layer, ceiling)) for layer in by_reader]
    whole = group_ceiling(ceilings, group, signal, name)
    return scores / whole, [ratio_parts(layer, ceiling) for layer in by_reader]


def _group_rows(sides: list[Scaled], labels: Row, permutations: int, seed: int) -> list[Row]:
    (a, parts_a), (b, parts_b) = sides
    labels = {**labels, "n_tests": len(a)}
    groups = [(x, -y) for x, y in zip(parts_a, parts_b, strict=True)]
    corrected = max_t_flips(groups, permutations, seed, ("greater",))["greater"]
    rows: list[Row] = []
    for k, layer in enumerate(a.index):
        x, y = a.loc[layer].to_numpy(), b.loc[layer].to_numpy()
        place = {**labels, "index": layer}
        rows.append({**place, **independent_t(x, y, "greater")})
        rows.append({**place, **independent_t(x, y, "greater", welch=True)})
        means = {"mean_a": parts_a[k].sum(), "mean_b": parts_b[k].sum()}
        rows.append({**place, **clustered_t(groups[k], "greater"), **means, "p_maxt": corrected[k]})
    return rows
