"""Models of the Hub in the DAG: resolved, fetched from a server on 127.0.0.1, extracted; what is missing is named."""

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import h5py
import pytest

from readalike.weights.revisions import Revision, read_revisions, write_revisions
from tests.hub_server import Hub
from tests.running import ROOT, as_yaml, planned, script, snakemake
from tests.tiny_models import make_tiny_checkpoint


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """This project with another revisions.lock."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("scripts", "src", "workflow", "envs", "resources"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "Snakefile", folder)
    write_revisions(folder / "revisions.lock", {})
    return folder


def configuration(tmp_path: Path, **weights: dict[str, Any]) -> dict[str, Any]:
    return {
        "corpora": {"demo": {"sentences": "resources/demo/sentences.tsv"}},
        "groups": {"L1": {"corpus": "demo", "saccades": {"simulate": {"readers": 4, "seed": 1, "profile": "native"}}}},
        "conditions": {"plain": ""},
        "models": {name: {"weights": source} for name, source in weights.items()},
        "cache": str(tmp_path / "cache"),
        "threads": 1,
        "seed": 1,
    }


def attention(config: dict[str, Any]) -> list[str]:
    return [f"results/attention/demo/{model}/plain/layers-0-1.h5" for model in config["models"]]


@pytest.mark.slow
def test_resolved_fetched_and_extracted(hub: Hub, project: Path, tmp_path: Path) -> None:
    base = make_tiny_checkpoint(tmp_path / "base", layers=2)
    commits = [hub.push("o/base", base), hub.push("o/delta", make_tiny_checkpoint(tmp_path / "d", layers=2, seed=1))]
    config = configuration(tmp_path, base={"hub": "o/base"}, tuned={"folder": str(base), "delta": {"hub": "o/delta"}})
    lock = project / "revisions.lock"
    write_revisions(lock, {"z/another": Revision("a" * 40, "main", 1, 2, 3, 4, 5, 4)})
    (tmp_path / "c.yaml").write_text(as_yaml(config), encoding="utf-8")
    done = script("project/resolve.py", "--config", tmp_path / "c.yaml", "--lock", lock)
    assert done.returncode == 0, done.stdout
    assert "HTTP Request" not in done.stdout
    assert list(json.loads(lock.read_text(encoding="utf-8"))) == ["o/base", "o/delta", "z/another"]

    folder, targets = tmp_path / "run", attention(config)
    done = snakemake(folder, config, *targets, project=project)
    assert done.returncode == 0, done.stdout[-8000:]
    places = {path.relative_to(tmp_path / "cache" / "hub").as_posix() for path in (tmp_path / "cache/hub").glob("*/*")}
    assert places == {f"o--base/{commits[0]}", f"o--delta/{commits[1]}"}
    with h5py.File(folder / targets[0]) as one, h5py.File(folder / targets[1]) as other:
        assert (one["plain/attention"][:] != other["plain/attention"][:]).any()
        assert json.loads(one.attrs["revisions"]) == {"o/base": commits[0]}
        assert json.loads(other.attrs["revisions"]) == {"o/delta": commits[1]}

    assert planned(folder, config, *targets, project=project) == []
    found = read_revisions(lock)
    moved = Revision(hub.push("o/delta", tmp_path / "d"), "main", 2, 4, found["o/delta"].parameters, 32, 400, 4)
    write_revisions(lock, found | {"o/delta": moved})
    outputs = planned(folder, config, *targets, project=project)
    assert [path for path in outputs if path.endswith(".h5")] == [targets[1]], "only what the new commit touches"
    assert [path for path in outputs if "/hub/" in path and path.endswith(moved.commit)]


def test_what_is_not_there_is_named_before_any_job(project: Path, tmp_path: Path) -> None:
    base = make_tiny_checkpoint(tmp_path / "base", layers=2)
    (tmp_path / "empty").mkdir()
    shutil.copy(base / "config.json", tmp_path / "empty")
    for source, said in (
        ({"hub": "o/none"}, "models.m.weights.hub: o/none is not in revisions.lock"),
        ({"folder": str(base), "delta": {"folder": str(tmp_path / "empty")}}, "models.m.weights.delta.folder: "),
        ({"gguf": str(tmp_path / "none.gguf")}, "models.m.weights.gguf: no file"),
    ):
        config = configuration(tmp_path, m=source)
        if "gguf" in source:
            config["models"]["m"]["layers"] = 2
        done = snakemake(tmp_path / "run", config, "--dry-run", project=project)
        assert done.returncode != 0
        assert said in done.stdout
        assert ("make resolve" in done.stdout) == ("hub" in source)
        assert "Traceback" not in done.stdout


def test_options_reach_the_job_and_files_of_one_name_are_kept_apart(project: Path, tmp_path: Path) -> None:
    commit = hashlib.sha1(b"odd").hexdigest()
    write_revisions(project / "revisions.lock", {"o/odd@v2": Revision(commit, "v2", 2, 4, 9, 8, 9, 4)})
    config = configuration(
        tmp_path, odd={"hub": "o/odd", "revision": "v2"}, **{k: {"gguf": str(tmp_path / k / "m.gguf")} for k in "ab"}
    )
    config["models"]["odd"]["trust_remote_code"] = True
    config["attention"] = "rollout"
    binary = tmp_path / "bin"
    shutil.copytree(make_tiny_checkpoint(tmp_path / "base", layers=2), binary)
    (binary / "model.safetensors").rename(binary / "pytorch_model.bin")
    config["models"]["binary"] = {"weights": {"folder": str(binary), "delta": {"folder": str(tmp_path / "base")}}}
    config["models"]["binary"]["weights"]["delta"]["missing_rows"] = "mean"
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.gguf").touch()
        config["models"][name]["layers"] = 2
    done = snakemake(tmp_path / "run", config, "--dry-run", "-p", *attention(config), project=project)
    assert done.returncode == 0, done.stdout
    commands = [line for line in done.stdout.splitlines() if line.startswith("Shell command:")]
    (fetch,) = [line for line in commands if "fetch_hub.py" in line]
    assert f"--repository o/odd --commit {commit} --python-files True" in fetch
    assert f"cache/hub/o--odd/{commit}-with-code" in fetch
    flags = {line.split("--model ")[1].split()[0]: line for line in commands if "attention/extract.py" in line}
    for name, answer in (("odd", "True"), ("a", "False")):
        assert f"--trust-remote-code {answer} " in flags[name]
        assert "--kind rollout " in flags[name]
        assert "--delta  --missing-rows  --" in flags[name]
    assert re.search(r"--weights \S+/bin --delta \S+/base --missing-rows mean", flags["binary"])
    (inputs,) = re.findall(r"^    input: (.*pytorch_model\.bin.*)$", done.stdout, flags=re.MULTILINE)
    assert "/base/model.safetensors" in inputs, "a delta that changes makes its model again"
    folders = [line.split("--folder ")[1].split(" ")[0] for line in commands if "convert_gguf.py" in line]
    assert len(set(folders)) == 2
