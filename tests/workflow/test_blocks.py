"""Blocks of layers as processes of their own: the same bits as one job, and a killed one is done again alone."""

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.running import planned, script, snakemake
from tests.workflow.conftest import Finished

# Products of rollout in float32: on an AMD EPYC a matrix at another place in memory differed in the last bit.
LAST_BIT = 2e-7


def assert_the_same(part: Path, whole: Path, first: int) -> None:
    with h5py.File(part) as ours, h5py.File(whole) as all_layers:
        for name in set(ours) - {"sentence_digests"}:
            values = ours[name]["attention"][:]
            np.testing.assert_array_equal(values, all_layers[name]["attention"][first : first + len(values)])
            if "rollout" in all_layers[name]:
                rolled = all_layers[name]["rollout"][first : first + len(values)]
                np.testing.assert_allclose(ours[name]["rollout"][:], rolled, rtol=LAST_BIT, atol=LAST_BIT)
            if "loss" in ours[name]:
                np.testing.assert_array_equal(ours[name]["loss"][:], all_layers[name]["loss"][:])


def extract_whole(finished: Finished, output: Path, *, share_prefixes: bool = True, kind: str = "raw") -> list[Path]:
    """Files of all layers of `large`, one a condition, below `output`."""
    config = finished.config
    files = [output / f"{name}.h5" for name in config["conditions"]]
    done = script(
        "attention/extract.py", "--words", finished.folder / "results/corpus/short/words.tsv",
        "--weights", config["models"]["large"]["weights"]["folder"], "--model", "large",
        "--conditions", finished.folder / "results/corpus/conditions-1.json", "--names",
        *config["conditions"], "--first", 0, "--last", 5, "--layers", 6,
        "--dtype", "float32", "--token-budget", config["token_budget"], "--threads", config["threads"],
        "--trust-remote-code", "false", "--revisions", "{}", "--kind", kind, "--storage", "float32",
        "--share-prefixes", share_prefixes, "--attention", *files, "--states", output / "states.safetensors",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return files


@pytest.mark.slow
def test_whole_texts_are_run_where_that_is_asked_for(finished: Finished, tmp_path: Path) -> None:
    shared_files = extract_whole(finished, tmp_path / "shared")
    whole_files = extract_whole(finished, tmp_path / "whole", share_prefixes=False)
    for one, other in zip(shared_files, whole_files, strict=True):
        with h5py.File(one) as shared, h5py.File(other) as whole:
            assert max(json.loads(shared.attrs["shared_prefix_tokens"]).values()) > 2
            assert set(json.loads(whole.attrs["shared_prefix_tokens"]).values()) == {0}
            np.testing.assert_allclose(shared[one.stem]["attention"], whole[one.stem]["attention"], atol=1e-5)


def test_two_jobs_give_the_bits_of_one(finished: Finished, tmp_path: Path) -> None:
    folder = finished.folder / "results/attention/short/large"
    for whole in extract_whole(finished, tmp_path / "whole"):
        for first, last in ((0, 3), (4, 5)):
            assert_the_same(folder / whole.stem / f"layers-{first}-{last}.h5", whole, first)


def kill_when_it_runs(folder: Path, argument: str, killed: list[int]) -> None:
    """SIGKILL to the extraction below `folder` that has `argument` on its command line."""
    for _ in range(1200):
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().decode().split("\0")
                here = Path(os.readlink(process / "cwd")) == folder
            except OSError:
                continue  # it has ended
            if (
                here
                and any(word.endswith("attention/extract.py") for word in words[:3])
                and argument in " ".join(words)
            ):
                os.kill(int(process.name), signal.SIGKILL)
                killed.append(int(process.name))
                return
        time.sleep(0.1)


@pytest.mark.slow
def test_a_killed_block_is_done_again_alone(finished: Finished, tmp_path: Path) -> None:
    config: dict[str, Any] = finished.changed()
    config["models"] = {"large": {**config["models"]["large"], "layers_per_job": 2}}
    config["attention"] = "rollout"
    config |= {"comparisons": {}, "scaling_law": []}
    folder = tmp_path / "run"
    files = [f"results/attention/short/large/plain/layers-{a}-{a + 1}.h5" for a in (0, 2, 4)]
    target = "results/reliance/short/large.csv"
    killed: list[int] = []
    killer = threading.Thread(target=kill_when_it_runs, args=(folder, "--first 2", killed))
    killer.start()
    done = snakemake(folder, config, target)
    killer.join()
    assert len(killed) == 1
    assert done.returncode != 0
    kept = folder / files[0]
    before = kept.stat().st_mtime_ns
    assert not (folder / files[1]).exists()
    assert (folder / "results/attention/short/large/states-1-0-1.safetensors").is_file(), (
        "the next block starts from it"
    )
    assert [path for path in planned(folder, config, target) if path in files] == files[1:]
    done = snakemake(folder, config, target)
    assert done.returncode == 0, done.stdout[-3000:]
    assert kept.stat().st_mtime_ns == before
    for whole in extract_whole(finished, tmp_path / "whole", kind="rollout"):
        for k, file in enumerate(files):
            assert_the_same(folder / file.replace("/plain/", f"/{whole.stem}/"), whole, 2 * k)
    names = sorted(path.name for path in (folder / "results/attention/short/large").iterdir())
    assert names == sorted(config["conditions"]), "states are removed once the next block stands"
