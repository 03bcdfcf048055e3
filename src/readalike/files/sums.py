"""Sums of squares by sentence and reader, shared by several tests: HDF5 beside the tables of a measure.

`{signal}/{score}` holds `sse` (layer, sentence, reader), `sst` (sentence, reader), `readers`, and `cross` (reader,
reader) where the score has one; sentences are in the order of the corpus. `layers` and `chance` say of each layer its
number and what it would explain by chance.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from readalike.corpus import Corpus, FloatArray
from readalike.errors import FileFormatError
from readalike.files.corpora import stamp_corpus
from readalike.files.hdf5 import AGAIN, Found, dataset, reading_hdf5, replacing_hdf5, texts, write, write_texts


class Sums(NamedTuple):
    """Of one score: squared errors by layer, and squared distances from the mean, which no layer changes.

    sse : (layers, sentences, readers); sst : (sentences, readers), NaN for a reader whose signal never varies
    readers : their names
    cross : (readers, readers) of a score on a mean of readers, `through_the_mean`; None for others
    """

    sse: FloatArray
    sst: FloatArray
    readers: tuple[str, ...]
    cross: FloatArray | None = None


@dataclass(frozen=True)
class SumsOf:
    """Of one model and group, or of a group alone.

    values : `{signal}/{score}` -> sums; labels : who they belong to
    layers : numbers of the layers along `Sums.sse`; chance : (layers,) rank / (pairs - 1), the mean R2 in sample of as
        many heads with their pairs shuffled; of a group alone one layer, 0, without
    """

    values: Mapping[str, Sums]
    labels: Mapping[str, str]
    layers: tuple[int, ...] = (0,)
    chance: FloatArray | None = None


def write_sums(path: Path, sums: SumsOf, corpus: Corpus) -> None:
    """Values are kept as float32."""
    with replacing_hdf5(path) as file:
        stamp_corpus(file, corpus)
        for name, label in sums.labels.items():
            file.attrs[name] = label
        write(file, "layers", np.array(sums.layers, dtype=np.int64))
        chance = np.full(len(sums.layers), np.nan) if sums.chance is None else sums.chance
        write(file, "chance", chance)
        file.create_group("sums")
        for name, own in sums.values.items():
            # A layer at a time is small; shuffled bytes of float32 pack to about three quarters.
            write(file, f"sums/{name}/sse", own.sse.astype(np.float32), chunks=(1, *own.sse.shape[1:]))
            write(file, f"sums/{name}/sst", own.sst.astype(np.float32))
            if own.cross is not None:
                write(file, f"sums/{name}/cross", own.cross.astype(np.float32))
            write_texts(file, f"sums/{name}/readers", own.readers)


def read_sums(path: Path) -> SumsOf:
    """Raises FileFormatError where the file cannot be read, holds no sums, or what is asked for is not there."""
    values: dict[str, Sums] = {}
    with reading_hdf5(path) as file:
        if "sums" not in file or "layers" not in file:
            raise FileFormatError(f"{path}: holds no sums of squares; {AGAIN}")
        layers = tuple(int(layer) for layer in dataset(file, "layers", kinds="i")[:])
        chance = dataset(file, "chance", (len(layers),))[:].astype(np.float64)
        for signal, scores in file["sums"].items():
            for score in scores:
                at = f"sums/{signal}/{score}"
                sst = dataset(file, f"{at}/sst")
                sse = dataset(file, f"{at}/sse", (len(layers), *sst.shape))
                readers = texts(file, f"{at}/readers", sst.shape[1:])
                cross = None
                if f"{at}/cross" in file:
                    cross = dataset(file, f"{at}/cross", (len(readers), len(readers)))[:].astype(np.float64)
                values[f"{signal}/{score}"] = Sums(sse[:].astype(np.float64), sst[:].astype(np.float64), readers, cross)
        str(file.attrs["corpus_digest"])  # KeyError for a file that another wrote
        labels = {key: str(value) for key, value in file.attrs.items()}
        return SumsOf(Found(path, values), Found(path, labels), layers, chance)
