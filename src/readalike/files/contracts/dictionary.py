"""All contracts together: which one a file has, and the data dictionary."""

import re

import pandas as pd

from readalike.errors import FileFormatError
from readalike.files.contracts import (
    Table,
    all_layers,
    attention,
    divergence,
    equal_features,
    human,
    incontext,
    incontext_models,
    landing,
    overview,
    reading_times,
    reproduction,
    resemblance,
    robustness,
    sinks,
    statistics,
    tables,
    text,
    verdict,
)

FAMILIES = (
    *(human, resemblance, sinks, all_layers, landing, reading_times, equal_features, attention, divergence, overview),
    *(statistics, robustness, tables, verdict, reproduction, incontext, incontext_models),
)

DICTIONARY = Table(
    paths=("columns.csv",),
    keys=(
        text("table", meaning="path of a table, with wildcards in braces"),
        text("column", meaning="name of a column"),
    ),
    values=(
        text("role", meaning="`key`: says what a row is about; `value`: what was found"),
        text("holds", meaning="text, whole number, number or flag"),
        text("unit", meaning="unit of a value"),
        text("meaning", meaning="what it is, in words"),
        text("of_table", meaning="what the table is, in words"),
    ),
    meaning="what each column of each table means",
)


def all_tables() -> list[Table]:
    """Every contract, by family and then by its place there."""
    found: list[Table] = []
    for family in FAMILIES:
        found += [value for value in vars(family).values() if isinstance(value, Table) and value not in found]
    return [*found, DICTIONARY]


def contract_of(path: str) -> Table:
    """The contract of a file by its path in a folder of results. Where two fit, the one with more text of its own.

    Raises FileFormatError for a file that no table's pattern fits.
    """
    fitting = [
        (len(re.sub(r"\{\w+\}", "", pattern)), pattern, table)
        for table in all_tables()
        for pattern in table.paths
        if re.fullmatch(_expression(pattern), path)
    ]
    if not fitting:
        raise FileFormatError(f"{path}: no table of this workflow stands there")
    return max(fitting, key=lambda item: item[0])[2]


def _expression(pattern: str) -> str:
    """A regular expression for a path with wildcards; names hold no `--` (configuration schema)."""
    parts = re.split(r"\{\w+\}", pattern)
    return r"(?:(?!--)[A-Za-z0-9._-])+".join(map(re.escape, parts))


def dictionary() -> pd.DataFrame:
    """The data dictionary: a row a column, in the order of the tables' contracts."""
    rows = [
        (path, column.name, role, column.holds, column.unit, column.meaning, table.meaning)
        for table in all_tables()
        for path in table.paths
        for role, columns in (("key", table.keys), ("value", table.values))
        for column in columns
    ]
    return pd.DataFrame(rows, columns=DICTIONARY.names)
