"""Fixations to saccades: what each reader's eyes did between the words of each pair."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from readalike.cells import cells
from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.errors import EventsError
from readalike.files.gaze import Gaze
from readalike.gaze.events import on_words, read_events, reader_files, require_once

log = logging.getLogger("readalike")


class Saccades(NamedTuple):
    """Signals of one reader, each of shape (pairs,), and the number of steps in any direction."""

    number: FloatArray
    duration: FloatArray  # ms
    steps: int


class Steps(NamedTuple):
    """Steps between consecutive fixations on words of one sentence, in any direction, each of shape (steps,)."""

    place: IntArray  # of the sentence in the corpus
    before: IntArray  # the word left
    after: IntArray  # the word arrived at, which may be the same
    duration: FloatArray  # ms of the fixation arrived at


def steps(fixations: pd.DataFrame) -> Steps:
    """All steps of a reader, refixations included.

    fixations : place, word, duration_ms in time order, as `events.on_words` gives them; off-text fixations are gone.
        Where there is a column `follows`, a step counts only to fixations of which it is true: those that come right
        after the one before. Else the eye may have been elsewhere between two fixations on a sentence.
    """
    place = fixations["place"].to_numpy()
    word = fixations["word"].to_numpy()
    duration = fixations["duration_ms"].to_numpy()
    within = place[1:] == place[:-1]
    if "follows" in fixations:
        within &= fixations["follows"].to_numpy()[1:]
    return Steps(place[1:][within], word[:-1][within], word[1:][within], duration[1:][within])


def saccades(fixations: pd.DataFrame, corpus: Corpus) -> Saccades:
    """Signals over pairs: steps that go back or stay.

    fixations : as for `steps`
    A step from word i to word j <= i belongs to the pair (i, j): looking back, or staying. `duration` sums the ms of
    the fixations arrived at. This is the variant nearest the authors' group means (r 0.981 and 0.973 over pairs).
    """
    place, before, after, duration = found = steps(fixations)
    back = after <= before
    i, j = before[back], after[back]
    pair = corpus.offsets[place[back]] + i * (i + 1) // 2 + j
    return Saccades(
        number=np.bincount(pair, minlength=corpus.n_pairs).astype(np.float64),
        duration=np.bincount(pair, weights=duration[back], minlength=corpus.n_pairs).astype(np.float64),
        steps=len(found.place),
    )


def landings(fixations: pd.DataFrame, corpus: Corpus) -> IntArray:
    """How often each step was made, forward ones too: (cells,) in the order of `cells.cells`; as for `steps`."""
    place, before, after, _ = steps(fixations)
    layout = cells(corpus)
    cell = layout.offsets[place] + before * corpus.lengths[place] + after
    return np.bincount(cell, minlength=layout.offsets[-1])


class Reading(NamedTuple):
    """What one reader read. Its fixations are put on words only if the reader counts."""

    articles: set[int]  # of all fixations within sentences, those off the text included
    fixations: Callable[[], pd.DataFrame]  # place, word, duration_ms in time order


# Reader -> what reads that reader's files, whatever they look like.
Readings = Mapping[str, Callable[[], Reading]]


def event_readings(folders: Sequence[Path], corpus: Corpus) -> Readings:
    """Readers of folders of event files."""

    def reading(paths: Sequence[Path]) -> Reading:
        frames = [(path, read_events(path)) for path in paths]
        require_once(frames)
        return Reading(
            {int(article) for _, frame in frames for article in frame["article"].unique()},
            lambda: pd.concat([on_words(frame, corpus, path) for path, frame in frames], ignore_index=True),
        )

    return {reader: partial(reading, paths) for reader, paths in reader_files(folders).items()}


def group_gaze(
    group: str,
    folders: Sequence[Path],
    corpus: Corpus,
    *,
    exclude: Mapping[str, str],
    simulated: bool,
    means: Mapping[str, FloatArray] | None = None,
) -> Gaze:
    """Signals of all readers of a group from event files; arguments and errors as in `gaze_of`."""
    readings = event_readings(folders, corpus)
    return gaze_of(group, readings, corpus, exclude=exclude, simulated=simulated, means=means)


def _unread(read: set[int], corpus: Corpus) -> list[str]:
    """Of each article that a reader did not read whole, how many sentences are missing, and whether they are its last.

    read : places of the sentences with a fixation on a word
    """
    lines = []
    for article in dict.fromkeys(corpus.articles.tolist()):
        places = [place for place, item in enumerate(corpus.sentences) if item.article == article]
        missing = [place for place in places if place not in read]
        if missing:
            cut = len(missing) > 1 and missing == places[-len(missing) :]
            asked = ", the last ones: was the file cut off?" if cut else ""
            lines.append(f"{len(missing)} of {len(places)} sentences of article {article}{asked}")
    return lines


def gaze_of(
    group: str,
    source: Readings,
    corpus: Corpus,
    *,
    exclude: Mapping[str, str],
    simulated: bool,
    means: Mapping[str, FloatArray] | None = None,
) -> Gaze:
    """Signals of all readers of a group, whatever their files look like.

    source : reader -> what reads that reader's files; it is not called for those excluded
    exclude : reader -> reason. Readers who did not read every article are left out too; all are named in the log and
        in the result. Readers without a fixation on some sentence stay; the log counts these sentences by article, and
        asks about an article whose last ones they are
    means : signal -> (pairs,) the group's mean as somebody else released it

    Raises EventsError where an excluded reader does not exist or nobody is left.
    """
    unknown = sorted(set(exclude) - set(source))
    if unknown:
        raise EventsError(
            f"group {group}: exclude names {', '.join(unknown)}, who is not there; readers are {', '.join(source)}"
        )
    left_out = dict(exclude)
    readers: dict[str, Saccades] = {}
    unread: dict[str, list[str]] = {}
    articles = set(corpus.articles.tolist())
    for reader, read in source.items():
        if reader in left_out:
            continue
        reading = read()
        if missing := sorted(articles - reading.articles):
            left_out[reader] = f"incomplete: article {', '.join(map(str, missing))} missing"
            continue
        fixations = reading.fixations()
        readers[reader] = saccades(fixations, corpus)
        unread[reader] = _unread(set(fixations["place"].tolist()), corpus)
    for reader, reason in sorted(left_out.items()):
        log.warning("group %s: reader %s left out: %s", group, reader, reason)
    for reader, articles_unread in unread.items():
        if articles_unread:
            log.warning("group %s: reader %s: no fixation on a word in %s", group, reader, "; ".join(articles_unread))
    if not readers:
        raise EventsError(f"group {group}: no reader is left; see the reasons above")
    if not any(one.number.any() for one in readers.values()):
        raise EventsError(
            f"group {group}: no reader looks back or stays on a word in any sentence, so there is nothing to compare "
            "with; are word and duration the right columns, and fixations in time order?"
        )
    log.info("group %s: %d readers (%s)", group, len(readers), "simulated" if simulated else "measured")
    return Gaze(
        group=group,
        readers=tuple(readers),
        signals={
            "number": np.stack([one.number for one in readers.values()]),
            "duration": np.stack([one.duration for one in readers.values()]),
        },
        steps=np.array([one.steps for one in readers.values()]),
        excluded=left_out,
        simulated=simulated,
        means=means or {},
    )
