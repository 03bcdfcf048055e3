"""Tables and numbers in Markdown, for pages that are written from results."""

import math
from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)]) + "\n"


def signed(value: float, digits: int = 4) -> str:
    """With its sign; nothing where it is not known."""
    return "" if math.isnan(value) else f"{value:+.{digits}f}"
