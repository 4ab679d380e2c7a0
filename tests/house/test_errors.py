"""The codes of errors are a promise to scripts: each error has its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from core import errors
from core.errors import Problem
from tests.house.sources import ROOT

FAMILIES = ("Problem", "Refused", "NotAllowed", "NotNow", "DeadLink")


def _below(family: type[Problem]) -> Iterator[type[Problem]]:
    for error in family.__subclasses__():
        yield error
        yield from _below(error)


def _errors() -> dict[str, type[Problem]]:
    """Return every error of core by name, without the families and without what tests add."""
    return {
        error.__name__: error
        for error in _below(Problem)
        if error.__module__.startswith("core.") and error.__name__ not in FAMILIES
    }


def test_every_error_has_a_code_of_its_own() -> None:
    """Each error says its code itself, in lower case, and no two share one."""
    codes = {name: vars(error).get("code", "") for name, error in _errors().items()}
    assert codes
    assert not [name for name, code in codes.items() if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)]
    assert not [code for code, times in Counter(codes.values()).items() if times > 1]


def test_every_error_stands_in_the_tree() -> None:
    """The docstring of core.errors shows every family."""
    assert not [name for name in FAMILIES if name not in (errors.__doc__ or "")]


def test_every_code_is_documented() -> None:
    """The page about core lists the code of every error."""
    page = (ROOT / "core" / "README.md").read_text("utf-8")
    assert not [error.code for error in _errors().values() if f"`{error.code}`" not in page]
