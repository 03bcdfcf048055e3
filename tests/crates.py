"""The RO-Crate validator, without a network."""

import io
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


class Shipped(HTTPAdapter):
    """In place of the network: whatever is asked for, this."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        headers = {"Content-Type": "application/ld+json"}
        body = io.BytesIO(self.content)
        raw = urllib3.HTTPResponse(body, headers, 200, preload_content=False, request_url=request.url)
        return self.build_response(request, raw)


def validated(crate: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """What the validator says of the crate in a folder; `place` is for its cache, where the one context that the crate
    names is put as if it had been fetched."""
    cache = place / "cache"
    shipped = resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes()
    # The package ships a later context than 1.1, in which terms of Bioschemas have moved.
    shipped = shipped.replace(b"https://bioschemas.org/terms/", b"https://bioschemas.org/")
    session = CachedSession(str(cache), backend="sqlite")
    session.mount("https://", Shipped(shipped))
    assert session.get(CONTEXT).json()["@context"]
    session.close()
    validator = Path(sys.executable).with_name("rocrate-validator")
    return subprocess.run(
        [
            *(str(validator), "--no-interactive", "--disable-color", "validate", "--no-paging", "--verbose"),
            *("--offline", "--cache-path", str(cache), "-p", "workflow-run-crate-0.5", str(crate)),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
