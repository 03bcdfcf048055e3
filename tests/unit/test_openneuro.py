"""Fetching public events from a server of the test's own: whole, or one message and nothing that looks like data."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.dummy import DummyProcess
from pathlib import Path

import pytest

from readalike.errors import DownloadError, FileFormatError
from readalike.gaze.events import reader_files
from readalike.imports.openneuro import FILES_AT_ONCE, fetch, read_registry
from tests.conftest import ROOT
from tests.running import script

NAMES = [
    f"{folder}/sub-{reader:02d}/func/sub-{reader:02d}_task-read_run-{run}_events.tsv"
    for folder in ("ds1", "ds2")
    for reader in (1, 2)
    for run in (1, 2, 3, 4)
]
FILES = {name: f"{name}\n".encode() * 100 for name in NAMES}
BAD = NAMES[-1]  # when it is asked for, all but FILES_AT_ONCE of the files are whole already
SLOW = 2.0  # seconds: far more than this server needs for a file, on a busy machine too


class Server(ThreadingHTTPServer):
    """Serves `FILES`. faults : name -> what goes wrong the first, second ... time it is asked for."""

    request_queue_size = 64  # a caller that finds the queue full waits for a second

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []
        self.faults: dict[str, list[str]] = {}
        self.ended = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """The other side hangs up on a slow server; no traceback for that."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.removeprefix("/")
        self.server.asked.append(name)
        faults = self.server.faults.get(name)
        fault = faults.pop(0) if faults else ""
        if fault == "silent":
            self.server.ended.wait()
            return
        if fault[:3].isdigit():
            self.send_error(int(fault[:3]), fault[4:])
            return
        body = FILES[name].replace(b"run", b"RUN") if fault == "altered" else FILES[name]
        if fault == "late":
            time.sleep(0.5)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "trickling":
            # For three times as long as the test allows, then the rest at once.
            while len(body) > len(FILES[name]) - 60 * SLOW and not self.server.ended.wait(0.1):
                self.wfile.write(body[:1])
                body = body[1:]
        self.wfile.write(body[: len(body) // 2] if fault in ("truncated", "stalling") else body)
        if fault == "stalling":
            self.wfile.flush()
            self.server.ended.wait()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.ended.set()
        server.shutdown()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, of this process and of its children."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    path = tmp_path / "sums"
    path.write_text("".join(f"{hashlib.sha256(FILES[name]).hexdigest()}  {name}\n" for name in NAMES), encoding="utf-8")
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "data"


def present(output: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones too."""
    return {str(path.relative_to(output)): path.read_bytes() for path in output.rglob("*") if not path.is_dir()}


def seen(output: Path) -> set[str]:
    """What the next stage would take for data."""
    # An interrupt may leave a folder without any file, which has no readers.
    folders = [folder for folder in output.glob("ds*") if present(folder)]
    found = [path for folder in folders for paths in reader_files([folder]).values() for path in paths]
    return {str(path.relative_to(output)) for path in found}


def assert_only_whole_files(output: Path, temporary: Path) -> None:
    here = present(output)
    assert here.items() <= FILES.items()
    assert seen(output) == here.keys()
    assert BAD not in here
    assert list(temporary.iterdir()) == []


def assert_completes(server: Server, registry: Path, output: Path) -> None:
    """From a server that is mended: the missing files, each asked for once, and no other."""
    missing = FILES.keys() - present(output).keys()
    server.faults.clear()
    server.asked.clear()
    fetch(registry, output, server.url)
    assert sorted(server.asked) == sorted(missing)
    assert present(output) == FILES


def test_every_file_comes_and_a_second_call_asks_for_nothing(
    server: Server, registry: Path, output: Path, temporary: Path
) -> None:
    fetch(registry, output, server.url + "/")
    assert present(output) == FILES
    assert seen(output) == set(NAMES)
    assert sorted(server.asked) == NAMES
    # pooch leaves files that only their owner can read.
    assert {(output / name).stat().st_mode & 0o777 for name in NAMES} == {0o666 & ~umask()}
    server.asked.clear()
    fetch(registry, output, server.url)
    assert server.asked == []
    assert list(temporary.iterdir()) == []


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("truncated", "the transfer broke off (.*); check network and address, then run the same command again"),
        ("altered", "what comes has another SHA-256 than in .*sums: damaged on the way, or another version"),
        ("404 Not Found", "the server answers 404 Not Found; correct the address, or put the file at .*{BAD} yourself"),
        ("503 Slow Down", "503 Server Error: Slow Down .*; check network and address, then run the same command again"),
        ("stalling", "not whole after 2 seconds, the server is slow or dead; run the same command again"),
        ("silent", "not whole after 2 seconds, the server is slow or dead; run the same command again"),
        ("trickling", "not whole after 2 seconds, the server is slow or dead; run the same command again"),
    ],
)
def test_a_fault_is_one_message_and_the_next_call_completes(
    server: Server, registry: Path, output: Path, temporary: Path, fault: str, said: str
) -> None:
    server.faults[BAD] = [fault]
    slow = fault in ("stalling", "silent", "trickling")
    begun = time.monotonic()
    with pytest.raises(DownloadError, match=said.replace("{BAD}", BAD)) as raised:
        fetch(registry, output, server.url, retries=0, **({"timeout": SLOW} if slow else {}))
    assert time.monotonic() - begun < 3 * SLOW
    assert str(raised.value).startswith(f"{BAD}: not fetched from {server.url}/{BAD}: ")
    assert "\n" not in str(raised.value)
    assert len(present(output)) >= len(NAMES) - FILES_AT_ONCE
    assert_only_whole_files(output, temporary)
    assert_completes(server, registry, output)


def test_a_passing_fault_is_tried_again_and_a_missing_file_is_not(server: Server, registry: Path, output: Path) -> None:
    server.faults = {NAMES[0]: ["truncated"], NAMES[1]: ["altered"]}
    fetch(registry, output, server.url, retries=1)
    assert present(output) == FILES
    assert [server.asked.count(name) for name in NAMES[:3]] == [2, 2, 1]
    (output / BAD).unlink()
    server.asked.clear()
    server.faults = {BAD: ["404 Not Found"]}
    with pytest.raises(DownloadError, match="404"):
        fetch(registry, output, server.url)
    assert server.asked == [BAD]


def test_after_the_error_nothing_more_is_asked_for(server: Server, registry: Path, output: Path) -> None:
    server.faults = {name: ["late"] for name in NAMES} | {NAMES[0]: ["404 Not Found"]}
    with pytest.raises(DownloadError, match="404"):
        fetch(registry, output, server.url)
    assert not any(isinstance(thread, DummyProcess) for thread in threading.enumerate())  # the pool's threads
    assert len(server.asked) <= FILES_AT_ONCE + 1
    assert_completes(server, registry, output)


def test_a_server_that_is_not_there(server: Server, registry: Path, output: Path, temporary: Path) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(DownloadError, match="_events.tsv: not fetched from .*refused.*; check network and address"):
        fetch(registry, output, server.url, retries=0)
    assert_only_whole_files(output, temporary)


def test_no_address(registry: Path, output: Path) -> None:
    with pytest.raises(DownloadError, match="Invalid URL 'bucket/ds1.*; check network and address"):
        fetch(registry, output, "bucket", retries=0)


def altered(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"mine")


def linked_to_nothing(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to("nowhere")


def folder_in_its_place(path: Path) -> None:
    path.mkdir(parents=True)


@pytest.mark.parametrize("put", [altered, linked_to_nothing, folder_in_its_place])
def test_what_is_there_and_differs_is_named_and_never_overwritten(
    server: Server, registry: Path, output: Path, tmp_path: Path, put: Callable[[Path], None]
) -> None:
    put(output / BAD)
    before = (output / BAD).lstat()
    with pytest.raises(DownloadError, match=": there, but not with the SHA-256 in .*sums; move them away") as raised:
        fetch(registry, output, server.url)
    assert str(raised.value).startswith(f"{output / BAD}: ")
    assert server.asked == []
    assert (output / BAD).lstat() == before
    (output / BAD).rename(tmp_path / "aside")
    assert_completes(server, registry, output)
    assert (tmp_path / "aside").lstat().st_ino == before.st_ino


def test_of_many_altered_files_a_few_are_named(server: Server, registry: Path, output: Path) -> None:
    for name in NAMES[:5]:
        altered(output / name)
    with pytest.raises(DownloadError) as raised:
        fetch(registry, output, server.url)
    named = [name for name in NAMES if name in str(raised.value)]
    assert named == NAMES[:3]
    assert " and 2 more: there, but not" in str(raised.value)
    assert set(present(output).values()) == {b"mine"}


def test_an_output_that_is_no_folder(server: Server, registry: Path, output: Path, temporary: Path) -> None:
    """Found before anything is asked for."""
    output.write_bytes(b"mine")
    with pytest.raises(DownloadError, match="data, or the folder for temporary files: .*exists"):
        fetch(registry, output, server.url)
    assert server.asked == []
    assert output.read_bytes() == b"mine"
    assert list(temporary.iterdir()) == []


SUM = "0" * 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{SUM}  a/b\nnot a sum  c\n", "line 2: expected a SHA-256, two spaces and a relative path"),
        (f"{SUM}  ../b\n", "line 1: expected"),
        (f"{SUM}  /b\n", "line 1: expected"),
        (f"{SUM}  a\n{SUM}  a\n", "line 2: a stands there twice"),
        ("", "names no files"),
        (None, "cannot be read as a list of checksums"),
    ],
)
def test_a_registry_that_is_none(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "sums").write_text(text, encoding="utf-8")
    with pytest.raises(FileFormatError, match=f"^{tmp_path}/sums.*{said}"):
        read_registry(tmp_path / "sums")


def test_the_registry_that_is_shipped() -> None:
    names = list(read_registry(ROOT / "resources" / "reading-brain.sha256"))
    assert len(names) == 539
    readers = {tuple(name.split("/")[:2]) for name in names}
    assert [sum(folder == wanted for folder, _ in readers) for wanted in ("ds003974", "ds003988")] == [52, 56]


def test_the_script_ends_in_one_line(server: Server, registry: Path, output: Path, temporary: Path) -> None:
    server.faults[BAD] = ["404 Not Found"]
    arguments = ["--registry", registry, "--output", output, "--url", server.url]
    done = script("project/fetch_reading_brain.py", *arguments)
    assert done.returncode == 1
    assert done.stdout.startswith(f"ERROR {BAD}: not fetched from ")
    assert done.stdout.count("\n") == 1
    assert_only_whole_files(output, temporary)
    done = script("project/fetch_reading_brain.py", *arguments)
    assert done.returncode == 0
    assert present(output) == FILES


def test_an_interrupt_does_not_wait_and_leaves_whole_files_only(
    server: Server, registry: Path, output: Path, temporary: Path
) -> None:
    server.faults[BAD] = ["silent"]
    command = [
        # A shell may have told its children in the background to ignore interrupts.
        *("env", "--default-signal=INT", sys.executable, str(ROOT / "scripts/project/fetch_reading_brain.py")),
        *("--registry", str(registry), "--output", str(output), "--url", server.url),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    while len(server.asked) < len(NAMES) and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    try:
        said, _ = process.communicate(timeout=15)  # the script's own time-out is 30 s
    finally:
        process.kill()
    assert process.returncode == 1
    assert said == "ERROR interrupted: what is there is whole; the same command fetches the rest\n"
    assert_only_whole_files(output, temporary)
    assert_completes(server, registry, output)


def test_make_says_what_comes_next(registry: Path, tmp_path: Path) -> None:
    """`make reading-brain` in a copy where all files are there: no network."""
    folder = tmp_path / "copy"
    for name in ("envs", ".venv/bin", "resources"):
        (folder / name).mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "envs/requirements.txt"):
        shutil.copyfile(ROOT / name, folder / name)
    (folder / "scripts").symlink_to(ROOT / "scripts")
    shutil.copyfile(registry, folder / "resources" / "reading-brain.sha256")
    for name in NAMES:
        (folder / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "data" / name).write_bytes(FILES[name])
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / ".venv" / ".installed").touch()

    # As a user's shell starts it, also where the tests themselves run under make, which a make below it would say.
    environment = {key: value for key, value in os.environ.items() if key not in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS")}

    def make() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "reading-brain"], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    done = make()
    assert done.returncode == 0, done.stderr
    command = ".venv/bin/snakemake --profile workflow/profiles/demo --configfile config/reading-brain.yaml"
    assert done.stdout.splitlines() == [f"Next: {command}"]
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")
    (folder / "data" / BAD).write_bytes(b"mine")
    done = make()
    assert done.returncode != 0
    assert "Next" not in done.stdout
    assert f"ERROR data/{BAD}: there, but not with the SHA-256" in done.stderr
