"""What a run on a cluster needs and what is there, told before anything is queued."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from readalike import jobs
from readalike.errors import DownloadError
from readalike.experiment import weights
from readalike.experiment.experiment import Experiment
from readalike.weights import revisions

OK, DOUBTFUL, WRONG = "ok", "doubtful", "wrong"
GB = 1e9


class Row(NamedTuple):
    """One check: its state, what was looked at, what was found, and what to do where that is not well."""

    state: str
    what: str
    found: str
    remedy: str = ""


@dataclass(frozen=True)
class Job:
    """An extraction that is still to be done."""

    model: str
    block: tuple[int, int]
    mem_mb: int
    minutes: int
    device_mb: int


@dataclass(frozen=True)
class Needs:
    """What is still to be done; bytes of attention and states that it writes, and of weights in the cache."""

    jobs: Sequence[Job]
    allocations: int
    results: float
    cache: float


def needs_of(experiment: Experiment, machine: jobs.Machine) -> Needs:
    """Estimates that err upwards, by the same functions as each job's limits; for corpora up to those they are for."""
    found: list[Job] = []
    allocations, results, cache = 0, 0.0, 0.0
    for model in experiment.extracted:
        entry, size = experiment.models[model], weights.size_of(experiment, model)
        dtype, conditions = entry["dtype"], experiment.conditions_of(model)
        cache += sum(_to_fetch(experiment, model, source, size) for _, source in revisions.sources(entry["weights"]))
        for corpus in experiment.with_text:
            place = Path(experiment.results, "attention", corpus, model)
            folders = [place / experiment.folder_of(model, condition) for condition in conditions]
            for own in jobs.allocations(size, experiment.blocks(model), dtype=dtype, machine=machine):
                left = [
                    (first, last)
                    for first, last in own
                    if not all((folder / f"layers-{first}-{last}.h5").is_file() for folder in folders)
                ]
                allocations += bool(left)
                for first, last in left:
                    found.append(
                        Job(
                            model,
                            (first, last),
                            jobs.memory_mb(size, first, last, dtype=dtype, conditions=len(conditions)),
                            jobs.minutes(
                                size, first, last, dtype=dtype, machine=machine, follows=(first, last) != left[0]
                            ),
                            jobs.device_mb(
                                size, first, last, dtype=dtype, token_budget=experiment.config["token_budget"]
                            ),
                        )
                    )
                    width = jobs.BYTES[entry["storage"]]
                    results += (last - first + 1) * max(size.heads, 1) * len(conditions) * jobs.PAIRS * width
                    if experiment.config["keep_states"]:
                        results += jobs.TOKENS * size.hidden * jobs.BYTES[dtype]
    return Needs(found, allocations, results, cache)


def _to_fetch(experiment: Experiment, model: str, source: revisions.Source, size: jobs.Size) -> float:
    """Bytes that a source of weights still takes in the cache."""
    if "folder" in source:
        return 0.0
    place = "weights.delta" if source is not experiment.models[model]["weights"] else "weights"
    if Path(weights.weights_folder(experiment, model, place)).is_dir():
        return 0.0
    # Those converted from GGUF are float32, beside the file itself.
    return size.parameters * (2.0 if "hub" in source else 4.5)


def check_needs(needs: Needs, machine: jobs.Machine) -> Iterator[Row]:
    """How much it is, and whether a block fits the GPU's memory."""
    hours = sum(job.minutes for job in needs.jobs) / 60
    yield Row(OK, "extraction", f"{len(needs.jobs)} blocks in {needs.allocations} jobs, {hours:.1f} GPU hours at most")
    if not needs.jobs:
        return
    largest = max(needs.jobs, key=lambda job: job.device_mb)
    what = f"{largest.model}, layers {largest.block[0]} to {largest.block[1]}: {largest.device_mb / 1000:.1f} GB"
    if not machine.gpu_mb:
        yield Row(DOUBTFUL, "GPU memory", what, "set attention:gpu_mb in the profile to compare it with the GPU's")
    elif largest.device_mb > machine.gpu_mb:
        yield Row(
            WRONG, "GPU memory", f"{what}, the GPU has {machine.gpu_mb / 1000:.1f}",
            "lower layers_per_job for this model, or ask for a larger GPU (gpu_model)",
        )  # fmt: skip
    else:
        yield Row(OK, "GPU memory", f"{what} of {machine.gpu_mb / 1000:.1f}")


def check_space(places: Mapping[str, tuple[Path, float]]) -> Iterator[Row]:
    """Whether there is room, and leave to write. places : what -> folder and bytes that it is to get"""
    needed: dict[int, float] = {}
    for _, (folder, size) in places.items():
        device = _there(folder).stat().st_dev
        needed[device] = needed.get(device, 0.0) + size
    for what, (folder, size) in places.items():
        there = _there(folder)
        free, all_of = shutil.disk_usage(there).free, needed[there.stat().st_dev]
        found = f"{folder}: {size / GB:.1f} GB to be written, {free / GB:.1f} free"
        if not os.access(there, os.W_OK):
            yield Row(WRONG, what, f"{there} may not be written", "name another folder in the configuration")
        elif free < all_of:
            yield Row(
                WRONG, what, f"{found}, {all_of / GB:.1f} wanted there in all", "make room, or name another folder"
            )
        else:
            yield Row(OK, what, f"{found} (a quota may be less)")


def _there(folder: Path) -> Path:
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())


def check_weights(experiment: Experiment) -> Iterator[Row]:
    """Whether repositories are pinned, and may be fetched where they are not in the cache yet."""
    asked: dict[str, tuple[str, revisions.Source]] = {}
    for model in experiment.extracted:
        for place, source in revisions.sources(experiment.models[model]["weights"]):
            if "hub" in source and not Path(weights.weights_folder(experiment, model, place)).is_dir():
                asked[revisions.entry_name(source)] = model, source
    for name, (model, source) in sorted(asked.items()):
        if experiment.locked[name].revision == "unresolved":
            yield Row(WRONG, f"weights of {model}", f"{name} was never looked up", "make resolve CONFIG=...")
            continue
        # Here: it takes long to import, and is needed for the Hub alone.
        from readalike.weights.hub import look_up

        try:
            with tempfile.TemporaryDirectory(prefix="readalike-") as folder:
                # Its licence is asked for with the first file.
                look_up(source["hub"], experiment.locked[name].commit).describe(Path(folder), code=False)
            yield Row(OK, f"weights of {model}", f"{name} can be fetched")
        except DownloadError as error:
            found, _, remedy = str(error).partition(": ")
            yield Row(WRONG, f"weights of {model}", found, remedy)


def as_text(rows: Sequence[Row]) -> str:
    """One table for a person, what is wrong with what to do below it."""
    width = max(len(row.what) for row in rows)
    lines = []
    for row in rows:
        lines.append(f"{row.state:<9}{row.what:<{width}}  {row.found}")
        if row.remedy:
            lines.append(f"{'':<9}{'':<{width}}  -> {row.remedy}")
    return "\n".join(lines)
