"""Tables of resemblance at equal numbers of features."""

from dataclasses import replace

from readalike.files.contracts import Table, number, text, whole
from readalike.files.contracts.names import (
    ARTICLE,
    GROUP,
    LAYER,
    MODEL,
    R2_CV,
    READER,
    READERS_ARE,
    SIGNAL,
    N,
)
from readalike.files.contracts.statistics import SLOPES

_FEATURES = whole(
    "features", meaning="regressors of every layer: the smallest number of heads a layer of the models compared"
)
EQUAL_FEATURES = Table(
    paths=("equal-features/{model}/{group}.csv",),
    keys=(MODEL, GROUP, READERS_ARE, SIGNAL, LAYER),
    values=(
        whole("heads", meaning="heads of the layer"),
        _FEATURES,
        whole("subsets", meaning="different subsets of heads among those drawn"),
        N,
        replace(R2_CV, meaning="held out, on all heads; mean over readers"),
        number("r2_subsets", unit="R2", meaning="the same on `features` random heads; mean over the draws"),
        number("r2_subsets_low", unit="R2", meaning="its 2.5 percent quantile over the draws"),
        number("r2_subsets_high", unit="R2", meaning="its 97.5 percent quantile over the draws"),
        number(
            "r2_components",
            unit="R2",
            meaning="the same on `features` principal components of the heads, of the training articles only",
        ),
    ),
    meaning="resemblance of every layer at equal numbers of features",
)
EQUAL_FOLDS = Table(
    paths=("equal-features/{model}/{group}-folds.csv",),
    keys=(MODEL, GROUP, READERS_ARE, SIGNAL, LAYER, READER, ARTICLE),
    values=(
        _FEATURES,
        number("sse_subsets", meaning="squared error on this article of random heads, mean over the draws"),
        number("sse_components", meaning="squared error on this article of principal components"),
        number("sst", meaning="squared distance of this article from the mean of the others"),
    ),
    meaning="resemblance at equal numbers of features by left-out article",
)
EQUAL_SLOPES = Table(
    paths=("statistics/equal-features.csv",),
    keys=(
        GROUP,
        READERS_ARE,
        SIGNAL,
        text(
            "column",
            meaning="score, each article at the layer that the others choose by `r2` on all heads: `subsets` and "
            "`components`, on `features` regressors; beside them `r2_cv` and `r2_cv - r2_null`, on all heads",
        ),
        *SLOPES.keys[4:],
    ),
    values=(_FEATURES, *SLOPES.values),
    meaning="slope of resemblance on ln(parameters) at equal numbers of features, and on all heads",
)
