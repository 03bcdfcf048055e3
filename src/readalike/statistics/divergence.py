"""Is a divergence above that of near-twins? Is a tuned model more sensitive than its base? (paper, 5.1)

Tests are paired over sentences, as in the paper; sentences are the sample here, so that no reader comes in.
"""

import logging
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from readalike.conditions import NOISE, PLAIN
from readalike.corpus import FloatArray
from readalike.statistics.comparisons import (
    Comparisons,
    models_of_size,
    reference_index,
    same_sizes,
    sizes,
    tuned_of_size,
)
from readalike.statistics.corrections import max_t_paired, table
from readalike.statistics.differences import Row, paired_t

log = logging.getLogger("readalike")


def by_index(rows: pd.DataFrame, index: str) -> pd.DataFrame:
    """Divergence as (index x sentence), sentences in one order."""
    return rows.pivot(index=index, columns=["article", "sentence"], values="divergence").sort_index().sort_index(axis=1)


def against_reference(
    values: pd.DataFrame, reference: pd.DataFrame | None, labels: Row, n_tests: int, permutations: int, seed: int
) -> list[Row]:
    """One row an index: paired t, greater, against the reference at the same index or relative depth.

    values, reference : (index x sentence). Without a reference the rows describe and test nothing.
    """
    rows: list[Row] = []
    tested: list[Row] = []
    differences: list[FloatArray] = []
    for index in values.index:
        a = values.loc[index].to_numpy()
        row: Row = {**labels, "index": index}
        # Imported attention may lack layers: the depth is that of the last one.
        at = None if reference is None else reference_index(int(index), _depth(values), _depth(reference))
        if reference is None or at not in reference.index:
            why = "none: no reference" if reference is None else f"none: the reference lacks {at}"
            rows.append({**row, "test": why, "n_a": len(a), "mean_a": float(np.nanmean(a))})
            continue
        b = reference[values.columns].loc[at].to_numpy()
        rows.append({**row, "reference_index": at, "n_tests": n_tests, **paired_t(a, b, "greater")})
        tested.append(rows[-1])
        differences.append(a - b)
    _put_max_t(tested, differences, permutations, seed)
    return rows


def _depth(values: pd.DataFrame) -> int:
    return int(values.index.max()) + 1


def _put_max_t(rows: list[Row], differences: Sequence[FloatArray], permutations: int, seed: int) -> None:
    if differences:
        corrected = max_t_paired(np.stack(differences), permutations, seed, "greater")
        for row, p in zip(rows, corrected, strict=True):
            row["p_maxt"] = p


def _reference(frame: pd.DataFrame, corpus: str, condition: str, unit: str) -> pd.DataFrame | None:
    """The reference pair's divergence in one condition, (index x sentence); None where there is none."""
    if not len(frame):
        return None
    rows = frame[(frame["corpus"] == corpus) & (frame["condition"] == condition) & (frame["unit"] == unit)]
    return by_index(rows, "index") if len(rows) else None


def divergence_tests(
    frame: pd.DataFrame, reference: pd.DataFrame, comparisons: Comparisons, *, permutations: int, seed: int
) -> pd.DataFrame:
    """Divergence by scaling (by quarter) and by tuning (by layer) above the reference, in every condition.

    Corrected for pairs of one size x layers, or pairs that join the same two sizes x quarters (3 x 4 in the paper).
    """
    if not len(reference):
        log.warning("no reference pair is configured: divergences are described, not tested")
    rows: list[Row] = []
    for (corpus, comparison, a, b, condition, unit), part in _groups(
        frame, ["corpus", "comparison", "a", "b", "condition", "unit"]
    ):
        values = by_index(part, "index")
        pairs = same_sizes(comparisons, (a, b)) if comparison == "scaling" else tuned_of_size(comparisons, a)
        size = " ".join(sorted(sizes(comparisons).get(m, m) for m in (a, b)))
        labels: Row = {
            "question": "divergence above reference",
            **{"corpus": corpus, "comparison": comparison, "a": a, "b": b, "condition": condition, "unit": unit},
            "family": f"{corpus} {comparison} {condition} {unit} {size}",
        }
        beside = _reference(reference, corpus, condition, unit)
        rows += against_reference(values, beside, labels, pairs * len(values), permutations, seed)
    return table(rows)


def sensitivity_tests(
    frame: pd.DataFrame, reference: pd.DataFrame, comparisons: Comparisons, *, permutations: int, seed: int
) -> pd.DataFrame:
    """Sensitivity to each condition above the reference pair's divergence in `plain`, by layer.

    Corrected for models of one size x layers.
    """
    if not len(reference):
        log.warning("no reference pair is configured: sensitivity is described, not tested")
    rows: list[Row] = []
    for (corpus, model, condition), part in _groups(frame, ["corpus", "model", "condition"]):
        values = by_index(part, "layer")
        size = sizes(comparisons).get(model, model)
        labels: Row = {
            "question": "sensitivity above reference",
            **{"corpus": corpus, "a": model, "condition": condition, "unit": "layer"},
            "family": f"{corpus} {condition} {size}",
        }
        n_tests = models_of_size(comparisons, model) * len(values)
        beside = _reference(reference, corpus, PLAIN, "layer")
        rows += against_reference(values, beside, labels, n_tests, permutations, seed)
    return table(rows)


def sensitivity_tuning_tests(
    frame: pd.DataFrame, comparisons: Comparisons, *, permutations: int, seed: int
) -> pd.DataFrame:
    """Sensitivity of a tuned model above its base, and its excess over the same difference for `noise`, by layer.

    This carries the paper's claim that tuning makes models sensitive to instructions; its text tests only against the
    reference, where noise is as far above. Corrected for tuned models of one size x layers.
    """
    rows: list[Row] = []
    for corpus, base, tuned in _tuned_pairs(frame, comparisons):
        by_condition = {
            condition: _shared(*(by_index(part[part["model"] == model], "layer") for model in (tuned, base)))
            for (condition,), part in _groups(frame[frame["corpus"] == corpus], ["condition"])
            if {tuned, base} <= set(part["model"])
        }
        n_tests_by_pair = tuned_of_size(comparisons, base)
        for condition, (of_tuned, of_base) in by_condition.items():
            questions = [("tuned above base", of_tuned, of_base)]
            if NOISE in by_condition and condition != NOISE:
                noise_tuned, noise_base = by_condition[NOISE]
                excess = _shared(of_tuned - of_base, noise_tuned - noise_base)
                questions.append(("excess over noise", *excess))
            for question, a, b in questions:
                labels: Row = {
                    "question": question,
                    **{"corpus": corpus, "a": tuned, "b": base, "condition": condition, "unit": "layer"},
                    "family": f"{corpus} {question} {condition} {sizes(comparisons)[base]}",
                    "n_tests": n_tests_by_pair * len(a),
                }
                part_rows = [
                    {**labels, "index": layer, **paired_t(a.loc[layer].to_numpy(), b.loc[layer].to_numpy(), "greater")}
                    for layer in a.index
                ]
                _put_max_t(part_rows, list((a - b).to_numpy()), permutations, seed)
                rows += part_rows
    return table(rows)


def _shared(a: pd.DataFrame, b: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The layers that both have: imported attention may lack some."""
    layers = a.index.intersection(b.index)
    return a.loc[layers], b.loc[layers, a.columns]


def _tuned_pairs(frame: pd.DataFrame, comparisons: Comparisons) -> Iterable[tuple[str, str, str]]:
    for corpus in dict.fromkeys(frame["corpus"]):
        for base, tuned in comparisons.get("tuning", []):
            yield corpus, base, tuned


def _groups(frame: pd.DataFrame, keys: list[str]) -> Iterable[tuple[tuple[str, ...], pd.DataFrame]]:
    for key, part in frame.groupby(keys, sort=False):
        yield tuple(str(value) for value in np.atleast_1d(np.asarray(key, dtype=object))), part
