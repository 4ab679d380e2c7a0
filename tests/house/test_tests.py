"""The tests keep house rules too: they say one true sentence each, wait for nothing and replace nothing."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.sources import Function, Source, imported_modules, sources

SENTENCE = re.compile(r"(?s)\S.*[.!?][”\"')]*")
TWO_SENTENCES = re.compile(r"[a-z0-9`”)][.!?]\s+[A-Z`“]")


def _untold(source: Source) -> list[str]:
    """Return the tests whose docstring is not one sentence."""
    found = []
    for node in source.functions():
        if not node.name.startswith("test_"):
            continue
        told = ast.get_docstring(node) or ""
        if not SENTENCE.fullmatch(told) or TWO_SENTENCES.search(told) or "\n\n" in told:
            found.append(f"{source.at(node)} {node.name}")
    return found


def _shortcuts(source: Source) -> list[str]:
    """Return where a test sleeps or puts something else in the place of our code."""
    calls = [
        source.at(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"time.sleep", "sleep", "monkeypatch.setattr"}
    ]
    return calls + [
        source.at(node)
        for node, name in imported_modules(source.tree)
        if name in {"unittest.mock", "time.sleep"}
    ]


def test_every_test_says_one_sentence() -> None:
    """The docstring of each test is exactly one sentence."""
    assert not [place for source in sources("tests") for place in _untold(source)]


def test_no_test_sleeps_or_patches() -> None:
    """No test waits for time to pass, and none replaces a part of the program: time, chance and mail are ports."""
    assert not [place for source in sources("tests") for place in _shortcuts(source)]


def test_the_checks_see_a_test_that_breaks_the_rules() -> None:
    """The checks find a missing docstring, two sentences, a sleep and a patch."""
    code = '''
def test_a(): pass
def test_b():
    """Some words. More words."""
    time.sleep(1)
def test_c(monkeypatch):
    """A whole sentence."""
    monkeypatch.setattr(core, "now", None)
'''
    sample = Source.parse("sample.py", code)
    assert _untold(sample) == ["sample.py:2 test_a", "sample.py:3 test_b"]
    assert _shortcuts(sample) == ["sample.py:5", "sample.py:8"]


def test_no_two_tests_of_a_file_share_a_name() -> None:
    """No test hides another by having its name."""
    hidden = []
    for source in sources("tests"):
        classes = [node.body for node in source.tree.body if isinstance(node, ast.ClassDef)]
        for body in (source.tree.body, *classes):
            names = [
                node.name for node in body if isinstance(node, Function) and node.name.startswith("test_")
            ]
            hidden += [f"{source.name} {name}" for name in set(names) if names.count(name) > 1]
    assert not hidden


@pytest.mark.parametrize("folder", ["tests", "core", "tui", "web", "migrations"])
def test_every_module_has_a_docstring(folder: str) -> None:
    """Each Python file begins by saying what it is for."""
    assert not [source.name for source in sources(folder) if not ast.get_docstring(source.tree)]
