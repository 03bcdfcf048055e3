"""What goes wrong in code of others, as errors of this project: models of a library or of a checkpoint's own."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from readalike.errors import ReadalikeError


class OutOfMemory(Exception):
    """The device or the host had no memory for a batch or for weights."""


def is_shortage(error: Exception) -> bool:
    """Whether it is a lack of memory; the CPU's allocator raises no type of its own."""
    return isinstance(error, torch.OutOfMemoryError | OutOfMemory) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


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
    """Around code of others, which may raise anything: raise `kind` that says what happened and what to do.

    A lack of memory, and errors that are ours already, pass as they are.
    """
    try:
        yield
    except ReadalikeError:
        raise
    except Exception as error:
        if is_shortage(error):
            raise
        raise kind(f"{what} ({type(error).__name__}: {error}); {advice}") from error
