"""What readers share with one another, and what position alone explains of them."""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.files.contracts import human as contracts
from readalike.files.gaze import FMRI, SACCADES, Gaze
from readalike.files.sums import Sums
from readalike.measures.bounds import Bound, bounds
from readalike.measures.constant_signals import warn_of_constant_signals
from readalike.measures.held_out import Split
from readalike.measures.regression import never_varies, orthonormal, residual
from readalike.measures.regressors import baselines, trivial_patterns
from readalike.measures.sums import held_out, in_sample, through_the_mean

log = logging.getLogger("readalike")

CEILINGS = ("group_mean", "leave_one_out", "leave_one_out_cv", "leave_one_out_cv_ols")
FMRI_CEILINGS = ("gao2023", "pearson")


def r2_simple(x: FloatArray, y: FloatArray) -> FloatArray:
    """R2 of each row of y on the same row of x, both (readers, pairs) -> (readers,); NaN where one never varies."""
    varies = ~never_varies(x.T) & ~never_varies(y.T)
    x = x - x.mean(axis=1, keepdims=True)
    y = y - y.mean(axis=1, keepdims=True)
    r2: FloatArray = np.full(len(y), np.nan)
    np.divide((x * y).sum(axis=1) ** 2, (x**2).sum(axis=1) * (y**2).sum(axis=1), out=r2, where=varies)
    return r2


class OnOthers(NamedTuple):
    """Every reader on the mean of the others, held out: R2 (readers,) two ways, and what is predicted."""

    held_out: FloatArray
    least_squares: FloatArray
    predicted: FloatArray  # (readers, pairs)


def on_others(values: FloatArray, article: IntArray) -> OnOthers:
    """values : (readers, pairs). NaN for a single reader, who has no others."""
    held_out, least_squares, predicted = np.full(len(values), np.nan), np.full(len(values), np.nan), []
    for k, others in enumerate(others_mean(values)):
        if np.isnan(others).any():
            return OnOthers(held_out, least_squares, np.full(values.shape, np.nan))
        X = others[:, None]
        basis, split = orthonormal(X), Split(values[k][:, None], article)
        found = split.held_out(basis, predict=True)
        assert found.predicted is not None  # asked for
        held_out[k], least_squares[k] = found.r2[0], split.least_squares(basis, X).r2[0]
        predicted.append(found.predicted[:, 0])
    return OnOthers(held_out, least_squares, np.stack(predicted))


def r_by_sentence(x: FloatArray, y: FloatArray, corpus: Corpus) -> FloatArray:
    """Pearson r of each row of x with the same row of y, both (readers, pairs), in each sentence; mean over sentences.

    Shape (readers,). A sentence in which either never varies is left out (paper, Appendix D, and its code).
    """
    found = np.full((len(corpus.sentences), len(y)), np.nan)
    for k in range(len(corpus.sentences)):
        a, b = x[:, corpus.pairs_of(k)], y[:, corpus.pairs_of(k)]
        varies = ~never_varies(a.T) & ~never_varies(b.T)
        a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
        length = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
        np.divide((a * b).sum(axis=1), length, out=found[k], where=varies)
    counted = (~np.isnan(found)).sum(axis=0)
    mean: FloatArray = np.full(len(y), np.nan)
    np.divide(np.nansum(found, axis=0), counted, out=mean, where=counted > 0)
    return mean


def compared_means(gaze: Gaze) -> pd.DataFrame:
    """Group means as released beside those computed here: Pearson r over the pairs, and both sums; a row a signal."""
    rows = []
    for signal, released in gaze.means.items():
        readers, values = gaze.scored(signal)
        ours = values.mean(axis=0)
        r = float(np.corrcoef(ours, released)[0, 1])
        rows.append((gaze.group, gaze.readers_are, signal, len(readers), r, ours.sum(), released.sum()))
    return pd.DataFrame(rows, columns=contracts.MEANS.names)


def others_mean(signals: FloatArray) -> FloatArray:
    """For each reader the mean of the others, (readers, pairs) -> (readers, pairs); NaN for a single reader."""
    if len(signals) == 1:
        return np.full(signals.shape, np.nan)
    mean: FloatArray = (signals.sum(axis=0) - signals) / (len(signals) - 1)
    return mean


def bounds_by_signal(gaze: Gaze, corpus: Corpus, *, seed: int) -> dict[str, dict[str, Bound]]:
    """Signal -> name -> `measures.bounds.bounds` of those readers who count for ceilings."""
    article, known = corpus.articles[corpus.pairs.sentence], baselines(corpus)
    return {signal: bounds(gaze.for_ceiling(signal).values, article, known, seed=seed) for signal in gaze.signals}


def bounds_table(gaze: Gaze, found: Mapping[str, Mapping[str, Bound]]) -> pd.DataFrame:
    """A row a signal and bound; found : `bounds_by_signal`."""
    rows = [
        (
            *(gaze.group, gaze.readers_are, signal, name, int(np.isfinite(own.value).sum())),
            *(own.r, own.reliability, own.lower, own.mean, own.error, *own.interval),
        )
        for signal, of_signal in found.items()
        for name, own in of_signal.items()
    ]
    return pd.DataFrame(rows, columns=contracts.BOUNDS.names)


def bounds_of_readers(gaze: Gaze, found: Mapping[str, Mapping[str, Bound]]) -> pd.DataFrame:
    """The bounds by reader, to stand below the ceilings under their names; found : `bounds_by_signal`."""
    parts = [
        _reader_table(gaze, signal, gaze.for_ceiling(signal).readers).assign(ceiling=name, value=own.value, unit="R2")
        for signal, of_signal in found.items()
        for name, own in of_signal.items()
    ]
    return pd.concat(parts, ignore_index=True)[contracts.CEILINGS.names]


def ceilings(gaze: Gaze, corpus: Corpus) -> pd.DataFrame:
    """R2 of every reader on the group's mean, three ways, for every signal.

    All are NaN for a single reader. `group_mean`: the reader is in the mean (the paper's, section 3.2.1; too high for
    that reason); `leave_one_out`: on the mean of the others; `leave_one_out_cv`: the same with one article left out,
    and `leave_one_out_cv_ols` by least squares. For saccades `group_mean_residual`: the trivial patterns regressed
    out of both sides (the authors' code). For fMRI two more, each a Pearson r with the mean, by sentence: `gao2023`
    as the authors' code gives it, with its slip, and `pearson` without. An r is not an R2: the paper divides R2 by
    it.
    """
    warn_of_constant_signals(gaze)
    article = corpus.articles[corpus.pairs.sentence]
    parts = []
    for signal in gaze.signals:
        readers, values = gaze.for_ceiling(signal)
        mean, others = np.broadcast_to(values.mean(axis=0), values.shape), others_mean(values)
        if len(readers) == 1:
            # On a mean that is the reader, R2 is 1 and means nothing.
            log.warning("group %s: a single reader has no others: its ceilings are empty", gaze.group)
            mean = others
        held_out = on_others(values, article)
        scores = (r2_simple(mean, values), r2_simple(others, values), held_out.held_out, held_out.least_squares)
        for name, score in zip(CEILINGS, scores, strict=True):
            parts.append(_reader_table(gaze, signal, readers).assign(ceiling=name, value=score, unit="R2"))
        if gaze.modality == SACCADES:
            left = residual(values, trivial_patterns(corpus))
            score = r2_simple(np.broadcast_to(left.mean(axis=0), values.shape), left)
            score = score if len(readers) > 1 else np.full(1, np.nan)
            parts.append(
                _reader_table(gaze, signal, readers).assign(ceiling="group_mean_residual", value=score, unit="R2")
            )
        if gaze.modality == FMRI:
            r = r_by_sentence(mean, values, corpus)
            # The slip: the first reader's own matrices became the mean, which is then compared with itself.
            slip = r.copy()
            slip[0] = 1.0 if len(readers) > 1 else np.nan
            for name, score in zip(FMRI_CEILINGS, (slip, r), strict=True):
                parts.append(_reader_table(gaze, signal, readers).assign(ceiling=name, value=score, unit="r"))
    return pd.concat(parts, ignore_index=True)[contracts.CEILINGS.names]


def explained(gaze: Gaze, corpus: Corpus, X: FloatArray) -> pd.DataFrame:
    """R2 and held-out R2, two ways, of every reader and signal on regressors X (pairs, columns)."""
    article = corpus.articles[corpus.pairs.sentence]
    basis = orthonormal(X)
    parts = []
    for signal in gaze.signals:
        readers, values = gaze.scored(signal)
        split = Split(values.T, article)
        scores = {
            "r2": split.in_sample(basis),
            "r2_cv": split.held_out(basis).r2,
            "r2_cv_ols": split.least_squares(basis, X).r2,
        }
        parts.append(_reader_table(gaze, signal, readers).assign(**scores))
    return pd.concat(parts, ignore_index=True)


def reliance(gaze: Gaze, corpus: Corpus) -> pd.DataFrame:
    """Readers' reliance on the trivial patterns (paper, 3.3.2)."""
    return explained(gaze, corpus, trivial_patterns(corpus))


def baseline_of_readers(gaze: Gaze, corpus: Corpus) -> pd.DataFrame:
    """What each baseline explains of each reader; an empty table for a corpus of lengths only."""
    tables = [explained(gaze, corpus, B).assign(baseline=name) for name, B in baselines(corpus).items()]
    empty = pd.DataFrame(columns=contracts.READER_BASELINE.names)
    return pd.concat(tables, ignore_index=True)[contracts.READER_BASELINE.names] if tables else empty


def _reader_table(gaze: Gaze, signal: str, readers: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {"group": gaze.group, "readers_are": gaze.readers_are, "signal": signal, "reader": list(readers)}
    )


def sums(gaze: Gaze, corpus: Corpus) -> dict[str, Sums]:
    """Sums of squares of reliance and ceilings, of one layer each: '{signal}/{measure}' -> sums.

    Measures are `reliance`, `group_mean` and `leave_one_out_cv`. The means that the last two are scored on are of drawn
    readers as well, which `Sums.cross` tells.
    """
    article = corpus.articles[corpus.pairs.sentence]
    patterns = orthonormal(trivial_patterns(corpus))
    result = {}
    for signal in gaze.signals:
        readers, scored = gaze.scored(signal)
        result[f"{signal}/reliance"] = _one_layer(in_sample(patterns, scored.T, corpus.offsets), readers)
        readers, values = gaze.for_ceiling(signal)
        mean = orthonormal(values.mean(axis=0)[:, None])
        found = in_sample(mean, values.T, corpus.offsets)
        result[f"{signal}/group_mean"] = _one_layer(found, readers, through_the_mean(values, itself=True))
        predicted = on_others(values, article).predicted.T
        found = held_out(predicted, values.T, article, corpus.offsets)
        result[f"{signal}/leave_one_out_cv"] = _one_layer(found, readers, through_the_mean(values, itself=False))
    return result


def _one_layer(found: tuple[FloatArray, FloatArray], readers: Sequence[str], cross: FloatArray | None = None) -> Sums:
    sse, sst = found
    return Sums(sse[None], sst, tuple(readers), cross)
