"""A script's signature is its command line: what is parsed, what is refused, and what the Snakefile reads of it."""

import argparse
import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest

from readalike.running.arguments import (
    HANDED_ON,
    READ,
    TAKEN_OVER,
    WRITTEN,
    HandedOn,
    In,
    Json,
    Out,
    arguments_of,
    command_line,
    parser_of,
    paths_of,
    signature,
    values_of,
)
from tests.conftest import ROOT

SCRIPTS = sorted(ROOT.glob("scripts/*/*.py"))
NOTHING = inspect.Parameter.empty


def taking(kind: Any, default: Any = NOTHING) -> Callable[..., None]:
    """A `main` with one parameter, `some_value`."""

    def main(*, some_value: Any) -> None: ...

    def main_with_default(*, some_value: Any = default) -> None: ...

    found = main if default is NOTHING else main_with_default
    found.__annotations__["some_value"] = kind
    return found


def parsed(main: Callable[..., None], *words: str) -> dict[str, Any]:
    parser = parser_of(main, None)
    return values_of(parser, arguments_of(main), parser.parse_args(words))


@pytest.mark.parametrize(
    ("kind", "words", "expected"),
    [
        (In, ["a.tsv"], Path("a.tsv")),
        (Out, ["a.tsv"], Path("a.tsv")),
        (HandedOn, ["a.tsv"], Path("a.tsv")),
        (list[In], ["b", "a"], [Path("b"), Path("a")]),
        (list[In], ["a"], [Path("a")]),
        (list[In], [], []),
        (In | None, ["a"], Path("a")),
        (In | None, [], None),
        (int, ["3"], 3),
        (int, ["-1"], -1),
        (list[int], ["2", "1"], [2, 1]),
        (float, ["1e-3"], 0.001),
        (float, ["7"], 7.0),
        (bool, ["True"], True),
        (bool, ["true"], True),
        (bool, ["False"], False),
        (bool | None, ["False"], False),
        (Literal["a", "b"], ["b"], "b"),
        (Literal[0, 1], ["1"], 1),
        (str, ["a b"], "a b"),
        (str, [""], ""),
        (str | None, [], None),
        (list[str], ["b", "a", "b"], ["b", "a", "b"]),
        (list[str], [], []),
        (Json[dict[str, str]], ['{"plain": ""}'], {"plain": ""}),
        (Json[list[tuple[str, str]]], ['[["a", "b"]]'], [["a", "b"]]),
        (Json[dict[str, int]] | None, [], None),
    ],
)
def test_words_become_values_of_the_type(kind: Any, words: list[str], expected: Any) -> None:
    found = parsed(taking(kind), "--some-value", *words)["some_value"]
    assert found == expected
    assert type(found) is type(expected)


def test_an_option_alone_says_yes() -> None:
    assert parsed(taking(bool, False), "--some-value") == {"some_value": True}


def test_an_optional_yes_or_no_that_is_left_open_stays_open() -> None:
    """As a rule gives it: `--start-token` with nothing behind it, where the configuration does not say."""
    assert parsed(taking(bool | None), "--some-value") == {"some_value": None}
    assert parsed(taking(bool | None, None), "--some-value") == {"some_value": None}


@pytest.mark.parametrize(
    ("kind", "words", "said"),
    [
        (int, ["x"], "--some-value: 'x' is not int"),
        (int, ["1.5"], "--some-value: '1.5' is not int"),
        (int, [], "--some-value: a value is expected"),
        (In, [], "--some-value: a value is expected"),
        (int, ["1", "2"], "--some-value: one value is expected, found 2"),
        (list[int], ["1", "x"], "--some-value: 'x' is not int"),
        (float, ["x"], "--some-value: 'x' is not float"),
        (bool, ["maybe"], "--some-value: 'maybe' is not bool"),
        (bool | None, ["maybe"], "--some-value: 'maybe' is not bool"),
        (Literal["a", "b"], ["c"], "--some-value: 'c' is not"),
        (Json[dict[str, str]], ["{plain}"], "--some-value: '{plain}' is not JSON"),
        (In, ["a", "b"], "--some-value: one value is expected, found 2"),
        (str, ["a", "b"], "--some-value: one value is expected, found 2"),
    ],
)
def test_what_does_not_fit_ends_in_a_message_that_names_the_option(
    kind: Any, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(taking(kind), "--some-value", *words)
    assert caught.value.code == 2
    stderr = capsys.readouterr().err
    assert said in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [([], "required: --some-value"), (["--some-value", "1", "--other", "2"], "unrecognized arguments: --other")],
)
def test_options_that_are_missing_or_unknown_are_named(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(taking(int), *words)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "default"), [(int, 4), (In | None, None), (Out, Path("x")), (list[str], ["a"])])
def test_what_is_not_given_is_left_to_the_default(kind: Any, default: Any) -> None:
    assert parsed(taking(kind, default)) == {}
    assert arguments_of(taking(kind, default))[0].default == default


def test_a_list_that_is_not_given_is_empty() -> None:
    assert parsed(taking(list[In])) == {"some_value": []}


def test_a_parameter_without_a_type_is_a_defect() -> None:
    main: Any = lambda *, words: None  # noqa: E731
    with pytest.raises(TypeError, match="words has no type"):
        arguments_of(main)


def example(
    *,
    words: In,
    tables: list[In],
    before: In | None = None,
    share: Json[Any],
    means_of: list[str],
    to: Out,
    on: HandedOn,
) -> None:
    """
    words : the file of record
    means_of : signals : and more
    """


def test_help_comes_from_the_docstring_and_else_from_the_role() -> None:
    parser = parser_of(example, "What it is for.")
    texts = {action.dest: action.help for action in parser._actions}
    assert texts["words"] == "the file of record"
    assert texts["means_of"] == "signals : and more"
    assert [texts[name] for name in ("tables", "to", "on", "share")] == ["read", "written", "handed on", "json"]
    said = parser.format_help()
    assert "What it is for." in said
    assert "--means-of [VALUE ...]" in said
    assert "--on [HANDED_ON ...]" in said


def test_paths_are_told_by_role_sorted_and_once() -> None:
    paths = ("--words", "w", "--tables", "b", "a", "b", "--to", "t", "--on", "s")
    values = parsed(example, *paths, "--share", "1", "--means-of", "x")
    arguments = arguments_of(example)
    assert paths_of(arguments, values, READ) == [Path("a"), Path("b"), Path("w")]
    assert paths_of(arguments, values, WRITTEN) == [Path("t")]
    assert paths_of(arguments, values, WRITTEN, HANDED_ON) == [Path("s"), Path("t")]


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """`example` as a script of its own, with what a text alone cannot resolve."""
    path = tmp_path / "example.py"
    text = inspect.getsource(example).replace("def example", "def main")
    path.write_text(f"import a_module_that_is_nowhere\n\n\ndef other(x: In) -> None: ...\n\n\n{text}", encoding="utf-8")
    return path


def test_a_command_finds_each_argument_in_input_output_or_params(script: Path) -> None:
    assert signature(script) == [argument.name for argument in arguments_of(example)]
    assert command_line(script) == (
        "--words {input.words:q} --tables {input.tables:q} --before {input.before:q} --share {params.share:q} "
        "--means-of {params.means_of:q} --to {output.to:q} --on {output.on:q}"
    )


def test_another_place_may_be_named_for_an_argument(script: Path) -> None:
    assert "--words {params.words:q} --tables {input.tables:q}" in command_line(script, words="params")


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"script_{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_are_scripts_to_look_at() -> None:
    assert len(SCRIPTS) > 40


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_text_of_a_script_tells_what_python_tells(path: Path) -> None:
    main = loaded(path).main
    arguments = arguments_of(main)
    names = [argument.name for argument in arguments]
    assert signature(path) == names == list(inspect.signature(main).parameters)
    places = {READ: "input", TAKEN_OVER: "input", WRITTEN: "output", HANDED_ON: "output"}
    expected = [
        f"--{argument.name.replace('_', '-')} {{{places.get(argument.role, 'params')}.{argument.name}:q}}"
        for argument in arguments
    ]
    assert command_line(path) == " ".join(expected)
    # Its help can be shown, and tells of no argument that there is not.
    parser: argparse.ArgumentParser = parser_of(main, main.__globals__["__doc__"])
    assert parser.format_help()
    told = [line.strip().split(" : ", 1)[0] for line in (main.__doc__ or "").splitlines() if " : " in line]
    assert set(told) <= set(names)
    assert "log" not in names, "--log is every script's own"
