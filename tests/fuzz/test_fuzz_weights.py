"""Descriptions, weights and HDF5 files with damage: each is read, or refused with an error that has a message.

The same cases each time. Measured 2026-11-27 on 2 busy cores: 400 descriptions in 4 s, 600 safetensors in 7 s, 300 .bin
files in 3 s, 500 indices in 9 s, 300 HDF5 files of another content in 15 s, 500 words.tsv in 8 s. HDF5 files with
spoilt bytes are not tried: HDF5 itself may crash on them, and a job compares a file with its record before it opens it.
"""

import contextlib
import copy
import json
import shutil
import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readalike import jobs
from readalike.attention.blocks import Block
from readalike.configuration import number_of_layers
from readalike.corpus import Corpus, Sentence
from readalike.errors import ReadalikeError
from readalike.experiment.weights import own_files
from readalike.files.attention import ConditionResult, open_attention, write_attention
from readalike.files.bootstrap import read_draws, write_draws
from readalike.files.corpora import read_corpus, write_corpus
from readalike.files.gaze import Gaze, LeftOut, read_gaze, write_gaze
from readalike.weights.description import read_config
from readalike.weights.files import shards, weight_files
from readalike.weights.tensors import Checkpoint, tensors_of
from readalike.weights.unread import require_all_taken
from tests.tiny_models import make_tiny_checkpoint

pytestmark = pytest.mark.slow

CORPUS = Corpus((Sentence(1, 1, ("Could", "humans")), Sentence(1, 2, ("live", "on", "Mars"))))
ODD: list[Any] = ["four", "", None, 0, -1, 2**31, 10**30, 1.5, float("nan"), True, [], [4, 4], {}, {"a": None}, "../x"]


def fuzzed(cases: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The same cases each time; no limit on one of them, since the machine may be busy."""
    return settings(
        max_examples=cases,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def read_or_refused(read: Callable[[], object]) -> None:
    """Anything else that is raised fails the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.suppress(ReadalikeError):
            read()


@st.composite
def spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """Some bytes replaced, a piece left out, or the end cut off."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    kind = draw(st.sampled_from(["bytes", "bytes", "bytes", "cut", "hole"]))
    if kind == "cut":
        return bytes(content[: draw(st.integers(0, len(content)))])
    if kind == "hole":
        start = draw(st.integers(0, len(content)))
        return bytes(content[:start] + content[start + draw(st.integers(1, 64)) :])
    return bytes(content)


@st.composite
def changed(draw: st.DrawFn, whole: dict[str, Any]) -> bytes:
    """A JSON object with fields left out, replaced by odd values or put one deeper; or with its bytes spoilt."""
    described: Any = copy.deepcopy(whole)
    names = sorted(whole)
    for name in draw(st.lists(st.sampled_from(names), max_size=2)):
        described.pop(name, None)
    for name in draw(st.lists(st.sampled_from([*names, "text_config", "quantization_config"]), max_size=2)):
        described[name] = draw(st.sampled_from(ODD))
    described = draw(st.sampled_from([described] * 6 + [{"text_config": described}, [described], 4, None, "x"]))
    content = json.dumps(described).encode(draw(st.sampled_from(["utf-8"] * 6 + ["utf-16", "utf-8-sig"])))
    return draw(spoilt(content)) if draw(st.booleans()) else content


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("plain"), layers=2)


@pytest.fixture(scope="module")
def spoiled(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy whose files are written over."""
    folder = tmp_path_factory.mktemp("fuzz") / "model"
    shutil.copytree(plain, folder)
    return folder


@pytest.fixture(scope="module")
def described(plain: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((plain / "config.json").read_text(encoding="utf-8"))
    return found


@given(data=st.data())
@fuzzed(400)
def test_descriptions(spoiled: Path, described: dict[str, Any], data: st.DataObject) -> None:
    """config.json: layers and sizes while the DAG is built, and what extraction reads."""
    (spoiled / "config.json").write_bytes(data.draw(changed(described)))
    read_or_refused(lambda: number_of_layers("m", {"weights": {"folder": str(spoiled)}}, spoiled, {}))
    read_or_refused(lambda: jobs.size_of_folder(spoiled, weight_files(spoiled), 2))
    read_or_refused(lambda: read_config(Checkpoint(spoiled)))


def load(folder: Path, plain: Path) -> None:
    """As extraction does: names, all tensors, and what the model has no place for."""
    checkpoint = Checkpoint(folder)
    for lazy in tensors_of(folder).values():
        lazy[...]
    block = Block(checkpoint, read_config(Checkpoint(plain)), 0, 1, torch.float32)
    require_all_taken(block.model, checkpoint)


@given(data=st.data())
@fuzzed(600)
def test_safetensors(plain: Path, spoiled: Path, data: st.DataObject) -> None:
    """The header of model.safetensors, by its fields and by its bytes."""
    whole = (plain / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", whole[:8])
    header: dict[str, Any] = json.loads(whole[8 : 8 + length])
    name = data.draw(st.sampled_from(sorted(header)))
    field = data.draw(st.sampled_from(["dtype", "shape", "data_offsets", "name", "header", "bytes"]))
    if field == "bytes":
        content = data.draw(spoilt(whole[: 8 + length])) + whole[8 + length :]
    else:
        if field == "header":
            header = data.draw(st.sampled_from([{}, [], None, {name: None}, {name: {}}]))
        elif field == "name":
            header[data.draw(st.sampled_from(["", "a", "../a", f"{name}.bias", "model.layers.9.x"]))] = header.pop(name)
        else:
            kinds = ["F8_E4M3", "I64", "BOOL", "F16", "BF16", "C64", "F4", "", "float"]
            header[name][field] = data.draw(st.sampled_from([*ODD, *kinds, [0], [2**62, 4], [-1, 4], [4, 0]]))
        text = json.dumps(header).encode()
        content = struct.pack("<Q", len(text)) + text + whole[8 + length :]
    (spoiled / "model.safetensors").write_bytes(content)
    read_or_refused(lambda: load(spoiled, plain))


@given(data=st.data())
@fuzzed(300)
def test_bins(plain: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """pytorch_model.bin, a pickle inside a zip file."""
    folder = plain.parent / "bins"
    folder.mkdir(exist_ok=True)
    torch.save({"a": torch.ones(2, 3), "b": torch.zeros(4, dtype=torch.bfloat16)}, folder / "whole")
    (folder / "pytorch_model.bin").write_bytes(data.draw(spoilt((folder / "whole").read_bytes())))
    read_or_refused(lambda: [lazy[...] for lazy in tensors_of(folder).values()])


@given(data=st.data())
@fuzzed(500)
def test_indices(plain: Path, data: st.DataObject) -> None:
    """An index, which no file outside its folder is read for."""
    folder = plain.parent / "indexed"
    folder.mkdir(exist_ok=True)
    shutil.copy(plain / "model.safetensors", folder / "a.safetensors")
    shutil.copy(plain / "model.safetensors", folder.parent / "outside.safetensors")
    names = [
        "a.safetensors",
        "b",
        "../outside.safetensors",
        "..",
        ".",
        "/",
        "",
        "\0",
        "\ud800",
        "x" * 300,
        "a/../a",
        "~",
    ]
    tensors = data.draw(st.dictionaries(st.text(max_size=3), st.sampled_from([*names, *ODD]), max_size=3))
    whole = {"metadata": {}, "weight_map": tensors | {"x": "a.safetensors"}}
    index = folder / "model.safetensors.index.json"
    index.write_bytes(data.draw(changed(whole)))
    read_or_refused(lambda: shards(index))
    read_or_refused(lambda: tensors_of(folder))
    own_files.cache_clear()
    read_or_refused(lambda: own_files(str(folder)))
    with contextlib.suppress(ReadalikeError):
        assert all(path.parent == folder and path.name == "a.safetensors" for path in weight_files(folder))


def use_attention(path: Path) -> None:
    """Every function that reads such a file."""
    with open_attention([path], CORPUS) as found:
        read = [found.attributes, found.whole, found.has_loss, found.sentences_that_differ, found.n_heads, found.model]
        assert read
        found.require_whole("this")
        for condition in found.conditions:
            for layer in found.layers:
                found.layer(condition, layer)
            found.loss(condition)
            found.tokens(condition)


def use_draws(path: Path) -> None:
    found = read_draws(path)
    assert found.labels["model"] is not None
    assert found.values["number/r2"] is not None


def write_all(folder: Path) -> dict[str, Callable[[Path], object]]:
    """Files of the three kinds by their names, and how each is read."""
    rng = np.random.default_rng(1)
    attention = rng.random((2, 2, CORPUS.n_pairs), dtype=np.float32)
    result = ConditionResult(attention, np.array([3.0, 4.0]), np.array([2, 5]))
    attributes = {"model": "m", "layers": 2, "heads": 2, "versions": {"torch": "x"}, "sentences_that_differ": ["a"]}
    write_attention(
        folder / "layers-0-1.h5", {"plain": result, "noise": result}, CORPUS, first=0, attributes=attributes
    )
    signals = {name: rng.random((2, CORPUS.n_pairs)) for name in ("number", "duration")}
    gaze = Gaze(
        "L1", ("a", "b"), signals, np.array([7, 9]), {"c": "tired"},
        left_out={"number": LeftOut({"a": "blinked"}, {})}, means={"number": signals["number"].mean(axis=0)},
    )  # fmt: skip
    write_gaze(folder / "L1.h5", gaze, CORPUS)
    values = {"number/r2": np.ones((2, 3)), "duration/r2": np.ones((2, 3))}
    write_draws(folder / "bootstrap.h5", values, CORPUS, labels={"model": "m", "seed": 1})
    return {"layers-0-1.h5": use_attention, "L1.h5": lambda path: read_gaze(path, CORPUS), "bootstrap.h5": use_draws}


def data_folder(factory: pytest.TempPathFactory) -> Path:
    folder = factory.getbasetemp() / "fuzz-hdf5"
    folder.mkdir(exist_ok=True)
    return folder


VALUES: list[Any] = [
    *(0, -1, 2**40, 1.5, float("nan"), "x", b"\xff", "{", "[]", "[1]", "null", '{"a": 1}', [1, 2], True),
    *(np.zeros(0), np.zeros(2), np.zeros((2, 3), int), np.array([b"a", b"b"]), np.zeros((2, 2, CORPUS.n_pairs))),
    np.array(["a", "b"], dtype=h5py.string_dtype()),
]


@given(data=st.data())
@fuzzed(300)
def test_hdf5_of_another_content(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whole HDF5 files whose attributes and datasets are others, or none."""
    folder = data_folder(tmp_path_factory)
    reads = write_all(folder)
    name = data.draw(st.sampled_from(sorted(reads)))
    with h5py.File(folder / name, "r+") as file:
        for _ in range(data.draw(st.integers(1, 3))):
            places: list[str] = []
            file.visit(places.append)
            place = data.draw(st.sampled_from(sorted(places))) if places else None
            kind = data.draw(st.sampled_from(["attribute", "no attribute", "dataset", "group", "nothing"]))
            if kind == "attribute":
                key = data.draw(st.sampled_from(sorted(file.attrs))) if len(file.attrs) else "x"
                file.attrs[key] = data.draw(st.sampled_from(VALUES))
            elif kind == "no attribute" and len(file.attrs):
                del file.attrs[data.draw(st.sampled_from(sorted(file.attrs)))]
            elif place is not None:
                del file[place]
                if kind == "dataset":
                    file[place] = data.draw(st.sampled_from(VALUES))
                elif kind == "group":
                    file.create_group(place)
    read_or_refused(lambda: reads[name](folder / name))


@given(data=st.data())
@fuzzed(500)
def test_words(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """words.tsv, which every file of a corpus is compared with."""
    folder = data_folder(tmp_path_factory)
    write_corpus(folder / "sentences.tsv", folder / "words.tsv", CORPUS)
    (folder / "words.tsv").write_bytes(data.draw(spoilt((folder / "words.tsv").read_bytes())))
    read_or_refused(lambda: read_corpus(folder / "words.tsv"))
