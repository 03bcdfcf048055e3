"""Every variant under which each of the paper's conclusions is looked at; none is chosen by what comes out.

A variant that a run cannot answer has a row that says why. A variant more is a line: a score in `statistics.scored`
(SCORES), a column of `scaling-slopes.csv` in SLOPE_SCORES, a scale of the tests by layer in the tables below. Signal,
kind of attention, formula of the divergence, corpora and models are settings of a run: other configurations.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from readalike.statistics import conclusions as c
from readalike.statistics import conclusions_models as m
from readalike.statistics.scored import ALL, BEST, BOTH, LAYERS, OTHERS, OWN, RENORMALISED, SCORES
from readalike.statistics.slopes import POOLED, WITHIN

ANY = "any"
MODELS, ORDERS = "models", "orders of models"
CONCLUSIONS, SLOPES, TUNING_TESTS, GROUP_TESTS, SENSITIVITY, SENSITIVITY_TUNING = (
    *("conclusions.csv", "scaling-slopes.csv", "resemblance-tuning.csv"),
    *("resemblance-groups.csv", "sensitivity.csv", "sensitivity-tuning.csv"),
)
# The paper's words, and what an estimate above zero means.
CLAIMS = {
    c.SIZE: "larger models resemble readers more",
    c.PATTERNS: "larger models rely less on trivial patterns",
    c.TUNING: "instruction tuning does not change resemblance",
    c.INSTRUCTIONS: "tuned models are more sensitive to instructions",
    c.GROUPS: "models resemble one group of readers more than the other",
}
# What is claimed of the sign of the estimate; 0: that there is no difference.
SIGNS = {c.SIZE: 1, c.PATTERNS: -1, c.TUNING: 0, c.INSTRUCTIONS: 1, c.GROUPS: 1}

# Column of scaling-slopes.csv -> score, and which layer stands for a model.
SLOPE_SCORES = {
    "percent of ceiling": ("percent of ceiling", OWN),
    "r2_cv - r2_null": ("held out, above shuffled", OWN),
    "r2_specific": ("above another sentence's", OWN),
}
FITS = {POOLED: c.POOLED, WITHIN: c.WITHIN}
# Column with the p of a slope -> what is drawn.
SLOPE_TESTS = {"p": MODELS, "p_permutation": ORDERS}
# Scales of the tests by layer -> score.
TUNING_SCALES = {"r2": "in sample", "r2_cv - r2_null": "held out, above shuffled"}
GROUP_SCALES = {"r2": "in sample", **{scale: score for score, scale in c.GROUP_SCALES.items()}}
# Tests by layer -> what is drawn, and the column with p corrected over layers.
LAYER_TESTS = {
    "paired t": (c.READERS, "p_holm"),
    "independent t": (c.READERS, "p_holm"),
    "clustered t": (c.CLUSTERED, "p_maxt"),
}
SENSITIVITY_QUESTIONS = {
    "sensitivity above reference": (SENSITIVITY, m.REFERENCE),
    "tuned above base": (SENSITIVITY_TUNING, m.BASE),
    "excess over noise": (SENSITIVITY_TUNING, m.EXCESS),
}


class Variant(NamedTuple):
    """One way to ask; `source` is the table of `statistics/` that has the answer."""

    conclusion: str
    score: str
    test: str
    layers: str
    models: str
    source: str

    @property
    def strict(self) -> bool:
        """Whether a conclusion is shown by it: sentences drawn too, held out, beyond b2.

        Of conclusions about models alone: the sentences drawn, all layers; of instructions beyond what noise does.
        """
        if self.conclusion == c.PATTERNS:
            return self.layers == ALL
        if self.conclusion == c.INSTRUCTIONS:
            return self.layers == ALL and self.score == m.EXCESS
        test = c.EQUIVALENCE if self.conclusion == c.TUNING else c.CLUSTERED
        return self.score == "beyond b2" and self.test == test


def _listed() -> Iterator[Variant]:
    tests = (c.READERS, c.CLUSTERED)
    asked = [(score, layers) for score, of in SCORES.items() for layers in of.rules]
    for (score, layers), test, fit in product(asked, tests, (c.PAIRS, c.WITHIN, c.POOLED)):
        yield Variant(c.SIZE, score, test, layers, fit, CONCLUSIONS)
    for (score, layers), test, fit in product(SLOPE_SCORES.values(), SLOPE_TESTS.values(), FITS.values()):
        yield Variant(c.SIZE, score, test, layers, fit, SLOPES)
    for layers in m.QUARTERS:
        yield Variant(c.PATTERNS, m.RELIANCE, m.SENTENCES, layers, c.PAIRS, CONCLUSIONS)
    for score, layers in asked:
        for test, models in ((c.READERS, c.PAIRS), (c.CLUSTERED, c.PAIRS), (c.EQUIVALENCE, c.EVERY)):
            yield Variant(c.TUNING, score, test, layers, models, CONCLUSIONS)
    for score, test in product(TUNING_SCALES.values(), tests):
        yield Variant(c.TUNING, score, test, ANY, ANY, TUNING_TESTS)
    for source, score in SENSITIVITY_QUESTIONS.values():
        yield Variant(c.INSTRUCTIONS, score, m.SENTENCES, ALL, c.MEAN, CONCLUSIONS)
        yield Variant(c.INSTRUCTIONS, score, m.SENTENCES, ANY, ANY, source)
    for (score, layers), test in product([*asked, *product(c.GROUP_SCALES, (BEST, ALL))], tests):
        yield Variant(c.GROUPS, score, test, layers, c.MEAN, CONCLUSIONS)
    for score, test in product(GROUP_SCALES.values(), tests):
        yield Variant(c.GROUPS, score, test, ANY, ANY, GROUP_TESTS)


VARIANTS = tuple(_listed())

# Why a variant has no answer: the first of these that the run lacks altogether, then what is said of the score.
NO_CONCLUSION = {
    c.SIZE: "the run compares no models of different sizes on these readers",
    c.PATTERNS: "the run compares no models of different sizes whose attention it has",
    c.TUNING: "the run has no base model with its tuned one",
    c.INSTRUCTIONS: "the run has no base model with its tuned one behind an instruction",
    c.GROUPS: "the run contrasts no two groups of readers",
}
NO_MODELS = {
    c.WITHIN: "no family has models of two sizes",
    c.POOLED: "fewer than three models",
    c.PAIRS: "no pair of models is configured",
}
NO_LAYERS = {layers: "no model has all its layers" for layers in LAYERS if layers != ALL}
NO_SCORE = {
    m.REFERENCE: "no pair of near-twins is configured",
    m.EXCESS: "no condition is called noise",
    "thinned": "saccades are thinned by number only",
    **dict.fromkeys((RENORMALISED, OTHERS, BOTH), "attention without its sinks is not asked for (sinks: true)"),
}
NO_TEST = "of this score no sums by sentence are kept"
NO_ROW = "the run's tables have no such row"
NO_P = "nothing to test: no degree of freedom, or nothing varies"
