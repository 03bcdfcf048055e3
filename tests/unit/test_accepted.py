"""What `make accept` decides and writes; a whole run of it is in tests/workflow/test_accept.py."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from readalike.errors import ReadalikeError
from readalike.running.accept import Made, accepted, differences, to_extract, told
from readalike.running.accepted import Accepted, Kept, read_accepted, write_accepted

SCRIPT = "scripts/attention/extract.py"


def jobs(**codes: str) -> dict[str, Made]:
    """A job a model, by the code that made it."""
    return {f"job-{model}": Made(model, code, [f"attention/{model}.h5"]) for model, code in codes.items()}


def files(folder: Path, *models: str) -> Path:
    for model in models:
        (folder / "attention").mkdir(parents=True, exist_ok=True)
        (folder / "attention" / f"{model}.h5").write_bytes(model.encode())
    return folder


def test_codes_are_told_as_accepted_for_the_code_that_was_compared_alone() -> None:
    own = Accepted(jobs={"job": Kept("old", "new")})
    assert own.known_as("job", "new") == "old"
    assert own.known_as("job", "newer") == "newer"
    assert own.known_as("another", "new") == "new"


def test_every_old_code_needs_a_model_that_is_extracted_anew() -> None:
    there = jobs(small="old", large="old", added="older", fresh="now")
    assert to_extract(jobs(small="old", large="old", fresh="now"), ["small", "fresh"], "now") == ["job-small"]
    with pytest.raises(
        ReadalikeError, match=r"attention of added was made by code older, and .*\(small\) there is none"
    ):
        to_extract(there, ["small"], "now")
    with pytest.raises(ReadalikeError, match="none: the configuration has no bundled one"):
        to_extract(there, [], "now")
    assert to_extract(there, ["small", "added"], "now") == ["job-small", "job-added"]


def test_what_snakemake_knows_a_job_by_stays_through_any_number_of_changes(tmp_path: Path) -> None:
    """By turns: accepted, made anew under what was accepted, made anew under a code that never was."""
    facts = {"script": SCRIPT, "revision": "c0ffee", "there": files(tmp_path, "small", "large")}
    one = accepted(Accepted(), jobs(small="a", large="a"), ["job-small"], now="b", **facts)
    assert one.jobs == {"job-small": Kept("a", "b"), "job-large": Kept("a", "b")}
    # The large one was made again while b stood for a: Snakemake knows it as a.
    two = accepted(one, jobs(small="a", large="b"), ["job-small", "job-large"], now="c", **facts)
    assert two.jobs == {"job-small": Kept("a", "c"), "job-large": Kept("a", "c")}
    assert two.covers(SCRIPT, "a", "c")
    assert two.covers(SCRIPT, "b", "c")
    assert not two.covers("scripts/another.py", "b", "c")
    assert not two.covers(SCRIPT, "b", "d")
    # Now under d, which was not accepted; then e was.
    three = accepted(two, jobs(small="a", large="d"), ["job-small", "job-large"], now="e", **facts)
    assert three.jobs == {"job-small": Kept("a", "e"), "job-large": Kept("d", "e")}


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_accepted(tmp_path) == Accepted()
    facts = {"script": SCRIPT, "revision": "c0ffee", "there": files(tmp_path, "small")}
    own = accepted(Accepted(), jobs(small="a"), ["job-small"], now="b", **facts)
    write_accepted(tmp_path, own)
    assert read_accepted(tmp_path) == own
    (entry,) = own.compared
    assert (entry.models, list(entry.files)) == (["small"], ["attention/small.h5"])
    # Compared anew, it stands once.
    assert len(accepted(own, jobs(small="a"), ["job-small"], now="b", **facts).compared) == 1


def test_it_says_in_what_files_differ_and_by_how_much(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)

    def written(folder: str, name: str, values: np.ndarray, **attributes: str) -> None:
        (tmp_path / folder).mkdir(exist_ok=True)
        with h5py.File(tmp_path / folder / name, "w") as file:
            file.create_dataset("plain/words", data=values)
            file.attrs.update(attributes)

    changed = values.copy()
    changed[1, 2] += np.float32(0.25)
    for folder, own in (("a", values), ("b", changed)):
        written(folder, "same.h5", values)
        written(folder, "values.h5", own)
        written(folder, "shape.h5", own if folder == "a" else own[:2])
        written(folder, "versions.h5", values, versions=folder)
    found = differences(tmp_path / "a", tmp_path / "b", ["same.h5", "values.h5", "shape.h5", "versions.h5"])
    assert found == {
        "values.h5": "plain/words by up to 0.25",
        "shape.h5": "other datasets",
        "versions.h5": "attribute versions",
    }
    said = told(Path("results"), {str(k): "how it is stored" for k in range(7)}, 9)
    assert "7 of 9 files" in said
    assert said.endswith("and 2 more")
