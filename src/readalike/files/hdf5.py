"""HDF5 files appear whole or not at all, a full disk included."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from readalike.files.atomic import replacing


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
