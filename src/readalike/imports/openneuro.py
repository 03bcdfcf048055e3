"""Public files of OpenNeuro's bucket, fetched with checksums.

A registry holds lines as `sha256sum` writes them; a file lies at its relative path below both the address and the
output folder. Only whole, verified files appear there.
"""

import logging
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path, PurePosixPath

import pooch
import requests
import urllib3
from tqdm import tqdm

from readalike.errors import DownloadError, FileFormatError
from readalike.files.atomic import replacing

log = logging.getLogger("readalike")

BUCKET = "https://s3.amazonaws.com/openneuro.org/"
LINE = re.compile(r"([0-9a-f]{64}) [ *](\S+)")
FILES_AT_ONCE = 8
NAMED = 3  # altered files that a message names


def read_registry(path: Path) -> dict[str, str]:
    """Relative path -> SHA-256. Raises FileFormatError naming the line that is no such pair."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path}: cannot be read as a list of checksums: {error}") from None
    sums: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        match = LINE.fullmatch(line)
        # A path that leaves the output folder could overwrite anything.
        if match is None or PurePosixPath(match[2]).is_absolute() or ".." in PurePosixPath(match[2]).parts:
            raise FileFormatError(f"{path}, line {number}: expected a SHA-256, two spaces and a relative path")
        if match[2] in sums:
            raise FileFormatError(f"{path}, line {number}: {match[2]} stands there twice")
        sums[match[2]] = match[1]
    if not sums:
        raise FileFormatError(f"{path}: names no files")
    return sums


def fetch(registry: Path, output: Path, url: str = BUCKET, *, timeout: float = 30, retries: int = 2) -> None:
    """Fetch every file of a registry that `output` lacks; what is there and verified is not asked for again.

    timeout : seconds for the connection, for each answer and for a whole file; retries : further attempts at a file.
    The first file that cannot be had ends the call with a DownloadError naming it; files verified before stay, nothing
    else does. Raises DownloadError before anything is fetched where a file has another checksum than the registry's:
    it may be somebody's own and is never overwritten.
    """
    sums = read_registry(registry)
    try:
        missing = _missing(sums, output, registry)
        if missing:
            output.mkdir(parents=True, exist_ok=True)  # fails before anything is fetched
            with tempfile.TemporaryDirectory(prefix="readalike-", ignore_cleanup_errors=True) as folder:
                source = pooch.create(folder, url, registry=sums, retry_if_failed=retries)
                _fetch_all(missing, source, _Attempt(timeout), output, registry)
    except OSError as error:
        raise DownloadError(
            f"{output}, or the folder for temporary files: {error}; make room, or correct path or permissions, then "
            "run the same command again"
        ) from None
    log.info("%s: %d files, %d of them fetched now; every checksum is right", output, len(sums), len(missing))


def _missing(sums: Mapping[str, str], output: Path, registry: Path) -> list[str]:
    missing, altered = [], []
    for name, known in sums.items():
        path = output / name
        # A link to nothing is there too: other tools leave such links, and a download would replace them.
        if not (path.exists() or path.is_symlink()):
            missing.append(name)
        elif not path.is_file() or pooch.file_hash(path) != known:
            altered.append(str(path))
    if altered:
        more = f" and {len(altered) - NAMED} more" if len(altered) > NAMED else ""
        raise DownloadError(
            f"{', '.join(altered[:NAMED])}{more}: there, but not with the SHA-256 in {registry}; move them away (they "
            "are not overwritten, and nothing was fetched), then run the same command again"
        )
    return missing


def _fetch_all(names: list[str], source: pooch.Pooch, attempt: "_Attempt", output: Path, registry: Path) -> None:
    # pooch would log a line a file, across the bar.
    pooch.get_logger().setLevel(logging.WARNING)
    with (
        # Its threads are daemons: an interrupt does not wait for a server that does not answer.
        ThreadPool(min(FILES_AT_ONCE, len(names))) as pool,
        tqdm(total=len(names), desc=str(output), unit="file", disable=None) as bar,
    ):
        try:
            for name in pool.imap_unordered(partial(_fetch_one, source, attempt, output, registry), names):
                # Put in place here and not by the threads, which an interrupt may end anywhere.
                with replacing(output / name) as temporary:
                    shutil.copyfile(Path(source.path) / name, temporary)
                bar.update()
        except Exception:
            # Once the error is raised, nothing more is asked of the server.
            attempt.stopped.set()
            pool.close()
            pool.join()
            raise
        finally:
            attempt.stopped.set()


def _fetch_one(source: pooch.Pooch, attempt: "_Attempt", output: Path, registry: Path, name: str) -> str:
    """Bring one file into pooch's folder. Raises DownloadError with the reason and what to do."""
    # pooch makes this folder too, but fails where two threads do so at once.
    (Path(source.path) / name).parent.mkdir(parents=True, exist_ok=True)
    again = "run the same command again (what is verified stays)"
    try:
        source.fetch(name, downloader=attempt)
        return name
    except _NoUseError as error:
        reason = f"{error}; correct the address, or put the file at {output / name} yourself"
    except requests.Timeout:
        reason = f"not whole after {attempt.timeout:g} seconds, the server is slow or dead; {again}"
    except requests.RequestException as error:
        reason = f"{error}; check network and address, then {again}"
    except ValueError:
        reason = (
            f"what comes has another SHA-256 than in {registry}: damaged on the way, or another version of the data; "
            f"{again}, or put the right file at {output / name} yourself"
        )
    raise DownloadError(f"{name}: not fetched from {source.get_url(name)}: {reason}")


class _NoUseError(Exception):
    """Another attempt is of no use; pooch makes one after errors of requests and wrong checksums only."""


class _Attempt:
    """What pooch calls for an attempt at a file.

    Its own limits the wait for each piece only: a server that trickles could hold that for hours.
    """

    def __init__(self, timeout: float) -> None:
        self.timeout, self.stopped = timeout, threading.Event()

    def __call__(self, url: str, output_file: str, _: pooch.Pooch) -> None:
        if self.stopped.is_set():
            raise _NoUseError("stopped")
        end = time.monotonic() + self.timeout
        plain = {"Accept-Encoding": "identity"}
        with (
            requests.get(url, stream=True, timeout=self.timeout, headers=plain) as answer,
            Path(output_file).open("wb") as file,
        ):
            if answer.status_code in (403, 404, 410):
                raise _NoUseError(f"the server answers {answer.status_code} {answer.reason}")
            answer.raise_for_status()
            try:
                # read1 gives what has arrived; read would wait until a piece is full.
                while part := answer.raw.read1(1 << 16):
                    if time.monotonic() > end or self.stopped.is_set():
                        raise requests.Timeout
                    file.write(part)
            except urllib3.exceptions.ReadTimeoutError:
                raise requests.Timeout from None
            except urllib3.exceptions.HTTPError as error:
                raise requests.ConnectionError(f"the transfer broke off ({error})") from None
