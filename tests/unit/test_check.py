"""`make check`: one flipped bit anywhere, a file too few or too many, is named, and nothing else."""

import random
from pathlib import Path

import pytest

from readalike.running import records
from readalike.running.check import NAMED, Checked, check, told
from readalike.running.folder import OWNER, REPORT
from tests.running import script

RESULTS = Path("results")
AGAIN = "snakemake --configfile config.yaml"
OUTPUTS = [RESULTS / name for name in ("loss/m.csv", "attention/c/m/layers-0-3.h5", "summary.txt", "gaze/simulated/L1")]


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for output in OUTPUTS:
        file = output / "sub-01.tsv" if output.name == "L1" else output
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(random.Random(output.name).randbytes(500))
    records.write(Path("x.py"), {}, code="c", environment={}, inputs={}, outputs=OUTPUTS, results=RESULTS)
    for name in ("logs/loss/m.log", "benchmarks/loss/m.tsv", OWNER, REPORT, "attention/c/m/states-0-3.safetensors"):
        (RESULTS / name).parent.mkdir(parents=True, exist_ok=True)
        (RESULTS / name).write_text("x", encoding="utf-8")
    return tmp_path


def test_what_the_workflow_wrote_is_sound(made: Path) -> None:
    found = check(RESULTS)
    assert (set(found.sound), found.whole, found.by_size) == (set(OUTPUTS), True, [])
    assert told(found, RESULTS, AGAIN) == "results: 4 results are what the workflow wrote"
    assert check(RESULTS, made) == found, "from elsewhere"
    assert "no results; snakemake" in told(check(Path("none")), Path("none"), AGAIN)


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_bit_is_found(made: Path, seed: int) -> None:
    draw = random.Random(seed)
    output = draw.choice(OUTPUTS)
    file = output / "sub-01.tsv" if output.name == "L1" else output
    content = bytearray(file.read_bytes())
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    file.write_bytes(content)
    found = check(RESULTS)
    assert list(found.damaged) == [output]
    assert set(found.sound) == set(OUTPUTS) - {output}
    said = told(found, RESULTS, AGAIN)
    assert f"  edited, cut off or replaced since: {output}\n" in said
    assert said.endswith(f": {AGAIN}")


def test_what_is_missing_unknown_or_tells_nothing_is_named(made: Path) -> None:
    (RESULTS / "summary.txt").unlink()
    (RESULTS / "loss" / "by-hand.csv").write_text("1\n", encoding="utf-8")
    (RESULTS / "gaze/simulated/L1/sub-02.tsv").write_text("1\n", encoding="utf-8")
    records.record_of(OUTPUTS[0], RESULTS).write_bytes(b"{")
    found = check(RESULTS)
    assert list(found.missing) == [RESULTS / "summary.txt"]
    assert list(found.damaged) == [RESULTS / "gaze/simulated/L1"]
    assert list(found.unknown) == [RESULTS / "loss/by-hand.csv"]
    assert len(found.records) == 1
    assert found.records[0].startswith("results/provenance/loss/m.csv.json: cannot be read")
    assert not found.whole
    assert not check(RESULTS, Path("elsewhere")).sound


@pytest.mark.parametrize("kind", ["damaged", "missing", "unknown", "records"])
def test_one_fault_of_any_kind_is_enough(kind: str) -> None:
    none = {name: [] for name in ("sound", "by_size", "damaged", "missing", "unknown", "records")}
    assert Checked(**none).whole
    assert not Checked(**none | {kind: ["x"]}).whole


def test_many_are_counted(made: Path) -> None:
    for k in range(NAMED + 5):
        (RESULTS / "loss" / f"{k}.csv").write_text("1\n", encoding="utf-8")
    said = told(check(RESULTS), RESULTS, AGAIN)
    assert said.count("without a record") == NAMED + 1
    assert "its record was removed: 5 more" in said


def test_files_too_large_for_checksums_are_said_to_be(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LARGEST", 100)
    records.write(Path("x.py"), {}, code="c", environment={}, inputs={}, outputs=OUTPUTS, results=RESULTS)
    found = check(RESULTS)
    assert set(found.by_size) == set(OUTPUTS)
    assert "of these 4 are too large for checksums" in told(found, RESULTS, AGAIN)


def test_the_script_ends_with_status_1_and_the_remedy(made: Path) -> None:
    Path("mine.yaml").write_text("results: results\n", encoding="utf-8")
    arguments = ("project/check.py", "--config", "mine.yaml", "--folder", made)
    assert script(*arguments).returncode == 0
    OUTPUTS[0].write_text("edited", encoding="utf-8")
    done = script(*arguments)
    assert done.returncode == 1
    assert "edited, cut off or replaced since: results/loss/m.csv" in done.stdout
    assert "--configfile mine.yaml" in done.stdout
    assert "Traceback" not in done.stdout
