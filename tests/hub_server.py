"""A Hub on 127.0.0.1 that speaks as much of the Hugging Face Hub's API as looking up and downloading needs."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

# These are stored by the Hub with a SHA-256, others under the number that git gives them.
LARGE = (".safetensors", ".bin")


class Hub:
    """Repositories, what has been asked of them, and what is to go wrong."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.commits: dict[tuple[str, str], dict[str, bytes]] = {}
        self.heads: dict[tuple[str, str], str] = {}
        self.gated: dict[str, str] = {}  # repository: the token that opens it
        self.cut: dict[str, int] = {}  # file: how many times its transfer breaks off half way
        self.altered: set[str] = set()  # files that are sent with a byte changed
        self.requests: list[tuple[str, str, dict[str, str]]] = []  # method, path, headers As-Written-Here

    def push(self, repository: str, files: Path | dict[str, bytes], revision: str = "main") -> str:
        """A new commit, which the branch then points to."""
        if isinstance(files, Path):
            files = {path.name: path.read_bytes() for path in files.iterdir()}
        commit = hashlib.sha1(f"{repository}{len(self.commits)}".encode()).hexdigest()
        self.commits[repository, commit] = files
        self.heads[repository, revision] = commit
        return commit

    def asked(self, method: str) -> list[str]:
        """Names of the files of which `method` was asked, in order."""
        return [path.rsplit("/", 1)[1] for verb, path, _ in self.requests if verb == method and "/resolve/" in path]


def checksums(content: bytes) -> tuple[str, str]:
    """Of git and SHA-256."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest(), hashlib.sha256(content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        headers = {key.title(): value for key, value in self.headers.items()}
        self.hub.requests.append((self.command, self.path, headers))
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        # api/models/OWNER/NAME/revision|tree/REVISION or OWNER/NAME/resolve/REVISION/FILE
        api = parts[:2] == ["api", "models"]
        owner, name, verb, revision, *rest = [*(parts[2:] if api else parts), "", ""][: 5 if api else None]
        repository = f"{owner}/{name}"
        if repository not in {known for known, _ in self.hub.commits}:
            return self.refuse(404 if "Authorization" in self.headers else 401, "RepoNotFound")
        commit = self.hub.heads.get((repository, revision), revision)
        if (repository, commit) not in self.hub.commits:
            return self.refuse(404, "RevisionNotFound")
        files = self.hub.commits[repository, commit]
        if api and verb == "revision":
            siblings = [described(file, content) for file, content in files.items()]
            return self.answer(json.dumps({"id": repository, "sha": commit, "siblings": siblings}).encode())
        if api and verb == "tree":
            return self.answer(json.dumps([described(file, content) for file, content in files.items()]).encode())
        token = self.hub.gated.get(repository)
        if token is not None and self.headers.get("Authorization") != f"Bearer {token}":
            return self.refuse(403 if "Authorization" in self.headers else 401, "GatedRepo")
        file = "/".join(part for part in rest if part)
        if file not in files:
            return self.refuse(404, "EntryNotFound")
        return self.send(file, files[file], commit)

    def send(self, file: str, content: bytes, commit: str) -> None:
        git, sha256 = checksums(content)
        etag = sha256 if file.endswith(LARGE) else git
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": commit, "X-Linked-Size": str(len(content))}
        if file in self.hub.altered:
            content = bytes([content[0] ^ 1]) + content[1:]
        status, wanted = 200, self.headers.get("Range")
        if wanted:
            first = int(wanted.removeprefix("bytes=").split("-")[0])
            headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
            status, content = 206, content[first:]
        cut = self.command == "GET" and self.hub.cut.get(file, 0) > 0
        self.answer(content, status, headers, sent=len(content) // 2 if cut else None)
        if cut:
            self.hub.cut[file] -= 1
            self.close_connection = True

    def refuse(self, status: int, code: str) -> None:
        self.answer(b"{}", status, {"X-Error-Code": code})

    def answer(
        self, content: bytes, status: int = 200, headers: dict[str, str] | None = None, sent: int | None = None
    ) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content[:sent])


def described(file: str, content: bytes) -> dict[str, Any]:
    """An entry of a repository's description, and of its tree: the keys of the two do not clash."""
    git, sha256 = checksums(content)
    size = len(content)
    lfs = {"lfs": {"size": size, "sha256": sha256, "oid": sha256, "pointerSize": 130}} if file.endswith(LARGE) else {}
    return {"rfilename": file, "path": file, "type": "file", "size": size, "blobId": git, "oid": git, **lfs}


@contextmanager
def serving() -> Iterator[Hub]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    hub = Hub(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"hub": hub})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
