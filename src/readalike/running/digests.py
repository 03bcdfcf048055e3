"""A digest of what a script does: of its code and of all that it reaches in the library, and of nothing else.

Rules carry it as a parameter: what depends on changed code is made again, and nothing more. Snakemake's own trigger
looks at modification times, so that a fresh checkout would make everything again.

What counts is the syntax tree of the functions, classes and constants that the script uses, directly or through
others, in whatever module they stand. What does not count, since no number can depend on it:

- comments, layout, docstrings, annotations of functions (the script's own `main` excepted: they say how arguments are
  read);
- lines that only log, and the texts of errors that are raised;
- the argument `meaning` of a column in a table's contract, which only the data dictionary shows;
- the modules in PLUMBING. `tests/unit/test_plumbing.py` replaces each of them and compares the results.

What counts of every module that is reached, used or not: statements that are no definition, and constants that are made
by a call, since a call may do more than give a value. What MAKERS make (columns and tables of contracts) counts only
where it is used, so that a new column makes nothing again that does not have it. A module that is imported and of which
no name is used is not reached. docs/results.md says what this means for a user.
"""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

# Modules that cannot reach a number, and why.
PLUMBING = {
    "readalike.errors": "texts and kinds of errors: where one is raised there is no output",
    # The command that it writes for a rule is Snakemake's own trigger.
    "readalike.running.arguments": "turns words of the command line into values, which are parameters of the rule",
    "readalike.running.command": "runs a script, logs, and ends it with a message",
    "readalike.running.digests": "this module: it says when to make something again, not what",
    "readalike.running.records": "writes beside the results where they come from",
    "readalike.files.atomic": "writes under another name first; what is written is the caller's",
}
# Calls that only give a value.
MAKERS = frozenset(["Column", "Table", "text", "whole", "number", "flag", "tuple", "frozenset"])
_LOGS = frozenset(["debug", "info", "warning", "error", "exception"])
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Name = tuple[str, str]  # module, name in it


def code_digest(script: Path, source: Path) -> str:
    """SHA-256 (16 digits) over what the script does, as the module's docstring says.

    source : the folder that holds the package, e.g. `src`
    """
    lines = [f"{module}.{name}\n{text}" for (module, name), text in sorted(reached(script, source).items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def text_digest(folder: Path) -> str:
    """SHA-256 (16 digits) over the text of every module of a folder, comments and all."""
    texts = [path.read_bytes() for path in sorted(folder.glob("*.py"))]
    return hashlib.sha256(b"\n".join(texts)).hexdigest()[:16]


def module_text(path: Path) -> str:
    """What counts of a whole module, as canonical text."""
    return canonical(_Bare(False).visit(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))))


def files_reached(script: Path, source: Path) -> list[Path]:
    """The files of `modules_reached`."""
    found = (_modules(source).file(module) for module in modules_reached(script, source))
    return [path for path in found if path is not None]


def modules_reached(script: Path, source: Path) -> list[str]:
    """Names of the library's modules that a script's digest covers, in part or whole, sorted."""
    return sorted({module for module, _ in reached(script, source) if module != "script"})


def packages_reached(script: Path, source: Path) -> set[str]:
    """Names of what a script and the modules that its digest covers import, anywhere in them."""
    found = set(_parsed(script, is_script=True).packages)
    for module in modules_reached(script, source):
        if (parsed := _modules(source).get(module)) is not None:
            found |= parsed.packages
    return found


def reached(script: Path, source: Path) -> dict[_Name, str]:
    """What counts: (module, name) -> canonical text of its definition; the name is empty for what always counts."""
    start = _parsed(script, is_script=True)
    found: dict[_Name, str] = {}
    todo: list[_Name] = []
    for name in ["", *start.definitions]:
        found["script", name], needed = _counted("script", name, start, _modules(source))
        todo += needed
    while todo:
        place = todo.pop()
        if place not in found:
            found[place], needed = _facts(place, source)
            todo += needed
    return {place: text for place, text in found.items() if text}


@cache
def _facts(place: _Name, source: Path) -> tuple[str, list[_Name]]:
    """Of one name of a module: its canonical text and what it needs; nothing for what is none of the library's."""
    module, name = place
    parsed = _modules(source).get(module)
    return ("", []) if parsed is None else _counted(module, name, parsed, _modules(source))


def _counted(module: str, name: str, parsed: "_Parsed", modules: "_Modules") -> tuple[str, list[_Name]]:
    statements = parsed.always if name == "" else parsed.definitions.get(name, [])
    if name != "" and not statements and name not in parsed.imports:
        # A module below it, or a name that no definition makes: a constant made by a call, under an `if`, in a loop.
        # Those stand in what always counts of the module, even where nothing else of it is used.
        return "", [(module, ""), *modules.whole(f"{module}.{name}")]
    needed: list[_Name] = [(module, "")] if module != "script" else []
    needed += [(parent, "") for parent in _parents(module)]
    if name in parsed.imports:
        needed += modules.target(parsed.imports[name])
    for statement in statements:
        needed += _needed(statement, module, parsed, modules)
    return "\n".join(canonical(statement) for statement in statements), list(dict.fromkeys(needed))


@cache
def _modules(source: Path) -> "_Modules":
    return _Modules(source)


@dataclass
class _Parsed:
    """A module: name -> what defines it; name -> (module, name in it) that it is imported from; what always counts; the
    packages that are imported anywhere in it."""

    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    always: list[ast.stmt] = field(default_factory=list)
    packages: set[str] = field(default_factory=set)


class _Modules:
    """Modules of the package below `source`, parsed when they are asked for."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.files: dict[str, Path | None] = {}

    def file(self, module: str) -> Path | None:
        if module not in self.files:
            base = self.source.joinpath(*module.split("."))
            places = (base.with_suffix(".py"), base / "__init__.py")
            self.files[module] = next((path for path in places if path.is_file()), None)
        return self.files[module]

    def get(self, module: str) -> _Parsed | None:
        """None for what is no module of the library, and for plumbing."""
        path = None if module in PLUMBING else self.file(module)
        return None if path is None else _parsed(path)

    def target(self, imported: tuple[str, str]) -> list[_Name]:
        """What `from module import name` stands for: a name, or all of a module whose use is not followed."""
        module, name = imported
        inner = f"{module}.{name}" if name else module
        if self.file(inner) is not None:
            return self.whole(inner)
        return [(module, name)] if self.file(module) is not None else []

    def whole(self, module: str) -> list[_Name]:
        parsed = self.get(module)
        return [] if parsed is None else [(module, name) for name in ["", *parsed.definitions, *parsed.imports]]


def _needed(statement: ast.stmt, module: str, parsed: _Parsed, modules: _Modules) -> Iterator[_Name]:
    """Names that a statement uses, of its own module or of others."""
    followed: set[int] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for imported in _imported(node).values():
                yield from modules.target(imported)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            bound = parsed.imports.get(node.value.id)
            inner = ".".join(filter(None, bound)) if bound else ""
            if inner and modules.file(inner) is not None:
                # `module.name`: that name of it alone.
                followed.add(id(node.value))
                yield inner, node.attr
        elif isinstance(node, ast.Name) and id(node) not in followed:
            if node.id in parsed.definitions:
                yield module, node.id
            elif node.id in parsed.imports:
                yield from modules.target(parsed.imports[node.id])


@cache
def _parsed(path: Path, is_script: bool = False) -> _Parsed:
    tree = _Bare(is_script).visit(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))
    parsed = _Parsed()
    imports = [_imported(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    parsed.packages = {module.split(".")[0] for names in imports for module, _ in names.values()}
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            parsed.imports.update(_imported(statement))
        elif isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
            parsed.definitions.setdefault(statement.name, []).append(statement)
        elif names := _assigned(statement):
            for name in names:
                parsed.definitions.setdefault(name, []).append(statement)
        elif not isinstance(statement, ast.Pass):
            parsed.always.append(statement)
    return parsed


def _imported(node: ast.Import | ast.ImportFrom) -> dict[str, tuple[str, str]]:
    """Name in this module -> (module, name in it) of one statement; the second is empty for a whole module."""
    if isinstance(node, ast.ImportFrom):
        return {alias.asname or alias.name: (node.module or "", alias.name) for alias in node.names}
    return {alias.asname or alias.name.split(".")[0]: (alias.name, "") for alias in node.names}


def _assigned(statement: ast.stmt) -> list[str]:
    """Names that a statement only binds: constants whose making can do nothing else."""
    if not isinstance(statement, ast.Assign) or any(_may_do_more(node) for node in ast.walk(statement)):
        return []
    bound = [
        node for target in statement.targets for node in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]
    names = [node.id for node in bound if isinstance(node, ast.Name)]
    return names if len(names) == len(bound) else []


def _may_do_more(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return not (isinstance(node.func, ast.Name) and node.func.id in MAKERS)
    return isinstance(node, ast.Await | ast.Yield | ast.YieldFrom | ast.NamedExpr)


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:k]) for k in range(1, len(parts))] if module != "script" else []


class _Bare(ast.NodeTransformer):
    """A tree without what no number can depend on."""

    def __init__(self, is_script: bool) -> None:
        self.is_script = is_script
        self.in_class = False

    def visit_Module(self, node: ast.Module) -> ast.AST:
        return self._body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        # Annotations of fields stay: dataclasses and named tuples are made of them.
        outside, self.in_class = self.in_class, True
        bare = self._body(node)
        self.in_class = outside
        return bare

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if not (self.is_script and node.name == "main"):
            node.returns = None
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            for argument in filter(None, every):
                argument.annotation = None
        outside, self.in_class = self.in_class, False
        bare = self._body(node)
        self.in_class = outside
        return bare

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if self.in_class:
            return node
        return ast.Pass() if node.value is None else ast.Assign(targets=[node.target], value=node.value)

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        call = node.value
        logs = (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and (call.func.value.id, call.func.attr in _LOGS) in (("log", True), ("logging", True))
            and not any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(call))
        )
        return ast.Pass() if logs else self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc = node.exc.func
        node.cause = None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        node.keywords = [keyword for keyword in node.keywords if keyword.arg != "meaning"]
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return ast.Pass()
        return self.generic_visit(node)

    def _body(self, node: ast.Module | ast.ClassDef | ast.FunctionDef) -> ast.AST:
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body = node.body[1:]
        return self.generic_visit(node)


def canonical(node: object) -> str:
    """A tree as text, the same in every version of Python that parses it alike.

    `ast.dump` names new fields in new versions, and `ast.unparse` quotes otherwise; empty fields are left out here.
    """
    if isinstance(node, ast.AST):
        parts = [
            f"{name}={canonical(value)}"
            for name, value in ast.iter_fields(node)
            if name not in ("ctx", "kind", "type_comment") and value is not None and value != []
        ]
        return f"{type(node).__name__}({', '.join(parts)})"
    if isinstance(node, list):
        return f"[{', '.join(map(canonical, node))}]"
    return repr(node)
