"""What a result was computed with: versions of packages that count, Python, device; and what is installed by now."""

import functools
import importlib.metadata
import json
import os
import platform
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from readalike.running import digests, records

# Numbers and pictures depend on these; each is imported under the name that it is installed by.
PACKAGES = (
    *("torch", "transformers", "tokenizers", "safetensors", "gguf", "sentencepiece", "accelerate"),
    *("numpy", "scipy", "pandas", "statsmodels", "h5py", "wordfreq", "matplotlib", "seaborn"),
)
# Where Linux tells the version of NVIDIA's driver.
DRIVER = Path("/proc/driver/nvidia/version")


def of_job(script: Path, source: Path) -> dict[str, Any]:
    """What stands in a record: Python, the packages that the script imports, and where it imported torch the device.

    A GPU was used where CUDA was started, which torch does with the first tensor there.
    """
    packages = {name: importlib.metadata.version(name) for name in packages_of(script, source) if name in sys.modules}
    found: dict[str, Any] = {"python": platform.python_version(), "packages": packages}
    if (torch := sys.modules.get("torch")) is not None:
        found["device"] = "cuda" if torch.cuda.is_initialized() else "cpu"
        if found["device"] == "cuda":
            found |= {"gpu": torch.cuda.get_device_name(), "cuda": torch.version.cuda, "driver": driver()}
    return found


def driver(told: Path = DRIVER) -> str:
    """Version of NVIDIA's driver, from its first line; `unknown` where Linux does not tell it."""
    try:
        first = told.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, IndexError):
        return "unknown"
    version = re.search(r"\b\d+\.\d+(\.\d+)?\b", first)
    return version[0] if version else "unknown"


def installed() -> dict[str, str]:
    """Python and those of PACKAGES that this environment has -> version."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def pinned(requirements: Path) -> dict[str, str]:
    """PACKAGES -> version, for jobs in environments of their own (`--sdm`): all of them have these pins."""
    text = requirements.read_text(encoding="utf-8")
    pins = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE))
    return {name: pins[name] for name in PACKAGES if name in pins}


def packages_of(script: Path, source: Path) -> list[str]:
    """Those of PACKAGES that a script imports, by the library too, and what these need, sorted."""
    direct = digests.packages_reached(script, source) & set(PACKAGES)
    return sorted(set().union(direct, *map(_needs, direct)))


def versions_for(script: Path, source: Path, versions: Mapping[str, str]) -> str:
    """`numpy 2.4.6, pandas 3.1.1, python 3.11.7`: of what a script depends on, for a parameter of its rule."""
    names = [*packages_of(script, source), "python"]
    return ", ".join(f"{name} {versions[name]}" for name in sorted(names) if name in versions)


@functools.cache
def _needs(package: str) -> frozenset[str]:
    """Those of PACKAGES that one of them needs, directly or not; as its metadata say where it is installed."""
    try:
        requirements = importlib.metadata.requires(package) or []
    except importlib.metadata.PackageNotFoundError:
        return frozenset()
    # `numpy>=1.26.0; python_version >= "3.11"` counts, `pandas; extra == "all"` does not.
    always = [text for text in requirements if "extra ==" not in text]
    direct = {re.split(r"[^A-Za-z0-9._-]", text, maxsplit=1)[0] for text in always} & set(PACKAGES)
    return frozenset(direct.union(*map(_needs, direct)))


def outdated(results: Path, versions: Mapping[str, str]) -> str:
    """What to warn of at the start of a run: results whose records tell other versions than these; empty for none.

    A thousand records take 0.1 s of one core: each is read whole, and nothing else is.
    """
    changed: Counter[str] = Counter()
    stale: list[str] = []
    untold = 0
    for record in _records(results):
        told = record.get("environment")
        if not isinstance(told, Mapping):
            untold += Path(str(record.get("file"))).exists()
            continue
        packages = told.get("packages")
        # Of what no script made there is neither.
        stored = {"python": told.get("python", versions.get("python")), **(packages if packages else {})}
        others = [name for name in stored if name in versions and not _same(str(stored[name]), versions[name])]
        # One that was deleted will be made anyway.
        if others and Path(file := str(record.get("file"))).exists():
            stale.append(file)
            changed.update(f"{name} {stored[name]} (now {versions[name]})" for name in others)
    parts = []
    if stale:
        listed = ", ".join(f"{what} in {count}" for what, count in changed.most_common())
        parts.append(
            f"{len(stale)} results in {results} were made with other versions than are installed, and are kept: "
            f"{listed}; the first is {min(stale)}. To make them again, put rerun_on: [environment] into the "
            "configuration, or delete them"
        )
    if untold:
        parts.append(f"of {untold} results in {results} no record tells with which versions they were made")
    return "; ".join(parts)


def _same(stored: str, now: str) -> bool:
    """A pin names no build (`+cpu`), and fits any."""
    return stored == now or ("+" not in now and stored.split("+")[0] == now)


def _records(results: Path) -> Iterable[dict[str, Any]]:
    for folder, _, names in os.walk(results / records.FOLDER):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                text = file.read()
            try:
                found = json.loads(text)
            except ValueError:
                continue  # whoever reads its file says so
            if isinstance(found, dict):
                yield found
