"""Layouts of files with fixations: by name, what reads the files of a group.

A new layout is a function here that gives each reader's fixations to `saccades.gaze_of`, its name in LAYOUTS and in the
schema of the configuration, and a test.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from readalike.corpus import Corpus, FloatArray
from readalike.files.gaze import Gaze
from readalike.gaze.fixations import FixationTable, group_fixations
from readalike.gaze.saccades import group_gaze

Reasons = Mapping[str, str]
Means = Mapping[str, FloatArray]
Layout = Callable[..., Gaze]


def reading_brain(
    group: str,
    source: Sequence[Path],
    corpus: Corpus,
    *,
    exclude: Reasons,
    means: Means,
    simulated: bool = False,
) -> Gaze:
    """Folders of event files in the layout of Reading Brain; those of simulated readers have it too."""
    return group_gaze(group, source, corpus, exclude=exclude, simulated=simulated, means=means)


def fixations(
    group: str,
    source: Sequence[Path],
    corpus: Corpus,
    *,
    exclude: Reasons,
    means: Means,
    columns: Mapping[str, str],
    words_from: int = 1,
) -> Gaze:
    """One table of any eye-tracking corpus, a row a fixation, columns named by the user."""
    return group_fixations(group, FixationTable(source[0], columns, words_from), corpus, exclude=exclude)


LAYOUTS: Mapping[str, Layout] = {"reading-brain": reading_brain, "fixations": fixations}


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
    layout : `layout`, the name of one, and what its function is told beside files and corpus
    exclude : reader -> reason
    means : signal -> (pairs,) the group's mean as somebody else released it

    Raises EventsError as the layout's own reading does.
    """
    options = {key: value for key, value in layout.items() if key != "layout"}
    return LAYOUTS[layout["layout"]](group, source, corpus, exclude=exclude, means=means, **options)
