"""Repositories of the Hub: looked up once, fetched whole and verified, from a server on 127.0.0.1."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import huggingface_hub.file_download
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from readalike.attention.extract import extract_block
from readalike.errors import ConfigurationError, DownloadError, FileFormatError, UnsupportedModelError
from readalike.resolve import resolve
from readalike.weights.hub import fetch
from readalike.weights.revisions import Revision, read_revisions
from readalike.weights.tensors import Checkpoint
from tests.hub_server import Hub, serving
from tests.running import script
from tests.tiny_models import make_tiny_checkpoint, tokenizer
from tests.unit.test_extract import CONDITIONS, CORPUS

TOKEN = "hf_secretOfTheTests"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with serving() as hub:
        for key, value in {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path / "home")}.items():
            monkeypatch.setenv(key, value)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        # Read from the environment when these modules were imported.
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "home"))
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_TELEMETRY", True)
        # Seconds between attempts.
        monkeypatch.setattr(huggingface_hub.file_download.time, "sleep", lambda _: None)
        yield hub


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("tiny"), layers=2)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def sharded(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same model in several files, and beside them what is not to be fetched."""
    folder = tmp_path_factory.mktemp("sharded")
    AutoModelForCausalLM.from_pretrained(tiny).save_pretrained(folder, max_shard_size="30KB")
    assert len(list(folder.glob("model-*.safetensors"))) > 2
    others = {"README.md": b"# Tiny", "pytorch_model.bin": b"older", "consolidated.safetensors": b"another form"}
    described = {name: content for name, content in contents(tiny).items() if name != "model.safetensors"}
    return described | contents(folder) | others | {"modeling.py": b"raise SystemExit"}


def models(*sources: dict[str, Any], trust_remote_code: bool = False) -> dict[str, Any]:
    return {f"m{k}": {"weights": s, "trust_remote_code": trust_remote_code} for k, s in enumerate(sources)}


def test_resolve_finds_commit_layers_heads_and_parameters_and_keeps_them(hub: Hub, tiny: Path, tmp_path: Path) -> None:
    first, delta = hub.push("o/base", tiny), hub.push("o/delta", make_tiny_checkpoint(tmp_path / "m", layers=3))
    tagged = hub.push("o/base", tiny, revision="step1")
    named = models({"hub": "o/base", "delta": {"hub": "o/delta"}}, {"hub": "o/base", "revision": "step1"})
    named["imported"] = {"imported": {}}
    found = resolve(named, {"x/other": Revision("0" * 40, "main", 1, 1, 1, 1, 1, 4)}, update=False)
    parameters = sum(p.numel() for p in AutoModelForCausalLM.from_pretrained(tiny).parameters())
    assert found["o/base"] == Revision(first, "main", 2, 4, parameters, 32, len(tokenizer()), 4)
    assert (found["o/delta"].commit, found["o/delta"].layers) == (delta, 3)
    assert (found["o/base@step1"].commit, found["o/base@step1"].revision) == (tagged, "step1")
    assert set(found) == {"o/base", "o/delta", "o/base@step1", "x/other"}
    assert set(hub.asked("GET")) == {"config.json"}, "no weights to look something up"

    moved = hub.push("o/base", tiny)
    hub.requests.clear()
    assert resolve(named, found, update=False) == found
    assert not hub.requests
    assert resolve(named, found, update=True)["o/base"].commit == moved != first


def test_an_entry_that_was_typed_wrong_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "revisions.lock"
    assert read_revisions(lock) == {}
    entry = {
        "commit": "main",
        "revision": "main",
        "layers": 1,
        "heads": 1,
        "parameters": 1,
        "hidden": 1,
        "vocabulary": 1,
        "width": 2,
    }
    for text, said in ((json.dumps({"o/n": entry}), "'main' is no commit"), ("<<<<<<< HEAD", "Expecting"), ("[]", "")):
        lock.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=f"revisions.lock: not as make resolve writes it.*{said}"):
            read_revisions(lock)


def test_what_extraction_would_refuse_is_refused_when_looked_up(hub: Hub) -> None:
    config = {"model_type": "bloom", "vocab_size": 99, "hidden_size": 32, "n_layer": 2, "n_head": 4}
    hub.push("o/bloom", {"config.json": json.dumps(config).encode()})
    hub.push("o/nothing", {"README.md": b"# Nothing"})
    with pytest.raises(UnsupportedModelError, match=r"o/bloom: bloom: .*LLaMA"):
        resolve(models({"hub": "o/bloom"}), {}, update=False)
    with pytest.raises(DownloadError, match="o/nothing: has no config.json at commit"):
        resolve(models({"hub": "o/nothing"}), {}, update=False)


def test_errors_of_the_hub_say_what_to_do(hub: Hub, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.push("o/gated", tiny)
    hub.gated["o/gated"] = TOKEN

    def refused(repository: str, said: str, **source: str) -> None:
        with pytest.raises(DownloadError, match=f"(?si){repository}: {said}"):
            resolve(models({"hub": repository, **source}), {}, update=False)

    refused("o/none", "there is no such repository, or it is private .*HF_TOKEN")
    refused("o/gated", r"is gated \(401\).* set HF_TOKEN")
    refused("o/gated", "has no such revision; correct revision:", revision="v2")
    monkeypatch.setenv("HF_TOKEN", "hf_another")
    refused("o/none", "there is no such repository")
    refused("o/gated", r"is gated \(403\).* set HF_TOKEN")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert "o/gated" in resolve(models({"hub": "o/gated"}), {}, update=False)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    refused("o/gated", ".*connection refused.*; check the network")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    refused("o/gated", ".*offline mode.*HF_HUB_OFFLINE")


def test_what_is_fetched_is_extracted_from(hub: Hub, tiny: Path, sharded: dict[str, bytes], tmp_path: Path) -> None:
    commit, folder = hub.push("o/tiny", sharded), tmp_path / "hub" / "o--tiny" / "commit"
    hub.push("o/tiny", {"config.json": b"a later commit"})
    fetch("o/tiny", commit, folder)
    expected = {name for name in sharded if name.endswith(".json") or name.startswith("model-")}
    assert {path.name for path in folder.iterdir()} == expected
    assert set(hub.asked("GET")) == expected
    assert [path.name for path in folder.parent.iterdir()] == ["commit"], "nothing else is left"
    results = [
        extract_block(
            Checkpoint(place), CORPUS, CONDITIONS, model_name="tiny", first=0, last=1, layers=2, dtype="float32",
            token_budget=64, threads=1, device="cpu", progress=False,
        )
        for place in (tiny, folder)
    ]  # fmt: skip
    assert (results[0].conditions["plain"].attention == results[1].conditions["plain"].attention).all()


def test_bin_comes_only_where_there_are_no_safetensors(hub: Hub, tiny: Path, tmp_path: Path) -> None:
    tensors = load_file(tiny / "model.safetensors")
    torch.save(tensors, tmp_path / "w.bin")
    binary = (tmp_path / "w.bin").read_bytes()
    others = {name: content for name, content in contents(tiny).items() if name != "model.safetensors"}
    both = contents(tiny) | {"pytorch_model.bin": binary}
    for files, kept in ((both, "model.safetensors"), (others | {"pytorch_model.bin": binary}, "pytorch_model.bin")):
        fetch("o/tiny", hub.push("o/tiny", files | {"training_args.bin": b"code"}), tmp_path / kept)
        assert {path.name for path in (tmp_path / kept).iterdir()} == {*others, kept}
    with pytest.raises(DownloadError, match="neither model.safetensors nor pytorch_model.bin"):
        fetch("o/tiny", hub.push("o/tiny", others), tmp_path / "none")
    index = {"model.safetensors.index.json": json.dumps({"weight_map": {"a": "../../model.safetensors"}}).encode()}
    fetch("o/tiny", hub.push("o/tiny", both | index), tmp_path / "whole")
    assert "model.safetensors" in {path.name for path in (tmp_path / "whole").iterdir()}, "whole before its index"
    commit = hub.push("o/tiny", others | index)
    with pytest.raises(DownloadError, match=r'o/tiny: .*"\.\./\.\./model.safetensors" is no name of a file in'):
        fetch("o/tiny", commit, tmp_path / "outside")


def test_a_transfer_that_breaks_off_goes_on(
    hub: Hub, sharded: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Bytes are kept piece by piece, 10 MB each.
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    broken = next(name for name in sharded if name.startswith("model-00002"))
    hub.cut[broken] = 1
    fetch("o/tiny", hub.push("o/tiny", sharded), tmp_path / "once")
    ranges = [headers["Range"] for _, path, headers in hub.requests if path.endswith(broken) and "Range" in headers]
    assert len(ranges) == 1
    assert re.fullmatch(r"bytes=\d+000-", ranges[0]), "from where it broke off"

    # For good: a folder beside keeps what is whole, and the next call asks for the rest.
    commit, folder = hub.push("o/tiny", sharded), tmp_path / "for-good"
    hub.cut[broken] = 1_000
    monkeypatch.setattr(huggingface_hub.constants, "DOWNLOAD_CHUNK_SIZE", 10_000_000)
    with pytest.raises(DownloadError, match="(?s)o/tiny: .*; check the network .* run the same command again"):
        fetch("o/tiny", commit, folder)
    assert not folder.exists()
    hub.cut.clear()
    kept = {path.name for path in (tmp_path / ".for-good.partial").iterdir() if path.is_file()}
    assert {"config.json", "tokenizer.json"} <= kept
    hub.requests.clear()
    fetch("o/tiny", commit, folder)
    assert broken in hub.asked("GET")
    assert not kept & set(hub.asked("GET"))
    assert not (tmp_path / ".for-good.partial").exists()


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_an_altered_file_is_refused_and_asked_for_again(hub: Hub, tiny: Path, tmp_path: Path, name: str) -> None:
    commit, folder = hub.push("o/tiny", tiny), tmp_path / "folder"
    hub.altered.add(name)
    with pytest.raises(DownloadError, match=f"o/tiny: the checksum of {name} is .*altered or damaged on the way"):
        fetch("o/tiny", commit, folder)
    assert not folder.exists()
    hub.altered.clear()
    fetch("o/tiny", commit, folder)
    assert (folder / name).read_bytes() == (tiny / name).read_bytes()


def test_a_token_that_was_stored_elsewhere_is_not_used(
    hub: Hub, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stored").write_text(TOKEN, encoding="utf-8")
    monkeypatch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", str(tmp_path / "stored"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    assert huggingface_hub.get_token() == TOKEN, "it would be found"
    fetch("o/tiny", hub.push("o/tiny", tiny), tmp_path / "folder")
    assert not [headers for _, _, headers in hub.requests if "Authorization" in headers]


def test_the_token_is_sent_and_written_nowhere(
    hub: Hub, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = hub.push("o/gated", tiny)
    hub.gated["o/gated"] = TOKEN
    # A line break, as from a file, makes a header that is refused in a message that holds it.
    monkeypatch.setenv("HF_TOKEN", f"{TOKEN}\n")
    for commit_asked in (commit, "f" * 40):
        done = script(
            "weights/fetch_hub.py", "--repository", "o/gated", "--commit", commit_asked, "--python-files", "false",
            "--folder", tmp_path / commit_asked,
            "--log", tmp_path / "logs" / f"{commit_asked}.log",
        )  # fmt: skip
        assert (done.returncode == 0) == (commit_asked == commit), done.stdout
        assert TOKEN not in done.stdout
    assert (tmp_path / commit / "model.safetensors").is_file()
    # But for a list of programs that huggingface_hub asks for, for its statistics.
    sent = {headers.get("Authorization") for _, path, headers in hub.requests if "agent" not in path}
    assert sent == {f"Bearer {TOKEN}"}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]


CONFIGURATION = """
from transformers import LlamaConfig

class OddConfig(LlamaConfig):
    model_type = "odd"
"""
MODELING = """
from transformers import LlamaForCausalLM
from .configuration_odd import OddConfig

class OddModel(LlamaForCausalLM):
    config_class = OddConfig
"""


def test_code_comes_and_runs_only_where_it_is_trusted(hub: Hub, tiny: Path, tmp_path: Path, own_modules: None) -> None:
    config = json.loads((tiny / "config.json").read_text(encoding="utf-8")) | {"model_type": "odd"}
    config["auto_map"] = {"AutoConfig": "configuration_odd.OddConfig", "AutoModelForCausalLM": "modeling_odd.OddModel"}
    code = {"configuration_odd.py": CONFIGURATION.encode(), "modeling_odd.py": MODELING.encode()}
    files = contents(tiny) | {"config.json": json.dumps(config).encode()} | code
    commit = hub.push("o/odd", files)
    with pytest.raises(FileFormatError, match="o/odd: .*set trust_remote_code: true"):
        resolve(models({"hub": "o/odd"}), {}, update=False)
    assert resolve(models({"hub": "o/odd"}, trust_remote_code=True), {}, update=False)["o/odd"].layers == 2
    for trusted in (False, True):
        fetch("o/odd", commit, tmp_path / str(trusted), code=trusted)
        assert {path.name for path in (tmp_path / str(trusted)).glob("*.py")} == (set(code) if trusted else set())

    config["auto_map"]["AutoModelForCausalLM"] = "elsewhere/code--modeling_odd.OddModel"
    commit = hub.push("o/odd", files | {"config.json": json.dumps(config).encode()})
    expected = r"o/odd: config\.json takes Python code from another repository \(elsewhere/code--"
    with pytest.raises(DownloadError, match=expected):
        fetch("o/odd", commit, tmp_path / "elsewhere", code=True)
    classes = {"auto_map": {"AutoTokenizer": ["elsewhere/code--tokens.OddTokenizer", None]}}
    commit = hub.push("o/odd", files | {"tokenizer_config.json": json.dumps(classes).encode()})
    for bring in (
        lambda: fetch("o/odd", commit, tmp_path / "elsewhere", code=True),
        lambda: resolve(models({"hub": "o/odd"}, trust_remote_code=True), {}, update=False),
    ):
        with pytest.raises(DownloadError, match=r"o/odd: tokenizer_config\.json takes Python code from another"):
            bring()
