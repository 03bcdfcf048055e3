"""The documentation as a site: `make docs` builds it of the same Markdown that the forge shows, and of docstrings."""

import re
from typing import Any

import readalike

project = "readalike"
author = "the readalike authors"
version = release = readalike.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc"]
# The source is the folder of the project, so that links from page to page are the same here and on the forge.
root_doc = "docs/index"
include_patterns = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "config/*.md", "docs/*.md", "envs/*.md"]
html_theme = "alabaster"
html_theme_options = {"description": "attention of language models beside human reading", "fixed_sidebar": True}
html_copy_source = False
# Links to a heading of another page.
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"


def as_lines(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are plain English and no reStructuredText: lines stay lines, and what is between backticks is code."""
    lines[:] = [_line(line) for line in lines]


def _line(line: str) -> str:
    if not line.strip():
        return ""
    parts = re.split(r"`([^`]+)`", line)
    words = [re.sub(r"([\\*_|])", r"\\\1", part) if k % 2 == 0 else f"``{part}``" for k, part in enumerate(parts)]
    return "| " + "".join(words).replace("``(", "``\\ (")


def setup(app: Any) -> None:
    """Sphinx calls this."""
    app.connect("autodoc-process-docstring", as_lines)
