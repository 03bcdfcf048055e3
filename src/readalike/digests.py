"""A digest of a script and of all library modules it imports, transitively.

Rules carry it as a parameter: what depends on changed code is made again, and nothing else. Snakemake's own trigger
looks at modification times, so a fresh checkout would make everything again.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path


def code_digest(script: Path, source: Path) -> str:
    """SHA-256 (16 digits) over the script's text and that of every module below `source` it imports.

    source : the folder that holds the package, e.g. `src`. Comments count: they are part of the text.
    """
    found: dict[str, str] = {}
    _collect(script, source, found)
    lines = [hashlib.sha256(script.read_bytes()).hexdigest()]
    lines += [f"{module} {digest}" for module, digest in sorted(found.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _collect(path: Path, source: Path, found: dict[str, str]) -> None:
    for module in _imports(path):
        file = _module_file(module, source)
        if file is None or module in found:
            continue
        found[module] = hashlib.sha256(file.read_bytes()).hexdigest()
        _collect(file, source, found)


@cache
def _imports(path: Path) -> tuple[str, ...]:
    return tuple(_names(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))))


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_parents(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from _with_parents(node.module)
            # `from package import module` names a module too; attributes that are none are no files.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _with_parents(module: str) -> Iterator[str]:
    parts = module.split(".")
    yield from (".".join(parts[: k + 1]) for k in range(len(parts)))


def _module_file(module: str, source: Path) -> Path | None:
    base = source.joinpath(*module.split("."))
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None
