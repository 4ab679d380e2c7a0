"""SECURITY.md says what is so: every row names tests that exist, no requirement is missing, its tables are the program's."""

from __future__ import annotations

import ast
import functools
import os
import re
import tomllib

import pytest
from flask import Flask

from core.models import Base
from core.passwords import LONGEST, SHORTEST
from core.ports import APPROVED_METHOD, HASHES_AT_ONCE
from core.registration import ADDRESS_MOST, NAME_MOST, OLDEST_YEARS, PHONE_MOST, TITLE_MOST
from core.roles import Permission
from tests.house.sources import ROOT
from web.forms import INVITATION, RegistrationForm
from web.limits import Bounds
from web.security import LONGEST_BODY, MOST_PARTS

TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
PITFALLS = [f"P{number}" for number in range(1, 41)]

# Levels 1 and 2 of ASVS 5.0 as far as they apply to a page and a console like ours, and what of level 3 was taken.
ASVS = """
1.1.1-1.1.2 1.2.1-1.2.10 1.3.1-1.3.12 1.4.1-1.4.3 1.5.1-1.5.2 2.1.1-2.1.3 2.2.1-2.2.3 2.3.1-2.3.4 2.4.1 3.2.1-3.2.2
3.3.1-3.3.4 3.4.1-3.4.6 3.4.8 3.5.1-3.5.5 3.5.8 3.7.1-3.7.2 4.1.1-4.1.4 4.2.1 4.3.1-4.3.2 4.4.1-4.4.4 5.1.1 5.2.1-5.2.3
5.3.1-5.3.2 5.4.1-5.4.3 6.1.1-6.1.3 6.2.1-6.2.12 6.3.1-6.3.4 6.3.8 6.4.1-6.4.4 6.5.1-6.5.4 6.6.1-6.6.3 6.8.1-6.8.4
7.1.1-7.1.3 7.2.1-7.2.4 7.3.1-7.3.2 7.4.1-7.4.5 7.5.1-7.5.2 7.6.1-7.6.2 8.1.1-8.1.2 8.2.1-8.2.3 8.3.1 8.4.1 9.1.1-9.1.3
9.2.1-9.2.4 11.1.1-11.1.2 11.2.1-11.2.3 11.3.1-11.3.3 11.4.1-11.4.4 11.5.1 11.6.1 12.1.1-12.1.3 12.2.1-12.2.2 12.3.1-12.3.4
13.1.1 13.2.1-13.2.5 13.3.1-13.3.2 13.4.1-13.4.6 14.1.1-14.1.2 14.2.1-14.2.4 14.2.7 14.3.1-14.3.3 15.1.1-15.1.3 15.2.1-15.2.3
15.3.1-15.3.7 15.4.2 16.1.1 16.2.1-16.2.5 16.3.1-16.3.4 16.4.1-16.4.3 16.5.1-16.5.4
"""
WHOLE_CHAPTERS = {"V10", "V17"}

Row = list[str]


def _required() -> set[str]:
    found = set(WHOLE_CHAPTERS)
    for each in ASVS.split():
        first, _, last = each.partition("-")
        section, _, number = first.rpartition(".")
        end = int((last or first).rpartition(".")[2])
        found |= {f"{section}.{each}" for each in range(int(number), end + 1)}
    return found


@functools.cache
def _document() -> str:
    return (ROOT / "SECURITY.md").read_text("utf-8")


def _rows(text: str, heading: str) -> list[Row]:
    """Return the cells of the first table under a heading, its head left out."""
    section = re.split(rf"(?m)^#+ {re.escape(heading)}$", text)[1]
    lines = re.findall(r"(?m)^\|.*\|$(?:\n^\|.*\|$)*", section)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def _table(heading: str) -> list[Row]:
    return _rows(_document(), heading)


@functools.cache
def _tests_of(path: str) -> frozenset[str]:
    """Return the names of the tests in a file; none where there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text("utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def _untested(rows: list[Row]) -> list[str]:
    """Return the rows whose last cell names no test, or one that does not exist."""
    wrong = []
    for row in rows:
        named = TEST.findall(row[-1])
        missing = [f"{path}::{name}" for path, name in named if name not in _tests_of(path)]
        if missing or not named or TEST.sub("", row[-1]).strip():
            wrong.append(f"{row[0]}: {missing or row[-1]}")
    return wrong


def test_every_requirement_names_tests_that_exist() -> None:
    """Each row of the requirements names at least one test, and each of them is there."""
    assert not _untested(_table("Requirements"))


def test_no_requirement_is_missing() -> None:
    """Each requirement of the reference stands in exactly one row, as met or as not applicable with the reason."""
    rows = _table("Requirements") + _table("Not applicable")
    told = [each.strip() for row in rows for each in row[0].split(",")]
    assert sorted(set(told)) == sorted(told)
    assert set(told) == _required()
    assert all(len(row[1]) > len("no use") for row in _table("Not applicable"))


def test_every_pitfall_has_its_test() -> None:
    """P1 to P40 stand there in order, each with tests that exist and are named after it."""
    rows = _table("Pitfalls seen elsewhere")
    assert [row[0] for row in rows] == PITFALLS
    assert not _untested(rows)
    for row in rows:
        number = int(row[0].removeprefix("P"))
        assert all(name.startswith(f"test_p{number:02}_") for _, name in TEST.findall(row[-1])), row[0]


def test_every_pitfall_test_stands_in_its_row() -> None:
    """No test of a pitfall is left out of the table."""
    told = {name for row in _table("Pitfalls seen elsewhere") for _, name in TEST.findall(row[-1])}
    folder = ROOT / "tests/pitfalls"
    there = {
        name
        for path in folder.glob("test_*.py")
        for name in _tests_of(path.relative_to(ROOT).as_posix())
        if re.match(r"test_p\d\d_", name)
    }
    assert there == told


def test_every_test_that_is_named_anywhere_exists() -> None:
    """The other parts of the document name no test that is not there either."""
    named = TEST.findall(_document())
    assert named
    assert not [f"{path}::{name}" for path, name in named if name not in _tests_of(path)]


def test_every_link_inside_leads_somewhere() -> None:
    """Each reference to a part of the document names a heading that it has."""
    headings = re.findall(r"(?m)^#+ (.+)$", _document())
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    linked = set(re.findall(r"\]\(#([^)]+)\)", _document()))
    assert linked
    assert not linked - anchors


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("`tests/house/test_security_table.py::test_no_requirement_is_missing`", False),
        ("`tests/house/test_security_table.py::test_that_is_not_there`", True),
        ("`tests/house/no_such_file.py::test_one`", True),
        ("the documents", True),
        ("", True),
    ],
)
def test_the_check_sees_a_row_without_a_test(cell: str, *, wrong: bool) -> None:
    """A row that names nothing, prose, or a test that does not exist is found."""
    text = f"## Sample\n\n| id | asked | tests |\n|---|---|---|\n| 1.1.1 | x | {cell} |\n\n"
    assert bool(_untested(_rows(text, "Sample"))) == wrong


# --- tables that repeat what the program says -------------------------------------------------------------------------


def test_the_fields_are_those_of_the_form() -> None:
    """The table of fields has those of the form, in its order, with the lengths that the core judges by."""
    rows = {row[0].strip("`"): row for row in _table("Fields")}
    own = {"csrf_token", INVITATION}
    with Flask("form").test_request_context():
        form = RegistrationForm(formdata=None, meta={"csrf": False})
    assert list(rows) == [name for name in form._fields if name not in own]
    most = {"first_name": NAME_MOST, "last_name": NAME_MOST, "password": LONGEST, "phone": PHONE_MOST}
    most |= {"address": ADDRESS_MOST, "job_title": TITLE_MOST}
    assert {name: int(rows[name][1].replace(",", "")) for name in most} == most
    assert rows["password"][2].startswith(f"{SHORTEST} or more")
    assert f"at most {OLDEST_YEARS} years ago" in rows["born_day"][2]


def test_the_limits_are_those_of_the_program() -> None:
    """The numbers of the limits are those that the page counts against."""
    rows = {row[0]: row[1] for row in _table("Limits")}
    bounds = Bounds()
    assert rows["submits from one address (IPv6: one /64)"] == f"{bounds.posts} in 10 minutes"
    assert rows["unknown links from one address"] == f"{bounds.unknown_links} in 10 minutes"
    assert rows["submits for one invitation"] == f"{bounds.posts_for_one} in 10 minutes"
    assert rows["passwords hashed at once"] == "one on each processor, 4 at most"
    assert min(4, os.cpu_count() or 1) == HASHES_AT_ONCE
    assert rows["body of a request"] == f"{LONGEST_BODY:,} bytes, {MOST_PARTS} parts"


def test_the_methods_are_those_of_the_program() -> None:
    """The inventory of keys names the method that passwords are hashed with and each keyed method that core uses."""
    told = " ".join(cell for row in _table("Keys and methods") for cell in row)
    assert f"`{APPROVED_METHOD}`" in told
    texts = [path.read_text("utf-8") for room in ("core", "web") for path in (ROOT / room).rglob("*.py")]
    hashes = {name for text in texts for name in re.findall(r"hashlib\.(\w+)", text)}
    shown = {name.replace("sha", "SHA-").upper() for name in hashes}
    assert shown
    assert not [name for name in shown if name not in told.upper()]


def test_every_table_has_a_class() -> None:
    """Each table of the database stands in the table of data, and no other does."""
    told = {
        name for row in _table("Data") for name in re.findall("`([a-z_]+)`", row[0]) if row[1] != "secret"
    }
    assert told == {each.name for each in Base.metadata.sorted_tables}


def test_the_roles_are_those_of_the_program() -> None:
    """The matrix has every permission with the lowest role that has it."""
    told = {row[0]: row[1] for row in _table("Roles")}
    assert told == {each.label: each.lowest.label for each in Permission}


def test_every_deviation_is_told() -> None:
    """What is asked and not done stands in the table of deviations, each with a reason."""
    rows = _table("Deviations")
    asked = " ".join(row[0] for row in rows)
    for each in ("6.3.3", "1.3.3", "15 characters", "local parts", "6.2.12", "6.4.3", "14.2.7"):
        assert each in asked
    assert all(len(row) == 3 and len(row[2]) > 40 for row in rows)


def test_types_are_checked_strictly() -> None:
    """Mypy reads every room in strict mode, and no room is left out."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    assert tool["mypy"]["strict"] is True
    assert {"core", "tui", "web", "migrations"} <= set(tool["mypy"]["files"])
