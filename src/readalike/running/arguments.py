"""A script's signature is its command line: the parameters of `main` give the options, their types and their roles.

    def main(*, words: In, attention: list[In], seed: int, table: Out) -> None

is called as `--words FILE --attention FILE FILE --seed 1 --table FILE`. The Snakefile reads the same signature without
importing the script, to write the command of a rule (`command_line`), so that a script's arguments are named once.
"""

import argparse
import ast
import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar


@dataclass(frozen=True)
class Role:
    """What an argument is for: a path that is read, one that is written, one that is handed on, or JSON."""

    name: str


T = TypeVar("T")
READ, WRITTEN, HANDED_ON, JSON = Role("read"), Role("written"), Role("handed on"), Role("json")
TAKEN_OVER = Role("taken over")
# A file or folder that the script reads.
In = Annotated[Path, READ]
# One that it writes, and leaves a record of.
Out = Annotated[Path, WRITTEN]
# One that it writes for the next job alone, which removes it: no record.
HandedOn = Annotated[Path, HANDED_ON]
# One that the job before handed on.
TakenOver = Annotated[Path, TAKEN_OVER]
# A value that comes as JSON: entries of the configuration.
Json = Annotated[T, JSON]

# Names of annotations in a signature -> where a rule keeps what is meant.
PLACES = {"In": "input", "TakenOver": "input", "Out": "output", "HandedOn": "output"}


@dataclass(frozen=True)
class Argument:
    """One parameter of `main`: `kind` is the type of one value, `many` whether it is a list of them."""

    name: str
    kind: Any
    role: Role | None
    many: bool
    optional: bool
    default: Any

    def parse(self, words: list[str]) -> Any:
        """The value of the words after the option; raises argparse's error for what does not fit."""
        if self.many:
            return [self._one(word) for word in words]
        if len(words) > 1:
            raise argparse.ArgumentTypeError(f"--{_option(self.name)}: one value is expected, found {len(words)}")
        if not words:
            if self.optional:
                return None
            if self.kind is bool:
                return True  # an option alone says yes
            if self.kind is not str:
                raise argparse.ArgumentTypeError(f"--{_option(self.name)}: a value is expected")
            return ""
        return self._one(words[0])

    def _one(self, word: str) -> Any:
        try:
            if self.role == JSON:
                return json.loads(word)
            if self.kind is bool:
                return {"true": True, "false": False}[word.lower()]
            if typing.get_origin(self.kind) is Literal:
                return {str(choice): choice for choice in typing.get_args(self.kind)}[word]
            return self.kind(word)
        except (ValueError, KeyError):
            expected = getattr(self.kind, "__name__", str(self.kind))
            raise argparse.ArgumentTypeError(
                f"--{_option(self.name)}: {word!r} is not {'JSON' if self.role == JSON else expected}"
            ) from None


def _option(name: str) -> str:
    return name.replace("_", "-")


def arguments_of(main: Callable[..., None]) -> list[Argument]:
    """The arguments that a script takes, in the order of its signature. Raises TypeError for one without a type."""
    hints = typing.get_type_hints(main, include_extras=True)
    found = []
    for name, parameter in inspect.signature(main).parameters.items():
        if name not in hints:
            raise TypeError(f"{main.__module__}.main: {name} has no type")
        kind, optional = _without_none(hints[name])
        many = typing.get_origin(kind) is list
        if many:
            (kind,) = typing.get_args(kind)
        role = next((extra for extra in getattr(kind, "__metadata__", ()) if isinstance(extra, Role)), None)
        if role is not None:
            kind = typing.get_args(kind)[0]
        found.append(Argument(name, kind, role, many, optional, parameter.default))
    return found


def _without_none(kind: Any) -> tuple[Any, bool]:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        (kept,) = (part for part in typing.get_args(kind) if part is not type(None))
        return kept, True
    return kind, False


def parser_of(main: Callable[..., None], description: str | None) -> argparse.ArgumentParser:
    """A parser with one option a parameter. Help comes from lines `name : text` of the docstring of `main`."""
    parser = argparse.ArgumentParser(description=description)
    texts = dict(line.strip().split(" : ", 1) for line in (main.__doc__ or "").splitlines() if " : " in line)
    for argument in arguments_of(main):
        parser.add_argument(
            f"--{_option(argument.name)}",
            dest=argument.name,
            nargs="*",
            required=argument.default is inspect.Parameter.empty and not argument.many,
            default=[] if argument.many and argument.default is inspect.Parameter.empty else None,
            help=texts.get(argument.name, argument.role.name if argument.role else None),
            metavar=argument.role.name.upper().replace(" ", "_") if argument.role else "VALUE",
        )
    return parser


def values_of(parser: argparse.ArgumentParser, arguments: list[Argument], given: argparse.Namespace) -> dict[str, Any]:
    """Values for `main` from what was parsed; ends the process with a message where one does not fit its type."""
    words = vars(given)
    try:
        return {
            argument.name: argument.parse(words[argument.name])
            for argument in arguments
            if words[argument.name] is not None
        }
    except argparse.ArgumentTypeError as error:
        parser.error(str(error))


def paths_of(arguments: list[Argument], values: Mapping[str, Any], *roles: Role) -> list[Path]:
    """The paths among the values that have one of these roles, sorted."""
    found: set[Path] = set()
    for argument in arguments:
        value = values.get(argument.name)
        if argument.role in roles and value is not None:
            found.update(value if argument.many else [value])
    return sorted(found)


def command_line(script: Path, /, **places: str) -> str:
    """The options of a script as a shell template for Snakemake, every value quoted, e.g. `--words {input.words:q}`.

    Paths that are read are found in the rule's `input`, those that are written in its `output`, everything else in its
    `params`, each under the argument's name; `places` names another place for an argument.
    """
    if unknown := sorted(set(places) - set(signature(script))):
        raise ValueError(f"{script}: main has no argument {', '.join(unknown)}")
    parts = []
    for name, annotation in _signature(script):
        place = places.get(name) or _place(annotation)
        parts.append(f"--{_option(name)} {{{place}.{name}:q}}")
    return " ".join(parts)


def signature(script: Path) -> list[str]:
    """Names of the arguments of a script, read from its text."""
    return [name for name, _ in _signature(script)]


def _signature(script: Path) -> list[tuple[str, ast.expr]]:
    tree = ast.parse(script.read_text(encoding="utf-8"), filename=str(script))
    main = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    return [
        (argument.arg, argument.annotation)
        for argument in (*main.args.args, *main.args.kwonlyargs)
        if argument.annotation is not None
    ]


def _place(annotation: ast.expr) -> str:
    names = [node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)]
    return next((PLACES[name] for name in names if name in PLACES), "params")
