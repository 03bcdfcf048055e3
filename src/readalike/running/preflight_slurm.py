"""What SLURM and a profile say of a cluster, before anything is queued: partitions, GPU, limits, account, folder."""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from readalike import jobs
from readalike.errors import ConfigurationError, ReadalikeError
from readalike.running.preflight import DOUBTFUL, OK, WRONG, Needs, Row

# Seconds that a question to SLURM may take, and until a node is free to look at the folder.
PATIENCE, FREE_NODE = 30, 60
# `jobs: unlimited` of a profile.
UNLIMITED = 1_000_000


@dataclass(frozen=True)
class Profile:
    """What a profile says of the cluster.

    partitions, gpu_models : by rule, the default under an empty name
    queued : jobs that are in the queue at a time, at most
    """

    executor: str = "local"
    partitions: Mapping[str, str] = field(default_factory=dict)
    gpu_models: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    queued: int = 1
    machine: jobs.Machine = field(default_factory=jobs.Machine)

    @property
    def gpu_partition(self) -> str:
        return self.partitions.get("attention", self.partitions.get("", ""))


def read_profile(path: Path) -> Profile:
    """A profile's folder or file. Raises ConfigurationError where there is none, or it is no YAML."""
    file = next((path / name for name in ("config.yaml", "profile.yaml") if (path / name).is_file()), path)
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
        default = _entries(given.get("default-resources"))
        rules = _by_rule(given.get("set-resources"))
    except (OSError, ValueError, AttributeError, yaml.YAMLError) as error:
        raise ConfigurationError(
            f"{path}: no profile of Snakemake ({error}); name a folder of workflow/profiles"
        ) from None
    of = {"": default, **rules}
    return Profile(
        executor=str(given.get("executor", "local")),
        partitions={rule: str(own["slurm_partition"]) for rule, own in of.items() if "slurm_partition" in own},
        gpu_models={rule: str(own["gpu_model"]) for rule, own in of.items() if "gpu_model" in own},
        account=str(default.get("slurm_account", "")),
        queued=int(given.get("jobs", 1)) if str(given.get("jobs", 1)).isdigit() else UNLIMITED,
        machine=jobs.machine_of(rules.get("attention", {})),
    )


def _entries(given: Any) -> dict[str, Any]:
    """Resources as a mapping, or as a list of NAME=VALUE."""
    if isinstance(given, list):
        return dict(str(entry).split("=", 1) for entry in given)
    return dict(given or {})


def _by_rule(given: Any) -> dict[str, dict[str, Any]]:
    """Resources by rule: a mapping of mappings, or a list of RULE:NAME=VALUE."""
    if isinstance(given, list):
        found: dict[str, dict[str, Any]] = {}
        for entry in given:
            rule, _, rest = str(entry).partition(":")
            found.setdefault(rule, {}).update(_entries([rest]))
        return found
    return {rule: _entries(own) for rule, own in (given or {}).items()}


def check_slurm(profile: Profile, needs: Needs, folder: Path) -> Iterator[Row]:
    """Partitions, GPU, limits and account, and whether a node sees the folder and the interpreter."""
    try:
        lines = _ask("sinfo", "-h", "-o", "%R|%a|%l|%G|%m").splitlines()
    except ReadalikeError as error:
        yield Row(WRONG, "SLURM", str(error), "run this where sbatch works")
        return
    table = [line.split("|") for line in lines if line.count("|") == 4]
    names = sorted({row[0] for row in table})
    for partition in sorted(set(profile.partitions.values())):
        own = [row for row in table if row[0] == partition]
        if not own:
            yield Row(
                WRONG, f"partition {partition}", "there is none of this name", f"in the profile: {', '.join(names)}"
            )
        elif not any(row[1] == "up" for row in own):
            yield Row(WRONG, f"partition {partition}", f"it is {own[0][1]}", "choose another in the profile, or wait")
        else:
            yield Row(OK, f"partition {partition}", f"up, at most {own[0][2]}")
    own = [row for row in table if row[0] == profile.gpu_partition]
    if own:
        yield from _check_gpu(profile, needs, own)
    yield from _check_account(profile)
    if own:
        for partition in sorted(set(profile.partitions.values()) & set(names)):
            yield _check_folder(profile, partition, folder)


def _check_gpu(profile: Profile, needs: Needs, rows: Sequence[Sequence[str]]) -> Iterator[Row]:
    """The partition of extraction: its GPUs, time and memory."""
    wanted = profile.gpu_models.get("attention", "")
    kinds = sorted({kind for row in rows for kind in re.findall(r"gpu:([^:,()]+):\d+", row[3])})
    any_gpu = any("gpu" in row[3] for row in rows)
    if not any_gpu or (wanted and wanted not in kinds):
        there = ", ".join(kinds) or ("some without a type" if any_gpu else "none")
        yield Row(WRONG, "GPU", f"{wanted or 'any'} asked for, there: {there}", "correct slurm_partition or gpu_model")
    else:
        yield Row(OK, "GPU", f"{wanted or 'any'} of {', '.join(kinds) or 'one kind'}")
    if needs.jobs:
        longest, most = max(job.minutes for job in needs.jobs), max(_minutes(row[2]) for row in rows)
        state, remedy = (OK, "") if longest <= most else (WRONG, "lower layers_per_job, or choose another partition")
        yield Row(state, "time limit", f"{longest} minutes at most for a block, {rows[0][2]} there", remedy)
        largest = max(job.mem_mb for job in needs.jobs)
        biggest = max(int(re.sub(r"\D", "", row[4]) or 0) for row in rows)
        state, remedy = (OK, "") if largest <= biggest else (WRONG, "lower layers_per_job, or choose another partition")
        yield Row(
            state, "memory", f"{largest / 1000:.1f} GB for a block, {biggest / 1000:.1f} in the largest node", remedy
        )


def _minutes(limit: str) -> float:
    """Minutes of SLURM's DAYS-HOURS:MINUTES:SECONDS; without limit where it is none of that."""
    match = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", limit)
    if match is None:
        return float("inf")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return days * 1440 + hours * 60 + minutes + seconds / 60


def _check_account(profile: Profile) -> Iterator[Row]:
    """The account, and how many jobs it may have in the queue: sbatch refuses more, which then count as failed."""
    user = os.environ.get("USER") or str(os.getuid())
    try:
        said = _ask("sacctmgr", "-n", "-P", "show", "assoc", f"user={user}", "format=Account,MaxSubmitJobs")
    except ReadalikeError as error:
        yield Row(DOUBTFUL, "account", str(error), "ask your site whether an account must be named (slurm_account)")
        return
    limits = dict(line.split("|")[:2] for line in said.splitlines() if "|" in line)
    accounts = ", ".join(sorted(limits)) or "none"
    if profile.account and profile.account not in limits:
        yield Row(WRONG, "account", f"{profile.account} is none of yours: {accounts}", "correct slurm_account")
    elif not limits:
        yield Row(DOUBTFUL, "account", f"{user} has none", "ask your site whether one is needed")
    else:
        yield Row(OK, "account", profile.account or f"the default one of {accounts}")
        own = [limits[profile.account]] if profile.account else list(limits.values())
        most = min((int(limit) for limit in own if limit.isdigit()), default=None)
        if most is not None:
            # Which account is the default one is not known here.
            state = OK if profile.queued <= most else WRONG if len(own) == 1 else DOUBTFUL
            remedy = "" if state == OK else f"jobs: {most} or fewer in the profile; refused jobs count as failed"
            yield Row(state, "jobs in the queue", f"{profile.queued} at a time, {most} allowed", remedy)


def _check_folder(profile: Profile, partition: str, folder: Path) -> Row:
    """One short step on a node, which reads what was just written here."""
    word, what = uuid.uuid4().hex, f"folder on {partition}"
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder.absolute() / f".preflight-{word}"
    mark.write_text(word, encoding="utf-8")
    account = [f"--account={profile.account}"] if profile.account else []
    try:
        said = _ask(
            "srun", "--quiet", f"--immediate={FREE_NODE}", f"--partition={partition}", *account, "--ntasks=1",
            "--mem=100", "--time=1", "sh", "-c", 'cat "$0"; test -x "$1" && echo " $1"', str(mark), sys.executable,
            seconds=2 * FREE_NODE,
        )  # fmt: skip
    except ReadalikeError as error:
        remedy = "where no node is free, try again later; otherwise put project and results on a shared file system"
        return Row(DOUBTFUL, what, str(error), remedy)
    finally:
        mark.unlink()
    if word not in said:
        return Row(
            WRONG, what, f"a node does not see {folder.absolute()}", "put it on a file system that all nodes see"
        )
    if sys.executable not in said:
        return Row(
            WRONG, what, f"a node does not see {sys.executable}", "put .venv on a file system that all nodes see"
        )
    return Row(OK, what, f"a node sees {folder} and .venv")


def _ask(*command: str, seconds: int = PATIENCE) -> str:
    """What a command says. Raises ReadalikeError in one line."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds).stdout
    except FileNotFoundError:
        raise ReadalikeError(f"{command[0]} is not installed here") from None
    except subprocess.TimeoutExpired:
        raise ReadalikeError(f"{command[0]} does not answer within {seconds} seconds") from None
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr).split()) or f"status {error.returncode}"
        raise ReadalikeError(f"{command[0]}: {said}") from None
