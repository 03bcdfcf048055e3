"""`make archive`: the same bytes twice, checksums that hold, a valid RO-Crate, figures that rebuild without weights."""

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from readalike.errors import FileFormatError
from readalike.running.archive import require_genuine
from readalike.running.records import record_of
from tests.crates import validated
from tests.running import ROOT, as_yaml, script, snakemake, stems_of_figures
from tests.verified import flipped_anywhere
from tests.workflow.conftest import CORPUS, Finished

RESULTS = Path("results")


@contextmanager
def configured(finished: Finished, config: dict[str, Any]) -> Iterator[Path]:
    """The run's configuration file with another text, while a test looks."""
    file = finished.folder / "config.yaml"
    before = file.read_text(encoding="utf-8")
    file.write_text(as_yaml({"results": "results", **config}), encoding="utf-8")
    try:
        yield file
    finally:
        file.write_text(before, encoding="utf-8")


def archive(finished: Finished, to: Path) -> Path:
    done = script(
        "project/archive.py", "--config", finished.folder / "config.yaml", "--folder", finished.folder, "--output", to
    )
    assert done.returncode == 0, done.stdout
    return to


@pytest.fixture(scope="module")
def packed(finished: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Another test may have run it with a changed configuration since.
    assert snakemake(finished.folder, finished.config, "--dry-run").returncode == 0
    return archive(finished, tmp_path_factory.mktemp("archive") / "readalike.zip")


@pytest.fixture(scope="module")
def unpacked(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked") / "there"
    with zipfile.ZipFile(packed) as file:
        file.extractall(folder)
    # As unzip does and Python does not: files have the times that stand in the archive, and folders have not.
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (315532800, 315532800))
    return folder


def test_the_same_results_give_the_same_bytes(finished: Finished, packed: Path, tmp_path: Path) -> None:
    assert archive(finished, tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_what_an_earlier_configuration_left_is_not_in_it(finished: Finished, packed: Path, tmp_path: Path) -> None:
    # Nor do times of files count.
    os.utime(finished.folder / "results" / "summary.txt")
    left = finished.folder / "results" / "loss" / "short" / "removed-model.csv"
    left.write_text("model\n", encoding="utf-8")
    try:
        assert archive(finished, tmp_path / "again.zip").read_bytes() == packed.read_bytes()
    finally:
        left.unlink()


def test_results_that_are_not_whole_are_refused(finished: Finished, tmp_path: Path) -> None:
    config = finished.changed()
    config["permutations"] = 200
    with configured(finished, config) as file:
        done = script(
            "project/archive.py", "--config", file, "--folder", finished.folder, "--output", tmp_path / "none.zip"
        )
    assert done.returncode == 1
    assert "outputs are still to be made" in done.stdout
    assert "run make archive" in done.stdout
    assert not (tmp_path / "none.zip").exists()


def edited(folder: Path) -> None:
    path = folder / "results/statistics/correlations.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("0", "1", 1), encoding="utf-8")


def forged(folder: Path) -> None:
    """The record changed with the file."""
    path = folder / "results/statistics/best-layer.csv"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(path.read_text(encoding="utf-8").replace("0", "1", 1), encoding="utf-8")
    record = folder / "results/provenance/statistics/best-layer.csv.json"
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace(before, hashlib.sha256(path.read_bytes()).hexdigest()), encoding="utf-8")


def without_a_record(folder: Path) -> None:
    (folder / "results/provenance/statistics/best-layer.csv.json").unlink()


def of_no_script(folder: Path) -> None:
    record = folder / "results/provenance/statistics/best-layer.csv.json"
    told = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps(told | {"script": "by hand"}), encoding="utf-8")


def garbage(folder: Path) -> None:
    (folder / "results/provenance/statistics/best-layer.csv.json").write_bytes(b"\xff\x00{")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edited, "results/statistics/correlations.csv: edited, cut off or replaced"),
        (forged, "its record tells of another results/statistics/best-layer.csv than is there"),
        (without_a_record, "the record of how it was made, is missing"),
        (of_no_script, "its record names 'by hand', which is no script"),
        (garbage, "results/provenance/statistics/best-layer.csv.json: cannot be read"),
    ],
)
def test_mending_3_what_is_not_genuine_is_not_archived(finished: Finished, change: Any, said: str) -> None:
    made = finished.folder / "results"
    outputs = [
        path.relative_to(finished.folder)
        for path in made.rglob("*")
        if record_of(path, made).is_file() and "simulated" not in path.parts
    ]
    assert require_genuine(ROOT, finished.folder, RESULTS, outputs) == []
    kept = finished.folder / "kept"
    shutil.copytree(made, kept)
    try:
        change(finished.folder)
        with pytest.raises(FileFormatError) as caught:
            require_genuine(ROOT, finished.folder, RESULTS, outputs)
    finally:
        shutil.rmtree(made)
        kept.rename(made)
    assert said in str(caught.value)


def test_results_of_an_earlier_version_are_archived_and_named(finished: Finished) -> None:
    output = Path("results/statistics/best-layer.csv")
    record = finished.folder / "results/provenance/statistics/best-layer.csv.json"
    text = record.read_text(encoding="utf-8")
    record.write_text(json.dumps(json.loads(text) | {"code": "0" * 64}), encoding="utf-8")
    try:
        assert require_genuine(ROOT, finished.folder, RESULTS, [output]) == [output]
    finally:
        record.write_text(text, encoding="utf-8")


def test_every_checksum_holds_and_nothing_is_unlisted(unpacked: Path) -> None:
    lines = (unpacked / "sha256.txt").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    there = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert there - set(listed) == {"sha256.txt", "ro-crate-metadata.json"}
    for name, digest in listed.items():
        assert hashlib.sha256((unpacked / name).read_bytes()).hexdigest() == digest, name
    assert any(name.startswith("results/attention/") and name.endswith(".h5") for name in listed)
    assert {"Snakefile", "envs/requirements.txt", "revisions.lock", "config/archived.yaml"} <= set(listed)


def test_the_crate_tells_revision_inputs_sizes_and_times(unpacked: Path, finished: Finished) -> None:
    graph = json.loads((unpacked / "ro-crate-metadata.json").read_text(encoding="utf-8"))["@graph"]
    by_id = {entity["@id"]: entity for entity in graph}
    head = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert by_id["Snakefile"]["version"] == head.stdout.strip()
    figure = "results/figures/figure-07-resemblance-size.png"
    assert by_id[figure]["sha256"] == hashlib.sha256((unpacked / figure).read_bytes()).hexdigest()
    assert int(by_id[figure]["contentSize"]) == (unpacked / figure).stat().st_size
    assert {"@id": figure} in by_id["#run"]["result"]
    with (unpacked / "inputs.csv").open(encoding="utf-8") as file:
        inputs = {row["path"]: row for row in csv.DictReader(file)}
    sentences = Path(finished.config["corpora"]["short"]["sentences"])
    assert hashlib.sha256(sentences.read_bytes()).hexdigest() in {row["sha256"] for row in inputs.values()}
    assert sum("checkpoints" in name for name in inputs) == 5
    with (unpacked / "run-times.csv").open(encoding="utf-8") as file:
        times = list(csv.DictReader(file))
    assert {row["stage"] for row in times} >= {"attention", "resemblance", "statistics", "figures"}
    # Snakemake measures 0 of a job that ends as soon as it has begun.
    assert all(float(row["seconds"]) >= 0 for row in times)
    assert all(float(row["seconds"]) > 0 for row in times if row["stage"] in ("attention", "resemblance", "figures"))


@pytest.mark.slow
def test_the_crate_is_a_valid_workflow_run_crate(unpacked: Path, tmp_path: Path) -> None:
    done = validated(unpacked, tmp_path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.slow
def test_it_is_verified_and_any_flipped_byte_is_found(packed: Path) -> None:
    def verified(path: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(ROOT / "scripts/project/verify_archive.py"), str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = verified(packed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "results what their records say" in done.stdout
    for path in flipped_anywhere(packed, 25):
        done = verified(path)
        assert done.returncode == 1, done.stdout
        assert "NOT what make archive wrote" in done.stdout


def without_sources(place: Path, finished: Finished, checkpoints: Path) -> str:
    """The archived configuration as on another machine, where weights and sentences are not."""
    text = (place / "config" / "archived.yaml").read_text(encoding="utf-8")
    for there in (checkpoints, Path(finished.config["corpora"]["short"]["sentences"]).parent):
        text = text.replace(str(there), "/nowhere")
    return text


def planned_rules(place: Path, config: dict[str, Any], *targets: str) -> set[str]:
    done = snakemake(place, config, *targets, "--dry-run", project=place)
    assert done.returncode == 0, done.stdout[-5000:]
    return set(re.findall("^ *(?:local)?rule ([a-z_]+):", done.stdout, flags=re.MULTILINE))


@pytest.mark.slow
def test_figures_are_rebuilt_elsewhere_without_weights_or_readers(
    unpacked: Path, finished: Finished, checkpoints: Path, tmp_path: Path
) -> None:
    place = tmp_path / "elsewhere"
    shutil.copytree(unpacked, place)
    text = without_sources(place, finished, checkpoints)
    for stage in ("figures", "statistics", "tables"):
        shutil.rmtree(place / "results" / stage)
    config = yaml.safe_load(text)
    of_all = planned_rules(place, config, "figures", "statistics")
    assert of_all > {"best_layer"}
    assert not of_all & {"attention", "resemblance", "reliance", "divergence", "gaze", "human", "corpus"}
    # Some of each kind, for all that are planned.
    names = ("scaling-law", "divergence", "resemblance-tuning", "conclusions")
    rebuilt = [f"results/figures/{stems_of_figures(CORPUS)[k]}.png" for k in (0, -1)]
    rebuilt += [f"results/statistics/{name}.csv" for name in names]
    done = snakemake(place, config, *rebuilt, project=place)
    assert done.returncode == 0, done.stdout[-5000:]
    for name in rebuilt:
        assert (place / name).read_bytes() == (finished.folder / name).read_bytes(), name


def test_resemblance_is_rebuilt_from_attention(
    unpacked: Path, finished: Finished, checkpoints: Path, tmp_path: Path
) -> None:
    place = tmp_path / "elsewhere"
    shutil.copytree(unpacked, place)
    text = without_sources(place, finished, checkpoints)
    shutil.rmtree(place / "results" / "resemblance" / "small")
    done = snakemake(place, yaml.safe_load(text), "results/resemblance/small/L1.csv", "--printshellcmds", project=place)
    assert done.returncode == 0, done.stdout[-5000:]
    assert set(re.findall("rule ([a-z_]+):", done.stdout)) == {"resemblance"}
    table = "results/resemblance/small/L1.csv"
    assert (place / table).read_bytes() == (finished.folder / table).read_bytes()


def test_an_optional_model_that_is_absent_is_left_out(finished: Finished, tmp_path: Path) -> None:
    config = finished.changed()
    config["models"]["absent"] = {"weights": {"folder": "/nowhere/absent", "optional": True}}
    with configured(finished, config) as file:
        done = script(
            "project/archive.py", "--config", file, "--folder", finished.folder, "--output", tmp_path / "a.zip"
        )
    assert done.returncode == 0, done.stdout


def test_missing_weights_are_still_an_error_where_attention_is_missing(
    unpacked: Path, checkpoints: Path, tmp_path: Path
) -> None:
    place = tmp_path / "elsewhere"
    shutil.copytree(unpacked, place)
    text = (place / "config" / "archived.yaml").read_text(encoding="utf-8")
    (place / "results/attention/short/small/plain/layers-0-3.h5").unlink()
    done = snakemake(place, yaml.safe_load(text.replace(str(checkpoints), "/nowhere")), project=place)
    assert done.returncode != 0
    assert "models.small.weights.folder: " in done.stdout
    assert "/nowhere/small: no model.safetensors and no pytorch_model.bin" in done.stdout
