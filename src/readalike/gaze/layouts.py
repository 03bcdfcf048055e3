"""Layouts of files with fixations: by name, what reads the files of a group.

A new layout is a function here that gives what reads each reader's fixations, its name in LAYOUTS and in the schema of
the configuration, and a test.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from readalike.corpus import Corpus, FloatArray
from readalike.files.gaze import Gaze
from readalike.files.landings import Landings
from readalike.files.reading_times import ReadingTimes
from readalike.gaze.fixations import FixationTable, table_readings
from readalike.gaze.reading_times import MEASURES, reading_times
from readalike.gaze.saccades import Readings, event_readings, gaze_of, landings

Reasons = Mapping[str, str]
Means = Mapping[str, FloatArray]
Layout = Callable[..., Readings]


def reading_brain(source: Sequence[Path], corpus: Corpus) -> Readings:
    """Folders of event files in the layout of Reading Brain; those of simulated readers have it too."""
    return event_readings(source, corpus)


def fixations(source: Sequence[Path], corpus: Corpus, *, columns: Mapping[str, str], words_from: int = 1) -> Readings:
    """One table of any eye-tracking corpus, a row a fixation, columns named by the user."""
    return table_readings(FixationTable(source[0], columns, words_from), corpus)


LAYOUTS: Mapping[str, Layout] = {"reading-brain": reading_brain, "fixations": fixations}


def _readings(source: Sequence[Path], corpus: Corpus, layout: Mapping[str, Any]) -> Readings:
    options = {key: value for key, value in layout.items() if key not in ("layout", "simulated")}
    return LAYOUTS[layout["layout"]](source, corpus, **options)


def read_group(
    group: str,
    source: Sequence[Path],
    corpus: Corpus,
    *,
    layout: Mapping[str, Any],
    exclude: Reasons,
    means: Means,
) -> Gaze:
    """Signals of all readers of a group.

    source : its files or folders
    layout : `layout`, the name of one, and what its function is told beside files and corpus; `simulated` where no
        person was measured
    exclude : reader -> reason
    means : signal -> (pairs,) the group's mean as somebody else released it

    Raises EventsError as the layout's own reading does.
    """
    simulated = bool(layout.get("simulated", False))
    readings = _readings(source, corpus, layout)
    return gaze_of(group, readings, corpus, exclude=exclude, simulated=simulated, means=means)


def read_landings(gaze: Gaze, source: Sequence[Path], corpus: Corpus, layout: Mapping[str, Any]) -> Landings:
    """Where every saccade of the readers in `gaze` went, forward ones too; arguments and errors as for `read_group`."""
    readings = _readings(source, corpus, layout)
    counts = np.stack([landings(readings[reader]().fixations(), corpus) for reader in gaze.readers])
    return Landings(gaze.group, gaze.readers, counts, gaze.simulated)


def read_times(gaze: Gaze, source: Sequence[Path], corpus: Corpus, layout: Mapping[str, Any]) -> ReadingTimes:
    """How long the readers in `gaze` read each word; arguments and errors as for `read_group`."""
    readings = _readings(source, corpus, layout)
    found = [reading_times(readings[reader]().fixations(), corpus) for reader in gaze.readers]
    times = {name: np.stack([own[name] for own in found]) for name in MEASURES}
    return ReadingTimes(gaze.group, gaze.readers, times, gaze.simulated)
