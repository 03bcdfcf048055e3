"""attention/{corpus}/{model}/{condition}/layers-{first}-{last}.h5: word-level attention of one block of layers."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from readalike.conditions import PLAIN
from readalike.corpus import Corpus, FloatArray
from readalike.errors import FileFormatError, NumericsError
from readalike.files.corpora import check_corpus, stamp_corpus
from readalike.files.hdf5 import Found, dataset, naming_damage, reading_hdf5, replacing_hdf5, write

Float32Array = NDArray[np.float32]
# What the measures can look at -> its data set in a file. `raw` is always there; another only where it was asked for.
RAW, ROLLOUT, VALUE_NORMS = "raw", "rollout", "value-norms"
KINDS = {RAW: "attention", ROLLOUT: "rollout", VALUE_NORMS: "value_norms"}
# Beyond any model: a damaged number of layers must not be counted up to.
MOST_LAYERS = 10_000


@dataclass(frozen=True)
class ConditionResult:
    """What one condition left behind in one block of layers.

    attention : (layers of the block, heads, pairs)
    loss : (sentences,) nats summed over the predicted tokens of the sentence itself; only in the last block
    tokens : (sentences,) number of those tokens; only in the last block
    other : by kind of attention but `raw`, what was asked for: `rollout` (layers of the block, 1, pairs), which has no
        heads, or `value-norms` (layers of the block, heads, pairs)
    """

    attention: Float32Array
    loss: FloatArray | None = None
    tokens: NDArray[np.int64] | None = None
    other: Mapping[str, Float32Array] = field(default_factory=dict)


def write_attention(
    path: Path,
    conditions: Mapping[str, ConditionResult],
    corpus: Corpus,
    *,
    first: int,
    attributes: Mapping[str, Any],
    storage: str = "float32",
) -> None:
    """Write one block: a dataset a condition (layer, head, pair), chunked (1, 1, pair).

    Beside it another kind of attention of the same form, float32, where there is one.

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
            values = result.attention.astype(storage, copy=False)
            write(file, f"{name}/attention", values, chunks=(1, 1, pairs))
            for kind, other in result.other.items():
                write(file, f"{name}/{KINDS[kind]}", other, chunks=(1, 1, pairs))
            if result.loss is not None and result.tokens is not None:
                write(file, f"{name}/loss", result.loss)
                write(file, f"{name}/tokens", result.tokens)


def _check_finite(attention: Float32Array, corpus: Corpus, where: str, first: int) -> None:
    bad = ~np.isfinite(attention)
    if bad.any():
        layer, _, pair = (int(k) for k in np.argwhere(bad)[0])
        sentence = corpus.sentences[int(corpus.pairs.sentence[pair])]
        raise NumericsError(
            f"{where}: attention of layer {first + layer} is not a number in {sentence.name}; "
            "use a wider dtype (dtype: float32) for this model"
        )


class _Block(NamedTuple):
    """One file, open, and which layers it holds."""

    path: Path
    file: h5py.File
    conditions: tuple[str, ...]
    first: int
    last: int
    # Of the whole model, and the same in all its files.
    whole: dict[str, Any]


def _checked(path: Path, file: h5py.File, corpus: Corpus, kind: str) -> _Block:
    """A file whose header is as `write_attention` leaves it. Raises ValueError and the like, for `naming_damage`."""
    first, last, layers, heads = (int(file.attrs[name]) for name in ("first_layer", "last_layer", "layers", "heads"))
    if not 0 <= first <= last < layers <= MOST_LAYERS:
        raise ValueError(f"its layers are {first} to {last} of {layers}")
    conditions = _conditions(file)
    if not conditions:
        raise ValueError("it holds no condition")
    for name in conditions:
        if kind != RAW and KINDS[kind] not in file[name]:
            raise FileFormatError(f"{path}: it holds no {kind}, which attention: {kind} needs; extract it again")
        dataset(file, f"{name}/{KINDS[kind]}", (last - first + 1, 1 if kind == ROLLOUT else heads, corpus.n_pairs))
        if "loss" in file[name] or "tokens" in file[name]:
            dataset(file, f"{name}/loss", (len(corpus.sentences),))
            dataset(file, f"{name}/tokens", (len(corpus.sentences),), "iu")
    return _Block(
        path, file, conditions, first, last, {"model": str(file.attrs["model"]), "layers": layers, "heads": heads}
    )


def _conditions(file: h5py.File) -> tuple[str, ...]:
    return tuple(sorted(name for name in file if name != "sentence_digests"))


class Attention:
    """All files of one model on one corpus, a block in one or several conditions each, of one kind of attention.

    Read a layer at a time: `layer()` gives (heads, pairs) float64, of `rollout` (1, pairs); `loss()` and `tokens()`
    give (sentences,). What is damaged, or not there, is FileFormatError, also where one of the `attributes` is asked
    for.
    """

    def __init__(self, blocks: Sequence[_Block], kind: str) -> None:
        self.kind = kind
        # By condition, the first of its layers first.
        self._blocks: dict[str, list[_Block]] = {}
        for block in sorted(blocks, key=lambda block: block.first):
            for condition in block.conditions:
                self._blocks.setdefault(condition, []).append(block)
        self.conditions = tuple(sorted(self._blocks))
        start = self._blocks[self.conditions[0]][0]
        self.path = Path(os.path.commonpath([block.path.parent for block in blocks]))
        with naming_damage(start.path):
            self.attributes: dict[str, Any] = Found(start.path, dict(start.file.attrs))
        self.model: str = start.whole["model"]
        self.n_layers: int = start.whole["layers"]
        self.n_heads: int = start.whole["heads"]
        for block in blocks:
            for key, value in start.whole.items():
                if block.whole[key] != value:
                    raise FileFormatError(f"{block.path}: {key} is {block.whole[key]}, {value} in {start.path}")
        layers = {
            condition: tuple(layer for block in own for layer in range(block.first, block.last + 1))
            for condition, own in self._blocks.items()
        }
        for condition, own in layers.items():
            if len(set(own)) != len(own):
                raise FileFormatError(
                    f"{self.path}: blocks of condition {condition} overlap; remove those of an earlier run"
                )
            if own != layers[self.conditions[0]]:
                differ = sorted({*own} ^ {*layers[self.conditions[0]]})
                raise FileFormatError(
                    f"{self.path}: layer {differ[0]} is in one of the conditions {condition} and {self.conditions[0]} "
                    "only; run the workflow again"
                )
        self.layers = layers[self.conditions[0]]

    @property
    def whole(self) -> bool:
        return self.layers == tuple(range(self.n_layers))

    def require_whole(self, purpose: str) -> None:
        if not self.whole:
            missing = sorted(set(range(self.n_layers)) - set(self.layers))
            raise FileFormatError(f"{self.path}: layers {missing} of {self.n_layers} are missing; {purpose} needs all")

    def _of(self, condition: str) -> list[_Block]:
        if condition not in self._blocks:
            raise FileFormatError(f"{self.path}: no condition {condition}; there are {', '.join(self.conditions)}")
        return self._blocks[condition]

    def layer(self, condition: str, layer: int) -> FloatArray:
        """Attention of all heads of a layer, shape (heads, pairs)."""
        block = next((block for block in self._of(condition) if block.first <= layer <= block.last), None)
        if block is None:
            raise FileFormatError(f"{self.path}: no layer {layer}; there are {self.layers}")
        with naming_damage(block.path):
            values = block.file[condition][KINDS[self.kind]][layer - block.first].astype(np.float64)
        if not np.isfinite(values).all():
            raise NumericsError(f"{block.path}: condition {condition}, layer {layer} holds values that are not numbers")
        return values  # type: ignore[no-any-return]  # h5py has no types

    @property
    def sentences_that_differ(self) -> list[str]:
        """Sentences in which imported attention has another length than the corpus."""
        with naming_damage(self._blocks[self.conditions[0]][0].path):
            return list(map(str, json.loads(self.attributes.get("sentences_that_differ", "[]"))))

    def loss(self, condition: str) -> FloatArray:
        return self._last(condition, "loss")

    def tokens(self, condition: str) -> FloatArray:
        return self._last(condition, "tokens")

    @property
    def has_loss(self) -> bool:
        block = self._blocks[self.conditions[0]][-1]
        with naming_damage(block.path):
            return f"{self.conditions[0]}/loss" in block.file

    def _last(self, condition: str, name: str) -> FloatArray:
        path, file, *_ = self._of(condition)[-1]
        with naming_damage(path):
            if f"{condition}/{name}" not in file:
                raise FileFormatError(f"{path}: no {name} of condition {condition}; only the last block has it")
            return file[condition][name][:].astype(np.float64)  # type: ignore[no-any-return]  # h5py has no types


@contextmanager
def open_attention(paths: Sequence[Path], corpus: Corpus, kind: str = RAW) -> Iterator[Attention]:
    """Open the files of one model, read-only, for one of KINDS.

    Raises FileFormatError for another corpus, damaged files, or files without this kind of attention.
    """
    with ExitStack() as files:
        blocks = []
        for path in paths:
            with naming_damage(path):
                file = files.enter_context(h5py.File(path, "r"))
                check_corpus(file, path, corpus)
                blocks.append(_checked(path, file, corpus, kind))
        yield Attention(blocks, kind)


def features_of(path: Path, kind: str = RAW) -> int:
    """Regressors of a layer in one of a model's files: its heads, or 1 for `rollout`; whatever the corpus.

    Raises FileFormatError for a damaged file, or one without this kind of attention.
    """
    with reading_hdf5(path) as file:
        return int(dataset(file, f"{PLAIN}/{KINDS[kind]}").shape[1])


def device_of(path: Path) -> str:
    """What an attention file was extracted on, `cpu` or `cuda`; empty where it does not say, or is not there."""
    if not path.is_file():
        return ""
    with reading_hdf5(path) as file:
        return str(file.attrs.get("device", ""))
