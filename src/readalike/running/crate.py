"""What an archive says of itself: a Workflow Run RO-Crate (profile 0.5), and a record for Zenodo.

Who made it, under which licences and by whose money is told by the configuration (`archive:`). Code is under the
project's licence; what a run made is under none, unless one is named.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
# The one term that RO-Crate 1.1 itself does not have; so the context that it ships with is enough offline.
TERMS = {"sha256": "https://w3id.org/ro/terms/workflow-run#sha256"}
ENCODING = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".png": "image/png", ".pdf": "application/pdf",
            ".h5": "application/x-hdf5", ".json": "application/json", ".yaml": "application/yaml",
            ".md": "text/markdown", ".html": "text/html", ".txt": "text/plain"}  # fmt: skip
CONFIG = "config/archived.yaml"
CHECKSUMS, INPUTS, RUN_TIMES = "sha256.txt", "inputs.csv", "run-times.csv"
TITLE = "readalike: a finished experiment"
DESCRIPTION = (
    "Attention of language models beside the gaze of readers: project, configuration, results and report. "
    f"{CHECKSUMS} holds the checksum of every file, {INPUTS} of what was read and is not here."
)
# Of the project: LICENSE.
OWN = "MIT"
# What a person reads among the results; everything else there is data.
TEXTS = (".md", ".txt", ".html", ".tex", ".pdf", ".png")


@dataclass(frozen=True)
class Source:
    """The project: its tracked files, the commit and its time, and whether files differ from it or are not in it."""

    files: tuple[str, ...]
    commit: str
    time: str
    clean: bool


@dataclass(frozen=True)
class Contents:
    """What is in an archive.

    sums, sizes : SHA-256 and bytes by name; results : folder of results; revisions : of the project, at which results
    were made; code : names of the project's own files
    """

    sums: Mapping[str, str]
    sizes: Mapping[str, int]
    results: Path
    revisions: Iterable[str]
    code: frozenset[str]

    def kind(self, name: str) -> str:
        """Which licence a file is under: of the code, of data or of texts."""
        if name in self.code:
            return "code"
        return "text" if Path(name).is_relative_to(self.results) and name.endswith(TEXTS) else "data"


def describe(contents: Contents, source: Source, models: Mapping[str, Any], about: Mapping[str, Any]) -> bytes:
    """ro-crate-metadata.json: the workflow, its one run, what it read and what it made.

    models : entries of revisions.lock; about : `archive` of the configuration
    """
    crate = ROCrate(version="1.1")
    crate.name = about.get("title", TITLE)
    crate.description = DESCRIPTION
    # Not the clock's time, and no file's: the same results would be other bytes.
    crate.root_dataset["datePublished"] = source.time
    crate.metadata.extra_terms.update(TERMS)
    licences = {kind: _licence(crate, kind, about) for kind in ("code", "data", "text")}
    crate.license = licences["data"]
    people = [_person(crate, creator) for creator in about.get("creators", [])]
    if people:
        crate.root_dataset["author"] = people
    if "doi" in about:
        crate.root_dataset["identifier"] = f"https://doi.org/{about['doi']}"
    if "funder" in about:
        crate.root_dataset["funder"] = _funder(crate, about["funder"])
    crate.root_dataset["conformsTo"] = [
        crate.add(ContextEntity(crate, url, properties={"@type": "CreativeWork", "name": name, "version": version}))
        for url, (name, version) in PROFILES.items()
    ]
    workflow = crate.add_workflow(None, "Snakefile", main=True, lang="snakemake")
    workflow["name"] = "readalike"
    workflow["version"] = source.commit
    workflow["sha256"] = contents.sums["Snakefile"]
    workflow["license"] = licences["code"]
    for name, digest in contents.sums.items():
        if name != "Snakefile":
            properties = {"sha256": digest, "contentSize": str(contents.sizes[name])}
            if (kind := ENCODING.get(Path(name).suffix)) is not None:
                properties["encodingFormat"] = kind
            crate.add_file(None, name, properties=properties)["license"] = licences[contents.kind(name)]
    made = [crate.get(name) for name in contents.sums if Path(name).is_relative_to(contents.results)]
    state = "commit" if source.clean else "changed from commit"
    action = crate.add_action(
        workflow, "#run", object=[crate.get(CONFIG), crate.get(INPUTS)], result=made,
        properties={
            "name": "Run of readalike",
            "description": f"The project here is {state} {source.commit}. Results were made at "
            f"{', '.join(sorted(set(contents.revisions)))}. Models: {json.dumps(dict(models), sort_keys=True)}. "
            f"Seconds of every job: {RUN_TIMES}.",
            "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"},
        },
    )  # fmt: skip
    action["agent"] = people or crate.add(
        ContextEntity(crate, "#agent", properties={"@type": "Person", "name": "who ran the experiment"})
    )
    crate.root_dataset["mentions"] = action
    generated: dict[str, Any] = crate.metadata.generate()
    generated["@graph"].sort(key=lambda entity: str(entity["@id"]))
    return (json.dumps(generated, indent=1, sort_keys=True) + "\n").encode()


def _licence(crate: ROCrate, kind: str, about: Mapping[str, Any]) -> Entity:
    """The entity of a licence, one for all files that are under it."""
    named = licences(about)[kind]
    if named is None:
        none = {
            "@type": "CreativeWork",
            "name": "no licence",
            "description": "Who made these results named no licence for them: ask before you use them.",
        }
        return crate.add(ContextEntity(crate, "#no-licence", properties=none))
    return crate.add(
        ContextEntity(crate, f"https://spdx.org/licenses/{named}", properties={"@type": "CreativeWork", "name": named})
    )


def licences(about: Mapping[str, Any]) -> dict[str, str | None]:
    """SPDX names of the licences of code, data and texts; None where none was named. Texts are as data are."""
    given = about.get("licences", {})
    return {"code": given.get("code", OWN), "data": given.get("data"), "text": given.get("text", given.get("data"))}


def _person(crate: ROCrate, creator: Mapping[str, str]) -> Entity:
    place = f"https://orcid.org/{creator['orcid']}" if "orcid" in creator else f"#{creator['name']}"
    person = crate.add(ContextEntity(crate, place, properties={"@type": "Person", "name": creator["name"]}))
    if "affiliation" in creator:
        properties = {"@type": "Organization", "name": creator["affiliation"]}
        person["affiliation"] = crate.add(ContextEntity(crate, f"#{creator['affiliation']}", properties=properties))
    return person


def _funder(crate: ROCrate, funder: Mapping[str, str]) -> Entity:
    place = f"https://doi.org/{funder['doi']}" if "doi" in funder else f"#{funder['name']}"
    properties = {"@type": "Organization", "name": funder["name"]}
    if "award" in funder:
        properties["description"] = f"award {funder['award']}"
    return crate.add(ContextEntity(crate, place, properties=properties))


def zenodo(about: Mapping[str, Any]) -> bytes:
    """.zenodo.json: what Zenodo takes as the record of an upload. The licence is that of the data."""
    creators = [
        {key: creator[key] for key in ("name", "affiliation", "orcid") if key in creator}
        for creator in about["creators"]
    ]
    found: dict[str, Any] = {
        "title": about.get("title", TITLE),
        "upload_type": "dataset",
        "description": DESCRIPTION,
        "creators": creators,
        "access_right": "open",
        "license": about["licences"]["data"].lower(),
        "notes": "Licences: " + ", ".join(f"{kind} {name}" for kind, name in licences(about).items()),
    }
    if "doi" in about:
        found["doi"] = about["doi"]
    funder = about.get("funder", {})
    if "doi" in funder and "award" in funder:
        found["grants"] = [{"id": f"{funder['doi']}::{funder['award']}"}]
    elif funder:
        found["notes"] += f"; funded by {funder['name']}" + (f", award {funder['award']}" if "award" in funder else "")
    return (json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
