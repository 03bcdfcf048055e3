"""reading-times/{group}.h5: how long every reader of a group read each word."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from readalike.corpus import Corpus, FloatArray
from readalike.files.corpora import check_corpus, stamp_corpus
from readalike.files.gaze import simulated_readers
from readalike.files.hdf5 import dataset, reading_hdf5, replacing_hdf5, texts, write, write_texts


@dataclass(frozen=True)
class ReadingTimes:
    """times : measure -> (readers, words) ms in the order of the corpus, NaN where a word has none

    Readers are those of the gaze file.
    """

    group: str
    readers: tuple[str, ...]
    times: Mapping[str, FloatArray]
    simulated: bool = False

    @property
    def readers_are(self) -> str:
        """What every table says of these readers in its column of that name."""
        return "simulated" if self.simulated else "measured"


def write_reading_times(path: Path, found: ReadingTimes, corpus: Corpus) -> None:
    with replacing_hdf5(path) as file:
        stamp_corpus(file, corpus)
        file.attrs["group"] = found.group
        file.attrs["readers_are"] = found.readers_are
        write_texts(file, "readers", found.readers)
        times = file.create_group("times", track_order=True)
        for name, ms in found.times.items():
            write(times, name, ms.astype(np.float32))


def read_reading_times(path: Path, corpus: Corpus) -> ReadingTimes:
    """Raises FileFormatError where the file is damaged or was made from another corpus."""
    with reading_hdf5(path) as file:
        check_corpus(file, path, corpus)
        readers = texts(file, "readers")
        shape = len(readers), corpus.n_words
        times = {name: dataset(file, f"times/{name}", shape)[:].astype(np.float64) for name in file["times"]}
        return ReadingTimes(str(file.attrs["group"]), readers, times, simulated_readers(file))
