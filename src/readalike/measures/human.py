"""What readers share with one another, and what position alone explains of them."""

import numpy as np
import pandas as pd

from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.files.gaze import Gaze
from readalike.measures.regression import held_out, orthonormal, r2_in_sample, r2_resampled
from readalike.measures.regressors import baseline, trivial_patterns

CEILINGS = ("group_mean", "leave_one_out", "leave_one_out_cv")


def r2_simple(x: FloatArray, y: FloatArray) -> FloatArray:
    """R2 of each row of y on the same row of x, both (readers, pairs) -> (readers,); NaN where one never varies."""
    x = x - x.mean(axis=1, keepdims=True)
    y = y - y.mean(axis=1, keepdims=True)
    denominator = (x**2).sum(axis=1) * (y**2).sum(axis=1)
    r2: FloatArray = np.divide(
        (x * y).sum(axis=1) ** 2, denominator, out=np.full(len(y), np.nan), where=denominator > 0
    )
    return r2


def r2_simple_held_out(x: FloatArray, y: FloatArray, article: IntArray) -> FloatArray:
    """The same with one article left out at a time, scored as `r2_cv`: 1 - sum SSE / sum SST, (readers,)."""
    sse, sst = np.zeros(len(y)), np.zeros(len(y))
    for name in np.unique(article):
        inside = article == name
        mean_x, mean_y = x[:, ~inside].mean(axis=1, keepdims=True), y[:, ~inside].mean(axis=1, keepdims=True)
        centred = x[:, ~inside] - mean_x
        variance = (centred**2).sum(axis=1)
        covariance = (centred * (y[:, ~inside] - mean_y)).sum(axis=1)
        slope = np.divide(covariance, variance, out=np.zeros(len(y)), where=variance > 0)[:, None]
        sse += ((y[:, inside] - mean_y - slope * (x[:, inside] - mean_x)) ** 2).sum(axis=1)
        sst += ((y[:, inside] - mean_y) ** 2).sum(axis=1)
    unexplained: FloatArray = np.divide(sse, sst, out=np.full(len(y), np.nan), where=sst > 0)
    return 1 - unexplained


def others_mean(signals: FloatArray) -> FloatArray:
    """For each reader the mean of the others, (readers, pairs) -> (readers, pairs)."""
    mean: FloatArray = (signals.sum(axis=0) - signals) / (len(signals) - 1)
    return mean


def ceilings(gaze: Gaze, corpus: Corpus) -> pd.DataFrame:
    """R2 of every reader on the group's mean, three ways, for every signal.

    `group_mean`: the reader is in the mean (the paper's, section 3.2.1; too high for that reason); `leave_one_out`:
    on the mean of the others; `leave_one_out_cv`: the same with one article left out.
    """
    article = corpus.articles[corpus.pairs.sentence]
    parts = []
    for signal, values in gaze.signals.items():
        mean, others = np.broadcast_to(values.mean(axis=0), values.shape), others_mean(values)
        scores = (r2_simple(mean, values), r2_simple(others, values), r2_simple_held_out(others, values, article))
        for kind, score in zip(CEILINGS, scores, strict=True):
            parts.append(_reader_table(gaze, signal).assign(kind=kind, value=score, unit="R2"))
    columns = ["group", "readers", "signal", "kind", "reader", "value", "unit"]
    return pd.concat(parts, ignore_index=True)[columns]


def explained(gaze: Gaze, corpus: Corpus, X: FloatArray) -> pd.DataFrame:
    """R2 and held-out R2 of every reader and signal on regressors X (pairs, columns)."""
    article = corpus.articles[corpus.pairs.sentence]
    basis = orthonormal(X)
    parts = []
    for signal, values in gaze.signals.items():
        scores = {"r2": r2_in_sample(basis, values.T), "r2_cv": held_out(basis, X, values.T, article).r2}
        parts.append(_reader_table(gaze, signal).assign(**scores))
    return pd.concat(parts, ignore_index=True)


def reliance(gaze: Gaze, corpus: Corpus) -> pd.DataFrame:
    """Readers' reliance on the trivial patterns (paper, 3.3.2)."""
    return explained(gaze, corpus, trivial_patterns(corpus))


def baseline_of_readers(gaze: Gaze, corpus: Corpus) -> pd.DataFrame:
    """What position and word length explain of each reader; an empty table for a corpus of lengths only."""
    if not corpus.has_text:
        return pd.DataFrame(columns=["group", "readers", "signal", "reader", "r2", "r2_cv"])
    return explained(gaze, corpus, baseline(corpus))


def _reader_table(gaze: Gaze, signal: str) -> pd.DataFrame:
    return pd.DataFrame({"group": gaze.group, "readers": gaze.kind, "signal": signal, "reader": list(gaze.readers)})


def resampled(gaze: Gaze, corpus: Corpus, draws: FloatArray) -> dict[str, FloatArray]:
    """Reliance and group-mean ceiling with sentences resampled: '{signal}/{measure}' -> (draws, readers)."""
    patterns = orthonormal(trivial_patterns(corpus))
    result = {}
    for signal, values in gaze.signals.items():
        result[f"{signal}/reliance"] = r2_resampled(patterns, values.T, corpus.offsets, draws)
        mean = orthonormal(values.mean(axis=0)[:, None])
        result[f"{signal}/group_mean"] = r2_resampled(mean, values.T, corpus.offsets, draws)
    return result
