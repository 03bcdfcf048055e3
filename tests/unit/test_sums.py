"""Sums of squares by sentence and reader, against sums over the pairs one by one; their file."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from readalike.corpus import Corpus, Sentence
from readalike.errors import FileFormatError
from readalike.files.sums import Sums, SumsOf, read_sums, write_sums
from readalike.measures.regression import orthonormal
from readalike.measures.sums import in_sample, mean_of_thinnings

CORPUS = Corpus(tuple(Sentence(1 + k // 3, 1 + k % 3, ("a",) * n) for k, n in enumerate((4, 2, 6, 3, 5, 1))))
RNG = np.random.default_rng(3)
X, Y = RNG.random((CORPUS.n_pairs, 4)), RNG.poisson(1.0, (CORPUS.n_pairs, 3)).astype(float)
FLOAT32 = 1e-6  # sums are stored as float32


def test_sums_in_sample_are_those_of_scikit_learns_residuals() -> None:
    sse, sst = in_sample(orthonormal(X), Y, CORPUS.offsets)
    left = Y - LinearRegression().fit(X, Y).predict(X)
    for k in range(len(CORPUS.sentences)):
        rows = CORPUS.pairs_of(k)
        np.testing.assert_allclose(sse[k], (left[rows] ** 2).sum(axis=0))
        np.testing.assert_allclose(sst[k], ((Y[rows] - Y.mean(axis=0)) ** 2).sum(axis=0))


@pytest.mark.parametrize("value", [0.0, 0.1, 1e6 / 3])
def test_a_reader_whose_signal_never_varies_has_no_sums(value: float) -> None:
    flat = Y.copy()
    flat[:, 1] = value
    _, sst = in_sample(orthonormal(X), flat, CORPUS.offsets)
    assert np.isnan(sst).all(axis=0).tolist() == np.isnan(sst).any(axis=0).tolist() == [False, True, False]


def test_thinnings_count_alike_whatever_their_variance() -> None:
    many = np.hstack([Y, 3 * Y + RNG.random(Y.shape)])  # thinnings x readers
    sse, sst = in_sample(orthonormal(X), many, CORPUS.offsets)
    r2 = 1 - sse.sum(axis=0) / sst.sum(axis=0)
    of_sse, of_sst = mean_of_thinnings(sse, sst, 2)
    assert of_sse.shape == of_sst.shape == (len(CORPUS.sentences), 3)
    np.testing.assert_allclose(1 - of_sse.sum(axis=0) / of_sst.sum(axis=0), (r2[:3] + r2[3:]) / 2)
    np.testing.assert_allclose(of_sst.sum(axis=0), 1)


def sums() -> SumsOf:
    values = {
        "number/r2": Sums(RNG.random((2, 6, 3)), RNG.random((6, 3)), ("sub-01", "NA", "ü")),
        "duration/r2": Sums(RNG.random((2, 6, 1)), np.full((6, 1), np.nan), ("sub-01",)),
        "number/group_mean": Sums(RNG.random((2, 6, 2)), RNG.random((6, 2)), ("a", "b"), RNG.normal(size=(2, 2))),
    }
    return SumsOf(values, {"model": "m", "group": "L1"}, (0, 4), np.array([0.01, 0.02]))


def test_sums_come_back(tmp_path: Path) -> None:
    written = sums()
    write_sums(tmp_path / "sums.h5", written, CORPUS)
    found = read_sums(tmp_path / "sums.h5")
    assert set(found.values) == set(written.values)
    for name, own in written.values.items():
        for array, back in zip(own[:2], found.values[name][:2], strict=True):
            np.testing.assert_allclose(back, array, rtol=FLOAT32)
            assert back.dtype == np.float64
        assert found.values[name].readers == own.readers
        assert (found.values[name].cross is None) == (own.cross is None)
    np.testing.assert_allclose(
        found.values["number/group_mean"].cross, written.values["number/group_mean"].cross, rtol=FLOAT32
    )
    assert found.layers == (0, 4)
    np.testing.assert_allclose(found.chance, written.chance)
    assert {name: found.labels[name] for name in written.labels} == written.labels


def test_sums_of_a_group_alone_are_of_one_layer_without_chance(tmp_path: Path) -> None:
    write_sums(tmp_path / "sums.h5", SumsOf({}, {"group": "L1"}), CORPUS)
    found = read_sums(tmp_path / "sums.h5")
    assert found.layers == (0,)
    assert found.chance is not None
    assert np.isnan(found.chance).all()
    with pytest.raises(FileFormatError, match=r"sums\.h5: has no number/r2"):
        found.values["number/r2"]
    with pytest.raises(FileFormatError, match=r"sums\.h5: has no model"):
        found.labels["model"]


def test_a_file_that_is_not_as_it_was_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sums.h5"
    changes: list[tuple[Callable[[h5py.File], object], str]] = [
        (lambda file: file.attrs.pop("corpus_digest"), "cannot be read as HDF5"),
        (lambda file: file.pop("sums"), "holds no sums of squares"),
        (lambda file: file.pop("layers"), "holds no sums of squares"),
        (lambda file: file.pop("chance"), "cannot be read as HDF5"),
        (lambda file: file.pop("sums/number/r2/sst"), "cannot be read as HDF5"),
        (lambda file: (file.pop("layers"), file.create_dataset("layers", data=[0, 1, 2])), "cannot be read as HDF5"),
        (
            lambda file: (
                file.pop("sums/number/r2/readers"),
                file.create_dataset("sums/number/r2/readers", data=["a"]),
            ),
            "cannot be read as HDF5",
        ),
    ]
    for change, why in changes:
        write_sums(path, sums(), CORPUS)
        with h5py.File(path, "r+") as file:
            change(file)
        with pytest.raises(FileFormatError, match=rf"sums\.h5: {why}"):
            read_sums(path)
    path.write_text("no HDF5")
    with pytest.raises(FileFormatError, match=r"sums\.h5: cannot be read as HDF5"):
        read_sums(path)
