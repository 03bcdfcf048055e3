"""Parameters of rules: what Snakemake would expand reaches the job as it is."""

import json
import re
from types import SimpleNamespace

import pytest

from readalike.errors import ConfigurationError
from readalike.running.parameters import LONGEST, as_json, given, one_of


def test_entries_are_equal_in_whatever_order_they_are_written() -> None:
    texts = [as_json(entries)(None) for entries in ({"b": 1, "a": ["é", "{x}"]}, {"a": ["é", "{x}"], "b": 1})]
    assert texts[0] == texts[1] == '{"a": ["é", "{x}"], "b": 1}'


def test_entries_may_depend_on_the_job() -> None:
    assert json.loads(as_json(lambda w: {"group": w.group})(SimpleNamespace(group="L1"))) == {"group": "L1"}


def test_entries_that_do_not_fit_on_a_command_line_are_refused() -> None:
    # A quotation mark takes five characters in a shell.
    for text in ("x" * LONGEST, "'" * (LONGEST // 4)):
        with pytest.raises(
            ConfigurationError, match=r"group=L1.* bytes, more than the 60000 of a command line; shorten"
        ):
            as_json({"reason": text})("group=L1")
    assert as_json({"reason": "x" * (LONGEST - 100)})(None)


def test_a_wildcard_is_a_name_and_no_pattern_of_it() -> None:
    assert re.fullmatch(one_of(["a.b", "c"]), "a.b")
    assert not re.fullmatch(one_of(["a.b", "c"]), "axb")
    for name in ("", "none", "x"):
        assert not re.fullmatch(one_of([]), name)


def test_what_is_left_open_is_no_word() -> None:
    assert given(None) == []
    assert given(0) == 0
