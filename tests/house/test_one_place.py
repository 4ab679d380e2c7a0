"""What lives in one place only: the rules, and the differences between the two databases."""

from __future__ import annotations

import ast
import re
from collections import Counter

from tests.house.sources import Source, docstrings, imported_modules, sources

RULES = "core/rules.py"
DIALECT_PLACES = ("core/dialects.py", "core/settings.py", "core/models/")
DIALECT_NAME = re.compile(r"\b(sqlite|postgresql|psycopg)\b")
DRIVERS = {"sqlite3", "psycopg"}


def _rules_in(source: Source) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Rule"
    ]


def _raised_in(source: Source) -> list[tuple[str, ast.Raise]]:
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            found.append((ast.unparse(raised).rpartition(".")[2], node))
    return found


def _dialect_names_in(source: Source) -> list[str]:
    prose = docstrings(source.tree)
    texts = [
        source.at(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node not in prose
        and DIALECT_NAME.search(node.value)
    ]
    return texts + [source.at(node) for node, name in imported_modules(source.tree) if name in DRIVERS]


def test_rules_are_written_in_one_file() -> None:
    """Rules are made in core/rules.py and nowhere else."""
    places = {source.name for source in sources("core", "tui", "web") if _rules_in(source)}
    assert places == {RULES}


def test_no_rule_is_written_twice() -> None:
    """No two rules have the same refusal and the same condition; a shared one is named and reused."""
    [source] = [source for source in sources("core") if source.name == RULES]
    written = Counter(ast.unparse(rule) for rule in _rules_in(source))
    assert not [rule for rule, times in written.items() if times > 1]


def test_what_a_rule_refuses_nobody_else_refuses() -> None:
    """A refusal that belongs to a rule is raised by asking the rule, never by hand."""
    [rules] = [source for source in sources("core") if source.name == RULES]
    ruled = {ast.unparse(rule.args[0]) for rule in _rules_in(rules)}
    by_hand = [
        f"{source.at(node)} {name}"
        for source in sources("core", "tui", "web")
        for name, node in _raised_in(source)
        if name in ruled
    ]
    assert ruled
    assert not by_hand


def test_differences_between_databases_live_in_one_place() -> None:
    """No module but the dialects, the settings and the tables names a database system or its driver."""
    named = [
        place
        for source in sources("core", "tui", "web")
        if not source.name.startswith(DIALECT_PLACES)
        for place in _dialect_names_in(source)
    ]
    assert not named


def test_the_check_sees_a_dialect_name() -> None:
    """The check finds a dialect's name in code and a driver's import, and leaves prose alone."""
    code = (
        '"""About sqlite."""\nimport sqlite3\nif name == "postgresql":\n    label = "SQLite or PostgreSQL"\n'
    )
    assert _dialect_names_in(Source.parse("sample.py", code)) == ["sample.py:3", "sample.py:2"]
