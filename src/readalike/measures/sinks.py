"""What attention adds to baseline b2 with its sinks out of the way: rows renormalised, the first word left out.

Attention to a start token and to a prefix is dropped, so that rows sum to less than 1; and of what is left much goes to
the sentence's first word, where heads put what they have no use for (Xiao et al. 2024, arXiv 2309.17453). An answer
should hang on neither. Two changes, and both together, of attention as it is kept:

- rows renormalised: every row (word that looks) of a head sums to 1 over the words of the sentence. A row without mass
  stays 0 in all its cells: the head looks at nothing there, and a cell that one head lacks would be lost to all.
- first word left out: cells (i, 0) are left out of attention, of baseline and of the readers, since the question then
  is about looks at other words. With attention to it set to 0 instead, the readers' many looks at the first word would
  still be there to be explained, by zeros that tell one column from the others. (0, 0) goes with them: the first word
  has no other one to look at.
- both: the first word left out, then rows renormalised over the others.

As extracted, the score is `r2_unique_b2` of `measures.resemblance`; these are made as it is, with the same shuffles.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.files.attention import Attention
from readalike.files.contracts.sinks import SINKS
from readalike.files.gaze import Gaze
from readalike.files.sums import Sums
from readalike.measures.held_out import Split
from readalike.measures.regression import BoolArray, orthonormal, shuffles
from readalike.measures.regressors import HEADLINE, baseline
from readalike.measures.sums import held_out

log = logging.getLogger("readalike")


class Variant(NamedTuple):
    """renormalised : rows sum to 1; others : the first word is left out"""

    renormalised: bool
    others: bool


# End of a column's name -> what is done.
VARIANTS: Mapping[str, Variant] = {
    "renormalised": Variant(renormalised=True, others=False),
    "others": Variant(renormalised=False, others=True),
    "others_renormalised": Variant(renormalised=True, others=True),
}


class Kept(NamedTuple):
    """Pairs of a corpus that are left, in its order: which they are, and where rows, sentences and articles are then.

    pairs : (corpus pairs,) whether a pair is left
    rows : (rows,) first of each row; offsets : (sentences + 1,) first of each sentence that has any, then their number
    article : (pairs left,); orders : shuffles of them, those of the corpus without the others
    """

    pairs: BoolArray
    rows: IntArray
    offsets: IntArray
    article: IntArray
    orders: Sequence[IntArray]


def kept(corpus: Corpus, seed: int, *, others: bool) -> Kept:
    """All pairs, or those that do not look at the sentence's first word. A sentence of one word has none of these."""
    sentence, i, j = corpus.pairs
    left = j > 0 if others else np.ones(corpus.n_pairs, dtype=np.bool_)
    place = np.cumsum(left) - 1
    orders = [place[order[left[order]]] for order in shuffles(corpus, seed)]
    rows = _starts(sentence[left], i[left])
    offsets = np.append(_starts(sentence[left]), left.sum())
    return Kept(left, rows, offsets, corpus.articles[sentence[left]], orders)


def _starts(*labels: IntArray) -> IntArray:
    """Where labels that stand together begin to be others, the first place included."""
    new = np.any([np.diff(own, prepend=-1) != 0 for own in labels], axis=0)
    return np.flatnonzero(new).astype(np.int64)


def renormalised(X: FloatArray, rows: IntArray) -> FloatArray:
    """Attention of which every row sums to 1; a row without mass stays as it is.

    X : (pairs, heads); rows : (rows,) first pair of each row
    """
    mass = np.repeat(np.add.reduceat(X, rows, axis=0), np.diff(rows, append=len(X)), axis=0)
    result: FloatArray = np.divide(X, mass, out=np.zeros_like(X), where=mass > 0)
    return result


class Beyond(NamedTuple):
    """What a layer adds to the baseline: r2, null : (signals,), null with shuffled attention; sse, sst : by sentence.

    sse, sst : (sentences, signals), of which the sums are those of a score that is `r2` (`measures.beyond`)
    """

    r2: FloatArray
    null: FloatArray
    sse: FloatArray
    sst: FloatArray


class BesideBaseline:
    """Signals on pairs that are left, and what the baseline tells of them: made once, for every layer and head."""

    def __init__(self, corpus: Corpus, Y: FloatArray, left: Kept) -> None:
        """Y : (corpus pairs, signals)"""
        self.left, self.Y, self.known = left, Y[left.pairs], baseline(corpus, HEADLINE)[left.pairs]
        self.split = Split(self.Y, left.article)
        self.alone = orthonormal(self.known)
        self.alone_r2, self.alone_sse, self.sst = self._scored(self.alone)

    def _scored(self, basis: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """R2 (signals,), SSE and SST (sentences, signals)."""
        found = self.split.held_out(basis, predict=True)
        assert found.predicted is not None  # asked for
        return found.r2, *held_out(found.predicted, self.Y, self.left.article, self.left.offsets)

    def beyond(self, X: FloatArray) -> Beyond:
        """X : (pairs left, heads) attention of a layer."""
        r2, sse, _ = self._scored(orthonormal(np.column_stack([self.known, X])))
        by_rows = np.ascontiguousarray(orthonormal(X))
        shuffled = [self.split.held_out(np.column_stack([self.alone, by_rows[order]])).r2 for order in self.left.orders]
        null = np.mean(shuffled, axis=0) - self.alone_r2
        return Beyond(r2 - self.alone_r2, null, self.sst - (self.alone_sse - sse), self.sst)


class Sinks(NamedTuple):
    """Of one model and group: a long table, and '{signal}/r2_unique_b2_{variant}' -> sums of squares."""

    table: pd.DataFrame
    sums: dict[str, Sums]


def sinks(attention: Attention, gaze: Gaze, corpus: Corpus, *, seed: int) -> Sinks:
    """Every layer against every reader and signal, in `plain`, by every variant. Needs text."""
    signals = {name: gaze.scored(name) for name in gaze.signals}
    Y = np.concatenate([signal.values for signal in signals.values()]).T
    of_signal = np.repeat(list(signals), [len(signal.readers) for signal in signals.values()])
    labels = pd.DataFrame(
        {
            **{"model": attention.model, "group": gaze.group, "readers_are": gaze.readers_are, "signal": of_signal},
            "reader": [reader for signal in signals.values() for reader in signal.readers],
        }
    )
    scored = {others: BesideBaseline(corpus, Y, kept(corpus, seed, others=others)) for others in (False, True)}
    tables, empty = [], 0
    sse: dict[str, list[FloatArray]] = {name: [] for name in VARIANTS}
    sst: dict[str, FloatArray] = {}
    for layer in attention.layers:
        A = attention.layer(PLAIN, layer).T
        columns: dict[str, FloatArray] = {}
        for name, variant in VARIANTS.items():
            own = scored[variant.others]
            X = A[own.left.pairs]
            if variant.renormalised:
                empty += int((np.add.reduceat(X, own.left.rows, axis=0) == 0).sum())
                X = renormalised(X, own.left.rows)
            found = own.beyond(X)
            columns |= {f"r2_unique_b2_{name}": found.r2, f"r2_unique_b2_{name}_null": found.null}
            sse[name].append(found.sse)
            sst[name] = found.sst
        tables.append(labels.assign(layer=layer, **columns))
    log.info("%s and %s: %d rows of heads without mass, which stay 0", attention.model, gaze.group, empty)
    return Sinks(
        pd.concat(tables, ignore_index=True)[SINKS.names],
        {
            f"{name}/r2_unique_b2_{variant}": Sums(
                np.stack(sse[variant])[:, :, of_signal == name], sst[variant][:, of_signal == name], signal.readers
            )
            for variant in VARIANTS
            for name, signal in signals.items()
        },
    )
