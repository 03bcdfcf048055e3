"""Tests of what predictors gain of reading times, where the truth is known; for `calibration.py`.

As the workflow has them from the logarithms on: baseline, held-out nats and test are its own (`measures.reading_times`,
`measures.incomplete`, `statistics.reading_times`). What is simulated are the logarithms of times of readers who skip a
third of the words, take longer over some words than their length tells, all alike, and differ in pace and spread.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from readalike.corpus import FloatArray
from readalike.files.gains import Gains
from readalike.gaze.reading_times import MEASURES
from readalike.measures.incomplete import OF_GROUP, Incomplete
from readalike.measures.reading_times import SURPRISAL, WORDS, Words
from readalike.statistics.clustered import EQUIVALENT, clustered, clustered_t, equivalence, parts
from readalike.statistics.reading_times import scores_of
from tests.benchmarks.calibration_beyond import corpus_of
from tests.benchmarks.calibration_counts import Found, counted
from tests.benchmarks.calibration_page import (
    LEVEL,
    OF_TIMES,
    TIMES_AT_BOUND,
    TIMES_NO_GAIN,
    TIMES_NOTHING,
    TIMES_PLANTED,
)
from tests.benchmarks.calibration_worlds import DESIGNS, world

# Of a word: what all readers take longer over it, beside its length; and what is a reader's alone.
OF_WORD, OF_READER = 0.1, 0.4
SKIPPED = 1 / 3
# What a predictor of unit spread adds to the logarithm.
PLANTED_SLOPE = 0.055
MEASURE = MEASURES[0]


def gains(slope: float, seed: int) -> Gains:
    """What a predictor gains of readers on whose times it has `slope`."""
    made = world(DESIGNS["alike"], seed)
    corpus = corpus_of(made, seed)
    words, rng = Words(corpus), np.random.default_rng([seed, 0x71])
    number, readers = int(corpus.lengths.sum()), DESIGNS["alike"].readers
    predictor = rng.normal(size=number)
    base = words.baseline(None)
    common = base @ rng.normal(0, 0.02, base.shape[1]) + rng.normal(0, OF_WORD, len(base)) + slope * predictor[words.at]
    spread = OF_READER * np.exp(rng.normal(0, 0.2, (readers, 1)))
    log_ms = rng.normal(5.5, 0.2, (readers, 1)) + common + spread * rng.normal(size=(readers, len(base)))
    log_ms[rng.random(log_ms.shape) < SKIPPED] = np.nan
    X = np.column_stack([base, words.with_previous(predictor)])
    model = Incomplete(log_ms[None], words.article, X.shape[1])
    nats = (model.held_out(X, OF_GROUP) - model.held_out(base, OF_GROUP))[0]
    sums = {
        f"{MEASURE} {name}": np.stack([np.bincount(words.sentence, own, len(corpus.sentences)) for own in values])
        for name, values in ((SURPRISAL, np.nan_to_num(nats)), (WORDS, (~np.isnan(nats)).astype(np.float64)))
    }
    return Gains({}, tuple(map(str, range(readers))), np.arange(1), corpus.articles, sums)


def contributions(found: Gains) -> FloatArray:
    scores = scores_of(found, MEASURE, SURPRISAL)
    assert scores is not None  # surprisal is there
    return parts(scores)


def _found(own: FloatArray) -> Found:
    row, found = clustered_t((own,), "two-sided"), clustered((own,))
    above = row["p"] < LEVEL and row["difference"] > 0
    return Found(bool(above), found.estimate, found.error, float(row["ci_high"] - row["ci_low"]) / 2)


def reading(seeds: Sequence[int]) -> pd.DataFrame:
    """Rows of COLUMNS. `rejected`: found above zero, two-sided p below LEVEL; or, of equivalence, `equivalent`."""
    groups = {slope: [contributions(gains(slope, seed)) for seed in seeds] for slope in (0.0, PLANTED_SLOPE)}
    test = OF_TIMES, "surprisal: clustered t, gain above zero"
    tables = [
        counted(design, [{test: _found(own)} for own in groups[slope]])
        for design, slope in ((TIMES_NOTHING, 0.0), (TIMES_PLANTED, PLANTED_SLOPE))
    ]
    bound = float(np.mean([own.sum() for own in groups[PLANTED_SLOPE]]))
    test = OF_TIMES, "surprisal: equivalence, clustered"
    for design, slope in ((TIMES_AT_BOUND, PLANTED_SLOPE), (TIMES_NO_GAIN, 0.0)):
        said = [equivalence((own,), bound)["outcome"] == EQUIVALENT for own in groups[slope]]
        tables.append(counted(design, [{test: Found(bool(one), bound)} for one in said]))
    return pd.concat(tables, ignore_index=True)
