"""The scores of a verdict, what attention adds to baseline b2, in the worlds of `calibration.py`.

A layer's above shuffled attention, by which the verdict goes, and that of all layers at once, which stands beside it.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.measures.all_layers import gained, regressors
from readalike.measures.held_out import Split
from readalike.measures.regression import shuffles
from readalike.measures.sinks import BesideBaseline, kept
from readalike.statistics.clustered import Scores, minus, p_of_articles, parts, r2_scores
from tests.benchmarks.calibration_counts import Answers, Found, counted
from tests.benchmarks.calibration_page import (
    DIFFER_NOT,
    DO_DIFFER,
    GROUPS,
    LEVEL,
    NOTHING,
    OF_ARTICLES,
    TUNING,
)
from tests.benchmarks.calibration_worlds import ARTICLES, DESIGNS, World, world

NULLS = (
    5  # shuffles; the workflow has 20, which changes each reader's constant a little and no variance between sentences
)


def corpus_of(made: World, seed: int) -> Corpus:
    """Words of 1 to 9 letters for the sentences of a world, with commas and a full stop: what b2 is made of."""
    rng = np.random.default_rng([seed, 0xB2])
    n = len(made.offsets) - 1
    words = ((np.sqrt(8 * np.diff(made.offsets) + 1) - 1) / 2).round().astype(int)  # n (n + 1) / 2 pairs of n words
    sentences = []
    for k, size in enumerate(words):
        letters, comma = rng.integers(1, 10, size), rng.random(size) < 0.1
        of = ["x" * own + ("," if there else "") for own, there in zip(letters, comma, strict=True)]
        of[-1] = of[-1].rstrip(",") + "."
        sentences.append(Sentence(k * ARTICLES // n + 1, k + 1, tuple(of)))
    return Corpus(tuple(sentences))


def beyond_scores(made: World, seed: int) -> Mapping[str, Scores]:
    """Base and tuned for the first group of readers and base for the second, each above shuffled attention.

    As `statistics.scored` reads them: what shuffled heads add is a constant of each reader.
    """
    corpus = corpus_of(made, seed)
    left = kept(corpus, seed, others=False)._replace(orders=shuffles(corpus, seed, NULLS))
    found = {}
    for side, Y in zip(("first", "second"), made.groups, strict=True):
        beside = BesideBaseline(corpus, Y, left)
        for name, model in (("base", made.base), ("tuned", made.tuned)):
            if side == "first" or name == "base":
                own = beside.beyond(model[0])
                scores = r2_scores(own.sse, own.sst, tuple(map(str, range(Y.shape[1]))))
                found[f"{name}, {side}"] = scores._replace(value=own.r2 - own.null)
    return found


def at_once_scores(made: World, seed: int) -> Mapping[str, Scores]:
    """The same of all layers at once."""
    corpus, found = corpus_of(made, seed), {}
    for side, Y in zip(("first", "second"), made.groups, strict=True):
        split = Split(Y, made.article)
        for name, model in (("base", made.base), ("tuned", made.tuned)):
            if side == "first" or name == "base":
                X, columns = regressors(corpus, model, sum(layer.shape[1] for layer in model))
                own = gained(split, X, columns, [slice(None)], corpus)
                found[f"{name}, {side}"] = r2_scores(own.sst - own.less, own.sst, tuple(map(str, range(Y.shape[1]))))
    return found


def differences(found: Mapping[str, Scores]) -> dict[str, tuple[FloatArray, ...]]:
    """Question -> contributions of sentences and readers to its estimate, a group each."""
    base, tuned, second = (found[name] for name in ("base, first", "tuned, first", "base, second"))
    return {
        NOTHING: (parts(base),),
        TUNING: (parts(minus(tuned, base)),),
        GROUPS: (parts(base), -parts(second)),
    }


def articles_differ(seeds: Sequence[int]) -> pd.DataFrame:
    """Rows of COLUMNS: whether the F test finds that articles differ in tuned less base, where they do not and do."""
    answers: dict[str, list[Answers]] = {DIFFER_NOT: [], DO_DIFFER: []}
    for (name, own), seed in product(zip(answers, ("alike", "articles"), strict=True), seeds):
        made = world(DESIGNS[own], seed)
        (difference,) = differences(beyond_scores(made, seed))[TUNING]
        p = p_of_articles((difference,), made.article[made.offsets[:-1]])
        answers[name].append({(OF_ARTICLES, "beyond b2: F of articles"): Found(p < LEVEL)})
    return pd.concat([counted(name, own) for name, own in answers.items()])
