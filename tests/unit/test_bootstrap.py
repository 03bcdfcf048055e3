"""Bootstrap draws come back from their file, with who they belong to."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from readalike.corpus import Corpus, Sentence
from readalike.errors import FileFormatError
from readalike.files.bootstrap import read_draws, write_draws

CORPUS = Corpus((Sentence(1, 1, ("Could", "humans")),))
FLOAT32 = 1e-6  # draws are stored as float32


def test_draws_come_back(tmp_path: Path) -> None:
    path = tmp_path / "bootstrap.h5"
    values = {"number/r2": np.random.default_rng(0).random((2, 5, 3)), "duration/r2": np.full((2, 5, 3), np.nan)}
    labels = {"model": "ü", "seed": 1, "draws": 5}
    write_draws(path, values, CORPUS, labels=labels)
    found = read_draws(path)
    assert set(found.values) == set(values)
    for name, array in values.items():
        np.testing.assert_allclose(found.values[name], array, rtol=FLOAT32)
        assert found.values[name].dtype == np.float64
    assert found.corpus_digest == CORPUS.digest
    assert {name: found.labels[name] for name in labels} == {name: str(value) for name, value in labels.items()}


def test_another_file_is_refused(tmp_path: Path) -> None:
    text, other = tmp_path / "text.h5", tmp_path / "other.h5"
    text.write_text("no HDF5")
    with h5py.File(other, "w") as file:
        file.create_dataset("others", data=[1])
    with pytest.raises(FileFormatError, match="text.h5: cannot be read as HDF5"):
        read_draws(text)
    with pytest.raises(FileFormatError, match="other.h5: holds no bootstrap draws"):
        read_draws(other)
    with pytest.raises(FileFormatError, match="missing.h5: cannot be read"):
        read_draws(tmp_path / "missing.h5")


def test_mending_6_draws_that_are_not_as_they_were_written_are_named(tmp_path: Path) -> None:
    path = tmp_path / "bootstrap.h5"
    changes: list[Callable[[h5py.File], object]] = [
        lambda file: file.attrs.pop("corpus_digest"),
        lambda file: (file.pop("draws"), file.create_dataset("draws", data=np.zeros(1))),
        lambda file: (file.pop("draws/r2"), file.create_dataset("draws/r2", data=[b"text"])),
        lambda file: (file.pop("draws/r2"), file.create_dataset("draws/r2", shape=(10**15,), dtype="f4")),
    ]
    for change in changes:
        write_draws(path, {"r2": np.ones((2, 3))}, CORPUS, labels={"model": "m"})
        with h5py.File(path, "r+") as file:
            change(file)
        with pytest.raises(FileFormatError, match=r"bootstrap\.h5: cannot be read as HDF5 .*delete it and run again"):
            read_draws(path)


def test_mending_6_what_is_asked_for_and_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bootstrap.h5"
    write_draws(path, {"r2": np.ones((2, 3))}, CORPUS, labels={"model": "m"})
    found = read_draws(path)
    with pytest.raises(FileFormatError, match=r"bootstrap\.h5: has no group; there are .*model.*; delete it"):
        found.labels["group"]
    with pytest.raises(FileFormatError, match=r"bootstrap\.h5: has no r; there are r2; delete it"):
        found.values["r"]
