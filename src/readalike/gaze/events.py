"""Reading Brain event files: fixations of a reader, and the sentences that were shown.

One row is one fixation in time order; one file is one article. The files' quirks, and what is done about each, stand
in `CORRECTIONS` and in the docstrings.
"""

import csv
import io
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.corpus import Corpus, Sentence
from readalike.errors import CorpusError, EventsError

log = logging.getLogger("readalike")

COLUMNS = [
    "onset",
    "duration",
    "Lemmas",
    "Words",
    "RECORDING_SESSION_LABEL",
    "CURRENT_FIX_ADJUSTED",
    "CURRENT_FIX_DURATION",
    "CURRENT_FIX_INTEREST_AREA_ID",
    "CURRENT_FIX_START",
    "SentenceID",
    "SentenceRT",
    "TRUEOffset",
    "TRUEOnset",
]
NEEDED = ["Words", "CURRENT_FIX_DURATION", "CURRENT_FIX_INTEREST_AREA_ID", "SentenceID"]
LARGEST_AREA = 10**6
NOT_READING = frozenset({".", "UNDEFINEDnull"})
# Few digits: more do not fit into what numbers of articles are kept in.
SENTENCE_ID = re.compile(r"t\.(\d{1,9})\.(\d{1,9})", flags=re.ASCII)
# Not in every file; where it is, it tells the order of a sentence's fixations.
START = "CURRENT_FIX_START"


class Correction(NamedTuple):
    """A sentence whose labels cannot be taken as they stand."""

    words: tuple[str, ...] | None  # the words shown; None: as labelled, but for the areas named
    no_word: frozenset[int]  # areas that belong to no word, so that their fixations are off the text
    known_by: tuple[int, str]  # an area and its label that show that this is the sentence meant
    reason: str


CORRECTIONS: Mapping[tuple[int, int], Correction] = {
    (3, 16): Correction(
        ("1,2,3", "and", "3,2,1", "are", "different", "permutations", "of", "these", "three", "things."),
        frozenset({11, 12}),
        (1, "1,2"),
        "its labels come from another split of the text, while its areas are those of ten words shown (the long words "
        "collect the fixations only so); the last word is in no label, and the areas 11 and 12 belong to no word",
    ),
    (4, 18): Correction(None, frozenset({14}), (14, "n/a"), "area 14 has the label n/a and belongs to no word"),
}


def reader_files(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """Reader (the folder's name, such as sub-02) -> events files, from one or more data sets.

    Raises EventsError where a folder has none, or two data sets hold a reader of one name.
    """
    found: dict[str, list[Path]] = {}
    for folder in folders:
        here: dict[str, list[Path]] = {}
        for path in sorted(folder.glob("sub-*/func/*_events.tsv")):
            here.setdefault(path.parent.parent.name, []).append(path)
        if not here:
            raise EventsError(f"{folder}: no events files (sub-*/func/*_events.tsv); correct events: or put them there")
        both = sorted(set(here) & set(found))
        if both:
            raise EventsError(f"{folder}: reader {both[0]} is in another folder too; make a group of each folder")
        found.update(here)
    return found


def read_events(path: Path) -> pd.DataFrame:
    """Fixations within sentences: article, sentence, area (0: off the text), label, duration_ms.

    Rows that are not sentence reading are dropped. Raises EventsError naming file, column and row: for a line that was
    cut off, a number that is none, and a sentence whose fixations are not in time order or do not stand together:
    saccades would be counted that nobody made.
    """
    try:
        text = path.read_text(encoding="utf-8")
        _require_cells(text, path)
        frame = pd.read_csv(
            io.StringIO(text), sep="\t", dtype=str, keep_default_na=False, usecols=_needed, quoting=csv.QUOTE_NONE
        )
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise EventsError(f"{path}: cannot be read as a table: {error}") from None
    missing = [name for name in NEEDED if name not in frame.columns]
    if missing:
        raise EventsError(f"{path}: no column {', '.join(missing)}; needed are {', '.join(NEEDED)}, between tabs")
    frame = frame[~frame["SentenceID"].isin(NOT_READING)]
    # Few different ids: match each once.
    places = {name: SENTENCE_ID.fullmatch(name) for name in frame["SentenceID"].unique()}
    for name, match in places.items():
        if match is None:
            row = int(frame.index[frame["SentenceID"] == name][0]) + 2
            asked = "" if name else "; was the file cut off?"
            raise EventsError(f"{path}, line {row}: SentenceID {name!r} is not of the form t.AA.SS{asked}")
    _require_order(frame, path)
    numbers = {name: (int(m[1]), int(m[2])) for name, m in places.items() if m is not None}
    area = frame["CURRENT_FIX_INTEREST_AREA_ID"].where(frame["CURRENT_FIX_INTEREST_AREA_ID"] != ".", "0")
    return pd.DataFrame(
        {
            "article": frame["SentenceID"].map({name: a for name, (a, _) in numbers.items()}).astype(np.int64),
            "sentence": frame["SentenceID"].map({name: s for name, (_, s) in numbers.items()}).astype(np.int64),
            "area": _numbers(area, path, "CURRENT_FIX_INTEREST_AREA_ID", whole=True).astype(np.int64),
            "label": frame["Words"],
            "duration_ms": _numbers(frame["CURRENT_FIX_DURATION"], path, "CURRENT_FIX_DURATION"),
        }
    )


def _require_cells(text: str, path: Path) -> None:
    """pandas fills up a line that is too short, and takes the first cells of longer ones for names of rows."""
    # Not splitlines, which ends a line at more characters than pandas does.
    lines = text.split("\n")
    header = lines[0].rstrip("\r").split("\t")
    if twice := [name for name in (*NEEDED, START) if header.count(name) > 1]:
        raise EventsError(f"{path}, line 1: the column {twice[0]} is there twice; remove one")
    tabs = len(header) - 1
    for number, line in enumerate(lines, start=1):
        if line.strip() and line.count("\t") != tabs:
            cells = line.count("\t") + 1
            raise EventsError(
                f"{path}, line {number}: {cells} cells, but {tabs + 1} columns in line 1; was the file cut off?"
            )


def _needed(column: str) -> bool:
    return column in (*NEEDED, START)


def _require_order(frame: pd.DataFrame, path: Path) -> None:
    sentence = frame["SentenceID"]
    begins = sentence != sentence.shift()
    if (again := begins & sentence.where(begins).duplicated()).any():
        row = int(frame.index[again][0])
        raise EventsError(
            f"{path}, line {row + 2}: sentence {sentence[row]} goes on after another began; fixations of a sentence "
            "stand together in time order, so correct the order of lines, or remove what is there twice"
        )
    if START in frame:
        starts = pd.to_numeric(frame[START], errors="coerce")  # n/a where it is not known
        if (early := ~begins & (starts <= starts.shift())).any():
            row = int(frame.index[early][0])
            raise EventsError(
                f"{path}, line {row + 2}: {START} is {frame[START][row]}, not later than in the line before (sentence "
                f"{sentence[row]}); put the lines in time order, or remove what is there twice"
            )


def require_once(frames: Sequence[tuple[Path, pd.DataFrame]]) -> None:
    """Raise EventsError where a reader's files hold a sentence twice: a run that was copied or renamed.

    frames : file -> what `read_events` gave for it
    """
    seen: dict[tuple[int, int], Path] = {}
    for path, frame in frames:
        for article, sentence in frame[["article", "sentence"]].drop_duplicates().itertuples(index=False):
            if (first := seen.setdefault((article, sentence), path)) != path:
                raise EventsError(
                    f"{path}: article {article}, sentence {sentence} was read already in {first}; one is a copy "
                    "or of another reader: remove it"
                )


def _numbers(cells: pd.Series, path: Path, column: str, *, whole: bool = False) -> pd.Series:
    values = pd.to_numeric(cells, errors="coerce").astype(np.float64)
    bad = ~(np.isfinite(values) & (values >= 0))
    if whole:
        bad |= (values % 1 != 0) | (values > LARGEST_AREA)
    if bad.any():
        row = int(cells.index[bad][0])
        expected = "a whole number" if whole else "a number"
        raise EventsError(f"{path}, line {row + 2}: {column} is {cells.loc[row]!r}, expected {expected} of 0 or more")
    return values


def rebuild_corpus(folders: Sequence[Path]) -> Corpus:
    """The sentences shown, rebuilt from the labels of the interest areas of all readers.

    The possessive 's is lost in the labels; a user's own sentences TSV takes the place of this. Sentences named in
    `CORRECTIONS` are treated as said there, and logged. Raises CorpusError where an area has two labels or none.
    """
    labels: dict[tuple[int, int], dict[int, str]] = {}
    for paths in (files for folder in folders for files in reader_files([folder]).values()):
        for path in paths:
            events = read_events(path)
            seen = events[events["area"] > 0].drop_duplicates(["article", "sentence", "area", "label"])
            for article, sentence, area, label in zip(
                seen["article"], seen["sentence"], seen["area"], seen["label"], strict=True
            ):
                words = labels.setdefault((article, sentence), {})
                if words.setdefault(area, label) != label:
                    raise CorpusError(
                        f"{path}: article {article}, sentence {sentence}: area {area} is {label!r}, elsewhere "
                        f"{words[area]!r}; give the sentences yourself with sentences:"
                    )
    sentences = []
    for (article, sentence), words in sorted(labels.items()):
        correction = CORRECTIONS.get((article, sentence))
        if correction is not None and correction.known_by in words.items():
            log.warning("article %d, sentence %d corrected: %s", article, sentence, correction.reason)
            if correction.words is not None:
                sentences.append(Sentence(article, sentence, correction.words))
                continue
            words = {area: label for area, label in words.items() if area not in correction.no_word}
        gaps = sorted(set(range(1, max(words) + 1)) - set(words))
        if gaps:
            raise CorpusError(
                f"article {article}, sentence {sentence}: nobody fixated word {gaps[0]}, so that its text is not "
                "known; give the sentences yourself with sentences:"
            )
        sentences.append(Sentence(article, sentence, tuple(words[area] for area in sorted(words))))
    return Corpus(tuple(sentences))


def on_words(events: pd.DataFrame, corpus: Corpus, path: Path) -> pd.DataFrame:
    """Fixations on words only: place (of the sentence in the corpus), word (from 0), duration_ms, in time order.

    A fixation whose area belongs to no word of the sentence (see `CORRECTIONS`) is off the text. Raises EventsError
    for a sentence that the corpus lacks, or a labelled area beyond the corpus's sentence: another text was read.
    """
    places = np.full(len(events), -1)
    lengths = np.zeros(len(events), dtype=np.int64)
    for key, rows in events.groupby(["article", "sentence"], sort=False).indices.items():
        article, sentence = (int(number) for number in np.asarray(key))
        try:
            place = corpus.index(article, sentence)
        except CorpusError:
            raise EventsError(
                f"{path}: article {article}, sentence {sentence} was read, but the corpus has none; "
                "configure the corpus that this group read"
            ) from None
        places[rows] = place
        lengths[rows] = corpus.lengths[place]
    beyond = events["area"].to_numpy() > lengths
    for row in np.flatnonzero(beyond):
        where = (int(events["article"].iloc[row]), int(events["sentence"].iloc[row]))
        area = int(events["area"].iloc[row])
        if where not in CORRECTIONS or area not in CORRECTIONS[where].no_word:
            raise EventsError(
                f"{path}: article {where[0]}, sentence {where[1]}: a fixation on word {area} "
                f"({events['label'].iloc[row]!r}), but the corpus's sentence has {lengths[row]} words; "
                "the readers saw another text"
            )
    kept = (events["area"].to_numpy() > 0) & ~beyond
    return pd.DataFrame(
        {
            "place": places[kept],
            "word": events["area"].to_numpy()[kept] - 1,
            "duration_ms": events["duration_ms"].to_numpy()[kept],
        }
    )
