"""Whose a folder of results is."""

from pathlib import Path

import pytest

from readalike.configuration import DEFAULTS, with_results
from readalike.errors import ConfigurationError
from readalike.experiment.experiment import experiment_of
from readalike.running.folder import claim, require_own
from readalike.strict_yaml import read_strict
from tests.running import ROOT

RESULTS = Path("results/mine")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_is_its_configurations_own_wherever_both_are_moved_to(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_own(RESULTS, Path("config/mine.yaml"))
    claim(RESULTS, Path("config/mine.yaml"))
    require_own(RESULTS, Path("config/mine.yaml"))
    require_own(RESULTS, here / "config/mine.yaml")
    moved = here / "moved"
    moved.mkdir()
    (here / "results").rename(moved / "results")
    monkeypatch.chdir(moved)
    require_own(RESULTS, moved / "config/mine.yaml")
    assert (RESULTS / "configuration.txt").read_text(encoding="utf-8") == "config/mine.yaml\n"


def test_another_configuration_is_refused_with_the_remedy() -> None:
    claim(RESULTS, Path("config/mine.yaml"))
    with pytest.raises(ConfigurationError) as caught:
        require_own(RESULTS, Path("other.yaml"))
    said = str(caught.value)
    assert said.startswith("results/mine has the results of config/mine.yaml, and this run is of other.yaml; ")
    assert "results: results/NAME in other.yaml" in said
    assert "delete results/mine/configuration.txt" in said


@pytest.mark.parametrize("text", ["", "\n"])
def test_a_claim_that_says_nothing_is_of_nobody(text: str) -> None:
    """Such as a killed run on a full disk may leave: nothing may be overwritten on its strength."""
    RESULTS.mkdir(parents=True)
    (RESULTS / "configuration.txt").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="delete results/mine/configuration.txt"):
        require_own(RESULTS, Path("config/mine.yaml"))


def test_the_folder_has_the_name_of_the_file_unless_it_names_one() -> None:
    assert with_results({"seed": 1}, Path("config/mine.yaml")) == {"results": "results/mine", "seed": 1}
    assert with_results({"results": "elsewhere"}, Path("config/mine.yaml")) == {"results": "elsewhere"}
    assert DEFAULTS["results"] == "results"


@pytest.mark.parametrize(
    "results",
    ["/absolute", "../up", "a/../b", "", "a//b", "a/", "{model}", "a b", "-x", ".hidden", "<logs>", "a\nb", "a\n", 3],
)
def test_a_folder_that_is_no_plain_path_is_refused(results: object) -> None:
    config = read_strict(ROOT / "config.yaml") | {"results": results}
    with pytest.raises(ConfigurationError, match=r"\n  - results: "):
        experiment_of(config, ROOT, dry_run=True)


def test_shipped_configurations_have_folders_of_their_own() -> None:
    files = [ROOT / "config.yaml", *sorted((ROOT / "config").glob("*.yaml"))]
    folders = [with_results(read_strict(file), file)["results"] for file in files]
    assert len(set(folders)) == len(folders) > 8
    assert folders[0] == "results/demo"
