"""Tables of fixations from any eye-tracking corpus: CSV or TSV, a row a fixation, columns named by the user.

The fixations go the way of Reading Brain's events: place, word, duration_ms in time order, and then
`saccades.gaze_of`.
"""

import csv
import difflib
import gzip
import io
import itertools
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from readalike.corpus import Corpus
from readalike.errors import CorpusError, EventsError
from readalike.files.gaze import Gaze
from readalike.gaze.saccades import Reading, Readings, gaze_of


class _Tabs(csv.excel_tab):
    quoting = csv.QUOTE_NONE  # as in the other TSVs of this project: a quotation mark is a part of the text


DIALECTS: Mapping[str, type[csv.Dialect]] = {".csv": csv.excel, ".tsv": _Tabs, ".txt": _Tabs}
OFF_TEXT = ["", ".", "NA", "NaN", "nan"]


@dataclass(frozen=True)
class FixationTable:
    """A table and what its columns are called.

    columns : reader, sentence, word, duration (ms), and where there are such article, order and text_order -> name in
        the file. `order` puts the fixations on a sentence in time order; without it the rows must be. `text_order`
        counts a reader's fixations through a whole article (1, 2, 3 ...), and then steps count only between two that
        follow each other there.
    words_from : number of the first word of a sentence, 0 or 1
    """

    path: Path
    columns: Mapping[str, str]
    words_from: int = 1

    def cells(self) -> pd.DataFrame:
        """The text of the cells of `columns`, by our names; the index is the line of the file.

        Rows with neither sentence nor word are dropped. Raises EventsError where the file cannot be read as a table, a
        column is not there, a line has more or fewer cells than the first, a reader has no name or no row is left.
        """
        lines, cells = [], []
        rows = self._rows()
        first, header = next(rows, (1, []))
        places = self._places(header, first)
        for line, row in rows:
            if len(row) != len(header):
                raise EventsError(
                    f"{self.path}, line {line}: {len(row)} cells, but {len(header)} columns in line {first}; is the "
                    "file cut off, or a cell with a separator in it not in quotes?"
                )
            lines.append(line)
            cells.append([row[place] for place in places])
        frame = pd.DataFrame(cells, columns=list(self.columns), index=lines, dtype=str)
        frame = frame[~(_missing(frame["sentence"]) & _missing(frame["word"]))]
        if frame.empty:
            raise EventsError(f"{self.path}: no fixations; expected a row for each below the names of columns")
        # Blanks that pad a cell make no other reader of one.
        frame = frame.assign(reader=frame["reader"].str.strip())
        self._refuse(frame, frame["reader"] == "", "reader", "a name")
        return frame

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Line and cells of each row. csv, not pandas, which fills up a line that was cut off and counts no lines."""
        ending = Path(self.path.name.removesuffix(".gz")).suffix
        if ending not in DIALECTS:
            raise EventsError(f"{self.path}: a table of fixations ends in .csv, .tsv or .txt, or one of these with .gz")
        opened = gzip.open if self.path.suffix == ".gz" else open
        line = 1
        try:
            with opened(self.path, "rb") as file:
                # utf-8-sig: with or without a byte order mark.
                text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
                reader = csv.reader(text, dialect=DIALECTS[ending], strict=True)
                for row in reader:
                    line = reader.line_num
                    if row:
                        yield line, row
        except FileNotFoundError:
            raise EventsError(f"{self.path}: no such file; correct path: in the configuration") from None
        except UnicodeDecodeError as error:
            raise EventsError(f"{self.path}: not UTF-8 after line {line}; save the table as UTF-8 ({error})") from None
        except (OSError, EOFError, zlib.error, csv.Error) as error:
            raise EventsError(f"{self.path}: cannot be read as a table after line {line}: {error}") from None

    def _places(self, header: list[str], line: int) -> list[int]:
        for (one, name), (other, same) in itertools.combinations(self.columns.items(), 2):
            # Sentences that are numbered through, each an article of its own, have one number.
            if name == same and {one, other} != {"article", "sentence"}:
                raise EventsError(
                    f"{self.path}, line {line}: the column {name!r} is given for {one} and for {other}; correct "
                    "columns: in the configuration"
                )
        for word, name in self.columns.items():
            if header.count(name) > 1:
                raise EventsError(f"{self.path}, line {line}: the column {name!r} ({word}) is there twice; rename one")
            if name not in header:
                close = difflib.get_close_matches(name, header, n=1)
                guess = f"; did you mean {close[0]!r}?" if close else ""
                raise EventsError(
                    f"{self.path}, line {line}: no column {name!r} ({word}){guess} (found: {', '.join(header)}); "
                    "correct columns: in the configuration"
                )
        return [header.index(name) for name in self.columns.values()]

    def _refuse(self, rows: pd.DataFrame, bad: pd.Series, word: str, expected: str) -> None:
        """EventsError for the first bad row, with its line, column and cell."""
        if bad.any():
            line = int(rows.index[bad][0])
            raise EventsError(
                f"{self.path}, line {line}: {self.columns[word]} is {rows.loc[line, word]!r}, expected {expected}"
            )

    def _whole(self, rows: pd.DataFrame, word: str, expected: str, least: int = 0) -> pd.Series:
        # 3.0 is a whole number too: pandas writes whole numbers so where some are missing.
        values = pd.to_numeric(rows[word], errors="coerce")
        self._refuse(rows, ~((values % 1 == 0) & values.between(least, 2**31)), word, expected)
        return values.astype(np.int64)

    def reading(self, rows: pd.DataFrame, corpus: Corpus) -> Reading:
        """What one reader read, from that reader's rows of `cells`; EventsError as for `on_words`."""
        self._require_once(rows)
        articles = self._articles(rows, corpus)
        return Reading(set(articles.tolist()), partial(self.on_words, rows, articles, corpus))

    def _require_once(self, rows: pd.DataFrame) -> None:
        """EventsError where a reader's rows are the same ones twice; with `order`, two are equal in it (`_in_time`)."""
        half = len(rows) // 2
        cells = rows.to_numpy()
        if len(rows) > 2 and len(rows) == 2 * half and (cells[:half] == cells[half:]).all():
            reader, first, second = rows["reader"].iloc[0], rows.index[0], rows.index[half]
            raise EventsError(
                f"{self.path}, lines {first} and {second}: the rows of reader {reader} are there twice; was the table "
                "appended to itself? Remove one half"
            )

    def _articles(self, rows: pd.DataFrame, corpus: Corpus) -> pd.Series:
        if "article" in rows:
            return self._whole(rows, "article", "a whole number: the corpus's article")
        articles = sorted(set(corpus.articles.tolist()))
        if len(articles) > 1:
            raise EventsError(
                f"{self.path}: the corpus has {len(articles)} articles, so the table needs a column that tells them "
                "apart: name it as article: under columns: in the configuration"
            )
        return pd.Series(articles[0], index=rows.index)

    def on_words(self, rows: pd.DataFrame, articles: pd.Series, corpus: Corpus) -> pd.DataFrame:
        """Fixations on words only: place (of the sentence in the corpus), word (from 0), duration_ms, in time order.

        A sentence's fixations stand together, though the reader may have left it and come back. With `text_order` there
        is a column `follows`: whether a fixation is the next one after the row before. Raises EventsError with line,
        column and cell for a sentence that the corpus lacks, a word that the sentence lacks, a number that is none or
        negative, and two fixations on a sentence that are equal in `order`, or in an article in `text_order`.
        """
        sentences = self._whole(rows, "sentence", "a whole number: the corpus's sentence within its article")
        places = pd.Series(
            [self._place(*read, corpus) for read in zip(rows.index, articles, sentences, strict=True)], index=rows.index
        )
        on_text = ~_missing(rows["word"])
        rows, places = rows[on_text], places[on_text]
        first = self.words_from
        expected = f"a whole number of {first} or more (words_from: {first}), or nothing for off the text"
        words = self._whole(rows, "word", expected, least=first) - first
        lengths = pd.Series(corpus.lengths[places], index=rows.index)
        if (words >= lengths).any():
            line = int(rows.index[words >= lengths][0])
            raise EventsError(
                f"{self.path}, line {line}: {self.columns['word']} is {rows.loc[line, 'word']!r}, but "
                f"{corpus.sentences[places[line]].name} has {lengths[line]} words, counted from {first}; the readers "
                "saw another text, or words_from: is wrong"
            )
        durations = self._numbers(rows, "duration", "a number of ms, 0 or more", least=0)
        result = pd.DataFrame({"place": places, "word": words, "duration_ms": durations})
        in_time = self._through_text(result, rows, articles) if "text_order" in rows else self._in_time(result, rows)
        return in_time.reset_index(drop=True)

    def _place(self, line: int, article: int, sentence: int, corpus: Corpus) -> int:
        try:
            return corpus.index(article, sentence)
        except CorpusError:
            raise EventsError(
                f"{self.path}, line {line}: article {article}, sentence {sentence} was read, but the corpus has none; "
                "configure the corpus that this group read"
            ) from None

    def _numbers(self, rows: pd.DataFrame, word: str, expected: str, least: float) -> pd.Series:
        values = pd.to_numeric(rows[word], errors="coerce").astype(np.float64)
        self._refuse(rows, ~((values >= least) & np.isfinite(values)), word, expected)
        return values

    def _in_time(self, fixations: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
        if "order" not in rows:
            return fixations.sort_values("place", kind="stable")
        order = self._numbers(rows, "order", "a number", least=-np.inf)
        fixations = fixations.assign(order=order).sort_values(["place", "order"], kind="stable")
        self._refuse_ties(fixations, rows, ["place", "order"], "order", "sentence")
        return fixations.drop(columns="order")

    def _through_text(self, fixations: pd.DataFrame, rows: pd.DataFrame, articles: pd.Series) -> pd.DataFrame:
        counted = "a whole number that counts a reader's fixations through the article"
        fixations = fixations.assign(article=articles[rows.index], order=self._whole(rows, "text_order", counted))
        fixations = fixations.sort_values(["article", "order"], kind="stable")
        self._refuse_ties(fixations, rows, ["article", "order"], "text_order", "article")
        after = (fixations["order"].diff() == 1) & (fixations["article"].diff() == 0)
        # Another sentence between two fixations on one leaves no step; a number that is missing leaves none either.
        return fixations.assign(follows=after).drop(columns=["article", "order"])

    def _refuse_ties(self, fixations: pd.DataFrame, rows: pd.DataFrame, by: list[str], word: str, of: str) -> None:
        tied = fixations.duplicated(by, keep=False)
        if tied.any():
            one, other = fixations.index[tied].tolist()[:2]
            raise EventsError(
                f"{self.path}, lines {one} and {other}: reader {rows.loc[one, 'reader']} has two fixations with "
                f"{self.columns[word]} {rows.loc[one, word]} on one {of}, so that it is not known which came "
                f"first; number all fixations of a reader's {of} differently, or remove what is there twice"
            )


def _missing(cells: pd.Series) -> pd.Series:
    return cells.str.strip().isin(OFF_TEXT)


def table_readings(table: FixationTable, corpus: Corpus) -> Readings:
    """Readers of one table of fixations."""
    return {str(reader): partial(table.reading, rows, corpus) for reader, rows in table.cells().groupby("reader")}


def group_fixations(group: str, table: FixationTable, corpus: Corpus, *, exclude: Mapping[str, str]) -> Gaze:
    """Signals of all readers of a group from one table; `exclude` and errors as in `gaze_of` and FixationTable."""
    return gaze_of(group, table_readings(table, corpus), corpus, exclude=exclude, simulated=False)
