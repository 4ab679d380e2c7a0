"""Every verb and every reading asks for its permission before it does anything else."""

from __future__ import annotations

import ast

import pytest

from tests.house.sources import Function, Source, imported_modules, sources

# Steps that verbs and readings share: whoever calls them has asked already, and nobody outside the two rooms calls them.
STEPS = (
    "core.services.judging_invitations.judge",
    "core.reading.lists.id_chunks",
    "core.reading.lists.parts_of",
)
INSIDE = ("core/services/", "core/reading/")


def _opened_as(function: Function) -> str | None:
    """Return the name of the first parameter where it is an open transaction of an actor."""
    first = next(iter(function.args.posonlyargs + function.args.args), None)
    if first is None or first.annotation is None or ast.unparse(first.annotation) not in {"Work", "Look"}:
        return None
    return first.arg


def _asks_first(function: Function, opened: str) -> bool:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return bool(body) and ast.unparse(body[0]).startswith(f"{opened}.require(Permission.")


def _verbs(source: Source) -> list[tuple[Function, str]]:
    found = [
        node for node in source.tree.body if isinstance(node, Function) and not node.name.startswith("_")
    ]
    return [(node, opened) for node in found if (opened := _opened_as(node))]


def _unasked(source: Source) -> list[str]:
    return [
        node.name
        for node, opened in _verbs(source)
        if not _asks_first(node, opened) and f"{source.module}.{node.name}" not in STEPS
    ]


def _used_steps(source: Source) -> list[str]:
    """Return where a step is imported, or reached through its module."""
    short = {".".join(step.split(".")[-2:]) for step in STEPS}
    imported = [source.at(node) for node, name in imported_modules(source.tree) if name in STEPS]
    reached = [
        source.at(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and ".".join(ast.unparse(node).split(".")[-2:]) in short
    ]
    return imported + reached


@pytest.mark.parametrize("folder", ["core/services", "core/reading"])
def test_every_verb_begins_with_its_permission(folder: str) -> None:
    """Each public function on a Work or a Look first says which permission it takes."""
    files = sources(folder)
    assert any(_verbs(source) for source in files)
    assert not {source.name: names for source in files if (names := _unasked(source))}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("work.require(Permission.INVITE)", []),
        ('"""Do it."""\n    work.require(Permission.INVITE)', []),
        ('"""Do it."""\n    work.db.flush()\n    work.require(Permission.INVITE)', ["verb"]),
        ("other.require(Permission.INVITE)", ["verb"]),
        ('"""Do it."""', ["verb"]),
    ],
)
def test_the_check_sees_a_verb_that_does_not_ask(body: str, expected: list[str]) -> None:
    """The check passes a verb that asks first and names one that asks late, elsewhere or never."""
    sample = Source.parse("sample.py", f"def verb(work: Work) -> None:\n    {body}\n")
    assert _unasked(sample) == expected


def test_steps_are_called_by_verbs_only() -> None:
    """No front end and no other part of core calls a step, which does not ask for a permission itself."""
    outside = [source for source in sources("core", "tui", "web") if not source.name.startswith(INSIDE)]
    assert not [place for source in outside for place in _used_steps(source)]


def test_the_check_sees_a_step_in_use() -> None:
    """The check finds a step that is imported by name and one that is reached through its module."""
    code = "from core.reading.lists import Sort, id_chunks\nfrom core.reading import lists\nlists.id_chunks(look, ids)\n"
    assert _used_steps(Source.parse("sample.py", code)) == ["sample.py:1", "sample.py:3"]
