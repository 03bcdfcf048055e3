"""Outputs appear whole or not at all: written under a temporary name, then renamed."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from readalike.errors import ReadalikeError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, renamed to it when the block ends well and removed otherwise.

    The name is unique to SLURM job and process, so that two writers of one output never mix.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The suffix stays last: savefig and others choose a format by it.
    temporary = path.with_name(f".{path.stem}.{_writer()}.tmp{path.suffix}")
    try:
        with _os_errors(path):
            yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """The same for a folder: give an empty temporary one beside `path`, which replaces it when the block ends well."""
    temporary = path.with_name(f".{path.name}.{_writer()}.tmp")
    temporary.mkdir(parents=True)
    try:
        with _os_errors(path):
            yield temporary
        shutil.rmtree(path, ignore_errors=True)
        temporary.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _os_errors(path: Path) -> Iterator[None]:
    """Libraries in Rust (safetensors, tokenizers) have errors of their own, with the system's number in the text."""
    try:
        yield
    except ReadalikeError:
        raise  # its message may quote such a text
    except Exception as error:
        found = re.search(r"\(os error (\d+)\)", str(error))
        if found is None or isinstance(error, OSError):
            raise
        number = int(found[1])
        raise OSError(number, os.strerror(number), str(path)) from error


def _writer() -> str:
    """SLURM job and process."""
    return f"{os.environ.get('SLURM_JOB_ID', 'local')}.{os.getpid()}"
