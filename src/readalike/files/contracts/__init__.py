"""What stands in each table: its columns, what they hold, in which unit, and what they mean. One module a family.

A contract is used by the script that writes a table and by every script that reads it, so that neither can drift from
the other; `columns.csv`, the data dictionary, is made of all of them. `meaning` is for people alone: changing
it makes nothing again (`running.digests`).
"""

from dataclasses import dataclass
from typing import Literal

Holds = Literal["text", "whole number", "number", "flag"]


@dataclass(frozen=True)
class Column:
    """One column. `unit` is that of a value: ms, nats, R2, r, percent; empty for names, numbers of things and flags."""

    name: str
    holds: Holds
    unit: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """The contract of a table, or of several with the same columns.

    paths : where it stands in a folder of results, with wildcards in braces
    keys : columns that say what a row is about; values : what was found
    overview : values that `overview/{model}.csv` shows; a measure of one model has some
    """

    paths: tuple[str, ...]
    keys: tuple[Column, ...]
    values: tuple[Column, ...]
    overview: tuple[str, ...] = ()
    meaning: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        return (*self.keys, *self.values)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def text(self) -> list[str]:
        """Names of the columns that hold text."""
        return [column.name for column in self.columns if column.holds == "text"]

    @property
    def numeric(self) -> list[str]:
        """Names of the columns that hold numbers, whole or not."""
        return [column.name for column in self.columns if column.holds in ("whole number", "number")]


def text(name: str, *, meaning: str) -> Column:
    return Column(name, "text", meaning=meaning)


def whole(name: str, *, meaning: str, unit: str = "") -> Column:
    return Column(name, "whole number", unit, meaning=meaning)


def number(name: str, *, meaning: str, unit: str = "") -> Column:
    return Column(name, "number", unit, meaning=meaning)


def flag(name: str, *, meaning: str) -> Column:
    return Column(name, "flag", meaning=meaning)
