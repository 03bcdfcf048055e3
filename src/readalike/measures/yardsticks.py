"""Attention without a model, scored as a layer's is: what a number of R2 means that any model has to be above."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from readalike.corpus import Corpus, FloatArray
from readalike.files.contracts.resemblance import YARDSTICKS
from readalike.files.gaze import Gaze
from readalike.measures.regression import orthonormal, r2_in_sample, residual, shuffles
from readalike.measures.regressors import baselines, trivial_patterns
from readalike.measures.resemblance import layer_scores
from readalike.measures.swaps import swaps

# Words back over which a look becomes less likely by a factor of e.
RECENCY_WORDS = 2.0


def uniform(corpus: Corpus) -> FloatArray:
    """Every word looks at itself and at all words before it alike, (pairs,)."""
    return 1.0 / (1 + corpus.pairs.from_word).astype(np.float64)


def recency(corpus: Corpus) -> FloatArray:
    """Weight falls by a factor of e every RECENCY_WORDS words back; those of a word sum to 1, (pairs,)."""
    _, i, j = corpus.pairs
    # Of a row, a geometric series: 1 + q + ... + q ** i.
    q = np.exp(-1 / RECENCY_WORDS)
    weights: FloatArray = q ** (i - j) * (1 - q) / (1 - q ** (i + 1.0))
    return weights


ATTENTION: Mapping[str, Callable[[Corpus], FloatArray]] = {"recency": recency, "uniform": uniform}


def yardsticks(gaze: Gaze, corpus: Corpus, *, seed: int) -> pd.DataFrame:
    """Each kind of attention without a model against every reader and signal, a single head each."""
    orders, known, swapped = shuffles(corpus, seed), baselines(corpus), swaps(corpus, seed)
    patterns = trivial_patterns(corpus)
    parts = []
    for name, attention in ATTENTION.items():
        X = attention(corpus)[:, None]
        for signal in gaze.signals:
            readers, values = gaze.scored(signal)
            left = r2_in_sample(orthonormal(residual(X.T, patterns).T), residual(values, patterns).T)
            columns = layer_scores(X, values.T, corpus, known, orders, swapped).columns
            labels = {"attention": name, "group": gaze.group, "readers_are": gaze.readers_are, "signal": signal}
            parts.append(pd.DataFrame({**columns, "r2_residual": left, "reader": list(readers)}).assign(**labels))
    return pd.concat(parts, ignore_index=True)[YARDSTICKS.names]
