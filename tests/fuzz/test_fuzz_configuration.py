"""Configurations that are anything: each ends in a checked one or in a ConfigurationError, never in a traceback."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readalike.configuration import check, read_schema
from readalike.errors import ConfigurationError
from readalike.experiment.experiment import experiment_of
from readalike.experiment.missing import require_sources
from readalike.strict_yaml import read_strict
from tests.running import ROOT

pytestmark = pytest.mark.slow

SCHEMA = read_schema(ROOT)
SHIPPED = [ROOT / "config.yaml", *sorted((ROOT / "config").glob("*.yaml"))]
GIVEN: list[dict[str, Any]] = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in SHIPPED]
WORDS = ["", ".", "..", "-x", "~nobody", "a\nb", "$(x)", "{a}", "plain", "x" * 300, "1 2", "9 9", "/", "\x00", "1e99"]
NUMBERS = [0, -1, 1, 2, 10**6, 10**40, 10**4000, 0.5, float("nan"), float("inf"), True, None]
SCALARS = st.one_of(st.sampled_from(WORDS + NUMBERS), st.text(max_size=5), st.integers(), st.floats(), st.dates())
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3))
FUZZ = settings(
    max_examples=400, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def refusal(act: Callable[[], object]) -> str:
    """What a ConfigurationError says; empty where there is none. Anything else is a finding."""
    try:
        act()
    except ConfigurationError as error:
        return str(error)
    return ""


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every entry: what it stands in, and its key or number there."""
    keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
    inner = [place for key in keys if isinstance(value[key], dict | list) for place in places(value[key])]
    return [*((value, key) for key in keys), *inner]


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    """A shipped one with a few entries replaced, removed, renamed or doubled."""
    config = copy.deepcopy(draw(st.sampled_from(GIVEN)))
    for _ in range(draw(st.integers(1, 4))):
        parent, key = draw(st.sampled_from(places(config)))
        action = draw(st.sampled_from(["replace", "remove", "rename", "double"]))
        if action == "replace":
            parent[key] = draw(VALUES)
        elif action == "remove":
            del parent[key]
        elif isinstance(parent, list):
            parent.append(parent[key])
        else:
            parent[draw(SCALARS)] = parent[key] if action == "double" else parent.pop(key)
        if not config:
            break
    return config


@FUZZ
@given(config=configurations())
def test_any_configuration_is_checked_or_refused(config: dict[str, Any]) -> None:
    said = refusal(lambda: check(config, SCHEMA))
    assert not said or said.startswith("the configuration is wrong:\n  - ")
    assert len(said) < 100_000


@settings(FUZZ, max_examples=200)  # a fifth of a second each
@given(config=configurations())
def test_what_passes_the_check_is_looked_up_or_refused(config: dict[str, Any]) -> None:
    def look_up() -> None:
        experiment, _ = experiment_of(config, ROOT, dry_run=True)
        require_sources(experiment, {model: [] for model in experiment.models})

    refusal(look_up)


@FUZZ
@given(
    text=st.sampled_from([path.read_bytes() for path in SHIPPED]),
    changes=st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=3)), min_size=1, max_size=6),
)
def test_any_bytes_are_read_or_refused(text: bytes, changes: list[tuple[int, bytes]], tmp_path_factory: Any) -> None:
    for place, new in changes:
        text = text[: place % len(text)] + new + text[place % len(text) + 1 :] or b"-"
    path = tmp_path_factory.getbasetemp() / "fuzzed.yaml"
    path.write_bytes(text)
    said = refusal(lambda: check(read_strict(path), SCHEMA))
    assert not said or "fuzzed.yaml" in said or "the configuration is wrong" in said
