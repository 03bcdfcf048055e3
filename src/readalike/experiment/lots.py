"""Which conditions are extracted together: in one job a block, whose weights are read once for all of them.

What a lot is made of stands in a file that one of the first jobs writes, and which later runs read here: a condition
that was added since, or whose text is another, is in a lot of its own, so that nothing else is extracted again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from readalike.files.conditions import read_conditions


@dataclass(frozen=True)
class Lot:
    """Conditions that are extracted together.

    written : condition -> text, all that its file has or is to have
    folders : of those that are still configured with the same text, sorted: condition -> name of the folder of its
        attention, which is its own name, or `{condition}+{lot}` where an older lot has it with another text
    """

    written: dict[str, str]
    folders: dict[str, str]


def lots_of(folder: Path, conditions: Mapping[str, str]) -> dict[str, Lot]:
    """Name of a lot -> what is in it, for lots with a configured condition: those of earlier runs, then a new one.

    folder : with the files of lots, `conditions-{lot}.json`, lots being counted from 1
    conditions : condition -> text, as configured

    Raises FileFormatError for a file of a lot that cannot be read.
    """
    written = {
        int(match[1]): read_conditions(path)
        for path in folder.glob("conditions-*.json")
        if (match := re.fullmatch(r"conditions-(\d+)\.json", path.name))
    }
    # A condition is of the newest lot that has one of its name; where its text is another there, it is new.
    newest = {name: number for number in sorted(written) for name in written[number]}
    new = {name: text for name, text in conditions.items() if written.get(newest.get(name, 0), {}).get(name) != text}
    if new:
        number = max(written, default=0) + 1
        written[number] = new
        newest |= dict.fromkeys(new, number)
    oldest = {name: number for number in sorted(written, reverse=True) for name in written[number]}
    lots = {
        str(number): Lot(
            texts,
            {
                name: name if oldest[name] == number else f"{name}+{number}"
                for name in sorted(texts)
                if newest[name] == number and name in conditions
            },
        )
        for number, texts in sorted(written.items())
    }
    return {name: lot for name, lot in lots.items() if lot.folders}
