"""Columns that many tables share, with one meaning wherever they stand."""

from readalike.files.contracts import number, text, whole

CORPUS = text("corpus", meaning="name of the corpus in the configuration")
MODEL = text("model", meaning="name of the model in the configuration")
GROUP = text("group", meaning="name of the group of readers in the configuration")
READERS_ARE = text("readers_are", meaning="`measured`, or `simulated` where no person was measured")
READER = text("reader", meaning="one person of the group")
SIGNAL = text(
    "signal",
    meaning="what was measured: saccade `number` or `duration`, the name of a brain region, or "
    "in `statistics/reading-times.csv` a reading time",
)
CONDITION = text("condition", meaning="what stands before the sentence: `plain` or a prefix of the configuration")
A = text("a", meaning="first of what is compared")
B = text("b", meaning="second of what is compared")
COMPARISON = text("comparison", meaning="`scaling` (small, large), `tuning` (base, tuned) or `reference` (twins)")

LAYER = whole("layer", meaning="layer of the model, from 0")
HEAD = whole("head", meaning="head of the layer, from 0")
ARTICLE = whole("article", meaning="article of the corpus, from 1")
SENTENCE = whole("sentence", meaning="sentence of the article, from 1")
UNIT = text("unit", meaning="`layer`, or `quarter` of the layers")
INDEX = whole("index", meaning="which layer or quarter, from 0")
N = whole("n", meaning="number of readers, sentences or models that the row rests on")
PARAMETERS = number("parameters", meaning="parameters of the model")

R2 = number("r2", unit="R2", meaning="least squares on all regressors with intercept, in sample: the paper's score")
R2_CV = number(
    "r2_cv",
    unit="R2",
    meaning="held out: least squares on all articles but the one scored, on what varies in them",
)
R2_CV_OLS = number(
    "r2_cv_ols",
    unit="R2",
    meaning="the same by plain least squares, which one column can ruin",
)
R2_SPECIFIC = number(
    "r2_specific",
    unit="R2",
    meaning="`r2_cv - r2_swap`: what attention says of a reader by being that of the very sentence",
)
BASELINE = text(
    "baseline",
    meaning="what is known without attention, each with the one before: `b0` position and word length; `b1` that long "
    "words are looked at again; `b2` products of position and length, number of words, sentence end, punctuation",
)
CI_LOW = number("ci_low", meaning="lower end of the 95 percent interval")
CI_HIGH = number("ci_high", meaning="upper end of it")
SKEWNESS = number(
    "skewness",
    meaning="for which t over readers and sentences is adjusted before p and interval: third cumulant of what readers "
    "add to the estimate, less that of single cells, over its error cubed, at most 0.5 over the 97.5 percent point of "
    "t; 0 between two groups",
)
WITHHELD = text("withheld", meaning="why a ratio of the row is empty: there is nothing that it would be a share of")
