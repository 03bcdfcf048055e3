"""`make verify-archive` on an archive that `write_archive` made of four small results: any flipped byte is found."""

import importlib.util
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from readalike.running import archive, records
from readalike.running.digests import code_digest
from tests.running import ROOT
from tests.verified import flipped_anywhere

VERIFY = ROOT / "scripts" / "project" / "verify_archive.py"
RESULTS = Path("results/demo")
SCRIPT = "scripts/measures/double.py"
CODE = {
    SCRIPT: "from readalike.two import TWO\n\n\ndef main(*, x: int) -> None:\n    print(TWO * x)\n",
    "src/readalike/__init__.py": "",
    "src/readalike/two.py": "TWO = 2\n",
    "Snakefile": "rule all:\n",
    "docs/é.md": "A name that is not ASCII.\n",
}
OUTPUTS = [RESULTS / name for name in ("measures/a.csv", "attention/b.h5", "gaze/simulated/L1", "summary.txt")]
ABOUT = {"creators": [{"name": "Doe, Jo"}], "licences": {"data": "CC0-1.0"}}
Members = dict[str, bytes]


@pytest.fixture(scope="module")
def verify() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_archive", VERIFY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def made_in(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, its results with records, and their archive."""
    project = place / "project"
    monkeypatch.setattr(records, "SOURCE", project / "src")
    (project / archive_digests()).parent.mkdir(parents=True)
    shutil.copy(ROOT / archive_digests(), project / archive_digests())
    for name, text in CODE.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(project)
    for output in OUTPUTS:
        files = [output / "sub-01.tsv", output / "x" / "sub-02.tsv"] if output.name == "L1" else [output]
        for file in files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(random.Random(str(file)).randbytes(300))
    # As Snakemake leaves it in a folder that a job makes.
    (RESULTS / "gaze/simulated/L1/.snakemake_timestamp").touch()
    code = code_digest(project / SCRIPT, project / "src")
    for k, output in enumerate(OUTPUTS):
        inputs = records.verified(OUTPUTS[:k], RESULTS) | {"data/sentences.tsv": "f" * 64}
        records.write(
            project / SCRIPT, {"x": k}, code=code, environment={}, inputs=inputs, outputs=[output], results=RESULTS
        )
    conditions = RESULTS / archive.CONDITIONS / "conditions-1.json"
    conditions.parent.mkdir(parents=True)
    conditions.write_text("{}", encoding="utf-8")
    records.write(
        project / "Snakefile", {"conditions": {}}, code="", environment={}, inputs={}, outputs=[conditions],
        results=RESULTS,
    )  # fmt: skip
    source = archive.Source((*CODE, archive_digests()), "c0ffee", "2026-11-28T00:00:00+00:00", True)
    made = [(output, Path("results/demo/logs/x.log")) for output in [*OUTPUTS, conditions]]
    parts = archive.parts_of(project, project, RESULTS, source, "seed: 1\nresults: results/demo\n", made)
    archive.write_archive(place / "readalike.zip", parts, RESULTS, source, {}, ABOUT)
    return place / "readalike.zip"


def archive_digests() -> str:
    return "src/readalike/running/digests.py"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return made_in(tmp_path, monkeypatch)


def members(path: Path) -> Members:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(path: Path, content: Members) -> Path:
    """The same container with other content, and the lists of checksums made to fit: who changes one file may do so."""
    results, source = RESULTS, archive.Source((), "c0ffee", "2026-11-28T00:00:00+00:00", True)
    parts = {name: archive.Part(data) for name, data in content.items()}
    for name in (archive.CHECKSUMS, archive.METADATA):
        parts.pop(name)
    archive.write_archive(path, parts, results, source, {}, {})
    return path


def test_it_needs_nothing_but_python(made: Path) -> None:
    """Neither site-packages nor this library; taken out of the archive, as the page says."""
    command = [sys.executable, "-I", "-S", str(VERIFY), str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=made.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 24 files are what sha256.txt" in done.stdout
    assert "all 5 results what their records say" in done.stdout
    assert f"unzip {made} -d elsewhere" in done.stdout
    assert "rm -r results/demo/figures results/demo/statistics" in done.stdout
    assert records.checksum(made) in done.stdout


def test_a_flipped_byte_is_found(made: Path, verify: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify.main(archive=made) == 0
    capsys.readouterr()
    for path in flipped_anywhere(made, 50):
        assert verify.main(archive=path) == 1
        said = capsys.readouterr().out
        assert "NOT what make archive wrote" in said
        assert "unzip" not in said


def changed(name: str, old: bytes, new: bytes) -> Callable[[Members], None]:
    def change(content: Members) -> None:
        assert old in content[name]
        content[name] = content[name].replace(old, new)

    return change


def with_record(name: str, **fields: object) -> Callable[[Members], None]:
    def change(content: Members) -> None:
        at = f"results/demo/provenance/{name}.json"
        content[at] = json.dumps(json.loads(content[at]) | fields).encode()

    return change


A = "results/demo/measures/a.csv"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content.update({A: b"1"}), f"{A}: not what its record says was written"),
        (lambda content: content.pop(A), f"{A}: missing, though its record is there"),
        (lambda content: content.update({"results/demo/by-hand.csv": b""}), "by-hand.csv: unknown, it has no record"),
        (
            lambda content: content.pop("results/demo/gaze/simulated/L1/x/sub-02.tsv"),
            "L1: not what its record says was written",
        ),
        (changed("src/readalike/two.py", b"2", b"3"), f"{A}: made by another {SCRIPT} than is here"),
        (with_record("measures/a.csv", code="0" * 16), f"{A}: made by another {SCRIPT} than is here"),
        (with_record("measures/a.csv", script="by hand"), f"{A}: its record names 'by hand', which is no script"),
        (with_record("summary.txt", script="Snakefile", code=""), "summary.txt: its record names 'Snakefile'"),
        (with_record("measures/a.csv", file="b.csv"), "provenance/measures/a.csv.json: the record of b.csv"),
        (with_record("measures/a.csv", inputs=[]), "provenance/measures/a.csv.json: not a record"),
        (with_record("summary.txt", inputs={A: "0" * 64}), f"results/demo/summary.txt: made from another {A} than is"),
        (changed("inputs.csv", b"f" * 64, b"e" * 64), "inputs.csv: data/sentences.tsv is there otherwise"),
        (lambda content: content.pop("inputs.csv"), "inputs.csv: missing"),
    ],
)
def test_what_does_not_fit_its_record_is_named(
    made: Path, verify: ModuleType, capsys: pytest.CaptureFixture[str], change: Callable[[Members], None], said: str
) -> None:
    content = members(made)
    assert verify.main(archive=packed(made.with_name("same.zip"), content)) == 0
    change(content)
    capsys.readouterr()
    # `write_archive` itself needs the list of inputs.
    kept = made.with_name("other.zip")
    if "inputs.csv" in content:
        packed(kept, content)
    else:
        written(kept, content)
    assert verify.main(archive=kept) == 1
    assert said in capsys.readouterr().out


def written(path: Path, content: Members) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name, data in content.items():
            entry = zipfile.ZipInfo(name, archive.TIME)
            entry.external_attr = 0o644 << 16
            file.writestr(entry, data)


def test_files_that_are_not_listed_and_those_that_are_not_there_are_named(
    made: Path, verify: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    content = members(made)
    content["docs/more.md"] = b"x"
    del content["Snakefile"]
    content["src/readalike/two.py"] = b"TWO = 3\n"
    written(made, content)
    assert verify.main(archive=made) == 1
    said = capsys.readouterr().out
    assert "docs/more.md: unknown, it has no line in sha256.txt" in said
    assert "Snakefile: missing" in said
    assert "src/readalike/two.py: another checksum than in sha256.txt" in said
    assert "src/readalike/two.py: ro-crate-metadata.json tells of another" in said


def test_what_is_no_archive_ends_in_a_message(
    tmp_path: Path, verify: ModuleType, capsys: pytest.CaptureFixture[str], made: Path
) -> None:
    for path, content in ((tmp_path / "text.zip", b"text"), (tmp_path / "cut.zip", made.read_bytes()[:-200])):
        path.write_bytes(content)
        assert verify.main(archive=path) == 1
        assert "cannot be read as an archive" in capsys.readouterr().out
    assert verify.main(archive=tmp_path / "none.zip") == 1
    assert "there is no such file" in capsys.readouterr().out
    with made.open("ab") as file:
        file.write(b"more")
    assert verify.main(archive=made) == 1


def test_checksums_are_those_of_records(made: Path, verify: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of files and folders that are too large to be read twice."""
    content = members(made)
    sums = {name: archive.Part(data).sha256() for name, data in content.items()}
    sizes = {name: len(data) for name, data in content.items()}
    for largest in (records.LARGEST, 100):
        monkeypatch.setattr(records, "LARGEST", largest)
        monkeypatch.setattr(verify, "LARGEST", largest)
        for output in OUTPUTS:
            assert verify.checksum(str(output), sums, sizes) == records.checksum(output), output
    assert verify.checksum("results/demo/none", sums, sizes) is None


def with_older_code(content: Members, **entry: object) -> None:
    """Every result made by another code, which `make accept` found to write the same."""
    code = json.loads(content[f"results/demo/provenance/{OUTPUTS[0].relative_to(RESULTS)}.json"])["code"]
    for output in OUTPUTS:
        with_record(str(output.relative_to(RESULTS)), code="0" * 16)(content)
    file = OUTPUTS[1]
    own = {
        "script": SCRIPT, "made_by": "0" * 16, "now": code, "revision": "c0ffee", "models": ["b"],
        "files": {str(file.relative_to(RESULTS)): records.checksum(file)},
    }  # fmt: skip
    content["results/demo/accepted.json"] = json.dumps({"compared": [own | entry], "jobs": {}}).encode()


def test_results_of_a_code_that_was_accepted_are_taken_on_the_strength_of_what_was_compared(
    made: Path, verify: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    compared = "results/demo/accepted.json"
    for entry, said in (
        ({}, ""),
        ({"now": "1" * 16}, f"{A}: made by another {SCRIPT} than is here"),
        ({"script": "scripts/another.py"}, f"{A}: made by another {SCRIPT} than is here"),
        ({"files": {"attention/b.h5": "0" * 64}}, f"{compared}: tells of another attention/b.h5 than is here"),
        ({"files": {}}, f"{compared}: accepts code {'0' * 16} by files that are not here"),
        ({"files": {"gone.h5": "0" * 64}}, f"{compared}: accepts code {'0' * 16} by files that are not here"),
    ):
        content = members(made)
        with_older_code(content, **entry)
        capsys.readouterr()
        status = verify.main(archive=packed(made.with_name("other.zip"), content))
        assert (status, said in capsys.readouterr().out) == (int(bool(said)), True), entry
