"""Do surprisal and the spread of attention tell how long words are read? Tests over readers, and over sentences too.

What a predictor gains of a reader is a ratio of sums over sentences, nats over words, so that each sentence has a part
in it (`clustered.Scores`). Where attention is in a predictor it is the mean over the layers, each by itself. A layer
that other articles choose would be one that does badly in the article that is left out: of layers that gain as much
over all, those articles without it gain more.

Of a slope each sentence has a part too (`measures.reading_times`). A test of what is gained held out rejects far less
often than its level where there is nothing (docs/calibration.md); the verdict goes by the slope.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from readalike.corpus import FloatArray
from readalike.files.gains import Gains
from readalike.gaze.reading_times import MEASURES
from readalike.measures.reading_times import (
    BOTH,
    ENTROPY,
    OF_BEYOND,
    OF_SURPRISAL,
    SUMMED_SLOPES,
    SURPRISAL,
    SWAPPED,
    WORDS,
)
from readalike.statistics.clustered import Scores, clustered_t, parts
from readalike.statistics.corrections import table
from readalike.statistics.differences import Row, independent_t, paired_t

BEYOND, SPECIFIC = "entropy beyond surprisal", "entropy above another sentence's"
T = TypeVar("T")
# Scale -> what gains, less what (or nothing), and how many columns that is.
SCALES: Mapping[str, tuple[str, str, int]] = {
    SURPRISAL: (SURPRISAL, "", 2),
    ENTROPY: (ENTROPY, "", 2),
    BOTH: (BOTH, "", 4),
    BEYOND: (BOTH, SURPRISAL, 2),
    SPECIFIC: (ENTROPY, SWAPPED, 2),
}
OF_MODEL, OF_ALL, OF_GROUPS = (
    "delta log-likelihood of reading times",
    "delta log-likelihood of reading times, mean over models",
    "delta log-likelihood of reading times of a above b",
)
SLOPE_OF_MODEL, SLOPE_OF_ALL = "slope on log reading times", "slope on log reading times, mean over models"
# Of a slope that counts as none: 1 percent of a time, some 3 ms of a first pass, where a predictor is a standard
# deviation higher, of the word and of the one before.
ONE_PERCENT = 0.01


def _nats(found: Gains, measure: str, predictor: str) -> FloatArray:
    """Nats gained, (sentences, readers)."""
    values = found.sums[f"{measure} {predictor}"]
    return values.T if predictor == SURPRISAL else values.mean(axis=0).T


def _have_words(found: Gains, measure: str) -> NDArray[np.bool_]:
    """Which sentences have a word that is scored, (sentences,): others were not drawn."""
    there: NDArray[np.bool_] = found.sums[f"{measure} {WORDS}"].sum(axis=0) > 0
    return there


def scores_of(found: Gains, measure: str, scale: str) -> Scores | None:
    """Nats a word that one of SCALES gains of each reader; None for a model without surprisal that would need it."""
    predictor, less, _ = SCALES[scale]
    if any(f"{measure} {name}" not in found.sums for name in filter(None, (predictor, less))):
        return None
    nats = _nats(found, measure, predictor)
    if less:
        nats = nats - _nats(found, measure, less)
    there = _have_words(found, measure)
    nats, words = nats[there], found.sums[f"{measure} {WORDS}"].T[there]
    total = np.where(words.sum(axis=0) > 0, words.sum(axis=0), np.nan)
    value = nats.sum(axis=0) / total
    return Scores(value, (nats - value * words) / total, found.readers, np.zeros(2 * value.shape))


def chance(found: Gains, measure: str, scale: str) -> float:
    """What as many columns with nothing to tell gain in sample, nats a word: half a nat each, mean over readers."""
    words = found.sums[f"{measure} {WORDS}"].sum(axis=1)
    return float(np.mean(SCALES[scale][2] / (2 * words[words > 0])))


def slope_parts(found: Gains, measure: str, slope: str) -> FloatArray | None:
    """Contributions (sentences, readers) that sum to one of SUMMED_SLOPES, mean over layers; None without surprisal.

    NaN for a reader who is not scored.
    """
    if slope in (OF_SURPRISAL, OF_BEYOND) and f"{measure} {SURPRISAL}" not in found.sums:
        return None
    values = found.sums[f"{measure} {slope}"]
    by_sentence = values.T if values.ndim == 2 else values.mean(axis=0).T
    return by_sentence[_have_words(found, measure)]


def _of_scored(parts_of_models: Sequence[FloatArray]) -> FloatArray:
    """Mean over models; readers whom none of them scores left out."""
    mean = np.mean([np.nan_to_num(own) for own in parts_of_models], axis=0)
    scored = np.any([np.isfinite(own).all(axis=0) for own in parts_of_models], axis=0)
    of_scored: FloatArray = mean[:, scored]
    return of_scored


def _by_model(models: Sequence[Gains], of: Callable[[Gains], T | None]) -> dict[str, T]:
    """Of the models that have what is asked for."""
    found = {one.labels["model"]: of(one) for one in models}
    return {model: own for model, own in found.items() if own is not None}


def _mean(scores: Sequence[Scores]) -> Scores:
    """Mean over models of the same readers; one whom a model lacks has none."""
    value, slope = np.mean([one.value for one in scores], axis=0), np.mean([one.slope for one in scores], axis=0)
    return scores[0]._replace(value=value, slope=slope)


def reading_time_tests(
    found: Iterable[Gains],
    corpora: Mapping[str, str],
    contrasts: Sequence[Sequence[str]],
    multiple: float,
    untrained: Collection[str] = (),
) -> pd.DataFrame:
    """Rows of TESTS: each model, time and scale against zero, one-sided, Holm over all of a group; the mean over models
    against zero, two-sided, with the bound of equivalence; the first group of a contrast against the second, two-sided.
    Of slopes each model and the mean, two-sided.

    found : sums of each model and group; corpora : group -> the corpus it read
    multiple : of `chance`, or of ONE_PERCENT, the bound; untrained : models that are in no mean over models
    """
    by_group: dict[str, list[Gains]] = {}
    for one in found:
        by_group.setdefault(one.labels["group"], []).append(one)
    rows: list[Row] = []
    for group, models in by_group.items():
        common: Row = {"corpus": corpora[group], "group": group, "readers_are": models[0].labels["readers_are"]}
        of_models: list[Row] = []
        for measure in MEASURES:
            for scale in SCALES:
                scored = _by_model(models, partial(scores_of, measure=measure, scale=scale))
                place: Row = {**common, "condition": "plain", "signal": measure, "scale": scale}
                for model, scores in scored.items():
                    of_models += _against_zero(scores, {**place, "question": OF_MODEL, "model": model, "family": group})
                of_mean = [scores for model, scores in scored.items() if model not in untrained]
                if of_mean:
                    mean = parts(_mean(of_mean))
                    bound = multiple * float(np.mean([chance(one, measure, scale) for one in models]))
                    more = {"question": OF_ALL, "family": f"{group}, mean over models", "mean_a": mean.sum()}
                    rows.append({**place, **clustered_t((mean,), "two-sided"), **more, "bound": bound})
        rows += [{**row, "n_tests": len(of_models) // 2} for row in of_models]
        rows += _of_slopes(models, common, multiple, untrained)
    for high, low in contrasts:
        if high in by_group and low in by_group:
            rows += _between(by_group[high], by_group[low], {"corpus": corpora[high], "a": high, "b": low})
    return table(rows)


def _against_zero(scores: Scores, place: Row) -> list[Row]:
    groups = (parts(scores),)
    clustered = {**clustered_t(groups, "greater"), "mean_a": groups[0].sum()}
    return [{**place, **paired_t(scores.value, np.zeros(len(scores.value)), "greater")}, {**place, **clustered}]


def _of_slopes(models: Sequence[Gains], common: Row, multiple: float, untrained: Collection[str]) -> list[Row]:
    """Slopes of each model against zero, Holm over all of a group, and their mean over models."""
    of_models: list[Row] = []
    of_all: list[Row] = []
    for measure in MEASURES:
        for slope in SUMMED_SLOPES:
            known = _by_model(models, partial(slope_parts, measure=measure, slope=slope))
            place: Row = {**common, "condition": "plain", "signal": measure, "scale": slope}
            for model, own in known.items():
                label = {"question": SLOPE_OF_MODEL, "model": model, "family": f"{common['group']}, slopes"}
                of_models.append({**place, **label, **_slope_test(_of_scored([own]))})
            of_mean = [own for model, own in known.items() if model not in untrained]
            if of_mean:
                label = {"question": SLOPE_OF_ALL, "family": f"{common['group']}, slopes, mean over models"}
                of_all.append({**place, **label, **_slope_test(_of_scored(of_mean)), "bound": multiple * ONE_PERCENT})
    return [{**row, "n_tests": len(own)} for own in (of_models, of_all) for row in own]


def _slope_test(group: FloatArray) -> Row:
    return {**clustered_t((group,), "two-sided"), "mean_a": group.sum()}


def _between(high: Sequence[Gains], low: Sequence[Gains], place: Row) -> list[Row]:
    rows: list[Row] = []
    others = {one.labels["model"]: one for one in low}
    for one in (own for own in high if own.labels["model"] in others):
        for measure in MEASURES:
            for scale in SCALES:
                a, b = (scores_of(own, measure, scale) for own in (one, others[one.labels["model"]]))
                if a is None or b is None:
                    continue
                row: Row = {
                    **{**place, "question": OF_GROUPS, "model": one.labels["model"], "condition": "plain"},
                    **{"readers_are": one.labels["readers_are"], "signal": measure, "scale": scale},
                    "family": f"{place['a']} {place['b']}",
                }
                groups = parts(a), -parts(b)
                means = {"mean_a": groups[0].sum(), "mean_b": -groups[1].sum()}
                rows.append({**row, **independent_t(a.value, b.value, "two-sided")})
                rows.append({**row, **clustered_t(groups, "two-sided"), **means})
    return [{**row, "n_tests": len(rows) // 2} for row in rows]
