"""Filling the pages' templates (Jinja2, which comes with Snakemake): what is put in is escaped."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup


def fill(template: str, templates: Sequence[Path], **values: Any) -> str:
    """The page of a `template`, with all `templates` at hand to be included, by the names of their files.

    Raises jinja2.UndefinedError where a template asks for a value that is not given: a defect of one of the two.
    """
    loader = DictLoader({path.name: path.read_text(encoding="utf-8") for path in templates})
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["data"] = data
    return environment.get_template(template).render(**values)


def data(value: Mapping[str, Any]) -> Markup:
    """JSON that may stand in a script element: no text in it can end the element, or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
