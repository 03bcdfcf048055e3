"""`make accept`: attention made before its code changed is kept, where models extracted anew agree byte by byte.

What that proves: on this machine, with these packages, both codes write the same for these models, the sentences and
conditions of the configuration. What it does not: that they do for an architecture, a storage type or a device that is
not among what was extracted anew. docs/results.md says so to the user.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from readalike.errors import ReadalikeError
from readalike.experiment.experiment import Experiment
from readalike.experiment.paths import every
from readalike.running import records
from readalike.running.accepted import JOB, Accepted, Comparison, Kept

BUNDLED = "resources/models"
SHOWN = 5


@dataclass(frozen=True)
class Made:
    """A job of extraction that was done: its model, the code that its files' records tell, its files in the results."""

    model: str
    code: str
    files: Sequence[str]


Jobs = Mapping[str, Made]


def bundled(experiment: Experiment) -> list[str]:
    """Models of a configuration that came with the project."""
    place = Path(experiment.located(BUNDLED))
    folders = {name: experiment.models[name]["weights"].get("folder") for name in experiment.extracted}
    return [name for name, folder in folders.items() if folder and Path(experiment.located(folder)).parent == place]


def done(experiment: Experiment, folder: Path) -> dict[str, Made]:
    """Jobs of extraction whose files all stand in the results of a run in `folder`, all by the same code.

    Raises FileFormatError for a file without a record of this workflow.
    """
    results = Path(experiment.results)
    found = {}
    for lot, conditions in experiment.lots.items():
        for model in experiment.extracted:
            for job in every(experiment, JOB.replace("{lot}", lot), model=model, corpus=experiment.with_text):
                _, corpus, _, _, block = job.split("/")
                files = [f"attention/{corpus}/{model}/{name}/{block}.h5" for name in conditions.folders.values()]
                if not all((folder / results / file).is_file() for file in files):
                    continue
                codes = {str(records.read(results / file, results, folder)["code"]) for file in files}
                if len(codes) == 1:
                    found[job] = Made(model, codes.pop(), files)
    return found


def to_extract(jobs: Jobs, models: Sequence[str], now: str) -> list[str]:
    """Jobs of the named models that are done again, for every code that made anything but the present one.

    Raises ReadalikeError where a code made nothing of these models, so that nothing can be said of it.
    """
    old = {made.code for made in jobs.values()} - {now}
    chosen = {job: made for job, made in jobs.items() if made.model in models and made.code in old}
    for code in sorted(old - {made.code for made in chosen.values()}):
        of = sorted({made.model for made in jobs.values() if made.code == code})
        raise ReadalikeError(
            f"attention of {', '.join(of)} was made by code {code}, and of the models that are extracted anew "
            f"({', '.join(models) or 'none: the configuration has no bundled one'}) there is none of that code; name "
            "one or more, the smallest will do: MODELS='...'"
        )
    return list(chosen)


def differences(there: Path, anew: Path, files: Iterable[str]) -> dict[str, str]:
    """Files that differ in a byte -> how."""
    found = {}
    for file in files:
        if (there / file).read_bytes() != (anew / file).read_bytes():
            found[file] = _difference(there / file, anew / file)
    return found


def told(results: Path, differ: Mapping[str, str], compared: int) -> str:
    """Why nothing is accepted; `differ` of `differences`."""
    shown = [f"  {file}: {how}" for file, how in list(differ.items())[:SHOWN]]
    more = [f"  and {len(differ) - SHOWN} more"] if len(differ) > SHOWN else []
    return "\n".join(
        [
            f"{results}: nothing is accepted, since {len(differ)} of {compared} files that were extracted anew differ; "
            "where packages, device and threads are those of their records, the change of the code reaches numbers, "
            "and the next run makes attention again",
            *shown,
            *more,
        ]
    )


def _difference(a: Path, b: Path) -> str:
    with h5py.File(a) as first, h5py.File(b) as second:
        values, others = _values(first), _values(second)
        attributes = sorted(
            key for key in {*first.attrs, *second.attrs} if str(first.attrs.get(key)) != str(second.attrs.get(key))
        )
    if {name: value.shape for name, value in values.items()} != {name: value.shape for name, value in others.items()}:
        return "other datasets"
    apart = {
        name: float(np.max(np.abs(value.astype(float) - others[name].astype(float)), initial=0))
        for name, value in values.items()
        if value.dtype.kind == "f" and not np.array_equal(value, others[name], equal_nan=True)
    }
    parts = [f"{name} by up to {largest:.2g}" for name, largest in sorted(apart.items())]
    return "; ".join([*parts, *(f"attribute {key}" for key in attributes)]) or "how it is stored"


def _values(file: h5py.File) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def accepted(
    before: Accepted, jobs: Jobs, anew: Sequence[str], *, script: str, now: str, revision: str, there: Path
) -> Accepted:
    """What is accepted from now on: every job of `jobs` that other code made, on the strength of the jobs `anew`.

    before : what was accepted so far; there : folder of the results
    """
    comparisons, kept = list(before.compared), dict(before.jobs)
    for code in sorted({jobs[job].code for job in anew}):
        own = [jobs[job] for job in anew if jobs[job].code == code]
        files = {file: records.checksum(there / file) for made in own for file in made.files}
        models = list(dict.fromkeys(made.model for made in own))
        comparisons = [old for old in comparisons if (old.script, old.made_by, old.now) != (script, code, now)]
        comparisons.append(Comparison(script, code, now, revision, models, files))
    for job, made in jobs.items():
        if made.code != now:
            kept[job] = Kept(_stored(before.jobs.get(job), made.code), now)
    return Accepted(comparisons, kept)


def _stored(kept: Kept | None, made_by: str) -> str:
    """The code by which Snakemake knows a job: its own, unless it was made when another had been accepted for it."""
    return kept.known_as if kept is not None and made_by in (kept.known_as, kept.now) else made_by
