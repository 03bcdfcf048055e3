"""Of a run: how uncertain its differences are, what they could have shown, and what an effect would need."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.corpus import FloatArray
from readalike.files.contracts.statistics import PLANNING
from readalike.files.sums import SumsOf
from readalike.statistics.clustered import minus, parts
from readalike.statistics.comparisons import Comparisons
from readalike.statistics.power import (
    Components,
    components,
    detectable,
    models_needed,
    power,
    readers_needed,
    sentences_needed,
    standard_error,
)
from readalike.statistics.readers import ModelSums, scores_of

TUNING, GROUPS = "tuned against base", "one group against another"
SCORE = "r2_cv"


class _Difference(NamedTuple):
    """One difference at one layer. about : first columns of PLANNING; effect : what as many heads explain by chance"""

    about: tuple[str, ...]
    groups: tuple[FloatArray, ...]
    effect: float


def planning(
    sums: ModelSums,
    comparisons: Comparisons,
    contrasts: Sequence[Sequence[str]],
    groups: Sequence[str],
    signal: str,
    *,
    bound: float,
) -> pd.DataFrame:
    """A row of PLANNING for each tuned model and its base, and for each model and contrast of groups, on `r2_cv`.

    Of an average layer: variances, differences and effects are means over the layers that both sides have.
    groups : those that saccades were recorded of; bound : of equivalence, as `resemblance_tuning_tests` takes it
    """
    by_row: dict[tuple[str, ...], list[_Difference]] = {}
    for one in (*_tuning(sums, comparisons, groups, signal, bound), *_contrasts(sums, contrasts, signal, bound)):
        by_row.setdefault(one.about, []).append(one)
    rows = [{**dict(zip(PLANNING.names, about, strict=False)), **_of(layers)} for about, layers in by_row.items()]
    frame = pd.DataFrame(rows, columns=PLANNING.names)
    for _, own in frame.groupby(["question", "a_group", "b_group"], sort=False):
        # What readers and sentences make uncertain is in it, so that it is rather too large than too small.
        between = float(own["difference"].var(ddof=1)) if len(own) > 1 else np.nan
        frame.loc[own.index, "between_models"] = between
        frame.loc[own.index, "models_needed"] = [models_needed(between, effect) for effect in own["effect"]]
    return frame


def _tuning(
    sums: ModelSums, comparisons: Comparisons, groups: Sequence[str], signal: str, bound: float
) -> Iterator[_Difference]:
    name = f"{signal}/{SCORE}"
    for base, tuned in comparisons.get("tuning", []):
        for group in groups:
            pair = [sums.get((model, group)) for model in (tuned, base)]
            if pair[0] is None or pair[1] is None:
                continue  # a model with weights cannot run on a corpus that is known by lengths only
            about = (TUNING, tuned, base, group, group, pair[0].labels["readers_are"])
            for layer in sorted(set(pair[0].layers) & set(pair[1].layers)):
                found = minus(*(scores_of(own, name, layer) for own in pair if own is not None))
                yield _Difference(about, (parts(found),), bound * max(_chance(own, layer) for own in pair if own))


def _contrasts(sums: ModelSums, contrasts: Sequence[Sequence[str]], signal: str, bound: float) -> Iterator[_Difference]:
    name = f"{signal}/{SCORE}"
    for high, low in contrasts:
        for model in dict.fromkeys(model for model, group in sums if group == high):
            of_high, of_low = sums[model, high], sums.get((model, low))
            if of_low is None or not (name in of_high.values and name in of_low.values):
                continue  # brain regions have other signals
            about = (GROUPS, model, model, high, low, of_high.labels["readers_are"])
            for layer in of_high.layers:
                a, b = (parts(scores_of(own, name, layer)) for own in (of_high, of_low))
                yield _Difference(about, (a, -b), bound * _chance(of_high, layer))


def _chance(sums: SumsOf, layer: int) -> float:
    return np.nan if sums.chance is None else float(sums.chance[sums.layers.index(layer)])


def _of(layers: Sequence[_Difference]) -> Mapping[str, float]:
    """Of an average layer."""
    found = [components(one.groups) for one in layers]
    sentence, reader, rest = np.mean(found, axis=0)
    of = Components(sentence, reader, rest)
    readers, sentences = min(group.shape[1] for group in layers[0].groups), len(layers[0].groups[0])
    effect = float(np.mean([one.effect for one in layers]))
    return {
        "n_layers": len(layers),
        "n_readers": readers,
        "n_sentences": sentences,
        "difference": float(np.mean([sum(group.sum() for group in one.groups) for one in layers])),
        "sentence": of.sentence,
        "reader": of.reader,
        "rest": of.rest,
        "error": standard_error(of, readers, sentences),
        "detectable": detectable(of, readers, sentences),
        "effect": effect,
        "power": power(of, effect, readers, sentences),
        "readers_needed": readers_needed(of, effect, sentences),
        "sentences_needed": sentences_needed(of, effect, readers),
    }


SENTENCES = (0.5, 1, 2, 4)  # times the run's own number
FEWEST_READERS, MOST_READERS, STEPS = 3, 400, 40


def curves(table: pd.DataFrame) -> pd.DataFrame:
    """Power against readers and sentences, of an average row of each question and groups of `planning`.

    Columns: question, a_group, b_group, readers_are, effect, times (the run's own number of sentences), sentences,
    readers (of each group), power, own (whether it is the run's own size). Variances and effects are means over models
    """
    spread = np.unique(np.geomspace(FEWEST_READERS, MOST_READERS, STEPS).round().astype(int))
    rows = []
    keys = ["question", "a_group", "b_group", "readers_are"]
    for key, part in table.groupby(keys, sort=False):
        sentence, reader, rest, effect = part[["sentence", "reader", "rest", "effect"]].mean()
        of = Components(sentence, reader, rest)
        own = int(part["n_readers"].iloc[0]), int(part["n_sentences"].iloc[0])
        for times in SENTENCES:
            sentences = max(2, round(times * own[1]))
            for readers in sorted({*map(int, spread), own[0]}):
                found = power(of, effect, readers, sentences)
                rows.append((*key, effect, times, sentences, readers, found, (readers, sentences) == own))
    columns = [*keys, "effect", "times", "sentences", "readers", "power", "own"]
    return pd.DataFrame(rows, columns=columns)
