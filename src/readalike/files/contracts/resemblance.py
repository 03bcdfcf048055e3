"""Tables of resemblance: what the heads of a layer explain of each reader."""

from readalike.files.contracts import Table, number, text, whole
from readalike.files.contracts.names import (
    ARTICLE,
    GROUP,
    HEAD,
    LAYER,
    MODEL,
    R2,
    R2_CV,
    R2_CV_OLS,
    R2_SPECIFIC,
    READER,
    READERS_ARE,
    SIGNAL,
)

SCORES = (
    R2,
    number(
        "r2_adjusted",
        unit="R2",
        meaning="`r2` adjusted for the number of heads: with nothing to find, `r2` itself is about heads / pairs",
    ),
    R2_CV,
    R2_CV_OLS,
    number(
        "r2_null",
        unit="R2",
        meaning="mean `r2_cv` over 20 shuffles of the attention: what so many heads score with nothing to find. Sizes "
        "are compared on `r2_cv - r2_null`",
    ),
    number(
        "r2_swap",
        unit="R2",
        meaning="mean `r2_cv` over 100 arrangements in which every sentence has the whole attention of another of its "
        "length (of the nearest where there is none): what a layer scores by how it looks at places, whatever stands "
        "there",
    ),
    R2_SPECIFIC,
    number(
        "r2_unique_b0",
        unit="R2",
        meaning="`r2_cv` of baseline and attention together minus that of the baseline alone: b0, position and word "
        "length",
    ),
    number("r2_unique_b1", unit="R2", meaning="the same beyond b1: also that long words are looked at again"),
    number(
        "r2_unique_b2",
        unit="R2",
        meaning="the same beyond b2: also products of position and length, number of words, end of the sentence, "
        "punctuation. What attention adds is told by this",
    ),
    number(
        "r2_unique_b3",
        unit="R2",
        meaning="the same beyond b3: also how frequent and how unexpected to this model both words are; empty where "
        "that is not known",
    ),
    number("r2_unique_b2_null", unit="R2", meaning="`r2_unique_b2` with shuffled attention"),
    number("r2_unique_b3_null", unit="R2", meaning="`r2_unique_b3` with shuffled attention"),
    number(
        "baseline_b3_cv",
        unit="R2",
        meaning="b3 alone, held out: another baseline for each model, so that it stands here, in every layer alike",
    ),
    number("r2_unique_b0_ols", unit="R2", meaning="`r2_unique_b0` by plain least squares, which one column can ruin"),
    number("r2_residual", unit="R2", meaning="`r2` with the trivial patterns regressed out of attention and readers"),
)
RESEMBLANCE = Table(
    paths=("resemblance/{model}/{group}.csv",),
    keys=(MODEL, GROUP, READERS_ARE, SIGNAL, LAYER, READER),
    values=SCORES,
    overview=tuple(score.name for score in SCORES),
    meaning="resemblance of every layer to every reader, sentences alone",
)
FOLDS = Table(
    paths=("resemblance/{model}/{group}-folds.csv",),
    keys=(MODEL, GROUP, READERS_ARE, SIGNAL, LAYER, READER, ARTICLE),
    values=(
        number("r2_train", unit="R2", meaning="in sample, by least squares, on the articles other than this one"),
        whole("dropped", meaning="directions left out since they hardly vary in the other articles"),
        number("sse", meaning="squared error on this article of what the others predict"),
        number("sse_null", meaning="the same with shuffled attention, mean over the shuffles"),
        number("sse_swap", meaning="the same with another sentence's attention, mean over the arrangements"),
        number("sse_b2", meaning="squared error of baseline b2 and attention together"),
        number("sse_b2_null", meaning="the same with shuffled attention, mean over the shuffles"),
        number("sst", meaning="squared distance of this article from the mean of the others"),
    ),
    meaning="resemblance by left-out article, of which the nested best layer is made",
)
THINNED = Table(
    paths=("resemblance/{model}/{high}--{low}-thinned.csv",),
    keys=(MODEL, GROUP, READERS_ARE, SIGNAL, LAYER, whole("draw", meaning="which thinning, from 0"), READER),
    values=(R2, number("keep", meaning="probability with which each saccade was kept")),
    overview=("r2",),
    meaning="resemblance to the first group of a contrast with its saccades thinned to the second's number",
)
YARDSTICKS = Table(
    paths=("yardsticks/{group}.csv",),
    keys=(
        text(
            "attention",
            meaning="`recency`: weight falls by a factor of e every two words back; `uniform`: to a word and all "
            "before it alike. Neither is a model's",
        ),
        *(GROUP, READERS_ARE, SIGNAL, READER),
    ),
    values=SCORES,
    meaning="attention without a model, scored as a layer of one head is",
)
HEADS = Table(
    paths=("heads/{model}/{group}.csv",),
    keys=(MODEL, GROUP, READERS_ARE, SIGNAL, LAYER, HEAD),
    values=(number("r", unit="r", meaning="Pearson r of the head's attention with the group's mean, over all pairs"),),
    overview=("r",),
    meaning="every head by itself against a group's mean, sentences alone",
)
