"""Readers whose signal never varies: they have no R2, and the log must say so."""

import logging

from readalike.files.gaze import Gaze
from readalike.measures.regression import never_varies

log = logging.getLogger("readalike")


def warn_of_constant_signals(gaze: Gaze) -> None:
    """Name each reader and signal that never varies; their scores are empty in every table."""
    for signal in gaze.signals:
        readers, values = gaze.scored(signal)
        for reader, flat in zip(readers, never_varies(values.T), strict=True):
            if flat:
                log.warning("group %s, reader %s: %s never varies, so it has no R2", gaze.group, reader, signal)
