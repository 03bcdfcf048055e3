"""Turns what libraries and a checkpoint's own code raise into errors of this project, with a message for the user."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from readalike.errors import FULL, ReadalikeError


class OutOfMemory(Exception):
    """The device or the host had no memory for a batch or for weights."""


# What a lack of memory says where it has no type of its own: torch's allocator, the system, CUDA's libraries.
SHORTAGES = (
    *("can't allocate memory", "Cannot allocate memory", "CUDA out of memory", "STATUS_ALLOC_FAILED"),
    "CUDA error: out of memory",
)
DISK = (*FULL, errno.EIO)  # full, or failing


def is_shortage(error: Exception) -> bool:
    """Whether an error means that memory ran out.

    A ReadalikeError does not, even where its message quotes another error that does.
    """
    if isinstance(error, ReadalikeError):
        return False
    return isinstance(error, torch.OutOfMemoryError | OutOfMemory | MemoryError) or says_shortage(str(error))


def says_shortage(text: str) -> bool:
    return any(said in text for said in SHORTAGES)


@contextmanager
def shortage_is_out_of_memory() -> Iterator[None]:
    """Whichever way a lack of memory shows, raise OutOfMemory."""
    try:
        yield
    except Exception as error:
        if is_shortage(error):
            raise OutOfMemory from None
        raise


@contextmanager
def explained(kind: type[ReadalikeError], what: str, advice: str) -> Iterator[None]:
    """Run code of a library; whatever it raises becomes an error of type `kind` that says what happened and what to do.

    Three things are not changed: a lack of memory, a failing or full disk, and any ReadalikeError.
    """
    try:
        yield
    except ReadalikeError:
        raise
    except Exception as error:
        if is_shortage(error) or (isinstance(error, OSError) and error.errno in DISK):
            raise
        raise kind(f"{what} ({type(error).__name__}: {error}); {advice}") from error
