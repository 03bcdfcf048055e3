"""Which conditions are extracted together, over the changes of a configuration."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from readalike.errors import FileFormatError
from readalike.experiment.lots import lots_of
from readalike.files.conditions import write_conditions


def run(folder: Path, conditions: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Folders by lot, the files of all lots being written as the first jobs do."""
    lots = lots_of(folder, conditions)
    for name, lot in lots.items():
        write_conditions(folder / f"conditions-{name}.json", lot.written)
    assert lots_of(folder, conditions) == lots, "a job reads the same as what submitted it"
    return {name: lot.folders for name, lot in lots.items()}


def test_what_is_added_is_a_lot_of_its_own_and_what_is_removed_changes_none(tmp_path: Path) -> None:
    first = {"plain": "", "noise": "A b."}
    write_conditions(tmp_path / "conditions.json", first)  # of all conditions, and no lot
    assert run(tmp_path, first) == {"1": {"noise": "noise", "plain": "plain"}}
    more = first | {"translate": "Translate:", "other": "Other:"}
    old, new = {"noise": "noise", "plain": "plain"}, {"other": "other", "translate": "translate"}
    assert run(tmp_path, more) == {"1": old, "2": new}
    assert lots_of(tmp_path, more)["1"].written == first
    del more["noise"]
    assert run(tmp_path, more) == {"1": {"plain": "plain"}, "2": new}
    assert lots_of(tmp_path, more)["1"].written == first, "what was extracted of the file stays as it is"
    assert run(tmp_path, first) == {"1": old}, "a lot without a configured condition makes nothing"


def test_another_text_is_another_condition(tmp_path: Path) -> None:
    """In a folder that nothing of an older text stands in; also where the text is an old one again."""
    first = {"plain": "", "noise": "A b."}
    run(tmp_path, first)
    assert run(tmp_path, first | {"noise": "C d."}) == {"1": {"plain": "plain"}, "2": {"noise": "noise+2"}}
    assert run(tmp_path, first) == {"1": {"plain": "plain"}, "3": {"noise": "noise+3"}}
    assert run(tmp_path, {"plain": ""}) == {"1": {"plain": "plain"}}
    assert run(tmp_path, first) == {"1": {"plain": "plain"}, "3": {"noise": "noise+3"}}


def test_a_damaged_file_of_a_lot_is_named(tmp_path: Path) -> None:
    (tmp_path / "conditions-1.json").write_text("{", encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"conditions-1\.json: cannot be read as conditions"):
        lots_of(tmp_path, {"plain": ""})
