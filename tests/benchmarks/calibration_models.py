"""Tests of models alone, divergence and sensitivity, where the truth is known; for `calibration.py`.

What is drawn are sentences. Attention is a softmax of what all models have in common, of places and of the sentence,
and of noise of each model's own, or of its own behind each instruction; in some sentences there is more of it in all
models than in others. Where all have as much noise a pair of models diverges as near-twins do, and a model behind an
instruction as it would behind noise. Divergence and tests are the workflow's own (`measures.divergence`,
`statistics.divergence`, `statistics.conclusions_models`).
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from readalike.conditions import NOISE, PLAIN
from readalike.corpus import Corpus, FloatArray, Sentence
from readalike.measures.divergence import divergence, row_starts
from readalike.statistics.conclusions_models import instruction_rows
from readalike.statistics.differences import Row
from readalike.statistics.divergence import divergence_tests
from tests.benchmarks.calibration_counts import Answers, Found, counted
from tests.benchmarks.calibration_page import (
    LEVEL,
    MODELS_ALIKE,
    MODELS_FEW,
    MODELS_PLANTED,
    OF_DIVERGENCE,
    OF_INSTRUCTIONS,
)
from tests.benchmarks.calibration_worlds import ARTICLES, HEADS, LAYERS

SENTENCES, FEW, FLIPS = 60, 20, 199
TUNED, TRANSLATE = "tuned", "translate"
COMPARISONS = {"tuning": [["base", TUNED]], "reference": ["twin", "other twin"]}
# Standard deviations: of a model's own noise in the logarithm of attention; of what there is of it, by sentence.
OWN, BY_SENTENCE = 0.5, 0.3
# Times as much noise in the tuned model, and again behind an instruction.
PLANTED = 1.1


def drawn(sentences: int, seed: int) -> Corpus:
    """Of 6 to 10 words, in five articles."""
    words = np.random.default_rng([seed, 0xD1]).integers(6, 11, sentences)
    return Corpus(tuple(Sentence(k * ARTICLES // sentences + 1, k + 1, ("x",) * int(n)) for k, n in enumerate(words)))


def models(corpus: Corpus, planted: float, seed: int) -> Mapping[tuple[str, str], FloatArray]:
    """Model and condition -> attention (layers, heads, pairs)."""
    rng, pairs = np.random.default_rng([seed, 0xD2]), corpus.pairs
    back = np.minimum(pairs.from_word - pairs.to_word, 3)
    # Models are the same for every seed: what is drawn are sentences.
    places = np.random.default_rng(0).normal(size=(LAYERS, HEADS, 4))[:, :, back]
    shape = LAYERS, HEADS, corpus.n_pairs
    common = places + rng.normal(0, 0.5, shape)
    amount = OWN * np.exp(rng.normal(0, BY_SENTENCE, len(corpus.sentences)))[pairs.sentence]
    starts, lengths = row_starts(corpus), np.concatenate([np.arange(1, n + 1) for n in corpus.lengths])
    found = {}
    for model, condition in product(("base", TUNED, "twin", "other twin"), (PLAIN, TRANSLATE, NOISE)):
        more = planted if model == TUNED else 1.0
        more *= planted if (model, condition) == (TUNED, TRANSLATE) else 1.0
        weights = np.exp(common + more * amount * rng.normal(size=shape))
        found[model, condition] = weights / np.repeat(np.add.reduceat(weights, starts, axis=2), lengths, axis=2)
    return found


def _by_layer(a: FloatArray, b: FloatArray, text: Corpus, index: str, **labels: str) -> pd.DataFrame:
    """A row a layer and sentence."""
    values = np.stack([divergence(one, other, text).value for one, other in zip(a, b, strict=True)])
    layer, sentence = (of.ravel() for of in np.indices(values.shape))
    place = {"article": text.articles[sentence], "sentence": sentence + 1}
    return pd.DataFrame({**labels, index: layer, **place, "divergence": values.ravel()})


def _found(row: Row, estimate: str, p: float) -> Found:
    low, high = float(row["ci_low"]), float(row["ci_high"])
    # A t whose interval reaches as far up as down.
    error = (high - low) / 2 / float(stats.t.ppf(0.975, row["df"]))
    return Found(bool(p < LEVEL), float(row[estimate]), error, low, high)


def answers(sentences: int, planted: float, seed: int) -> Answers:
    corpus = drawn(sentences, seed)
    of = models(corpus, planted, seed)
    labels = {"corpus": "c", "condition": PLAIN, "unit": "layer"}
    twins = _by_layer(of["twin", PLAIN], of["other twin", PLAIN], corpus, "index", **labels)
    pair = _by_layer(of["base", PLAIN], of[TUNED, PLAIN], corpus, "index", **labels)
    pair = pair.assign(comparison="tuning", a="base", b=TUNED)
    tested = divergence_tests(pair, twins, COMPARISONS, permutations=FLIPS, seed=seed)
    first: Row = {str(name): value for name, value in tested.iloc[0].items()}
    found = {
        (OF_DIVERGENCE, "paired t of one layer"): _found(first, "difference", 2 * min(first["p"], 1 - first["p"])),
        (OF_DIVERGENCE, "largest t of 3 layers, flips of sentences, above"): Found(
            bool(tested["p_maxt"].min() <= LEVEL)
        ),
        # As a verdict has it: two-sided, so that 2.5 percent of those above.
        (OF_DIVERGENCE, "smallest p of 3 layers by Holm, above"): Found(bool(2 * tested["p_holm"].min() < LEVEL)),
    }
    sensitive = pd.concat([
        _by_layer(of[model, PLAIN], of[model, condition], corpus, "layer", corpus="c", model=model, condition=condition)
        for model, condition in product(("base", TUNED), (TRANSLATE, NOISE))
    ])  # fmt: skip
    rows = instruction_rows(sensitive, twins, COMPARISONS["tuning"], {"base": LAYERS, TUNED: LAYERS})
    for row in rows:
        found[OF_INSTRUCTIONS, f"{row['score']}: paired t, mean over layers"] = _found(row, "estimate", row["p"])
    return found


def of_models(seeds: Sequence[int]) -> pd.DataFrame:
    """Rows of COLUMNS."""
    designs = {MODELS_ALIKE: (SENTENCES, 1.0), MODELS_FEW: (FEW, 1.0), MODELS_PLANTED: (SENTENCES, PLANTED)}
    return pd.concat([counted(name, [answers(*asked, seed) for seed in seeds]) for name, asked in designs.items()])
