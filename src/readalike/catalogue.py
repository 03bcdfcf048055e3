"""Every table and figure: `workflow/report/catalogue.yaml`, of which captions and the gallery are made."""

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Entry:
    """A table or figure.

    stem : how the names of its files begin
    needs : what a configuration must have for it to be made
    methods : how it is computed, with words in braces that `captions.facts` fills
    look_for, misled_by : of a figure
    """

    stem: str
    title: str
    needs: str
    methods: str
    look_for: str = ""
    misled_by: str = ""

    @property
    def number(self) -> str:
        """`Figure 6` or `Tables 6 and 7`; empty for what has no number."""
        kind, _, rest = self.stem.partition("-")
        digits = rest.partition("-")[0]
        if not digits.isdigit():
            return ""
        # The paper has Table 7 for a second size.
        return "Tables 6 and 7" if (kind, digits) == ("table", "06") else f"{kind.capitalize()} {int(digits)}"

    @property
    def heading(self) -> str:
        return f"{self.number}. {self.title}" if self.number else self.title


@dataclass(frozen=True)
class Question:
    """What a person asks, and the tables and figures that answer it: their stems, the most telling first."""

    asks: str
    stems: tuple[str, ...]


def read_questions(path: Path) -> list[Question]:
    """The questions, in the order of the file."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Question(asks, tuple(stems)) for asks, stems in content["questions"].items()]


def read_catalogue(path: Path) -> list[Entry]:
    """Tables, then figures, in the order of the file, phrases filled in."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    entries = [Entry(stem, **texts) for kind in ("tables", "figures") for stem, texts in content[kind].items()]
    return [_filled(entry, content["phrases"]) for entry in entries]


def _filled(entry: Entry, phrases: dict[str, str]) -> Entry:
    methods = entry.methods
    for name, phrase in phrases.items():
        methods = methods.replace(f"{{{name}}}", phrase)
    return Entry(entry.stem, entry.title, entry.needs, methods, entry.look_for, entry.misled_by)
