"""gaze/{group}.h5: what was measured of each reader for each pair."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.errors import FileFormatError
from readalike.files.atomic import replacing
from readalike.files.corpora import check_corpus, stamp_corpus


@dataclass(frozen=True)
class Gaze:
    """Signals of one group of readers.

    signals : name -> (readers, pairs); saccade `number` (count) or `duration` (ms)
    steps : (readers,) saccades of each reader in any direction, those forward included
    excluded : reader -> reason
    simulated : True where no person was measured
    """

    group: str
    readers: tuple[str, ...]
    signals: Mapping[str, FloatArray]
    steps: IntArray
    excluded: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False

    @property
    def kind(self) -> str:
        """What every table says of these readers in its column `readers`."""
        return "simulated" if self.simulated else "measured"


def write_gaze(path: Path, gaze: Gaze, corpus: Corpus) -> None:
    with replacing(path) as temporary, h5py.File(temporary, "w") as file:
        stamp_corpus(file, corpus)
        file.attrs["group"] = gaze.group
        file.attrs["readers_are"] = gaze.kind
        file.attrs["excluded"] = json.dumps(dict(gaze.excluded), sort_keys=True)
        file.create_dataset("readers", data=np.array(gaze.readers, dtype=h5py.string_dtype()))
        file.create_dataset("steps", data=gaze.steps)
        for name, values in gaze.signals.items():
            if values.shape != (len(gaze.readers), corpus.n_pairs):
                raise FileFormatError(
                    f"{path}: signal {name} has shape {values.shape}, expected {(len(gaze.readers), corpus.n_pairs)}"
                )
            file.create_dataset(f"signals/{name}", data=values, compression="gzip", compression_opts=1, shuffle=True)


def read_gaze(path: Path, corpus: Corpus) -> Gaze:
    """Read a group's gaze; raises FileFormatError where it was made from another corpus."""
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise FileFormatError(f"{path}: cannot be read as HDF5 ({error}); delete it and run the workflow") from None
    with file:
        check_corpus(file, path, corpus)
        return Gaze(
            group=str(file.attrs["group"]),
            readers=tuple(file["readers"].asstr()[:]),
            signals={name: file["signals"][name][:] for name in sorted(file["signals"], reverse=True)},
            steps=file["steps"][:],
            excluded=json.loads(file.attrs["excluded"]),
            simulated=file.attrs["readers_are"] == "simulated",
        )
