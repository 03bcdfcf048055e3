"""What is optional and not there is left out, with what belongs to it, and a notice says so."""

import json
from pathlib import Path

from readalike.experiment.optional import without_absent


def test_absent_optional_models_take_their_comparisons_along(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    weights = {name: {"weights": {"folder": name, "optional": True}} for name in ("there", "gone")}
    config = {
        "models": {**weights, "base": {"weights": {"folder": "missing"}}},
        "comparisons": {"tuning": [["base", "there"], ["base", "gone"]], "reference": ["there", "gone"]},
        "scaling_law": ["base", "gone"],
        "figures": {"model": "gone"},
        "groups": {},
        "contrasts": [],
    }
    before = json.dumps(config)
    left, notices = without_absent(config, tmp_path)
    assert json.dumps(config) == before
    # What is not optional stays, and is an error of its own.
    assert list(left["models"]) == ["there", "base"]
    assert left["comparisons"] == {"tuning": [["base", "there"]]}
    assert left["scaling_law"] == ["base"]
    assert left["figures"] == {}
    assert notices == [
        "model gone is left out: optional, and there is no folder gone",
        "comparisons.tuning: base with gone is left out with it",
        "comparisons.reference: there with gone is left out with it",
    ]


def test_absent_optional_groups_take_their_contrasts_and_corpus_along(tmp_path: Path) -> None:
    for name in ("there.csv", "events"):
        (tmp_path / name).mkdir()
    groups = {
        "A": {"corpus": "one", "saccades": {"events": ["events"]}, "optional": True},
        "B": {"corpus": "one", "saccades": {"path": "gone.csv"}, "optional": True},
        "C": {"corpus": "two", "saccades": {"events": "gone"}, "optional": True},
        "D": {"corpus": "one", "saccades": {"path": "missing"}},
        "S": {"corpus": "three", "saccades": {"simulate": {}}, "optional": True},
    }
    config = {
        **{"models": {}, "comparisons": {}, "scaling_law": [], "figures": {}},
        "groups": groups,
        "corpora": {"one": {}, "two": {}, "three": {}, "unread": {}},
        "contrasts": [["A", "B"], ["A", "D"]],
    }
    left, notices = without_absent(config, tmp_path)
    # What is not optional stays, and is an error of its own.
    assert list(left["groups"]) == ["A", "D", "S"]
    assert list(left["corpora"]) == ["one", "three", "unread"]
    assert left["contrasts"] == [["A", "D"]]
    assert notices == [
        "group B is left out: optional, and there is no gone.csv",
        "group C is left out: optional, and there is no gone",
        "corpus two is left out with it",
        "contrasts: A with B is left out with it",
    ]
