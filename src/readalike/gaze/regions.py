"""Brain regions: a group's fMRI matrices as signals over the pairs of a corpus (paper, Appendix D)."""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from readalike.corpus import Corpus
from readalike.errors import ConfigurationError
from readalike.files.gaze import Gaze, LeftOut
from readalike.imports.gao2023_readers import in_pairs, read_region

log = logging.getLogger("readalike")


def group_regions(
    group: str, paths: Mapping[str, Path], corpus: Corpus, exclude: Mapping[str, Mapping[str, Mapping[str, str]]]
) -> Gaze:
    """Signals of all readers who have at least one region, a signal a region.

    exclude : region -> `score` and `ceiling` -> reader -> reason. Readers without all articles or with cells that are
    no numbers are left out of both; all are named in the log and in the result. Raises ConfigurationError where a
    reader to exclude does not exist, FileFormatError and CorpusError as the reading of a region does.
    """
    regions = {name: read_region(path) for name, path in paths.items()}
    known = {reader for region in regions.values() for reader in (*region.matrices, *region.without)}
    readers = sorted({reader for region in regions.values() for reader in region.matrices}, key=int)
    signals, left_out = {}, {}
    for name, region in regions.items():
        given = {purpose: exclude.get(name, {}).get(purpose, {}) for purpose in ("score", "ceiling")}
        for purpose, reasons in given.items():
            if unknown := sorted(set(reasons) - known):
                raise ConfigurationError(
                    f"groups.{group}.regions.{name}.exclude.{purpose}: no reader {', '.join(unknown)}; readers are "
                    f"counted from 0 to {max(map(int, known))}"
                )
        # Why somebody has no data is the better reason where the configuration gives one too.
        left_out[name] = LeftOut(*({**reasons, **region.without} for reasons in given.values()))
        rows = np.full((len(readers), corpus.n_pairs), np.nan)
        for k, reader in enumerate(readers):
            if reader in region.matrices:
                rows[k] = in_pairs(region.matrices[reader], corpus, f"{paths[name]}: reader {reader}")
        signals[name] = rows
        for purpose, reasons in (("scores", left_out[name].score), ("ceilings", left_out[name].ceiling)):
            for reader, reason in sorted(reasons.items(), key=lambda item: int(item[0])):
                log.warning("group %s, %s: reader %s left out of %s: %s", group, name, reader, purpose, reason)
            if len(readers) == len(set(readers) & set(reasons)):
                raise ConfigurationError(f"groups.{group}.regions.{name}: no reader is left for {purpose}")
    nobody = dict.fromkeys(sorted(known - set(readers), key=int), "no region")
    log.info("group %s: %d readers, regions %s", group, len(readers), ", ".join(signals))
    return Gaze(group, tuple(readers), signals, None, excluded=nobody, left_out=left_out)
