"""Tests of slopes of predictors on reading times and of what they gain, where the truth is known; for `calibration.py`.

As the workflow has them from the logarithms on: baseline, held-out nats and test are its own (`measures.reading_times`,
`measures.incomplete`, `statistics.reading_times`). What is simulated are the logarithms of times of readers who skip a
third of the words, take longer over some words than their length tells, all alike, and differ in pace, in spread and in
how much the predictor does to them.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from readalike.corpus import FloatArray
from readalike.files.gains import Gains
from readalike.gaze.reading_times import MEASURES
from readalike.measures.incomplete import OF_GROUP, Incomplete
from readalike.measures.reading_times import OF_SURPRISAL, SURPRISAL, WORDS, Words, parts_of_slope
from readalike.statistics.clustered import EQUIVALENT, clustered, clustered_t, equivalence, parts
from readalike.statistics.reading_times import scores_of, slope_parts
from tests.benchmarks.calibration_beyond import corpus_of
from tests.benchmarks.calibration_counts import Answers, Found, counted
from tests.benchmarks.calibration_page import (
    LEVEL,
    OF_SLOPES,
    OF_TIMES,
    TIMES_AT_BOUND,
    TIMES_BY_SENTENCE,
    TIMES_FEW,
    TIMES_NO_GAIN,
    TIMES_NOTHING,
    TIMES_PLANTED,
)
from tests.benchmarks.calibration_worlds import DESIGNS, world

# Of a word: what all readers take longer over it, beside its length; and what is a reader's alone.
OF_WORD, OF_READER = 0.1, 0.4
SKIPPED = 1 / 3
# What a predictor of unit spread adds to the logarithm, and how that differs between readers.
PLANTED_SLOPE = 0.055
DIFFER = 0.02
MEASURE = MEASURES[0]


def gains(slope: float, seed: int, design: str = "alike", of_sentence: float = 0.0) -> Gains:
    """What a predictor gains of readers on whose times it has `slope` in the mean, and what is found of the slope.

    design : whose numbers of readers and sentences there are
    of_sentence : spread over sentences of what a whole sentence does to the predictor, and a tenth of it to times
    """
    made = world(DESIGNS[design], seed)
    corpus = corpus_of(made, seed)
    words, rng = Words(corpus), np.random.default_rng([seed, 0x71])
    number, readers = int(corpus.lengths.sum()), DESIGNS[design].readers
    predictor = rng.normal(size=number)
    base = words.baseline(None)
    common = base @ rng.normal(0, 0.02, base.shape[1]) + rng.normal(0, OF_WORD, len(base))
    shared = rng.normal(0, of_sentence, (2, len(corpus.sentences)))
    predictor = predictor + np.repeat(shared[0], corpus.lengths)
    common = common + OF_WORD * shared[1, words.sentence]
    common = common + rng.normal(slope, DIFFER, (readers, 1)) * predictor[words.at]
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
    total, moved = model.summed_slopes(X, 2, words.sentence, 1)
    sums[f"{MEASURE} {OF_SURPRISAL}"] = parts_of_slope(total[0], moved[0], model.scored, words)
    return Gains({}, tuple(map(str, range(readers))), np.arange(1), corpus.articles, sums)


def contributions(found: Gains) -> FloatArray:
    scores = scores_of(found, MEASURE, SURPRISAL)
    assert scores is not None  # surprisal is there
    return parts(scores)


def contributions_to_slope(found: Gains) -> FloatArray:
    own = slope_parts(found, MEASURE, OF_SURPRISAL)
    assert own is not None
    return own


def _found(own: FloatArray, *, above: bool) -> Found:
    """above : only what is above zero counts, as for a gain"""
    row, found = clustered_t((own,), "two-sided"), clustered((own,))
    rejected = row["p"] < LEVEL and (row["difference"] > 0 or not above)
    return Found(bool(rejected), found.estimate, found.error, row["ci_low"], row["ci_high"])


def _answers(one: Gains) -> Answers:
    return {
        (OF_SLOPES, "surprisal: clustered t"): _found(contributions_to_slope(one), above=False),
        (OF_TIMES, "surprisal: clustered t, gain above zero"): _found(contributions(one), above=True),
    }


def reading(seeds: Sequence[int]) -> pd.DataFrame:
    """Rows of COLUMNS. `rejected`: found, two-sided p below LEVEL; or, of equivalence, `equivalent`."""
    made = {slope: [gains(slope, seed) for seed in seeds] for slope in (0.0, PLANTED_SLOPE)}
    others = {
        TIMES_FEW: [gains(0.0, seed, "few") for seed in seeds],
        TIMES_BY_SENTENCE: [gains(0.0, seed, of_sentence=1.0) for seed in seeds],
    }
    designs = {TIMES_NOTHING: made[0.0], **others, TIMES_PLANTED: made[PLANTED_SLOPE]}
    tables = [counted(design, [_answers(one) for one in own]) for design, own in designs.items()]
    ask = {OF_SLOPES: contributions_to_slope, OF_TIMES: contributions}
    bounds = {question: float(np.mean([of(one).sum() for one in made[PLANTED_SLOPE]])) for question, of in ask.items()}
    for design, own in ((TIMES_AT_BOUND, made[PLANTED_SLOPE]), (TIMES_NO_GAIN, made[0.0])):
        answers = []
        for one in own:
            said = {question: equivalence((of(one),), bounds[question])["outcome"] for question, of in ask.items()}
            test = "surprisal: equivalence, clustered"
            answers.append({(name, test): Found(word == EQUIVALENT, bounds[name]) for name, word in said.items()})
        tables.append(counted(design, answers))
    return pd.concat(tables, ignore_index=True)
