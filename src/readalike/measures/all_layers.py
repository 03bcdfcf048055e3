"""What attention adds to baseline b2 when the heads of all layers are read at once, held out, by ridge regression.

A layer at a time is the paper's question; but what a model knows may be spread over its layers, and the best of many is
the best by chance too. Here the heads of all layers stand beside the baseline in one regression. Of n pairs in training

    minimise |y - a - B b - Z g|^2 / n + penalty |g|^2

with B the baseline's columns, which are not penalised (two bands of a banded ridge regression, one with penalty 0), and
Z the heads, each over its standard deviation in the whole corpus: of the article that is left out this sees attention,
never readers. Without it a head that hardly varies in training would have a coefficient that is anybody's guess.

One penalty serves all readers of a group, who alone are too noisy to choose one. It is chosen within the training
articles, each in turn left out (in at most INNER groups), by the highest mean R2 over the readers. An infinite one is
among them, which leaves attention out: a model that knows nothing adds nothing, and there is no gain of chance that
shuffled attention would have to tell. Between penalties as good, the largest.

All fits come from sums of products by article (`held_out.Products`): of p heads p^2 numbers an article, and one
decomposition of p x p for each article and each pair of articles that are left out.
"""

import itertools
import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray
from readalike.files.attention import Attention
from readalike.files.contracts.all_layers import ALL_LAYERS
from readalike.files.gaze import Gaze
from readalike.files.sums import Sums
from readalike.measures.held_out import FLOOR, RANK, Products, Split, total_of
from readalike.measures.regression import orthonormal
from readalike.measures.regressors import HEADLINE, baseline
from readalike.measures.sums import held_out

log = logging.getLogger("readalike")

# Half decades: heads have unit variance, so that at 10^4 next to nothing is left of thousands of them.
PENALTIES = (*np.logspace(-3, 4, 15), np.inf)
INNER = 5
# Of a signal's sum of squares: what sums of products leave of a signal that is the same in all of some articles.
ROUNDING = 1e-9
SCORE = "r2_unique_b2_all_layers"


def ridge(train: Products, columns: int, known: FloatArray, penalties: Sequence[float]) -> list[FloatArray]:
    """Coefficients at each penalty, (regressors, signals).

    train : of the regressors, of which the first `columns` are not penalised
    known : (columns, columns) what stands for the inverse of these columns' sums of products in training
    """
    ZZ, ZY, _ = train.about(train.Z / train.n, train.Y / train.n)
    through = known @ ZZ[:columns, columns:]  # (columns, heads): heads as the baseline has them
    alone = known @ ZY[:columns]  # (columns, signals)
    left = ZZ[columns:, columns:] - ZZ[columns:, :columns] @ through
    along = ZY[columns:] - through.T @ ZY[:columns]
    values, vectors = np.linalg.eigh(left / train.n)
    turned = vectors.T @ along / train.n  # (heads, signals)
    found = []
    for penalty in penalties:
        if np.isinf(penalty):
            g = np.zeros_like(along)
        else:
            # What rounding leaves of directions that are not there is no variance.
            g = vectors @ (turned / (np.maximum(values, 0) + penalty)[:, None])
        found.append(np.concatenate([alone - through @ g, g]))
    return found


def inverse(train: Products, total: Products, columns: int) -> FloatArray:
    """Of the first columns' sums of products in training, on what varies there enough (`held_out.FLOOR`).

    total : of the whole corpus. Returns (columns, columns)
    """
    whole, own = (_first(products, columns) for products in (total, train))
    values, vectors = np.linalg.eigh(whole)
    real = values > RANK * max(values.max(initial=0), np.finfo(float).tiny)
    white = vectors[:, real] / np.sqrt(values[real])
    share, rotation = np.linalg.eigh(white.T @ own @ white)
    kept = share >= FLOOR * train.n / total.n
    axes = white @ rotation[:, kept]
    result: FloatArray = (axes / share[kept]) @ axes.T
    return result


def _first(products: Products, columns: int) -> FloatArray:
    """Sums of products of the first columns about their means."""
    mean = products.Z[:columns] / products.n
    result: FloatArray = products.ZZ[:columns, :columns] - products.n * np.outer(mean, mean)
    return result


def errors(coefficients: FloatArray, train: Products, fold: Products) -> tuple[FloatArray, FloatArray]:
    """Sums of squared errors on a fold, and about the mean of the training articles: (signals,) each."""
    ZZ, ZY, sst = fold.about(train.Z / train.n, train.Y / train.n)
    return sst - 2 * (coefficients * ZY).sum(axis=0) + (coefficients * (ZZ @ coefficients)).sum(axis=0), sst


def inner_groups(articles: Sequence[int]) -> list[list[int]]:
    """Which of the articles of training are left out together: each alone, or of more than INNER every INNERth."""
    return [list(articles[k::INNER]) for k in range(min(INNER, len(articles)))]


def chosen_penalties(folds: Sequence[Products], columns: int, kinds: Sequence[slice]) -> FloatArray:
    """(articles, kinds): the penalty with the highest mean R2 over the signals of a kind, in all articles but this one.

    A signal that does not vary in these articles has no part in it. Where one article is left it cannot choose, and the
    penalty is infinite.
    """
    total, articles = total_of(folds), range(len(folds))
    # Articles that a fit does not see -> for which of them it chooses, and which others score it. With few articles the
    # fit without a and b serves both.
    fits: dict[frozenset[int], list[tuple[int, list[int]]]] = {}
    for a in articles:
        groups = inner_groups([b for b in articles if b != a])
        for group in groups if len(groups) > 1 else []:
            fits.setdefault(frozenset([a, *group]), []).append((a, group))
    sse = np.zeros((len(folds), len(PENALTIES), len(total.Y)))
    sst = np.zeros((len(folds), len(total.Y)))
    for left, uses in fits.items():
        train = total_of([folds[k] for k in articles if k not in left])
        found = ridge(train, columns, inverse(train, total, columns), PENALTIES)
        for a, group in uses:
            own = [errors(B, train, total_of([folds[k] for k in group])) for B in found]
            sse[a] += [error for error, _ in own]
            sst[a] += own[0][1]
    real = sst > ROUNDING * total.about(total.Z / total.n, total.Y / total.n)[2]
    r2 = 1 - np.divide(sse, sst[:, None], out=np.full(sse.shape, np.nan), where=real[:, None])
    chosen = np.full((len(folds), len(kinds)), np.inf)
    for (a, varies), (k, kind) in itertools.product(enumerate(real), enumerate(kinds)):
        if varies[kind].any():
            mean = r2[a][:, kind][:, varies[kind]].mean(axis=1)
            chosen[a, k] = PENALTIES[int(np.flatnonzero(mean == mean.max()).max())]
    return chosen


class Predicted(NamedTuple):
    """predicted : (pairs, signals); penalties : (articles, kinds) chosen without the article"""

    predicted: FloatArray
    penalties: FloatArray


def predict(split: Split, X: FloatArray, columns: int, kinds: Sequence[slice]) -> Predicted:
    """Each article from the others, at the penalty that these choose.

    X : (pairs, regressors), of which the first `columns` are not penalised; kinds : of signals with one penalty each
    """
    folds = split.by_article(X)
    total, chosen = total_of(folds), chosen_penalties(folds, columns, kinds)
    predicted = np.empty(split.Y.shape)
    for k, (inside, fold) in enumerate(zip(split.rows, folds, strict=True)):
        train = total - fold
        fits = ridge(train, columns, inverse(train, total, columns), chosen[k])
        about = X[inside] - train.Z / train.n
        for kind, B in zip(kinds, fits, strict=True):
            predicted[inside, kind] = split.centre[kind] + train.Y[kind] / train.n + about @ B[:, kind]
    return Predicted(predicted, chosen)


def regressors(corpus: Corpus, layers: Iterable[FloatArray], heads: int) -> tuple[FloatArray, int]:
    """Basis of the baseline and then heads of all layers that vary, all of unit variance; how many are the baseline's.

    layers : of each (pairs, heads of the layer); heads : of all. So scaled, sums of products keep their digits.
    Returns (pairs, columns + heads), columns
    """
    basis = orthonormal(baseline(corpus, HEADLINE))
    columns = at = basis.shape[1]
    X = np.empty((corpus.n_pairs, columns + heads))
    X[:, :columns] = basis * np.sqrt(len(basis))
    for layer in layers:
        X[:, at : at + layer.shape[1]] = layer
        at += layer.shape[1]
    own = X[:, columns:]  # in place: of a large model this is the largest thing there is
    own -= own.mean(axis=0)
    spread = own.std(axis=0)
    varied = spread > 0
    own /= np.where(varied, spread, 1)
    return (X if varied.all() else X[:, np.r_[np.ones(columns, dtype=bool), varied]]), columns


class Gained(NamedTuple):
    """less : what heads take off the baseline's squared errors; sst : squares about the mean; (sentences, signals) each

    penalties : as `Predicted` has them
    """

    less: FloatArray
    sst: FloatArray
    penalties: FloatArray


def gained(split: Split, X: FloatArray, columns: int, kinds: Sequence[slice], corpus: Corpus) -> Gained:
    """X, columns : of `regressors`; kinds : of signals with one penalty each"""
    article = corpus.articles[corpus.pairs.sentence]
    found, alone = predict(split, X, columns, kinds), split.held_out(X[:, :columns], predict=True)
    assert alone.predicted is not None  # asked for
    sse, sst = held_out(found.predicted, split.Y, article, corpus.offsets)
    return Gained(held_out(alone.predicted, split.Y, article, corpus.offsets)[0] - sse, sst, found.penalties)


class AllLayers(NamedTuple):
    """Of one model and group: a row a reader and signal, and '{signal}/r2_unique_b2_all_layers' -> sums of squares."""

    table: pd.DataFrame
    sums: dict[str, Sums]


def all_layers(attention: Attention, gaze: Gaze, corpus: Corpus) -> AllLayers:
    """Every reader and signal, in `plain`, of the layers there are. Needs text; raises CorpusError for one article."""
    layers = (attention.layer(PLAIN, layer).T for layer in attention.layers)
    X, columns = regressors(corpus, layers, len(attention.layers) * attention.n_heads)
    signals = {name: gaze.scored(name) for name in gaze.signals}
    Y = np.concatenate([signal.values for signal in signals.values()]).T
    ends = np.cumsum([len(signal.readers) for signal in signals.values()])
    kinds = [slice(end - len(signal.readers), end) for end, signal in zip(ends, signals.values(), strict=True)]
    less, sst, chosen = gained(Split(Y, corpus.articles[corpus.pairs.sentence]), X, columns, kinds, corpus)
    total = sst.sum(axis=0)
    gain = np.divide(less.sum(axis=0), total, out=np.full(len(total), np.nan), where=total > 0)
    labels = {"model": attention.model, "group": gaze.group, "readers_are": gaze.readers_are}
    tables, sums = [], {}
    for (name, signal), kind, penalties in zip(signals.items(), kinds, chosen.T, strict=True):
        log.info("%s, %s, %s: penalties by article %s", attention.model, gaze.group, name, penalties.tolist())
        values = {SCORE: gain[kind], "heads": X.shape[1] - columns, "penalty": np.median(penalties)}
        tables.append(pd.DataFrame({"reader": signal.readers, "signal": name, **labels, **values}))
        sums[f"{name}/{SCORE}"] = Sums((sst - less)[None, :, kind], sst[:, kind], signal.readers)
    return AllLayers(pd.concat(tables, ignore_index=True)[ALL_LAYERS.names], sums)
