"""HDF5 files: written whole or not at all, a full disk included; one that is damaged is named when it is read.

Every dataset carries `fletcher32`, a checksum of each chunk, which HDF5 compares wherever the file is read.
"""

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike

from readalike.errors import FileFormatError
from readalike.files.atomic import replacing

AGAIN = "delete it and run again"


@contextmanager
def replacing_hdf5(path: Path) -> Iterator[h5py.File]:
    """Give an empty HDF5 file in memory, which replaces `path` when the block ends well.

    In memory, because HDF5 that meets a full disk ends the process (a segmentation fault, h5py 3.16): no message, and
    the temporary file stays. Writing what is done in one go raises OSError like any other write.
    """
    image = io.BytesIO()
    with h5py.File(image, "w") as file:
        yield file
    with replacing(path) as temporary:
        temporary.write_bytes(image.getbuffer())


def write(file: h5py.Group, name: str, values: ArrayLike, *, chunks: tuple[int, ...] | None = None) -> None:
    """Write a dataset of numbers or bytes, packed (shuffled, gzip 1) and with checksums.

    chunks : what is read in one go; None lets h5py choose
    """
    file.create_dataset(
        name, data=values, chunks=chunks or True, shuffle=True, compression="gzip", compression_opts=1, fletcher32=True
    )


def write_texts(file: h5py.Group, name: str, texts: Sequence[str]) -> None:
    """Write a dataset of texts, all of one length in bytes: of others HDF5 checks only where they stand."""
    encoded = [text.encode() for text in texts]
    longest = max(map(len, encoded), default=0)
    write(file, name, np.array(encoded, dtype=h5py.string_dtype("utf-8", max(longest, 1))))


def texts(file: h5py.File, name: str, shape: tuple[int, ...] | None = None) -> tuple[str, ...]:
    """What `write_texts` wrote. Raises as `dataset`."""
    return tuple(dataset(file, name, shape, "S").asstr()[:])


@contextmanager
def naming_damage(path: Path) -> Iterator[None]:
    """Raise FileFormatError naming the file for whatever comes of reading one that is damaged, or that another wrote.

    Around nothing but what reads the file: h5py raises the same errors that a mistake in our own code would.
    """
    try:
        yield
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise FileFormatError(
            f"{path}: cannot be read as HDF5 of this workflow ({type(error).__name__}: {error}); {AGAIN}"
        ) from error


@contextmanager
def reading_hdf5(path: Path) -> Iterator[h5py.File]:
    """An HDF5 file, open to be read in the block and nowhere else, with `naming_damage` around the whole of it."""
    with naming_damage(path), h5py.File(path, "r") as file:
        yield file


def dataset(file: h5py.File, name: str, shape: tuple[int, ...] | None = None, kinds: str = "f") -> h5py.Dataset:
    """A dataset that must be there, all of it.

    shape : None where any will do; kinds : letters of numpy's kinds of types

    Raises KeyError or ValueError, for `naming_damage`.
    """
    found = file[name]
    if not isinstance(found, h5py.Dataset):
        raise ValueError(f"{name} is no dataset")
    if found.dtype.kind not in kinds or (shape is not None and found.shape != shape):
        expected = "" if shape is None else f", not {shape}"
        raise ValueError(f"{name} is {found.dtype} of shape {found.shape}{expected}")
    # Before memory is asked for: a damaged shape may be of any size.
    if found.chunks is None:
        # As loss stands in attention of earlier versions, which cost GPU hours.
        if (size := found.id.get_storage_size()) != found.size * found.dtype.itemsize:
            raise ValueError(f"{name} has {size} bytes for its shape {found.shape}")
        return found
    chunks = math.prod(-(-length // chunk) for length, chunk in zip(found.shape, found.chunks, strict=True))
    if (stored := found.id.get_num_chunks()) != chunks:
        raise ValueError(f"{name} has {stored} chunks for its shape {found.shape}, not {chunks}")
    return found


class Found(dict[str, Any]):
    """What a file holds by its names; one that is asked for and is not there is FileFormatError."""

    def __init__(self, path: Path, found: Mapping[str, Any]) -> None:
        super().__init__(found)
        self.path = path

    def __missing__(self, name: str) -> Any:
        raise FileFormatError(f"{self.path}: has no {name}; there are {', '.join(self) or 'none'}; {AGAIN}")
