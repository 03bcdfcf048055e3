"""landing/{group}.h5: how often every reader of a group went from each word of a sentence to each other one.

Beside it landing/{model}/{group}-sentences.h5: what a model's layers gain there, by reader and sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from readalike.cells import cells
from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.errors import FileFormatError
from readalike.files.corpora import check_corpus, stamp_corpus
from readalike.files.hdf5 import Found, dataset, reading_hdf5, replacing_hdf5, texts, write, write_texts


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
        readers_are = str(file.attrs["readers_are"])
        if readers_are not in ("simulated", "measured"):
            raise FileFormatError(f"{path}: its readers are {readers_are!r}, neither simulated nor measured")
        return Landings(str(file.attrs["group"]), readers, counts, readers_are == "simulated")


def write_sums(
    path: Path,
    sums: Mapping[str, FloatArray],
    corpus: Corpus,
    *,
    labels: Mapping[str, str],
    readers: Sequence[str],
    layers: Sequence[int],
) -> None:
    """What each reader's saccades gain in each sentence, as `measures.landing.Scores` has it; labels : model, group"""
    with replacing_hdf5(path) as file:
        stamp_corpus(file, corpus)
        file.attrs.update(labels)
        write_texts(file, "readers", readers)
        write(file, "layers", np.array(layers))
        write(file, "articles", corpus.articles)
        for name, values in sums.items():
            write(file, f"sums/{name}", values)


@dataclass(frozen=True)
class LandingSums:
    """sums : name -> array as `measures.landing.Scores` has it; articles : (sentences,)"""

    labels: Mapping[str, str]
    readers: tuple[str, ...]
    layers: IntArray
    articles: IntArray
    sums: Mapping[str, FloatArray]


def read_sums(path: Path) -> LandingSums:
    """Raises FileFormatError where the file is damaged, or lacks what is asked for."""
    with reading_hdf5(path) as file:
        values = {name: dataset(file, f"sums/{name}")[:].astype(np.float64) for name in file["sums"]}
        return LandingSums(
            Found(path, {key: str(value) for key, value in file.attrs.items()}),
            texts(file, "readers"),
            dataset(file, "layers", kinds="iu")[:],
            dataset(file, "articles", kinds="iu")[:],
            Found(path, values),
        )
