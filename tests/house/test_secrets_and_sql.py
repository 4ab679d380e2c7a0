"""Secrets are not put into texts, and SQL is not made of texts."""

from __future__ import annotations

import ast

import pytest

from tests.house.sources import Source, sources

LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log", "print", "echo", "secho"}
KEEPERS = {"Secret", "Password"}


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _reveals(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Call) and _name_of(part) == "reveal" for part in ast.walk(node))


def _told_secrets(source: Source) -> list[str]:
    """Return where a secret is revealed into an f-string (unless it becomes a secret again) or into a log."""
    kept = {
        argument
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _name_of(node) in KEEPERS
        for argument in node.args
    }
    found = []
    for node in ast.walk(source.tree):
        in_text = isinstance(node, ast.JoinedStr) and node not in kept
        in_log = (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOGGING
        )
        if (in_text or in_log) and _reveals(node):
            found.append(source.at(node))  # type: ignore[arg-type]  # both are expressions
    return found


def _made_up_sql(source: Source) -> list[str]:
    """Return where `text(…)` is given anything but a fixed text."""
    return [
        source.at(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and _name_of(node) == "text"
        and isinstance(node.func, ast.Name)
        and node.args
        and not isinstance(node.args[0], ast.Constant)
    ]


def test_no_secret_is_put_into_a_text() -> None:
    """No password and no link is revealed inside an f-string or a log call."""
    assert not [place for source in sources("core", "tui", "web") for place in _told_secrets(source)]


def test_no_sql_is_made_of_texts() -> None:
    """Every `text()` of SQLAlchemy in the rooms is a fixed text."""
    bare = [source for source in sources("core", "web", "migrations") if "sqlalchemy" in source.text]
    assert bare
    assert not [place for source in bare for place in _made_up_sql(source)]


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('f"{link.reveal()}"', True),
        ("logger.info('%s', link.reveal())", True),
        ('Secret(f"{origin}/i/{token.reveal()}")', False),
        ("send(link.reveal())", False),
    ],
)
def test_the_check_sees_a_told_secret(code: str, *, found: bool) -> None:
    """The check finds a revealed secret in an f-string or a log call, and lets it be made into a secret again."""
    assert bool(_told_secrets(Source.parse("sample.py", code))) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [('text(f"SELECT {x}")', True), ('text("SELECT " + x)', True), ('text("SELECT 1")', False)],
)
def test_the_check_sees_made_up_sql(code: str, *, found: bool) -> None:
    """The check finds SQL that is put together from texts."""
    assert bool(_made_up_sql(Source.parse("sample.py", code))) == found
