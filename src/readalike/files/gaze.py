"""gaze/{group}.h5: what was measured of each reader for each pair."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import h5py

from readalike.corpus import Corpus, FloatArray, IntArray
from readalike.errors import FileFormatError
from readalike.files.corpora import check_corpus, stamp_corpus
from readalike.files.hdf5 import dataset, reading_hdf5, replacing_hdf5, texts, write, write_texts

SACCADES, FMRI = "saccades", "fMRI"


class Signal(NamedTuple):
    """One signal of those readers who count for a purpose: values (readers, pairs)."""

    readers: tuple[str, ...]
    values: FloatArray


@dataclass(frozen=True)
class LeftOut:
    """Readers of the group who do not count for one signal, reader -> reason: for scores, and for ceilings."""

    score: Mapping[str, str] = field(default_factory=dict)
    ceiling: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Gaze:
    """Signals of one group of readers.

    signals : name -> (readers, pairs); saccade `number` (count) or `duration` (ms), or a brain region's values. A
        reader who lacks a region has a row of NaN there and is named in `left_out`: use `scored` and `for_ceiling`
    steps : (readers,) saccades of each reader in any direction, those forward included; None for fMRI
    excluded : reader -> reason, for readers left out of every signal
    simulated : True where no person was measured
    means : name -> (pairs,) the group's mean signal as somebody else released it, to compare with ours
    """

    group: str
    readers: tuple[str, ...]
    signals: Mapping[str, FloatArray]
    steps: IntArray | None
    excluded: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)
    means: Mapping[str, FloatArray] = field(default_factory=dict)

    @property
    def readers_are(self) -> str:
        """What every table says of these readers in its column of that name."""
        return "simulated" if self.simulated else "measured"

    @property
    def modality(self) -> str:
        return FMRI if self.steps is None else SACCADES

    def scored(self, signal: str) -> Signal:
        """A signal of the readers whom models are compared with."""
        return self._without(signal, self.left_out.get(signal, LeftOut()).score)

    def for_ceiling(self, signal: str) -> Signal:
        """A signal of the readers whom ceilings are made of."""
        return self._without(signal, self.left_out.get(signal, LeftOut()).ceiling)

    def _without(self, signal: str, readers: Mapping[str, str]) -> Signal:
        kept = [k for k, reader in enumerate(self.readers) if reader not in readers]
        return Signal(tuple(self.readers[k] for k in kept), self.signals[signal][kept])


def write_gaze(path: Path, gaze: Gaze, corpus: Corpus) -> None:
    with replacing_hdf5(path) as file:
        stamp_corpus(file, corpus)
        file.attrs["group"] = gaze.group
        file.attrs["readers_are"] = gaze.readers_are
        file.attrs["excluded"] = json.dumps(dict(gaze.excluded), sort_keys=True)
        write_texts(file, "readers", gaze.readers)
        file.attrs["left_out"] = json.dumps({name: asdict(out) for name, out in gaze.left_out.items()}, sort_keys=True)
        if gaze.steps is not None:
            write(file, "steps", gaze.steps)
        signals = file.create_group("signals", track_order=True)
        for name, values in gaze.signals.items():
            if values.shape != (len(gaze.readers), corpus.n_pairs):
                raise FileFormatError(
                    f"{path}: signal {name} has shape {values.shape}, expected {(len(gaze.readers), corpus.n_pairs)}"
                )
            write(signals, name, values)
        for name, mean in gaze.means.items():
            write(file, f"means/{name}", mean)


def read_gaze(path: Path, corpus: Corpus) -> Gaze:
    """Read a group's gaze; raises FileFormatError where it is damaged or was made from another corpus."""
    with reading_hdf5(path) as file:
        check_corpus(file, path, corpus)
        readers = texts(file, "readers")
        return Gaze(
            group=str(file.attrs["group"]),
            readers=readers,
            signals={
                name: dataset(file, f"signals/{name}", (len(readers), corpus.n_pairs), "iuf")[:]
                for name in file["signals"]
            },
            steps=dataset(file, "steps", (len(readers),), "iu")[:] if "steps" in file else None,
            excluded=_reasons(json.loads(file.attrs["excluded"])),
            simulated=simulated_readers(file),
            left_out={
                name: LeftOut(**{purpose: _reasons(reasons) for purpose, reasons in out.items()})
                for name, out in json.loads(file.attrs["left_out"]).items()
            },
            means={name: dataset(file, f"means/{name}", (corpus.n_pairs,), "iuf")[:] for name in file.get("means", {})},
        )


def simulated_readers(file: h5py.File) -> bool:
    """Whether no person was measured. Raises ValueError, for `hdf5.naming_damage`, where the file does not say."""
    readers_are = str(file.attrs["readers_are"])
    if readers_are not in ("simulated", "measured"):
        raise ValueError(f"its readers are {readers_are!r}, neither simulated nor measured")
    return readers_are == "simulated"


def _reasons(found: Any) -> dict[str, str]:
    if not isinstance(found, dict):
        raise TypeError(f"{found!r} says not who was left out, and why")
    return found
