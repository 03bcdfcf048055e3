"""landing/{group}.h5: how often every reader of a group went from each word of a sentence to each other one."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from readalike.cells import cells
from readalike.corpus import Corpus, IntArray
from readalike.files.corpora import check_corpus, stamp_corpus
from readalike.files.gaze import simulated_readers
from readalike.files.hdf5 import dataset, reading_hdf5, replacing_hdf5, texts, write, write_texts


@dataclass(frozen=True)
class Landings:
    """counts : (readers, cells) saccades, in the order of `cells.cells`; readers are those of the gaze file."""

    group: str
    readers: tuple[str, ...]
    counts: IntArray
    simulated: bool = False

    @property
    def readers_are(self) -> str:
        """What every table says of these readers in its column of that name."""
        return "simulated" if self.simulated else "measured"


def write_landings(path: Path, found: Landings, corpus: Corpus) -> None:
    with replacing_hdf5(path) as file:
        stamp_corpus(file, corpus)
        file.attrs["group"] = found.group
        file.attrs["readers_are"] = found.readers_are
        write_texts(file, "readers", found.readers)
        write(file, "counts", found.counts.astype(np.uint16))


def read_landings(path: Path, corpus: Corpus) -> Landings:
    """Raises FileFormatError where the file is damaged or was made from another corpus."""
    with reading_hdf5(path) as file:
        check_corpus(file, path, corpus)
        readers = texts(file, "readers")
        counts = dataset(file, "counts", (len(readers), int(cells(corpus).offsets[-1])), "u")[:].astype(np.int64)
        return Landings(str(file.attrs["group"]), readers, counts, simulated_readers(file))
