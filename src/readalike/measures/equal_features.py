"""Resemblance at equal numbers of features: do larger models resemble readers more only since they have more heads?

A layer of many heads has many regressors, of which a held-out score may use more. So every layer is scored on as many
features, as many as the smallest number of heads among the models that are compared: on random subsets of its heads,
and on its first principal components. Subsets lose what the other heads know; components keep the most of what varies.

Held out as `held_out` does it, with no fit to pairs anew: heads are known by their coordinates in the orthonormal basis
of the layer, so that subsets and components are directions there, and the sums of products by article those along them.
"""

import logging
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.errors import FileFormatError
from readalike.files.attention import Attention
from readalike.files.contracts.equal_features import EQUAL_FEATURES, EQUAL_FOLDS
from readalike.files.gaze import Gaze
from readalike.measures.held_out import HeldOut, Products, Split, total_of
from readalike.measures.regression import orthonormal

log = logging.getLogger("readalike")

DRAWS = 100
RANGE = (0.025, 0.975)


def subsets(heads: int, features: int, seed: int, draws: int = DRAWS) -> IntArray:
    """Which heads each draw takes, (draws, features), in order; the same for all readers and layers of one size."""
    rng = np.random.default_rng([seed, 0xE9A1, heads, features])
    return np.sort([rng.choice(heads, features, replace=False) for _ in range(draws)], axis=1)


def span(coordinates: FloatArray, pairs: int) -> FloatArray:
    """Orthonormal directions that columns span, (rank, columns) -> (rank, directions).

    pairs : rows of the attention, which rounding grows with, as in `regression.orthonormal`
    """
    U, singular, _ = np.linalg.svd(coordinates, full_matrices=False)
    return U[:, singular > singular.max(initial=0) * pairs * np.finfo(float).eps]


class EqualScores(NamedTuple):
    """One layer against signals: with all its heads, by subset and on components.

    counts : (subsets,) how often each different subset was drawn
    """

    plain: HeldOut
    of_subsets: list[HeldOut]
    counts: IntArray
    components: HeldOut

    @property
    def draws(self) -> FloatArray:
        """Held-out R2 of every draw, (draws, signals)."""
        return np.repeat([found.r2 for found in self.of_subsets], self.counts, axis=0)

    @property
    def sse_subsets(self) -> FloatArray:
        """Mean over the draws, (articles, signals)."""
        return np.average([found.sse for found in self.of_subsets], axis=0, weights=self.counts)


def equal_scores(X: FloatArray, split: Split, drawn: IntArray, features: int) -> EqualScores:
    """X : (pairs, heads) attention of a layer; drawn : (draws, features) heads of each draw (`subsets`)."""
    basis = orthonormal(X)
    sums = split.by_article(basis)
    centred = X - X.mean(axis=0)
    norms = np.linalg.norm(centred, axis=0)
    varies = norms > 1e-12 * np.linalg.norm(X, axis=0)  # as in `orthonormal`: what is less is rounding
    heads = np.where(varies, basis.T @ centred, 0)  # (rank, heads), in units of attention
    # A subset is what its heads span, whatever their scale.
    alike = heads / np.where(varies, norms, 1)
    different, counts = np.unique(drawn, axis=0, return_counts=True)
    of_subsets = [_along(split, sums, span(alike[:, chosen], len(X))) for chosen in different]
    return EqualScores(split.of_products(sums), of_subsets, counts, _on_components(split, sums, heads, features))


def _along(split: Split, sums: list[Products], directions: FloatArray) -> HeldOut:
    return split.of_products([fold.along(directions) for fold in sums])


def _on_components(split: Split, sums: list[Products], heads: FloatArray, features: int) -> HeldOut:
    """Each fold on the principal components of its training articles: heads about their training means, not scaled.

    Attention has one unit in all heads, and a head that hardly varies in training should not be blown up.

    heads : (rank, heads) coordinates of the heads
    """
    total, pairs = total_of(sums), sum(fold.n for fold in sums)
    found = []
    for own in sums:
        train = total - own
        covariance = heads.T @ train.about(train.Z / train.n, train.Y / train.n)[0] @ heads
        axes = np.linalg.eigh(covariance)[1][:, ::-1][:, :features]  # (heads, features), those that vary most first
        found.append(_along(split, sums, span(heads @ axes, pairs)))
    # Of each set of components the fold that they were made for.
    sse, r2_train = (np.stack([getattr(fold, name)[k] for k, fold in enumerate(found)]) for name in ("sse", "r2_train"))
    dropped = np.array([fold.dropped[k] for k, fold in enumerate(found)])
    return HeldOut(sse, found[0].sst, r2_train, dropped, split.flat)


class EqualFeatures(NamedTuple):
    """Of one model to one group: scores by layer, and squared errors by left-out article and reader."""

    table: pd.DataFrame
    folds: pd.DataFrame


def equal_features(
    attention: Attention, gaze: Gaze, corpus: Corpus, *, features: int, seed: int, draws: int = DRAWS
) -> EqualFeatures:
    """Every layer against every signal on `features` of its heads or components, in `plain`.

    Raises FileFormatError where a layer has fewer heads than that.
    """
    article = corpus.articles[corpus.pairs.sentence]
    signals = {name: gaze.scored(name) for name in gaze.signals}
    split = Split(np.concatenate([signal.values for signal in signals.values()]).T, article)
    of_signal = np.repeat(list(signals), [len(signal.readers) for signal in signals.values()])
    readers = [reader for signal in signals.values() for reader in signal.readers]
    labels = {"model": attention.model, "group": gaze.group, "readers_are": gaze.readers_are}
    rows, folds = [], []
    for layer in attention.layers:
        X = attention.layer(PLAIN, layer).T
        heads = X.shape[1]
        if not 1 <= features <= heads:
            raise FileFormatError(
                f"{attention.path}: layer {layer} has {heads} heads, and {features} were asked for; at least 1 and at "
                "most the smallest number of heads of the models compared"
            )
        scores = equal_scores(X, split, subsets(heads, features, seed, draws), features)
        drawn = pd.DataFrame(scores.draws)
        for name in signals:
            own = of_signal == name
            # Means over the readers whose signal varies, and of them over draws: empty where there are none.
            by_draw = drawn.loc[:, own].mean(axis=1)
            low, high = by_draw.quantile(RANGE[0]), by_draw.quantile(RANGE[1])
            r2 = (pd.Series(found.r2[own]).mean() for found in (scores.plain, scores.components))
            plain, components = r2
            counts = (heads, features, len(scores.counts), int((own & ~split.flat).sum()))
            rows.append((*labels.values(), name, layer, *counts, plain, by_draw.mean(), low, high, components))
        for k, number in enumerate(np.unique(article)):
            errors = {"sse_subsets": scores.sse_subsets[k], "sse_components": scores.components.sse[k]}
            own_fold = {"layer": layer, "article": number, "features": features, **errors, "sst": scores.plain.sst[k]}
            folds.append(pd.DataFrame({**labels, "signal": of_signal, "reader": readers, **own_fold}))
    log.info("%s and %s: %d features of each layer", attention.model, gaze.group, features)
    return EqualFeatures(
        pd.DataFrame(rows, columns=EQUAL_FEATURES.names), pd.concat(folds, ignore_index=True)[EQUAL_FOLDS.names]
    )
