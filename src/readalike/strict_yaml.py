"""YAML as people mean it: no key twice, no text taken for a date, no number that is none or is read as another.

Imported by the Snakefile while the DAG is built, so it imports nothing heavy.
"""

import datetime
import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from readalike.errors import ConfigurationError

# No setting needs more; far larger ones cannot be turned into text for a message.
LARGEST = 10**30
# Entries of entries: the configuration needs seven.
DEEPEST = 50


class _StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key given twice: plain YAML keeps the last one without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue  # `<<: *anchor` gives no key of its own
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigurationError(f"{self.name}, line {line}: a list or an entry cannot be a name")
            if key_node.value == "__use_yte__":
                raise ConfigurationError(
                    f"{self.name}, line {line}: __use_yte__ lets a configuration run code; remove it, and write values"
                )
            # As it is written: 1 and "1" name the same model.
            key = key_node.value
            if key in seen:
                raise ConfigurationError(
                    f"{self.name}, line {line}: {key!r} is given twice (first in line {seen[key]}); rename one"
                )
            seen[key] = line
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        number = int(super().construct_yaml_int(node))
        # 010 is octal to YAML, 1:40 counts in sixties.
        if not re.fullmatch("[-+]?(0|[1-9][0-9_]*)", node.value):
            raise ConfigurationError(
                f"{self.name}, line {node.start_mark.line + 1}: {node.value!r} is the number {number} to YAML; put it "
                "in quotes, or write the number that is meant in plain digits"
            )
        return number


_StrictLoader.add_constructor("tag:yaml.org,2002:int", _StrictLoader.construct_yaml_int)


def read_strict(path: Path) -> Any:
    """Parse one YAML file, refusing duplicate keys.

    Raises ConfigurationError naming file and line where it is no YAML in UTF-8 or names a key twice.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            loader = _StrictLoader(stream)
            loader.name = str(path)
            return loader.get_single_data()
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: no such configuration file") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8") from None
    except RecursionError:
        raise ConfigurationError(f"{path}: entries within entries without end") from None
    # ValueError: such as the date 2024-13-45.
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(f"{path}: not valid YAML: {error}") from None


def plain(given: Any) -> tuple[Any, list[str]]:
    """A copy of what YAML gave, of dicts with text for keys, lists, text, numbers and flags alone.

    A reader who is called 31 is the reader "31". The second value says, a line each, what is none of these.
    """
    problems: list[str] = []
    return _plain(given, (), problems), problems


def _plain(value: Any, place: tuple[str, ...], problems: list[str]) -> Any:
    where = ".".join(place) or "top level"
    if len(place) > DEEPEST:
        problems.append(f"{'.'.join(place[:5])}: entries within entries without end")
    elif isinstance(value, Mapping):
        entries: dict[str, Any] = {}
        for key, entry in value.items():
            name = _name(key)
            if name is None:
                problems.append(f"{where}: YAML takes the name {key!r} for a {type(key).__name__}; put it in quotes")
            elif name in entries:
                problems.append(f"{where}: {name!r} is given twice, as a number and as text; rename one")
            else:
                entries[name] = _plain(entry, (*place, name), problems)
        return entries
    elif isinstance(value, list | tuple):
        return [_plain(entry, (*place, str(k)), problems) for k, entry in enumerate(value)]
    elif isinstance(value, bool) or value is None:
        return value
    elif isinstance(value, int | float):
        # Compared first: a whole number with more than 300 digits is no float.
        if not -LARGEST <= value <= LARGEST:
            problems.append(f"{where}: expected a number between -1e30 and 1e30, found {_short(value)}")
        return value
    elif isinstance(value, str):
        if bad := sorted({letter for letter in value if _is_control(letter)}):
            problems.append(f"{where}: holds the character {bad[0]!r}, which is no text; remove it")
        return value
    elif isinstance(value, datetime.date):
        problems.append(f"{where}: YAML takes {value} for a date; put it in quotes if text is meant")
    else:
        problems.append(f"{where}: expected text, a number, a list or entries, found {type(value).__name__}")
    return None


def _short(value: float) -> str:
    """A number for a message: nan and inf as they are, a long one by its size."""
    return f"one of some {int(value.bit_length() * 0.30103) + 1} digits" if isinstance(value, int) else str(value)


def _name(key: Any) -> str | None:
    """A key as text; None for what YAML took for something else than text or a whole number, such as `no` or 1.10."""
    if isinstance(key, str):
        return str(key)
    return str(key) if isinstance(key, int) and not isinstance(key, bool) and abs(key) < LARGEST else None


def _is_control(letter: str) -> bool:
    """Characters that no path and no text of a model holds, and halves of characters, which UTF-8 does not have."""
    return (letter < " " and letter not in "\t\n\r") or letter == "\x7f" or "\ud800" <= letter <= "\udfff"
