"""What is said of a cluster before anything is queued, with stand-ins for SLURM's commands."""

import os
import re
import stat
from pathlib import Path

import pytest

from readalike import jobs
from readalike.errors import ConfigurationError
from readalike.running.preflight import OK, WRONG, Job, Needs, Row, as_text, check_needs, check_space
from readalike.running.preflight_slurm import Profile, check_slurm, read_profile
from tests.running import ROOT, as_yaml, few_readers, script, short_sentences
from tests.tiny_models import make_tiny_checkpoint

SINFO = "cpu|up|infinite|(null)|64000\ngpu|up|2:00:00|gpu:a100:4(S:0-1)|256000\nold|down|1-00:00:00|gpu:2|64000"
NEEDS = Needs([Job("m", (0, 3), 20_000, 25, 15_000)], 1, 3e9, 0.0)
PROFILE = Profile("slurm", {"": "cpu", "attention": "gpu"}, {"attention": "a100"}, "lab")
# A node that sees what is here: the command after the options is run.
NODE = 'while [ "${1#--}" != "$1" ]; do shift; done; exec "$@"'


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of stand-ins first on PATH, as on a cluster on which all is well."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command(folder, "sinfo", f"cat <<'END'\n{SINFO}\nEND")
    command(folder, "sacctmgr", "printf 'lab|\\nother|40\\n'")
    command(folder, "srun", NODE)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def command(folder: Path, name: str, body: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def wrong(rows: list[Row]) -> dict[str, tuple[str, str]]:
    return {row.what: (row.found, row.remedy) for row in rows if row.state == WRONG}


def test_where_all_is_well_every_row_is_ok(cluster: Path, tmp_path: Path) -> None:
    rows = list(check_slurm(PROFILE, NEEDS, tmp_path / "results"))
    assert {row.what: row.state for row in rows} == dict.fromkeys(
        (
            *("partition cpu", "partition gpu", "GPU", "time limit", "memory", "account"),
            *("folder on cpu", "folder on gpu"),
        ),
        OK,
    )
    assert list((tmp_path / "results").iterdir()) == [], "what a node was asked for is removed"


@pytest.mark.parametrize(
    ("changed", "what", "said"),
    [
        ({"partitions": {"": "cpu", "attention": "gpus"}}, "partition gpus", "cpu, gpu, old"),
        ({"partitions": {"": "cpu", "attention": "old"}, "gpu_models": {}}, "partition old", "it is down"),
        ({"gpu_models": {"attention": "h100"}}, "GPU", "h100 asked for, there: a100"),
        ({"partitions": {"": "cpu", "attention": "cpu"}}, "GPU", "a100 asked for, there: none"),
        ({"account": "labb"}, "account", "labb is none of yours: lab, other"),
    ],
)
def test_what_a_profile_has_wrong_is_named(
    cluster: Path, tmp_path: Path, changed: dict[str, object], what: str, said: str
) -> None:
    found = wrong(list(check_slurm(Profile(**{**vars(PROFILE), **changed}), NEEDS, tmp_path)))
    assert list(found) == [what]
    assert said in " ".join(found[what])
    assert found[what][1], "what to do"


@pytest.mark.parametrize(
    ("queued", "account", "state"),
    [(40, "other", OK), (41, "other", WRONG), (41, "", "doubtful"), (10**6, "other", WRONG), (100, "lab", None)],
)
def test_more_jobs_than_the_account_may_have_in_the_queue(
    cluster: Path, tmp_path: Path, queued: int, account: str, state: str | None
) -> None:
    profile = Profile(**{**vars(PROFILE), "queued": queued, "account": account})
    rows = {row.what: row for row in check_slurm(profile, NEEDS, tmp_path)}
    assert rows["account"].state == OK
    found = rows.get("jobs in the queue")
    assert (None if found is None else found.state) == state
    if found is not None and state != OK:
        assert (found.found, found.remedy[:16]) == (f"{queued} at a time, 40 allowed", "jobs: 40 or fewe")


def test_a_job_beyond_a_partitions_limits(cluster: Path, tmp_path: Path) -> None:
    large = Needs([Job("m", (0, 3), 300_000, 121, 15_000)], 1, 3e9, 0.0)
    found = wrong(list(check_slurm(PROFILE, large, tmp_path)))
    assert found["time limit"][0] == "121 minutes at most for a block, 2:00:00 there"
    assert found["memory"][0] == "300.0 GB for a block, 256.0 in the largest node"


@pytest.mark.parametrize(
    ("srun", "state", "said"),
    [
        ("cd /; echo nothing there", WRONG, "a node does not see FOLDER"),
        ('eval mark=\\${$(($# - 1))}; cat "$mark"', WRONG, "does not see .*python"),
        ("echo 'Unable to allocate resources' >&2; exit 1", "doubtful", "srun: Unable to allocate resources"),
    ],
)
def test_a_node_that_does_not_see_the_folder(cluster: Path, tmp_path: Path, srun: str, state: str, said: str) -> None:
    command(cluster, "srun", srun)
    rows = [row for row in check_slurm(PROFILE, NEEDS, tmp_path) if row.what.startswith("folder on")]
    assert [row.state for row in rows] == [state, state]
    assert all(re.search(said.replace("FOLDER", f"{tmp_path}$"), row.found) for row in rows)
    assert all(row.remedy for row in rows)


def test_no_slurm_and_no_accounting(cluster: Path, tmp_path: Path) -> None:
    command(cluster, "sacctmgr", "echo 'sacctmgr: error: Unable to connect' >&2; exit 1")
    rows = {row.what: row for row in check_slurm(PROFILE, NEEDS, tmp_path)}
    assert rows["account"].state == "doubtful"
    assert "Unable to connect" in rows["account"].found
    command(cluster, "sinfo", "exit 3")
    assert [(row.state, row.found) for row in check_slurm(PROFILE, NEEDS, tmp_path)] == [(WRONG, "sinfo: status 3")]


def test_memory_of_the_gpu() -> None:
    states = {
        gpu: {row.what: row.state for row in check_needs(NEEDS, jobs.Machine(gpu_mb=gpu))}["GPU memory"]
        for gpu in (0, 14_000, 16_000)
    }
    assert states == {0: "doubtful", 14_000: WRONG, 16_000: OK}


def test_room_is_counted_by_file_system(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    places = {"results": (tmp_path / "a" / "b", 0.7 * free), "cache": (tmp_path / "c", 0.7 * free)}
    assert set(wrong(list(check_space(places)))) == {"results", "cache"}, "each would fit alone"
    places["cache"] = (tmp_path / "c", 0.0)
    assert wrong(list(check_space(places))) == {}


def test_profiles_are_read_as_snakemake_reads_them(tmp_path: Path) -> None:
    shipped = read_profile(ROOT / "workflow" / "profiles" / "slurm")
    assert (shipped.executor, shipped.gpu_partition, shipped.partitions[""]) == ("slurm", "gpu", "cpu")
    assert shipped.machine.flops == 5e12
    assert shipped.queued == 100
    assert read_profile(ROOT / "workflow" / "profiles" / "demo").executor == "local"
    lists = {
        "executor": "slurm",
        "jobs": "unlimited",
        "default-resources": ["slurm_partition=p", "slurm_account=a"],
        "set-resources": ["attention:slurm_partition=g", "attention:gpu_mb=8000"],
    }
    (tmp_path / "config.yaml").write_text(as_yaml(lists), encoding="utf-8")
    found = read_profile(tmp_path)
    assert (found.account, found.gpu_partition, found.machine.gpu_mb) == ("a", "g", 8000)
    assert found.queued > 10_000
    with pytest.raises(ConfigurationError, match="nowhere: no profile of Snakemake"):
        read_profile(tmp_path / "nowhere")


def test_one_table_and_a_status(cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of it, on a configuration with a model that is not pinned; blocks that stand are not counted."""
    monkeypatch.chdir(tmp_path)
    model = make_tiny_checkpoint(tmp_path / "model", layers=4)
    config = {
        "results": "results",
        "cache": str(tmp_path / "cache"),
        "corpora": {"short": {"sentences": str(short_sentences(tmp_path))}},
        "groups": {"L1": few_readers(1, "native")},
        "conditions": {"plain": ""},
        "models": {"tiny": {"weights": {"folder": str(model)}, "layers_per_job": 2}},
        "seed": 1,
    }
    (tmp_path / "config.yaml").write_text(as_yaml(config), encoding="utf-8")
    arguments = ("project/preflight.py", "--config", tmp_path / "config.yaml", "--profile", "slurm")
    done = script(*arguments)
    assert done.returncode == 0, done.stdout
    assert "2 blocks in 1 jobs, 0.2 GPU hours at most" in done.stdout
    block = tmp_path / "results" / "attention" / "short" / "tiny" / "plain" / "layers-0-1.h5"
    block.parent.mkdir(parents=True)
    block.touch()
    config["models"]["far"] = {"weights": {"hub": "o/far"}, "layers": 4, "parameters": 1e9}  # type: ignore[index]
    (tmp_path / "config.yaml").write_text(as_yaml(config), encoding="utf-8")
    done = script(*arguments)
    assert done.returncode == 1
    assert "2 blocks in 2 jobs" in done.stdout
    assert "o/far was never looked up" in done.stdout
    assert "-> make resolve CONFIG=" in done.stdout
    assert "1 of 14 checks found something wrong; nothing was queued" in done.stdout


def test_the_table() -> None:
    text = as_text([Row(OK, "a", "found"), Row(WRONG, "longer", "not found", "do this")])
    assert text.splitlines() == ["ok       a       found", "wrong    longer  not found", "                 -> do this"]
