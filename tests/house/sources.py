"""The project's own source text, parsed once for the house tests."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "tui", "web")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file.

    Attributes:
        name: its path below the project, such as `core/rules.py`.
    """

    name: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, name: str, text: str) -> Source:
        """Return the file `name` that says `text`."""
        return cls(name, text, ast.parse(text))

    @property
    def module(self) -> str:
        """The import name, such as `core.rules`."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def functions(self) -> Iterator[Function]:
        """Yield every function and method, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def at(self, node: ast.expr | ast.stmt) -> str:
        """Return where `node` stands, to click on."""
        return f"{self.name}:{node.lineno}"


@functools.cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Return every Python file below `folders`, sorted by name."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(Source.parse(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths)


def docstrings(tree: ast.AST) -> set[ast.Constant]:
    """Return the nodes that are docstrings, which are prose and not code."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(first.value)
    return found


def imported_modules(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Yield each import with the full name of what it imports, `from a import b` as `a` and as `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node, node.module
            yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)
