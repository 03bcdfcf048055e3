"""A repository of the Hugging Face Hub at one commit, brought into a local folder and verified file by file.

HF_ENDPOINT names another Hub. The token is HF_TOKEN's; it travels in the headers of requests and goes nowhere else.
"""

import glob
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import httpx2
from huggingface_hub import HfApi
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.hf_api import RepoSibling

from readalike.errors import DownloadError, FileFormatError
from readalike.weights.files import NAMES, shards

log = logging.getLogger("readalike")

TIMEOUT = 30  # seconds for an answer; huggingface_hub would wait for ever
CODE = "*.py"
DESCRIPTION = ("*.json", "*.txt", "*.model", "*.jinja")
# What may name Python classes.
CLASSES = ("config.json", "tokenizer_config.json")


@dataclass(frozen=True)
class Snapshot:
    """A repository at one commit. files : those of its top folder, by name, with their checksums."""

    api: HfApi
    repository: str
    commit: str
    files: dict[str, RepoSibling]

    def named(self, *patterns: str) -> list[str]:
        return [name for name in self.files if any(fnmatch(name, pattern) for pattern in patterns)]

    def bring(self, names: Iterable[str], folder: Path) -> None:
        """Download files into `folder`, but for those that are there already, and compare every checksum.

        huggingface_hub compares sizes only. A file that differs is removed, so that it is asked for again next time.
        Raises DownloadError.
        """
        wanted = sorted(names)
        if unknown := [name for name in wanted if name not in self.files]:
            raise DownloadError(
                f"{self.repository}: has no {unknown[0]} at commit {self.commit}; name a repository that holds a model"
            )
        with _explained(self.repository):
            self.api.snapshot_download(
                self.repository, revision=self.commit, local_dir=folder, allow_patterns=[glob.escape(n) for n in wanted]
            )
            for name in wanted:
                path, expected = folder / name, _checksum(self.files[name])
                found = _checksum_of(path, expected)
                if found != expected:
                    path.unlink()
                    raise DownloadError(
                        f"{self.repository}: the checksum of {name} is {found}, the Hub says {expected}: altered or "
                        "damaged on the way; run the same command again (what is verified stays)"
                    )

    def describe(self, folder: Path, *patterns: str, code: bool) -> None:
        """Bring config.json, the files that match `patterns` and, with `code`, the Python files and who names them.

        Raises DownloadError where code is taken from another repository: a job would fetch it from there, at no pinned
        commit.
        """
        self.bring({"config.json", *self.named(*patterns, *([CODE, *CLASSES] if code else []))}, folder)
        for name in CLASSES if code else ():
            if named := _code_elsewhere(folder / name):
                raise DownloadError(
                    f"{self.repository}: {name} takes Python code from another repository ({named}); put model and "
                    "code into a local folder"
                )


def look_up(repository: str, revision: str) -> Snapshot:
    """The commit behind a branch, tag or commit, and its files. Raises DownloadError."""
    # httpx2 would log every request, with addresses that are signed.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    endpoint = os.environ.get("HF_ENDPOINT")
    # White space in a header is refused in a message that holds the token.
    token = "".join(os.environ.get("HF_TOKEN", "").split())
    # False: huggingface_hub must not look for a token elsewhere, where it may renew and write it.
    api = HfApi(endpoint=endpoint and endpoint.rstrip("/"), token=token or False)
    with _explained(repository):
        info = api.model_info(repository, revision=revision, files_metadata=True, timeout=TIMEOUT)
        files = {file.rfilename: file for file in info.siblings or [] if "/" not in file.rfilename}
        return Snapshot(api, repository, str(info.sha), files)


def fetch(repository: str, commit: str, folder: Path, *, code: bool = False) -> None:
    """Fetch configuration, tokenizer and weights of a commit into `folder`, which appears whole or not at all.

    code : the repository's Python files as well

    What came before a transfer broke off stays in a folder beside it, and only the rest is fetched by the next call.
    Raises DownloadError.
    """
    snapshot = look_up(repository, commit)
    partial = folder.with_name(f".{folder.name}.partial")
    snapshot.describe(partial, *DESCRIPTION, code=code)
    weights = _weights(snapshot, partial)
    size = sum(snapshot.files[name].size or 0 for name in weights if name in snapshot.files)
    log.info("%s at %s: %d files of weights, %.1f GB", repository, commit, len(weights), size / 1e9)
    snapshot.bring(weights, partial)
    # What huggingface_hub keeps in order to go on.
    shutil.rmtree(partial / ".cache", ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)


def _weights(snapshot: Snapshot, folder: Path) -> list[str]:
    """Names of the files with weights; an index is in `folder` already."""
    for single in NAMES:
        if single in snapshot.files:
            return [single]
        index = f"{single}.index.json"
        if index in snapshot.files:
            try:
                return shards(folder / index)
            except FileFormatError as error:
                raise DownloadError(f"{snapshot.repository}: {error}") from None
    raise DownloadError(
        f"{snapshot.repository}: has neither {' nor '.join(NAMES)}, whole or with an index; name a repository that "
        "transformers can load"
    )


def _code_elsewhere(config: Path) -> str | None:
    """A class that a configuration takes from another repository: OWNER/NAME--module.Class."""
    if not config.is_file():
        return None
    try:
        classes = json.loads(config.read_text(encoding="utf-8")).get("auto_map", {}).values()
    except (ValueError, AttributeError):
        return None  # transformers will say what is wrong with it
    return next((str(name) for name in classes if "--" in str(name)), None)


def _checksum(file: RepoSibling) -> str | None:
    """What the Hub says of a file: the SHA-256 of a large one, the number that git gives to a small one."""
    return file.lfs.sha256 if file.lfs else file.blob_id


def _checksum_of(path: Path, expected: str | None) -> str:
    """The checksum of a file, of the kind that is expected."""
    if expected is not None and len(expected) == 40:
        content = path.read_bytes()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _explained(repository: str) -> Iterator[None]:
    """Turn what huggingface_hub raises into a DownloadError that says what to do."""
    try:
        yield
    except RevisionNotFoundError:
        reason = "has no such revision; correct revision: in the configuration, or run make resolve with UPDATE=1"
    except HfHubHTTPError as error:
        status = error.response.status_code
        if isinstance(error, GatedRepoError) or status == 403:
            reason = (
                f"is gated ({status}): ask for access on its page, then set HF_TOKEN in the environment to a token of "
                "yours"
            )
        elif isinstance(error, RepositoryNotFoundError) or status in (401, 404):
            reason = (
                f"there is no such repository, or it is private ({status}): correct the name in the configuration, or "
                "set HF_TOKEN in the environment to a token that may read it"
            )
        else:
            reason = f"the Hub answers {status}; try again later"
    except (httpx2.HTTPError, OSError) as error:
        reason = f"{error}; check the network (and HF_ENDPOINT), then run the same command again (what is whole stays)"
    except ValueError as error:
        reason = f"{error}; correct the name in the configuration or HF_ENDPOINT"
    else:
        return
    raise DownloadError(f"{repository}: {reason}")
