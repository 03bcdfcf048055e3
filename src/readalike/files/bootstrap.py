"""Draws over resampled sentences: HDF5 beside the tables of a measure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from readalike.corpus import Corpus, FloatArray
from readalike.errors import FileFormatError
from readalike.files.corpora import stamp_corpus
from readalike.files.hdf5 import AGAIN, Found, dataset, reading_hdf5, replacing_hdf5, write


@dataclass(frozen=True)
class Draws:
    """values : name -> array whose axes the measure's docstring gives; labels : who they belong to."""

    values: Mapping[str, FloatArray]
    labels: Mapping[str, str]
    corpus_digest: str = ""


def write_draws(path: Path, values: Mapping[str, FloatArray], corpus: Corpus, *, labels: Mapping[str, object]) -> None:
    """labels : attributes such as model, seed, draws; text and whole numbers."""
    with replacing_hdf5(path) as file:
        stamp_corpus(file, corpus)
        for name, label in labels.items():
            file.attrs[name] = label
        file.create_group("draws")
        for name, array in values.items():
            write(file, f"draws/{name}", array.astype(np.float32))


def read_draws(path: Path) -> Draws:
    """Raises FileFormatError where the file cannot be read or does not hold draws.

    The same where a name is asked for that the values or the labels have not.
    """
    values: dict[str, FloatArray] = {}
    with reading_hdf5(path) as file:
        if "draws" not in file:
            raise FileFormatError(f"{path}: holds no bootstrap draws; {AGAIN}")
        names: list[str] = []
        file["draws"].visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        for name in names:
            values[name] = dataset(file, f"draws/{name}")[:].astype(np.float64)
        return Draws(
            Found(path, values),
            Found(path, {key: str(value) for key, value in file.attrs.items()}),
            str(file.attrs["corpus_digest"]),
        )
