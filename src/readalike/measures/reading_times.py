"""Does surprisal, or how evenly attention is spread, tell how long a word is read, beyond length, place, frequency?

By delta log-likelihood (Goodkind and Bicknell 2018; Wilcox et al. 2020): held-out nats a word of a linear model of log
times with predictors of a word and of the one before it (what a word costs spills over to the next), minus those of the
same model without them; `measures.incomplete`. `docs/reading-times.md` says why logarithms and why this baseline.

Beside it stands the slope: by how much the logarithm of a time rises where a predictor is a standard deviation higher,
of the word and of the one before. A gain says how much is predicted; a slope has a direction, and a test of it is right
(`docs/calibration.md`).

Scored are the words that have words of their sentence on either side: the first has none before it to spill over, and
at the last readers finish the sentence, so that its times are about more than the word.
"""

import itertools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray
from readalike.errors import CorpusError
from readalike.files.attention import Attention
from readalike.files.contracts.reading_times import READING_TIMES
from readalike.files.reading_times import ReadingTimes
from readalike.measures.entropy import entropy_of_rows
from readalike.measures.incomplete import OF_GROUP, SLOPES, Incomplete
from readalike.measures.swaps import swaps

SURPRISAL, ENTROPY, BOTH, SWAPPED = PREDICTORS = ("surprisal", "entropy", "both", "entropy, another sentence's")
LOG, MS = SCALES = ("log", "ms")
# Of sums by sentence: words that have a time.
WORDS = "words"
# Slopes: of a predictor, and with what else in the model beside the baseline.
OF_SURPRISAL, OF_ENTROPY, OF_BEYOND, OF_BESIDE = SUMMED_SLOPES = (
    "slope of surprisal",
    "slope of entropy",
    "slope of entropy beyond surprisal",
    "slope of entropy beyond another sentence's",
)


class Words:
    """The words of a corpus that are scored, and regressors of each and of the word before it."""

    def __init__(self, corpus: Corpus) -> None:
        """Raises CorpusError for a corpus of lengths only."""
        if not corpus.has_text:
            raise CorpusError("the corpus has lengths only: word length is unknown, which the baseline needs")
        place = np.concatenate([np.arange(n) for n in corpus.lengths])
        self.sentence = np.repeat(np.arange(len(corpus.sentences)), corpus.lengths)
        self.at = np.flatnonzero((place > 0) & (place < corpus.lengths[self.sentence] - 1))
        self.place, self.sentence = place[self.at], self.sentence[self.at]
        self.article = corpus.articles[self.sentence]
        self.corpus = corpus

    def with_previous(self, values: FloatArray) -> FloatArray:
        """(words of the corpus,) -> (scored, 2): of each scored word and of the one before.

        A value that is not known (NaN), of a first word before which no start token stands, is the mean of scored ones.
        """
        known = values[self.at]
        filled = np.where(np.isnan(values), np.nanmean(known) if np.isfinite(known).any() else 0.0, values)
        return np.column_stack([filled[self.at], filled[self.at - 1]])

    def baseline(self, zipf: FloatArray | None) -> FloatArray:
        """Characters, punctuation at the end, Zipf frequency (where known) of both words; place, its logarithm, words.

        zipf : (words of the corpus,). Returns (scored, 7 or 9)
        """
        words = [word for item in self.corpus.sentences for word in item.words]
        characters = np.array([len(word) for word in words], dtype=np.float64)
        ends = np.array([unicodedata.category(word[-1:] or " ")[0] == "P" for word in words], dtype=np.float64)
        columns = [self.with_previous(values) for values in (characters, ends, *(() if zipf is None else (zipf,)))]
        place = [self.place, np.log(self.place + 1), self.corpus.lengths[self.sentence]]
        return np.column_stack([*columns, *place])

    def evenness(self, attention: FloatArray) -> FloatArray:
        """Entropy of each word's attention over its largest value ln(i + 1), mean over heads: (words of the corpus,).

        attention : (heads, pairs). NaN for a sentence's first word, which has one word to look at, and for a word whose
        attention has no mass in any head.
        """
        rows = entropy_of_rows(attention, self.corpus)
        there = ~np.isnan(rows)
        mean = np.where(there, rows, 0).sum(axis=0) / np.where(there.any(axis=0), there.sum(axis=0), np.nan)
        most = np.log(np.concatenate([np.arange(n) for n in self.corpus.lengths]) + 1)
        return np.where(most > 0, mean / np.where(most > 0, most, 1), np.nan)


@dataclass(frozen=True)
class Scores:
    """table : as READING_TIMES says; sums : what `-sentences.h5` holds, of log times and slopes of the group, by name

    `{measure} words` (readers, sentences): words with a time that are scored. `{measure} {predictor}`, of surprisal
    (readers, sentences), of others (layers, readers, sentences): nats gained, summed over them. `{measure} {slope}`, of
    SUMMED_SLOPES, as large: what the sentence has to do with the slope over all readers, which they sum to; NaN for a
    reader who is not scored.
    """

    table: pd.DataFrame
    sums: dict[str, FloatArray]


def reading_time_scores(
    attention: Attention,
    found: ReadingTimes,
    corpus: Corpus,
    *,
    surprisal: FloatArray | None,
    zipf: FloatArray | None,
    seed: int,
) -> Scores:
    """What each predictor gains over the baseline, for every reader and time, and its slope.

    By layer where attention is in it.

    surprisal, zipf : (words of the corpus,) or None where it is not known; then it is in no model
    seed : of the arrangement in which sentences swap their attention, the first of those of `measures.swaps`
    """
    words = Words(corpus)
    base = words.baseline(zipf)
    unexpected = None if surprisal is None else words.with_previous(surprisal)
    swapped = swaps(corpus, seed, 1).order(0)
    most = base.shape[1] + (2 if unexpected is None else 4)
    columns: dict[tuple[str, int | None], FloatArray] = {}
    # Of each slope what else is in the model, and the columns that it is of.
    sloping: list[tuple[str, FloatArray, FloatArray]] = []
    if unexpected is not None:
        columns[SURPRISAL, None] = unexpected
        sloping.append((OF_SURPRISAL, base, unexpected))
    for layer in attention.layers:
        own = attention.layer(PLAIN, layer)
        even = words.with_previous(words.evenness(own))
        columns[ENTROPY, layer] = even
        other = words.with_previous(words.evenness(own[:, swapped]))
        sloping += [(OF_ENTROPY, base, even), (OF_BESIDE, np.column_stack([base, other]), even)]
        if unexpected is not None:
            columns[BOTH, layer] = np.column_stack([unexpected, even])
            sloping.append((OF_BEYOND, np.column_stack([base, unexpected]), even))
        columns[SWAPPED, layer] = other
    tables: list[pd.DataFrame] = []
    sums: dict[str, list[FloatArray]] = {}
    for measures in _missing_alike(found.times):
        ms = np.stack([found.times[name][:, words.at] for name in measures])
        model = Incomplete(np.concatenate([np.log(ms), ms]), words.article, most)
        bases, mean = {slopes: model.held_out(base, slopes) for slopes in SLOPES}, model.held_out(base[:, :0], OF_GROUP)
        kinds = [(name, scale) for scale in SCALES for name in measures]
        for slopes, ((predictor, at), own_columns) in itertools.product(SLOPES, columns.items()):
            without = bases[slopes]
            nats = model.held_out(np.column_stack([base, own_columns]), slopes)
            for k, (name, scale) in enumerate(kinds):
                gain = nats[k] - without[k]
                tables.append(_rows(gain, without[k] - mean[k], found.readers).assign(
                    measure=name, scale=scale, slopes=slopes, predictor=predictor, layer=at))  # fmt: skip
                if (scale, slopes) == (LOG, OF_GROUP):
                    sums.setdefault(f"{name} {predictor}", []).append(_by_sentence(gain, words))
        for slope, without, own_columns in sloping:
            total, moved = model.summed_slopes(
                np.column_stack([without, own_columns]), own_columns.shape[1], words.sentence, len(measures)
            )
            for k, name in enumerate(measures):
                parts = parts_of_slope(total[k], moved[k], model.scored, words)
                sums.setdefault(f"{name} {slope}", []).append(parts)
        for k, name in enumerate(measures):
            sums[f"{name} {WORDS}"] = [_by_sentence(np.where(np.isnan(mean[k]), np.nan, 1.0), words)]
    table = pd.concat(tables, ignore_index=True)
    labels = {"model": attention.model, "group": found.group, "readers_are": found.readers_are}
    by_layer = {name: np.stack(values) for name, values in sums.items()}
    of_words = (WORDS, SURPRISAL, OF_SURPRISAL)
    flat = {name: values[0] if name.partition(" ")[2] in of_words else values for name, values in by_layer.items()}
    return Scores(table.assign(layer=table["layer"].astype("Int64"), **labels)[READING_TIMES.names], flat)


def _missing_alike(times: Mapping[str, FloatArray]) -> list[list[str]]:
    """Measures that the same readers lack for the same words, side by side."""
    found: list[list[str]] = []
    for name, ms in times.items():
        alike = next((own for own in found if (np.isnan(times[own[0]]) == np.isnan(ms)).all()), None)
        if alike is None:
            found.append([name])
        else:
            alike.append(name)
    return found


def _by_sentence(values: FloatArray, words: Words) -> FloatArray:
    """(readers, scored) -> sums (readers, sentences), what is missing left out."""
    whole = np.zeros((len(values), len(words.corpus.sentences)))
    np.add.at(whole.T, words.sentence, np.where(np.isnan(values), 0, values).T)
    return whole


def parts_of_slope(total: float, moved: FloatArray, scored: NDArray[np.bool_], words: Words) -> FloatArray:
    """A slope and what each word has to do with it -> contributions (readers, sentences) that sum to the slope."""
    found = _by_sentence(moved, words)
    # Left out one by one, sentences do not move it by 0 in the mean.
    even = (total - found[scored].sum()) / max(found[scored].size, 1)
    return np.where(scored[:, None], found + even, np.nan)


def _rows(gain: FloatArray, over_mean: FloatArray, readers: tuple[str, ...]) -> pd.DataFrame:
    """A row a reader: means over the words that have a time; empty for a reader who is not scored."""
    known = ~np.isnan(gain)
    count = known.sum(axis=1)
    made = np.where(count > 0, count, np.nan)
    means = {
        name: np.where(known, values, 0).sum(axis=1) / made for name, values in
        (("baseline", over_mean), ("delta_log_likelihood", gain))
    }  # fmt: skip
    return pd.DataFrame({"reader": readers, "words": count, **means})
