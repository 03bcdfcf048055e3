"""{group}-sentences.h5 beside a model's table of a measure by likelihood: what its layers gain, and parts of
slopes, by reader and sentence.

Of such sums tests over readers and sentences are made (`statistics.clustered`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.files.corpora import stamp_corpus
from readalike.files.hdf5 import Found, dataset, reading_hdf5, replacing_hdf5, texts, write, write_texts


def write_gains(
    path: Path,
    sums: Mapping[str, FloatArray],
    corpus: Corpus,
    *,
    labels: Mapping[str, str],
    readers: Sequence[str],
    layers: Sequence[int],
) -> None:
    """Sums over a sentence, an array a name, as the measure's module has them; labels : model, group, readers_are"""
    with replacing_hdf5(path) as file:
        stamp_corpus(file, corpus)
        file.attrs.update(labels)
        write_texts(file, "readers", readers)
        write(file, "layers", np.array(layers))
        write(file, "articles", corpus.articles)
        for name, values in sums.items():
            write(file, f"sums/{name}", values)


@dataclass(frozen=True)
class Gains:
    """sums : name -> array as it was written; articles : (sentences,)"""

    labels: Mapping[str, str]
    readers: tuple[str, ...]
    layers: IntArray
    articles: IntArray
    sums: Mapping[str, FloatArray]


def read_gains(path: Path) -> Gains:
    """Raises FileFormatError where the file is damaged, or lacks what is asked for."""
    with reading_hdf5(path) as file:
        values = {name: dataset(file, f"sums/{name}")[:].astype(np.float64) for name in file["sums"]}
        return Gains(
            Found(path, {key: str(value) for key, value in file.attrs.items()}),
            texts(file, "readers"),
            dataset(file, "layers", kinds="iu")[:],
            dataset(file, "articles", kinds="iu")[:],
            Found(path, values),
        )
