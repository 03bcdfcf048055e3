"""What code of others raises: a lack of memory and a failing disk stay what they are, the rest becomes one message."""

import errno
import os

import pytest
import torch

from readalike.errors import FileFormatError, UnsupportedModelError
from readalike.weights.failures import OutOfMemory, explained, shortage_is_out_of_memory

SHORTAGES = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"),
    RuntimeError("unable to mmap 812 bytes from file <model.safetensors>: Cannot allocate memory (12)"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    RuntimeError("CUDA error: out of memory"),
    OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
    MemoryError(),
]


def both(error: Exception) -> None:
    with shortage_is_out_of_memory(), explained(UnsupportedModelError, "a model: cannot run", "use another"):
        raise error


@pytest.mark.parametrize("error", SHORTAGES)
def test_a_lack_of_memory_is_one_whichever_way_it_shows(error: Exception) -> None:
    with pytest.raises(OutOfMemory):
        both(error)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_a_disk_that_is_full_or_fails_is_not_the_models_fault(number: int) -> None:
    with pytest.raises(OSError, match=r"\[Errno") as found:
        both(OSError(number, os.strerror(number)))
    assert found.value.errno == number


@pytest.mark.parametrize("error", [KeyError("a"), RuntimeError("shapes"), OSError(errno.ENOENT, "gone"), ImportError()])
def test_anything_else_becomes_one_message_that_keeps_its_cause(error: Exception) -> None:
    with pytest.raises(UnsupportedModelError, match=rf"a model: cannot run \({type(error).__name__}: .*use") as found:
        both(error)
    assert found.value.__cause__ is error


def test_errors_of_ours_pass() -> None:
    with pytest.raises(FileFormatError, match="^mine$"):
        both(FileFormatError("mine"))
    with pytest.raises(FileFormatError), shortage_is_out_of_memory():
        raise FileFormatError("a tensor could not be made: CUDA out of memory")
