"""attention/{corpus}/{model}/layers-{first}-{last}.h5: word-level attention of one block of layers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from readalike.corpus import Corpus, FloatArray
from readalike.errors import FileFormatError, NumericsError
from readalike.files.corpora import check_corpus, stamp_corpus
from readalike.files.hdf5 import replacing_hdf5

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class ConditionResult:
    """What one condition left behind in one block of layers.

    attention : (layers of the block, heads, pairs)
    loss : (sentences,) nats summed over the predicted tokens of the sentence itself; only in the last block
    tokens : (sentences,) number of those tokens; only in the last block
    rollout : (layers of the block, pairs) attention rollout; only where it was asked for
    """

    attention: Float32Array
    loss: FloatArray | None = None
    tokens: NDArray[np.int64] | None = None
    rollout: Float32Array | None = None


def block_name(first: int, last: int) -> str:
    return f"layers-{first}-{last}.h5"


def write_attention(
    path: Path,
    conditions: Mapping[str, ConditionResult],
    corpus: Corpus,
    *,
    first: int,
    attributes: Mapping[str, Any],
    storage: str = "float32",
) -> None:
    """Write one block: a dataset a condition (layer, head, pair), chunked (1, 1, pair), shuffled, gzip 1.

    Beside it `rollout` (layer, pair), float32, where there is one.

    attributes : provenance; must hold `model`, `layers` and `heads` of the whole model; mappings become JSON.
    Raises NumericsError naming model, layer, condition and sentence where a value is NaN or infinite.
    """
    for name, result in conditions.items():
        _check_finite(result.attention, corpus, f"{attributes['model']}, condition {name}", first)
    with replacing_hdf5(path) as file:
        stamp_corpus(file, corpus)
        for key, value in attributes.items():
            file.attrs[key] = json.dumps(value, sort_keys=True) if isinstance(value, Mapping | list) else value
        file.attrs["first_layer"] = first
        for name, result in conditions.items():
            layers, _, pairs = result.attention.shape
            if pairs != corpus.n_pairs:
                raise FileFormatError(f"{path}: condition {name}: {pairs} pairs, the corpus has {corpus.n_pairs}")
            file.attrs["last_layer"] = first + layers - 1
            packed = {"shuffle": True, "compression": "gzip", "compression_opts": 1}
            values = result.attention.astype(storage, copy=False)
            file.create_dataset(f"{name}/attention", data=values, chunks=(1, 1, pairs), **packed)
            if result.rollout is not None:
                file.create_dataset(f"{name}/rollout", data=result.rollout, chunks=(1, pairs), **packed)
            if result.loss is not None and result.tokens is not None:
                file.create_dataset(f"{name}/loss", data=result.loss)
                file.create_dataset(f"{name}/tokens", data=result.tokens)


def _check_finite(attention: Float32Array, corpus: Corpus, where: str, first: int) -> None:
    bad = ~np.isfinite(attention)
    if bad.any():
        layer, _, pair = (int(k) for k in np.argwhere(bad)[0])
        sentence = corpus.sentences[int(corpus.pairs.sentence[pair])]
        raise NumericsError(
            f"{where}: attention of layer {first + layer} is not a number in {sentence.name}; "
            "use a wider dtype (dtype: float32) for this model"
        )


class Attention:
    """All blocks of one model on one corpus, read a layer at a time.

    Shapes: `layer()` gives (heads, pairs) float64; `loss()` and `tokens()` give (sentences,).
    """

    def __init__(self, files: Sequence[tuple[Path, h5py.File]]) -> None:
        self._files = sorted(files, key=lambda item: int(item[1].attrs["first_layer"]))
        path, first = self._files[0]
        self.path = path.parent
        self.attributes: dict[str, Any] = dict(first.attrs)
        self.model = str(first.attrs["model"])
        self.n_layers = int(first.attrs["layers"])
        self.n_heads = int(first.attrs["heads"])
        self.conditions = tuple(sorted(name for name in first if name != "sentence_digests"))
        self.layers = tuple(
            layer
            for _, file in self._files
            for layer in range(int(file.attrs["first_layer"]), int(file.attrs["last_layer"]) + 1)
        )
        for path, file in self._files[1:]:
            same = {"model": self.model, "layers": self.n_layers, "heads": self.n_heads}
            for key, value in same.items():
                if file.attrs[key] != value:
                    raise FileFormatError(f"{path}: {key} is {file.attrs[key]}, {value} in {self._files[0][0].name}")
        if len(set(self.layers)) != len(self.layers):
            raise FileFormatError(f"{self.path}: blocks overlap; remove those of an earlier run")

    @property
    def whole(self) -> bool:
        return self.layers == tuple(range(self.n_layers))

    def require_whole(self, purpose: str) -> None:
        if not self.whole:
            missing = sorted(set(range(self.n_layers)) - set(self.layers))
            raise FileFormatError(f"{self.path}: layers {missing} of {self.n_layers} are missing; {purpose} needs all")

    def _file(self, layer: int) -> tuple[Path, h5py.File]:
        for path, file in self._files:
            if int(file.attrs["first_layer"]) <= layer <= int(file.attrs["last_layer"]):
                return path, file
        raise FileFormatError(f"{self.path}: no layer {layer}; there are {self.layers}")

    def layer(self, condition: str, layer: int) -> FloatArray:
        """Attention of all heads of a layer, shape (heads, pairs)."""
        path, file = self._file(layer)
        if condition not in file:
            raise FileFormatError(f"{path}: no condition {condition}; there are {', '.join(self.conditions)}")
        values = file[condition]["attention"][layer - int(file.attrs["first_layer"])].astype(np.float64)
        if not np.isfinite(values).all():
            raise NumericsError(f"{path}: condition {condition}, layer {layer} holds values that are not numbers")
        return values  # type: ignore[no-any-return]  # h5py has no types

    @property
    def sentences_that_differ(self) -> list[str]:
        """Sentences in which imported attention has another length than the corpus."""
        return list(json.loads(self.attributes.get("sentences_that_differ", "[]")))

    def loss(self, condition: str) -> FloatArray:
        return self._last(condition, "loss")

    def tokens(self, condition: str) -> FloatArray:
        return self._last(condition, "tokens")

    @property
    def has_loss(self) -> bool:
        return f"{self.conditions[0]}/loss" in self._files[-1][1]

    def _last(self, condition: str, name: str) -> FloatArray:
        path, file = self._files[-1]
        if f"{condition}/{name}" not in file:
            raise FileFormatError(f"{path}: no {name} of condition {condition}; only the last block has it")
        return file[condition][name][:].astype(np.float64)  # type: ignore[no-any-return]  # h5py has no types


@contextmanager
def open_attention(paths: Sequence[Path], corpus: Corpus) -> Iterator[Attention]:
    """Open the blocks of one model, read-only; raises FileFormatError for another corpus or damaged files."""
    files: list[tuple[Path, h5py.File]] = []
    try:
        for path in paths:
            try:
                files.append((path, h5py.File(path, "r")))
            except OSError as error:
                raise FileFormatError(f"{path}: cannot be read as HDF5 ({error}); delete it and run again") from None
            check_corpus(files[-1][1], path, corpus)
        yield Attention(files)
    finally:
        for _, file in files:
            file.close()
