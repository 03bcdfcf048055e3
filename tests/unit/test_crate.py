"""What an archive says of itself: who made it, under which licences, by whose money; and the record for Zenodo."""

import json
from pathlib import Path
from typing import Any

import pytest

from readalike.configuration import check, read_schema
from readalike.errors import ConfigurationError
from readalike.running.crate import Contents, Source, describe, zenodo
from readalike.strict_yaml import read_strict
from tests.crates import validated
from tests.running import ROOT

ABOUT: dict[str, Any] = {
    "title": "Scale and reading",
    "creators": [
        {"name": "Carberry, Josiah", "orcid": "0000-0002-1825-0097", "affiliation": "Brown University"},
        {"name": "Doe, Jo"},
    ],
    "licences": {"data": "CC0-1.0", "text": "CC-BY-4.0"},
    "doi": "10.5281/zenodo.1234567",
    "funder": {"name": "European Commission", "doi": "10.13039/501100000780", "award": "283595"},
}
RESULTS = Path("results/demo")
PROJECT = ["Snakefile", "docs/archive.md", "src/readalike/jobs.py"]
NAMES = [
    *PROJECT,
    *("config/archived.yaml", "inputs.csv", "run-times.csv", "sha256.txt"),
    *(
        f"results/demo/{name}"
        for name in ("attention/a.h5", "loss/a.csv", "report.html", "figures/f.png", "verdict.txt")
    ),
]


def described(about: dict[str, Any], to: Path | None = None) -> dict[str, dict[str, Any]]:
    contents = Contents(
        dict.fromkeys(NAMES, "0" * 64), dict.fromkeys(NAMES, 1), RESULTS, ["abc", "abc"], frozenset(PROJECT)
    )
    text = describe(contents, Source(tuple(PROJECT), "abc", "2026-11-28T00:00:00+00:00", True), {}, about)
    if to is not None:
        for name in NAMES:
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_text("1", encoding="utf-8")
        (to / "ro-crate-metadata.json").write_bytes(text)
    return {entity["@id"]: entity for entity in json.loads(text)["@graph"]}


def licence_of(graph: dict[str, dict[str, Any]], name: str) -> str:
    return graph[graph[name]["license"]["@id"]]["name"]


def test_without_a_licence_results_have_none_and_code_has_its_own() -> None:
    graph = described({})
    assert {licence_of(graph, name) for name in PROJECT} == {"MIT"}
    for name in (*(set(NAMES) - set(PROJECT)), "./"):
        assert licence_of(graph, name) == "no licence", name
    assert "ask before you use them" in graph["#no-licence"]["description"]
    assert graph["#run"]["agent"] == {"@id": "#agent"}
    assert not {"author", "funder", "identifier"} & set(graph["./"])


def test_code_data_and_texts_are_under_their_own_licences() -> None:
    graph = described(ABOUT | {"licences": {"code": "Apache-2.0", "data": "CC0-1.0", "text": "CC-BY-4.0"}})
    expected = dict.fromkeys(PROJECT, "Apache-2.0") | {
        "./": "CC0-1.0",
        **dict.fromkeys(("inputs.csv", "results/demo/attention/a.h5", "results/demo/loss/a.csv"), "CC0-1.0"),
        **{f"results/demo/{name}": "CC-BY-4.0" for name in ("report.html", "figures/f.png", "verdict.txt")},
    }
    assert {name: licence_of(graph, name) for name in expected} == expected
    assert graph["Snakefile"]["license"] == {"@id": "https://spdx.org/licenses/Apache-2.0"}
    # Texts are as data are where nothing else is said.
    assert licence_of(described(ABOUT | {"licences": {"data": "CC0-1.0"}}), "results/demo/report.html") == "CC0-1.0"


def test_people_funder_and_doi_are_told() -> None:
    graph = described(ABOUT)
    root = graph["./"]
    assert root["name"] == "Scale and reading"
    first, second = (graph[entity["@id"]] for entity in root["author"])
    assert (first["@id"], first["name"]) == ("https://orcid.org/0000-0002-1825-0097", "Carberry, Josiah")
    assert graph[first["affiliation"]["@id"]]["name"] == "Brown University"
    assert second["name"] == "Doe, Jo"
    assert graph["#run"]["agent"] == root["author"]
    assert root["identifier"] == "https://doi.org/10.5281/zenodo.1234567"
    funder = graph[root["funder"]["@id"]]
    assert (funder["@id"], funder["name"]) == ("https://doi.org/10.13039/501100000780", "European Commission")
    assert funder["description"] == "award 283595"


def test_zenodo_has_the_same() -> None:
    """Keys as in Zenodo's documentation of deposit metadata."""
    found = json.loads(zenodo(ABOUT))
    assert found.pop("description").startswith("Attention of language models")
    assert found == {
        "title": "Scale and reading",
        "upload_type": "dataset",
        "creators": ABOUT["creators"],
        "access_right": "open",
        "license": "cc0-1.0",
        "notes": "Licences: code MIT, data CC0-1.0, text CC-BY-4.0",
        "doi": "10.5281/zenodo.1234567",
        "grants": [{"id": "10.13039/501100000780::283595"}],
    }
    by_name = json.loads(zenodo(ABOUT | {"funder": {"name": "A Fund", "award": "7"}}))
    assert by_name["notes"].endswith("; funded by A Fund, award 7")
    assert "grants" not in by_name


def test_the_crate_is_valid_with_all_of_it(tmp_path: Path) -> None:
    """tests/workflow/test_archive.py has one without."""
    described(ABOUT, tmp_path / "crate")
    done = validated(tmp_path / "crate", tmp_path)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"licences": {}}, "archive.licences: 'data' is missing"),
        ({"creators": []}, "archive.creators: "),
        ({"licences": {"data": "public domain"}}, "archive.licences.data: 'public domain' is not an SPDX name"),
        ({"creators": [{"name": "a", "orcid": "https://orcid.org/1"}]}, "archive.creators.0.orcid: .* is not an ORCID"),
        (
            {"creators": [{"name": "a", "orcid": "0000-0002-1825-0098"}]},
            "archive.creators.0.orcid: 0000-0002-1825-0098 is no ORCID: its last character",
        ),
        ({"doi": "https://doi.org/10.1/x"}, "archive.doi: .* is not a DOI such as"),
        ({"funder": {"award": "1"}}, "archive.funder: 'name' is missing"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], said: str) -> None:
    config, schema = read_strict(ROOT / "config.yaml"), read_schema(ROOT)
    # One that ends in X, and one that does not (both from ORCID's own pages).
    more = {"creators": [{"name": "a", "orcid": orcid} for orcid in ("0000-0002-1694-233X", "0000-0001-5109-3700")]}
    for about in (ABOUT, ABOUT | more):
        assert check({**config, "archive": about}, schema)["archive"] == about
    with pytest.raises(ConfigurationError, match=said):
        check({**config, "archive": ABOUT | change}, schema)
