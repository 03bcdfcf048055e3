"""Where the eyes go next: does attention tell, beyond position and word length, where a saccade lands?

P(j | i) = exp(b' B_ij + g' A_ij) / sum over all words j of the sentence; `docs/landing.md` derives it. B is
`landing_regressors.baseline`; A, the heads of a layer, is attention back (zero ahead), or that and what the words ahead
will pay to i. Coefficients are a group's: they are fitted to the saccades of all its readers, of all articles but one,
and the log-likelihood of that one is taken reader by reader and sentence by sentence.

Two penalties. The baseline's is 1 for each column of unit variance, the weight of about one saccade, which keeps its
coefficients finite where nobody ever lands. The heads' is the one of PENALTIES under which the training articles
predict one another best; the last of them is infinite, attention left out, so that heads which hold nothing cost
nothing. It is no estimate from the training likelihood (evidence): that takes the saccades of a word for independent,
while readers share what draws them to it, and trusts heads too much.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from readalike.cells import cells
from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.errors import CorpusError
from readalike.files.attention import Attention
from readalike.files.contracts.landing import LANDING
from readalike.files.landings import Landings
from readalike.measures.conditional_logit import Choices, Fits, fit
from readalike.measures.held_out import left_out
from readalike.measures.landing_regressors import AHEAD, BACK, baseline, of_attention, standardised
from readalike.measures.swaps import swaps

PENALTIES = (10.0, 100.0, 1e3, 1e4, 1e5, np.inf)
BASELINE_PENALTY = 1.0
# Parts of the training articles that predict one another; with five articles each is an article.
INNER = 4
BACKWARD, MIRRORED = (BACK,), (BACK, AHEAD)


@dataclass(frozen=True)
class HeldOut:
    """Held-out gains of one set of heads over the baseline.

    log_p : (cells,) log probability of each landing, from the other articles
    penalty : (articles,) of the heads, chosen without the article
    inner : (articles,) nats a saccade that the training articles gained of one another under it: nothing of the article
        itself is in it, so that a layer can be chosen by it
    """

    log_p: FloatArray
    penalty: FloatArray
    inner: FloatArray


def parts(articles: IntArray) -> tuple[IntArray, IntArray]:
    """What fits may leave out. Returns (sentences,) part of each sentence and (parts,) place of the article it is of.

    A part is an article. Of two articles only one is left to choose a penalty on, so that each is cut in INNER parts.
    Raises CorpusError for a single article.
    """
    left_out(articles)
    names, article = np.unique(articles, return_inverse=True)
    if len(names) > 2:
        return article, np.arange(len(names))
    part = np.zeros(len(article), dtype=np.int64)
    for k in range(len(names)):
        for number, sentences in enumerate(np.array_split(np.flatnonzero(article == k), INNER)):
            part[sentences] = k * INNER + number
    return part, np.repeat(np.arange(len(names)), INNER)


class Landing:
    """The saccades of one group with the baseline fitted; then scores any attention."""

    def __init__(self, found: Landings, corpus: Corpus) -> None:
        """Raises CorpusError for a corpus without text or of one article."""
        if not corpus.has_text:
            raise CorpusError("the corpus has lengths only: word length is unknown, which the baseline needs")
        self.found, self.corpus, self.cells = found, corpus, cells(corpus)
        part, self._article = parts(corpus.articles)
        self.n_articles = int(self._article.max()) + 1
        row_part = part[self.cells.row_sentence]
        self.article = self.cells.by_row(self._article[row_part])  # (cells,)
        pooled = found.counts.sum(axis=0).astype(np.float64)
        X = standardised(baseline(corpus, self.cells), self.cells)
        self.base = Choices(X, pooled, row_part, len(self._article), self.cells)
        self.saccades = np.bincount(self.article, weights=pooled)  # (articles,)
        everything = np.ones((len(self._article), 1))
        self.start = self._fit(self.base, everything, np.zeros(1), np.zeros(X.shape[1])).B[:, 0]
        self.baseline = self._fit(self.base, self.seen, np.zeros(self.seen.shape[1]), self.start)

    @cached_property
    def inner(self) -> list[list[IntArray]]:
        """For each article those parts of the others that predict one another."""
        others = [np.flatnonzero(self._article != k) for k in range(self.n_articles)]
        return [np.array_split(parts, min(INNER, len(parts))) for parts in others]

    @cached_property
    def _places(self) -> dict[frozenset[int], int]:
        """Parts that some fit must not see -> its place among the fits; an article alone stands at its own place."""
        outer = [frozenset(np.flatnonzero(self._article == k).tolist()) for k in range(self.n_articles)]
        inner = [outer[k].union(some.tolist()) for k in range(self.n_articles) for some in self.inner[k]]
        return {unseen: place for place, unseen in enumerate(dict.fromkeys([*outer, *inner]))}

    def _place(self, k: int, some: IntArray) -> int:
        """Of the fit that sees neither article k nor some parts of the others."""
        return self._places[frozenset([*np.flatnonzero(self._article == k).tolist(), *some.tolist()])]

    @cached_property
    def seen(self) -> FloatArray:
        """(parts, fits) what each fit of `_places` sees."""
        result = np.ones((len(self._article), len(self._places)))
        for unseen, place in self._places.items():
            result[list(unseen), place] = 0
        return result

    def _fit(self, choices: Choices, seen: FloatArray, heads: FloatArray, start: FloatArray) -> Fits:
        """heads : (fits,) penalty of the heads, if there are any beside the baseline"""
        penalty = np.full((choices.X.shape[1], seen.shape[1]), BASELINE_PENALTY)
        penalty[self.base.X.shape[1] :] = heads
        return fit(choices, seen, penalty, start)

    @cached_property
    def baseline_log_p(self) -> FloatArray:
        """(cells,) log probabilities without attention, from the other articles."""
        return self._of_own_article(self.base, self.baseline.B[:, : self.n_articles])

    def _of_own_article(self, choices: Choices, B: FloatArray) -> FloatArray:
        """(cells,) each article's log probabilities by the fit that did not see it."""
        own: FloatArray = choices.log_p(B)[np.arange(len(self.article)), self.article]
        return own

    def held_out(self, attention: FloatArray, sides: tuple[str, ...] = BACKWARD) -> HeldOut:
        """attention : (heads, pairs)"""
        heads = standardised(of_attention(attention, self.cells, sides), self.cells)
        base = self.base
        choices = Choices(np.column_stack([base.X, heads]), base.counts, base.part, base.n_parts, self.cells)
        starts = self._starts(choices)
        chosen, inner = self._penalties(choices, starts)
        log_p = self.baseline_log_p.copy()
        some = np.isfinite(chosen)
        if some.any():
            B = np.zeros((choices.X.shape[1], self.n_articles))
            for penalty in np.unique(chosen[some]):
                own = np.flatnonzero(chosen == penalty)
                B[:, own] = self._fit(choices, self.seen[:, own], np.full(len(own), penalty), starts[penalty]).B
            inside = some[self.article]
            log_p[inside] = self._of_own_article(choices, B)[inside]
        return HeldOut(log_p, chosen, inner)

    def _starts(self, choices: Choices) -> dict[float, FloatArray]:
        """Finite penalty -> coefficients of all articles under it, near which those without some of them are found."""
        start = np.pad(self.start, (0, choices.X.shape[1] - len(self.start)))
        everything = np.ones((len(self._article), 1))
        found: dict[float, FloatArray] = {}
        for penalty in sorted(filter(np.isfinite, PENALTIES), reverse=True):
            start = found[penalty] = self._fit(choices, everything, np.full(1, penalty), start).B[:, 0]
        return found

    def _penalties(self, choices: Choices, starts: Mapping[float, FloatArray]) -> tuple[FloatArray, FloatArray]:
        """The best penalty for each article and what it gains, both (articles,) and from the other articles alone."""
        n = self.n_articles
        seen = self.seen[:, n:]
        base = self.baseline.loss[:, n:]
        # Without attention nothing is gained.
        saved = np.zeros((*base.shape, len(PENALTIES)))
        for place, penalty in enumerate(PENALTIES):
            if penalty in starts:
                fits = self._fit(choices, seen, np.full(seen.shape[1], penalty), starts[penalty])
                saved[..., place] = base - fits.loss
        gains = np.zeros((n, len(PENALTIES)))
        for k in range(n):
            for some in self.inner[k]:
                gains[k] += saved[some, self._place(k, some) - n].sum(axis=0)
            gains[k] /= self.saccades.sum() - self.saccades[k]
        # Of equal ones the larger penalty.
        best = gains.shape[1] - 1 - gains[:, ::-1].argmax(axis=1)
        return np.array(PENALTIES)[best], gains[np.arange(n), best]

    def by_sentence(self, log_p: FloatArray) -> FloatArray:
        """Nats of each reader's saccades in each sentence, (readers, sentences), from a value a cell."""
        return np.add.reduceat(self.found.counts * log_p, self.cells.offsets[:-1], axis=1)

    def side(self, log_p: FloatArray) -> FloatArray:
        """Log probability of each cell's side, back or staying against ahead, (cells,)."""
        back = self.cells.back
        p = np.exp(log_p)
        behind = self.cells.by_row(np.add.reduceat(p * back, self.cells.starts))
        ahead = self.cells.by_row(np.add.reduceat(p * ~back, self.cells.starts))
        return np.log(np.where(back, behind, ahead))


@dataclass(frozen=True)
class Scores:
    """table : as LANDING says; sums : what `-sentences.h5` holds, by name

    In `sums` nats are sums over the saccades of a sentence: `saccades` and `baseline` (readers, sentences), `gain` and
    `gain_swapped` (layers, readers, sentences); `inner` and `penalty` (layers, articles) as in `HeldOut`.
    """

    table: pd.DataFrame
    sums: dict[str, FloatArray]


def landing(attention: Attention, found: Landings, corpus: Corpus, *, seed: int) -> Scores:
    """Nats a saccade that each layer in `plain` adds to the baseline, for every reader, and what controls add.

    seed : of the shuffles, a new one for each layer, and of the arrangement in which sentences of equal length swap
        their attention, one for all layers: the first of those of `measures.swaps`
    """
    model = Landing(found, corpus)
    swapped = swaps(corpus, seed, 1).order(0)
    uniform = -np.log(model.cells.row_lengths)
    saccades = model.by_sentence(np.ones(len(model.article)))
    sums: dict[str, list[FloatArray]] = {name: [] for name in ("gain", "gain_swapped", "inner", "penalty")}
    base = model.baseline_log_p
    over_uniform = model.by_sentence(base - model.cells.by_row(uniform))
    rows = []
    for layer in attention.layers:
        own = attention.layer(PLAIN, layer)
        shuffle = np.random.default_rng([seed, layer]).permutation(corpus.n_pairs)
        others = own[:, swapped]
        held = model.held_out(own)
        gains = {
            "gain": held.log_p - base,
            "gain_side": model.side(held.log_p) - model.side(base),
            "gain_swapped": model.held_out(others).log_p - base,
            "gain_shuffled": model.held_out(own[:, shuffle]).log_p - base,
            "gain_both": model.held_out(own, MIRRORED).log_p - base,
            "gain_both_swapped": model.held_out(others, MIRRORED).log_p - base,
        }
        nats = {name: model.by_sentence(value) for name, value in gains.items()}
        rows.append(_rows(found.readers, layer, saccades, {"baseline": over_uniform, **nats}))
        for name, value in (("inner", held.inner), ("penalty", held.penalty)):
            sums[name].append(value)
        for name in ("gain", "gain_swapped"):
            sums[name].append(nats[name])
    table = pd.concat(rows, ignore_index=True)
    labels = {"model": attention.model, "group": found.group, "readers_are": found.readers_are}
    stacked = {name: np.stack(values) for name, values in sums.items()}
    return Scores(table.assign(**labels)[LANDING.names], {"saccades": saccades, "baseline": over_uniform, **stacked})


def _rows(readers: Sequence[str], layer: int, saccades: FloatArray, nats: dict[str, FloatArray]) -> pd.DataFrame:
    """A row a reader: sums over sentences, divided by the reader's saccades; empty for a reader who made none."""
    total = saccades.sum(axis=1)
    made = np.where(total > 0, total, np.nan)
    scores = {name: value.sum(axis=1) / made for name, value in nats.items()}
    return pd.DataFrame({"layer": layer, "reader": readers, "saccades": total.astype(np.int64), **scores})
