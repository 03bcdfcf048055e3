"""Human resemblance: what the heads of a layer explain of every reader's saccades (paper, 3.2; DESIGN, section 5)."""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.files.attention import Attention
from readalike.files.contracts import resemblance as contracts
from readalike.files.gaze import Gaze
from readalike.files.sums import Sums
from readalike.measures.constant_signals import warn_of_constant_signals
from readalike.measures.held_out import HeldOut, Split
from readalike.measures.regression import BoolArray, adjusted, orthonormal, r2_in_sample, residual, shuffles
from readalike.measures.regressors import BASELINES, HEADLINE, OF_WORDS, baselines, trivial_patterns
from readalike.measures.sums import held_out, in_sample, mean_of_thinnings
from readalike.measures.swaps import Swaps, swapped_scores, swaps

log = logging.getLogger("readalike")


class LayerScores(NamedTuple):
    """One layer against signals Y: `columns` name -> (signals,); an article left out, both ways.

    errors : name in the tables of folds -> squared errors of each left-out article, (articles, signals); NaN beyond a
        baseline that is not there
    """

    columns: dict[str, FloatArray]
    held_out: HeldOut
    plain: HeldOut
    errors: dict[str, FloatArray]


def layer_scores(
    X: FloatArray,
    Y: FloatArray,
    corpus: Corpus,
    known: Mapping[str, FloatArray],
    orders: Sequence[IntArray],
    swapped: Swaps,
) -> LayerScores:
    """All columns of resemblance for one layer.

    X : (pairs, heads) attention, not renormalised
    Y : (pairs, signals) readers' signals
    known : name of a baseline -> (pairs, its columns); what is beyond one that is not there is NaN
    orders : shuffles of all pairs; `r2_null`, `r2_unique_b2_null` and `r2_unique_b3_null` are means over them
    """
    basis, split = orthonormal(X), Split(Y, corpus.articles[corpus.pairs.sentence])
    held_out, plain = split.held_out(basis, predict=True), split.least_squares(basis, X)
    r2 = split.in_sample(basis)
    # By rows, which a shuffle takes. It leaves a basis of centred columns one: no new factorisation.
    by_rows = np.ascontiguousarray(basis)
    nulls = [split.held_out(by_rows[order]) for order in orders]
    swap = swapped_scores(by_rows, split, corpus, swapped)
    none = np.full(held_out.sse.shape, np.nan)
    errors = {"sse": held_out.sse, "sse_null": np.mean([found.sse for found in nulls], axis=0), "sse_swap": swap.sse}
    errors |= {"sse_b2": none, "sse_b2_null": none}
    empty = np.full(Y.shape[1], np.nan)
    unique, unique_ols, words_alone = dict.fromkeys([*BASELINES, OF_WORDS], empty), empty, empty
    unique_null = dict.fromkeys([HEADLINE, OF_WORDS], empty)
    for name, B in known.items():
        alone, both = orthonormal(B), np.column_stack([B, X])
        joined, alone_r2 = orthonormal(both), split.held_out(alone).r2
        beyond = split.held_out(joined)
        unique[name] = beyond.r2 - alone_r2
        if name == "b0":
            unique_ols = split.least_squares(joined, both).r2 - split.least_squares(alone, B).r2
        if name in unique_null:
            beside = [split.held_out(np.column_stack([alone, by_rows[order]])) for order in orders]
            unique_null[name] = np.mean([found.r2 for found in beside], axis=0) - alone_r2
            if name == HEADLINE:
                errors |= {"sse_b2": beyond.sse, "sse_b2_null": np.mean([found.sse for found in beside], axis=0)}
        if name == OF_WORDS:
            words_alone = alone_r2
    columns = {
        "r2": r2,
        "r2_adjusted": adjusted(r2, len(X), basis.shape[1]),
        "r2_cv": held_out.r2,
        "r2_cv_ols": plain.r2,
        "r2_null": np.mean([found.r2 for found in nulls], axis=0),
        "r2_swap": swap.r2,
        "r2_specific": held_out.r2 - swap.r2,
        **{f"r2_unique_{name}": found for name, found in unique.items()},
        **{f"r2_unique_{name}_null": found for name, found in unique_null.items()},
        f"baseline_{OF_WORDS}_cv": words_alone,
        "r2_unique_b0_ols": unique_ols,
    }
    return LayerScores(columns, held_out, plain, errors)


def r2_residual(X: FloatArray, Y_left: FloatArray, patterns: FloatArray) -> FloatArray:
    """In-sample R2 of a layer with the trivial patterns regressed out of both sides, as the authors' code also does.

    X : (pairs, heads); Y_left : (pairs, signals), what the patterns leave of the readers. Returns (signals,)
    """
    return r2_in_sample(orthonormal(residual(X.T, patterns).T), Y_left)


class Resemblance(NamedTuple):
    """Of one model to one group: two long tables, and '{signal}/{r2 or r2_cv}' -> sums of squares.

    chance : (layers,) rank / (pairs - 1), the mean R2 in sample of as many heads with their pairs shuffled
    """

    table: pd.DataFrame
    folds: pd.DataFrame
    sums: dict[str, Sums]
    chance: FloatArray


def resemblance(
    attention: Attention, gaze: Gaze, corpus: Corpus, *, seed: int, of_words: FloatArray | None = None
) -> Resemblance:
    """Every layer against every reader and signal, in `plain`.

    of_words : baseline b3 of this model, (pairs, columns); None where words' frequency or surprisal is not known, and
    what is beyond it is NaN
    """
    warn_of_constant_signals(gaze)
    article = corpus.articles[corpus.pairs.sentence]
    orders = shuffles(corpus, seed)
    known, swapped = baselines(corpus), swaps(corpus, seed)
    if of_words is not None:
        known[OF_WORDS] = of_words
    signals = {name: gaze.scored(name) for name in gaze.signals}
    Y = np.concatenate([signal.values for signal in signals.values()]).T
    patterns = trivial_patterns(corpus)
    Y_left = residual(Y.T, patterns).T
    labels = pd.DataFrame(
        {
            "model": attention.model,
            "group": gaze.group,
            "readers_are": gaze.readers_are,
            "signal": np.repeat(list(signals), [len(signal.readers) for signal in signals.values()]),
            "reader": [reader for signal in signals.values() for reader in signal.readers],
        }
    )
    tables, fold_tables = [], []
    parts: dict[str, list[tuple[FloatArray, FloatArray]]] = {"r2": [], "r2_cv": []}
    chance = []
    for layer in attention.layers:
        X = attention.layer(PLAIN, layer).T
        scores = layer_scores(X, Y, corpus, known, orders, swapped)
        left = r2_residual(X, Y_left, patterns)
        tables.append(labels.assign(layer=layer, **scores.columns, r2_residual=left))
        for k, name in enumerate(np.unique(article)):
            fold_tables.append(
                labels.assign(
                    layer=layer,
                    article=name,
                    r2_train=scores.plain.r2_train[k],
                    dropped=scores.held_out.dropped[k],
                    **{name: errors[k] for name, errors in scores.errors.items()},
                    sst=scores.held_out.sst[k],
                )
            )
        basis = orthonormal(X)
        chance.append(basis.shape[1] / (len(basis) - 1))
        parts["r2"].append(in_sample(basis, Y, corpus.offsets))
        predicted = scores.held_out.predicted
        assert predicted is not None  # layer_scores asks for it
        parts["r2_cv"].append(held_out(predicted, Y, article, corpus.offsets))
    table = pd.concat(tables, ignore_index=True)
    return Resemblance(
        table[contracts.RESEMBLANCE.names],
        pd.concat(fold_tables, ignore_index=True)[contracts.FOLDS.names],
        {
            f"{name}/{column}": _of_signal(layers, (labels["signal"] == name).to_numpy(), signal.readers)
            for column, layers in parts.items()
            for name, signal in signals.items()
        },
        np.array(chance),
    )


def _of_signal(layers: Sequence[tuple[FloatArray, FloatArray]], own: BoolArray, readers: Sequence[str]) -> Sums:
    """layers : SSE and SST of every layer, each (sentences, signals); own : (signals,) those of one signal."""
    return Sums(np.stack([sse[:, own] for sse, _ in layers]), layers[0][1][:, own], tuple(readers))


class Thinned(NamedTuple):
    """A long table, and sums of squares of the mean over thinnings (`sums.mean_of_thinnings`)."""

    table: pd.DataFrame
    sums: Sums


def thinned(
    attention: Attention,
    high: Gaze,
    low: Gaze,
    corpus: Corpus,
    *,
    seed: int,
    thinnings: int = 20,
) -> Thinned:
    """Resemblance to the group with more saccades after thinning them to the number of the other group.

    Each saccade of a pair is kept with probability (mean saccades with j <= i of `low`) / (the same of `high`), at
    most 1; `thinnings` times. In sample, on `number`. Noisier counts have a lower R2, so that groups that differ in
    how much they look back differ in R2 for that reason alone.
    """
    counts, n = high.signals["number"], len(high.readers)
    of_low, of_high = (float(group.signals["number"].sum(axis=1).mean()) for group in (low, high))
    if of_low >= of_high:
        log.warning(
            "%s has %.1f saccades with j <= i a reader and %s has %.1f: nothing to thin; name the group with more of "
            "them first under contrasts",
            *(high.group, of_high, low.group, of_low),
        )
    keep = of_low / of_high if of_low < of_high else 1.0
    rng = np.random.default_rng([seed, 0x7417])
    kept = [rng.binomial(counts.astype(np.int64), keep).astype(np.float64) for _ in range(thinnings)]
    Y = np.concatenate(kept).T
    labels = pd.DataFrame(
        {
            "model": attention.model,
            "group": high.group,
            "readers_are": high.readers_are,
            "signal": "number",
            "draw": np.repeat(np.arange(thinnings), n),
            "reader": list(high.readers) * thinnings,
            "keep": keep,
        }
    )
    tables, parts = [], []
    for layer in attention.layers:
        basis = orthonormal(attention.layer(PLAIN, layer).T)
        tables.append(labels.assign(layer=layer, r2=r2_in_sample(basis, Y)))
        parts.append(mean_of_thinnings(*in_sample(basis, Y, corpus.offsets), thinnings))
    sums = _of_signal(parts, np.ones(n, dtype=np.bool_), high.readers)
    return Thinned(pd.concat(tables, ignore_index=True)[contracts.THINNED.names], sums)
