"""Tests over readers: reliance of L2 above L1, resemblance of tuned against base, of L2 above L1 (paper, 5.2 and 5.3).

Beside every t-test over readers stands a crossed bootstrap over readers and sentences.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from readalike.corpus import FloatArray
from readalike.files.bootstrap import Draws
from readalike.statistics.ceilings import group_ceiling, withheld
from readalike.statistics.comparisons import Comparisons, sizes, tuned_of_size
from readalike.statistics.corrections import max_t_independent, max_t_paired, table
from readalike.statistics.differences import Row, Side, crossed_bootstrap, equivalence, independent_t, paired_t

SIDES: tuple[Side, Side] = ("greater", "less")
ModelDraws = Mapping[tuple[str, str], Draws]  # (model, group)
GroupDraws = Mapping[str, Draws]


def by_layer(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """(layer x reader) of one column; `r2_cv - r2_null` is computed."""
    if column == "r2_cv - r2_null":
        frame = frame.assign(**{column: frame["r2_cv"] - frame["r2_null"]})
    return frame.pivot(index="layer", columns="reader", values=column).sort_index().sort_index(axis=1)


def _signals(frame: pd.DataFrame, *groups: str) -> list[str]:
    """Signals that all of these groups have: saccades and fMRI may stand in one configuration."""
    by_group = [set(frame.loc[frame["group"] == group, "signal"]) for group in groups]
    return [str(signal) for signal in dict.fromkeys(frame["signal"]) if all(signal in own for own in by_group)]


def reliance_group_tests(
    frame: pd.DataFrame, draws: GroupDraws, contrasts: Sequence[Sequence[str]], *, permutations: int, seed: int
) -> pd.DataFrame:
    """Readers' reliance on trivial patterns, first group of a contrast against the second, two-sided (paper, 5.3.1)."""
    rows: list[Row] = []
    for high, low in contrasts:
        for signal in _signals(frame, high, low):
            parts = [frame[(frame["group"] == group) & (frame["signal"] == signal)] for group in (high, low)]
            a, b = (part["r2"].to_numpy() for part in parts)
            labels: Row = {
                "question": "readers' reliance",
                **{
                    "a": high,
                    "b": low,
                    "signal": signal,
                    "readers_are": parts[0]["readers_are"].iloc[0],
                    "scale": "r2",
                },
                **{"family": f"{high} {low} {signal}", "n_tests": 1},
            }
            p_maxt = max_t_independent(a[None], b[None], permutations, seed, "two-sided")[0]
            rows.append({**labels, **independent_t(a, b, "two-sided"), "p_maxt": p_maxt})
            rows.append({**labels, **independent_t(a, b, "two-sided", welch=True)})
            resampled = [(draws[group].values[f"{signal}/reliance"], None) for group in (high, low)]
            point = np.nanmean(a) - np.nanmean(b)
            rows.append({**labels, **crossed_bootstrap(point, *resampled, paired=False, side="two-sided", seed=seed)})
    return table(rows)


def resemblance_tuning_tests(
    frame: pd.DataFrame,
    draws: ModelDraws,
    ceilings: pd.DataFrame,
    comparisons: Comparisons,
    *,
    bound: float,
    permutations: int,
    seed: int,
) -> pd.DataFrame:
    """Resemblance of a tuned model against its base by layer: higher, lower, and equivalent (paper, 5.2.3).

    Corrected for tuned models of one size x 2 directions x layers. bound : of equivalence, as a share of the group's
    mean ceiling. On `r2` as in the paper and on `r2_cv - r2_null`.
    """
    rows: list[Row] = []
    for base, tuned in comparisons.get("tuning", []):
        for group in dict.fromkeys(frame["group"]):
            for signal in _signals(frame, group):
                own = frame[(frame["group"] == group) & (frame["signal"] == signal)]
                if not {base, tuned} <= set(own["model"]):
                    continue  # a model with weights cannot run on a corpus that is known by lengths only
                for scale, drawn in (("r2", "r2"), ("r2_cv - r2_null", "r2_cv")):
                    whole = [by_layer(own[own["model"] == model], scale) for model in (tuned, base)]
                    # Imported attention may lack layers.
                    shared = whole[0].index.intersection(whole[1].index)
                    a, b = (part.loc[shared, whole[0].columns] for part in whole)
                    resampled = [
                        draws[model, group].values[f"{signal}/{drawn}"][part.index.get_indexer(shared)]
                        for model, part in zip((tuned, base), whole, strict=True)
                    ]
                    labels: Row = {
                        "question": "tuned against base",
                        **{"a": tuned, "b": base, "group": group, "readers_are": own["readers_are"].iloc[0]},
                        **{"signal": signal, "unit": "layer", "scale": scale},
                        "n_tests": tuned_of_size(comparisons, base) * 2 * len(a),
                        "family": f"{group} {signal} {scale} {sizes(comparisons)[base]}",
                    }
                    name = "group_mean" if scale == "r2" else "leave_one_out_cv"
                    ceiling = group_ceiling(ceilings, group, signal, name)
                    differences = (a - b).to_numpy()
                    for side in SIDES:
                        corrected = max_t_paired(differences, permutations, seed, side)
                        for k, layer in enumerate(a.index):
                            place = {**labels, "index": layer}
                            x, y = a.loc[layer].to_numpy(), b.loc[layer].to_numpy()
                            rows.append({**place, **paired_t(x, y, side), "p_maxt": corrected[k]})
                            both = [(part[k], None) for part in resampled]
                            point = float(np.nanmean(x - y))
                            crossed = crossed_bootstrap(point, *both, paired=True, side=side, seed=seed)
                            rows.append({**place, **crossed})
                    for layer in a.index:
                        place = {**labels, "index": layer, "n_tests": len(a)}
                        if why := withheld(ceiling):
                            rows.append({**place, "test": f"none: equivalence within a share of the ceiling: {why}"})
                            continue
                        found = equivalence(a.loc[layer].to_numpy(), b.loc[layer].to_numpy(), bound * ceiling)
                        rows.append({**place, **found})
    return table(rows)


def resemblance_group_tests(
    frame: pd.DataFrame,
    thinned: pd.DataFrame,
    draws: ModelDraws,
    thinned_draws: ModelDraws,
    human: GroupDraws,
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
                parts = {group: own[own["group"] == group] for group in (high, low)}
                for scale in ("r2", "percent_of_ceiling", "percent_cv", "own_ceiling", "thinned"):
                    if scale == "thinned" and signal != "number":
                        continue
                    thin = (thinned, thinned_draws) if scale == "thinned" else None
                    labels: Row = {
                        "question": "resemblance of a above b",
                        **{"a": high, "b": low, "model": model, "readers_are": own["readers_are"].iloc[0]},
                        **{"signal": signal, "unit": "layer", "scale": scale},
                        "family": f"{high} {low} {model} {signal} {scale}",
                    }
                    if why := _not_scaled(scale, parts, ceilings):
                        rows.append({**labels, "test": f"none: {why}"})
                        continue
                    sides = [
                        _scaled(scale, parts[group], draws, human, ceilings, thin if group == high else None)
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


def _not_scaled(scale: str, parts: Mapping[str, pd.DataFrame], ceilings: pd.DataFrame) -> str:
    """Why the groups cannot be compared on a scale; empty where they can.

    parts : group -> its scores of one model and signal
    """
    if scale not in DIVIDED_BY:
        return ""
    for group, part in parts.items():
        signal = str(part["signal"].iloc[0])
        if why := withheld(group_ceiling(ceilings, group, signal, DIVIDED_BY[scale])):
            return f"{group}: {why}"
        of_signal = ceilings[(ceilings["group"] == group) & (ceilings["signal"] == signal)]
        if scale == "own_ceiling" and set(part["reader"]) != set(of_signal["reader"]):
            return f"{group}: not every reader has a score and a ceiling"
    return ""


# One group of a contrast: (layers x readers) scores, and for each layer draws with what their mean is divided by.
Scores = tuple[pd.DataFrame, list[tuple[FloatArray, FloatArray | None]]]


def _scaled(
    scale: str,
    part: pd.DataFrame,
    draws: ModelDraws,
    human: GroupDraws,
    ceilings: pd.DataFrame,
    thin: tuple[pd.DataFrame, ModelDraws] | None,
) -> Scores:
    model, group, signal = (str(part[name].iloc[0]) for name in ("model", "group", "signal"))
    if thin is not None:
        table_, all_draws = thin
        rows = table_[(table_["model"] == model) & (table_["group"] == group)]
        mean = rows.groupby(["layer", "reader"], sort=False)["r2"].mean().reset_index()
        return by_layer(mean, "r2"), [(layer, None) for layer in all_draws[model, group].values["number/r2"]]
    column = "r2_cv" if scale == "percent_cv" else "r2"
    scores = by_layer(part, column)
    resampled = draws[model, group].values[f"{signal}/{column}"]
    if scale in ("r2", "thinned"):
        return scores, [(layer, None) for layer in resampled]
    name = DIVIDED_BY[scale]
    ceiling = human[group].values[f"{signal}/{name}"]
    if scale == "own_ceiling":
        rows = ceilings[(ceilings["group"] == group) & (ceilings["signal"] == signal) & (ceilings["ceiling"] == name)]
        own = rows.set_index("reader")["value"][scores.columns]
        return scores / own, [(layer / ceiling, None) for layer in resampled]
    return scores / group_ceiling(ceilings, group, signal, name), [(layer, ceiling) for layer in resampled]


def _group_rows(sides: list[Scores], labels: Row, permutations: int, seed: int) -> list[Row]:
    (a, draws_a), (b, draws_b) = sides
    labels = {**labels, "n_tests": len(a)}
    corrected = max_t_independent(a.to_numpy(), b.to_numpy(), permutations, seed, "greater")
    rows: list[Row] = []
    for k, layer in enumerate(a.index):
        x, y = a.loc[layer].to_numpy(), b.loc[layer].to_numpy()
        place = {**labels, "index": layer}
        rows.append({**place, **independent_t(x, y, "greater"), "p_maxt": corrected[k]})
        rows.append({**place, **independent_t(x, y, "greater", welch=True)})
        point = float(np.nanmean(x) - np.nanmean(y))
        crossed = crossed_bootstrap(point, draws_a[k], draws_b[k], paired=False, side="greater", seed=seed)
        rows.append({**place, **crossed})
    return rows
