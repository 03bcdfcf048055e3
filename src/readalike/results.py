"""A folder of results from Python: its tables, the attention of its models and the gaze of its readers. No torch.

    import readalike as ra

    results = ra.open_results("results/demo")
    results.headline()
    results.attention("large-3m", layer=3, article=1, sentence=2)

What is not there is a ResultsError that says what is.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray
from readalike.errors import CorpusError, FileFormatError, ResultsError
from readalike.files.attention import RAW, Attention, open_attention
from readalike.files.contracts import Table
from readalike.files.contracts.dictionary import contract_of
from readalike.files.contracts.resemblance import RESEMBLANCE
from readalike.files.corpora import corpus_digest_of, read_corpus
from readalike.files.gaze import Gaze, Signal, read_gaze
from readalike.files.tables import read_table

# Below the folder of results, as the rules have them; tests/unit/test_results.py compares.
WORDS = "corpus/{corpus}/words.tsv"
BLOCKS = "attention/{corpus}/{model}/{condition}/layers-{first}-{last}.h5"
GAZE = "gaze/{group}.h5"


class SentenceMatrix(NamedTuple):
    """What belongs to the pairs of words of one sentence.

    words : the sentence, punctuation included
    values : (..., words, words); a row is the word that looks, a column the word looked at, and what stands to the
        right of the diagonal is zero
    """

    words: tuple[str, ...]
    values: FloatArray


class Results:
    """The results of one configuration; `readalike.open_results` gives one."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Raises ResultsError unless the folder has a corpus, a table or readers of this workflow."""
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise ResultsError(
                f"{self.folder}: no such folder; `make demo` makes results/demo, and a run of your own the "
                "folder that its configuration names (results:)"
            )
        if not (self.corpora or self.groups or self.tables):
            raise ResultsError(
                f"{self.folder}: holds no results; name the folder of one configuration, such as results/demo"
            )

    def __repr__(self) -> str:
        return f"Results({str(self.folder)!r}: models {_listed(self.models)}; groups {_listed(self.groups)})"

    @property
    def corpora(self) -> list[str]:
        """Names of the corpora, sorted."""
        return self._named(WORDS, "corpus")

    @property
    def models(self) -> list[str]:
        """Names of the models with attention or a table of resemblance, sorted."""
        compared = RESEMBLANCE.paths[0]
        return sorted({*self._named(BLOCKS, "model"), *self._named(compared, "model")})

    @property
    def groups(self) -> list[str]:
        """Names of the groups of readers, sorted."""
        return self._named(GAZE, "group")

    @cached_property
    def _contracts(self) -> dict[str, Table]:
        """Path below the folder without `.csv` -> the table's contract, sorted by path."""
        found = {}
        for path in self.folder.rglob("*.csv"):
            name = path.relative_to(self.folder).as_posix()
            try:
                found[name.removesuffix(".csv")] = contract_of(name)
            except FileFormatError:  # what a figure draws, or somebody else's
                continue
        return dict(sorted(found.items()))

    @property
    def tables(self) -> list[str]:
        """Names of all tables that are there, such as `tables/table-headline` and `resemblance/large-3m/L1`, sorted."""
        return list(self._contracts)

    def table(self, name: str) -> pd.DataFrame:
        """A table by its name.

        name : as `tables` has it, or its last part, with or without `table-` and the number: `headline`,
            `loss-and-resemblance`, `scaling-law`

        `columns.csv` in the folder says what the columns mean. Raises ResultsError where no table, or more than one, is
        called that, and FileFormatError for one that is damaged.
        """
        wanted = name.removesuffix(".csv")
        fitting = [wanted] if wanted in self._contracts else [own for own in self._contracts if wanted in _short(own)]
        if not fitting:
            of_the_run = [own for own in self._contracts if own.startswith(("tables/", "statistics/"))]
            raise ResultsError(
                f"{self.folder}: no table {name}; there are {_listed(of_the_run)}, and those of one model, group "
                "or corpus, which Results.tables lists"
            )
        if len(fitting) > 1:
            raise ResultsError(f"{self.folder}: more than one table is called {name}; name one of {_listed(fitting)}")
        return read_table(self.folder / f"{fitting[0]}.csv", self._contracts[fitting[0]])

    def headline(self) -> pd.DataFrame:
        """Every score of every model and group at one layer, with ceilings and baselines."""
        return self.table("headline")

    def statistics(self, name: str) -> pd.DataFrame:
        """A table of statistics, such as `scaling-law` or `resemblance-groups`; errors as of `table`."""
        path = f"statistics/{name.removesuffix('.csv')}"
        if path not in self._contracts:
            there = [own.partition("/")[2] for own in self._contracts if own.startswith("statistics/")]
            raise ResultsError(f"{self.folder}: no statistics {name}; there are {_listed(there)}")
        return self.table(path)

    def resemblance(self, model: str, group: str) -> pd.DataFrame:
        """Resemblance of every layer of a model to every reader of a group: a row a layer, reader and signal."""
        path = RESEMBLANCE.paths[0].format(model=model, group=group)
        if path.removesuffix(".csv") not in self._contracts:
            self._require("model", model, self.models)
            self._require("group", group, self.groups)
            raise ResultsError(f"{self.folder}: {model} is not compared with {group}; run the workflow to the end")
        return self.table(path)

    def corpus(self, name: str | None = None) -> Corpus:
        """Sentences and words of a corpus; of the only one, where there is no other, without its name."""
        if name is None:
            if len(self.corpora) != 1:
                raise ResultsError(f"{self.folder}: which corpus? There are {_listed(self.corpora)}")
            name = self.corpora[0]
        self._require("corpus", name, self.corpora)
        return read_corpus(self.folder / WORDS.format(corpus=name))

    def layers(self, model: str, *, corpus: str | None = None) -> tuple[int, ...]:
        """Layers of which there is attention, from 0."""
        with self._attention(model, corpus) as (attention, _):
            return attention.layers

    def conditions(self, model: str, *, corpus: str | None = None) -> tuple[str, ...]:
        """What stands before the sentences in the attention that there is: `plain`, or names of the configuration."""
        with self._attention(model, corpus) as (attention, _):
            return attention.conditions

    def attention(
        self,
        model: str,
        *,
        layer: int,
        article: int,
        sentence: int,
        condition: str = PLAIN,
        corpus: str | None = None,
        kind: str = RAW,
    ) -> SentenceMatrix:
        """Attention of all heads of a layer between the words of a sentence.

        layer : from 0; article, sentence : as the corpus numbers them
        condition : what stands before the sentence
        corpus : may be left out for a model that has attention on one corpus only
        kind : `raw`, `rollout` or `value-norms`, where the configuration asked for it

        Returns words and values (heads, words, words), of `rollout` (1, words, words): what goes to the tokens of the
        column's word, mean over the tokens of the row's. A row may sum to less than 1, since attention to a start token
        or to the text before the sentence is not in it. Raises ResultsError that says what there is, and
        FileFormatError for a damaged file.
        """
        with self._attention(model, corpus, kind) as (found, words):
            place = self._place(words, article, sentence)
            heads = self._layer(found, condition, layer)
        return SentenceMatrix(words.sentences[place].words, np.stack([words.matrix(head, place) for head in heads]))

    def all_pairs(
        self, model: str, *, layer: int, condition: str = PLAIN, corpus: str | None = None, kind: str = RAW
    ) -> FloatArray:
        """Attention of all heads of a layer over the whole corpus, (pairs, heads): what the measures take.

        Pairs are those of `corpus(...).pairs`, in that order; arguments and errors are those of `attention`.
        """
        with self._attention(model, corpus, kind) as (found, _):
            return self._layer(found, condition, layer).T

    def gaze(self, group: str) -> Gaze:
        """Everything measured of a group of readers: signals, who was left out and why, whether they are simulated."""
        return read_gaze(self._gaze_file(group), self.corpus_of(group))

    def signal(self, group: str, signal: str = "number") -> Signal:
        """A signal of the readers who count: their names, and values (readers, pairs of `corpus_of(group)`)."""
        gaze = self.gaze(group)
        self._require(f"signal of {group}", signal, gaze.signals)
        return gaze.scored(signal)

    def saccades(
        self, group: str, reader: str | None = None, *, article: int, sentence: int, signal: str = "number"
    ) -> SentenceMatrix:
        """Gaze of one reader within a sentence, or the mean of the group.

        reader : one of `signal(group).readers`; None for the mean over them
        signal : saccade `number`, `duration` in ms, or a brain region's name

        Returns words and values (words, words): saccades from the word of the row back to the word of the column, or
        again to itself. Raises ResultsError naming what there is.
        """
        corpus, found = self.corpus_of(group), self.signal(group, signal)
        place = self._place(corpus, article, sentence)
        if reader is None:
            values = found.values.mean(axis=0)
        else:
            self._require(f"reader of {group} with {signal}", reader, found.readers)
            values = found.values[found.readers.index(reader)]
        return SentenceMatrix(corpus.sentences[place].words, corpus.matrix(values, place))

    def corpus_of(self, group: str) -> Corpus:
        """The corpus that a group read, known by the digest in its file."""
        path = self._gaze_file(group)
        digest = corpus_digest_of(path)
        for name in self.corpora:
            if (corpus := self.corpus(name)).digest == digest:
                return corpus
        raise ResultsError(
            f"{path}: what it was made from is none of the corpora here ({_listed(self.corpora)}); delete it and run "
            "the workflow again"
        )

    def _gaze_file(self, group: str) -> Path:
        self._require("group", group, self.groups)
        return self.folder / GAZE.format(group=group)

    @contextmanager
    def _attention(self, model: str, corpus: str | None, kind: str = RAW) -> Iterator[tuple[Attention, Corpus]]:
        """A model's attention, open, and the corpus it is on."""
        self._require("model", model, self.models)
        own = [(path, names) for path, names in self._found(BLOCKS) if names["model"] == model]
        # A condition whose text was changed has another folder, NAME+NUMBER; the last is the one that counts.
        newest: dict[tuple[str, str], tuple[int, str]] = {}
        for _, names in own:
            name, _, number = names["condition"].partition("+")
            place = (names["corpus"], name)
            newest[place] = max(newest.get(place, (0, "")), (int(number or 0), names["condition"]))
        current = {(corpus, folder) for (corpus, _), (_, folder) in newest.items()}
        blocks = [(path, names["corpus"]) for path, names in own if (names["corpus"], names["condition"]) in current]
        there = sorted({name for _, name in blocks})
        if not there:
            raise ResultsError(f"{self.folder}: there is no attention of {model}; run the workflow to make it")
        if corpus is None and len(there) > 1:
            raise ResultsError(f"{self.folder}: {model} has attention on {_listed(there)}; name one with corpus=")
        corpus = there[0] if corpus is None else corpus
        self._require(f"attention of {model} on", corpus, there)
        found = self.corpus(corpus)
        with open_attention([path for path, name in blocks if name == corpus], found, kind) as attention:
            yield attention, found

    def _layer(self, attention: Attention, condition: str, layer: int) -> FloatArray:
        self._require("condition", condition, attention.conditions)
        self._require("layer", str(layer), map(str, attention.layers))
        return attention.layer(condition, layer)

    def _place(self, corpus: Corpus, article: int, sentence: int) -> int:
        try:
            return corpus.index(article, sentence)
        except CorpusError:
            last = {item.article: item.sentence for item in corpus.sentences}
            there = "; ".join(f"article {number} up to sentence {end}" for number, end in last.items())
            raise ResultsError(
                f"{self.folder}: no sentence {sentence} in article {article}; there are {there}"
            ) from None

    def _found(self, pattern: str) -> Iterator[tuple[Path, dict[str, str]]]:
        """Files that fit a pattern, sorted, with what stands in its braces."""
        expression = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(pattern))
        for path in sorted(self.folder.glob(re.sub(r"\{\w+\}", "*", pattern))):
            if match := re.fullmatch(expression, path.relative_to(self.folder).as_posix()):
                yield path, match.groupdict()

    def _named(self, pattern: str, name: str) -> list[str]:
        return sorted({names[name] for _, names in self._found(pattern)})

    def _require(self, what: str, name: str, there: Iterable[str]) -> None:
        if name not in (known := list(there)):
            raise ResultsError(f"{self.folder}: no {what} {name}; there are {_listed(known)}")


def _short(name: str) -> set[str]:
    """What a table may also be called: its last part, whole or without `table-` and the number."""
    last = name.rpartition("/")[2]
    return {last, re.sub(r"^table-(\d+-)?", "", last)}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
