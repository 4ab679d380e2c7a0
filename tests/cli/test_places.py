"""`academy departments`, `academy groups` and `academy company`."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.models import Company
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House

DEPARTMENT_KEYS = ("id", "name", "active", "archived", "invited", "expired")
GROUP_KEYS = (
    "id", "name", "description", "max_size", "room", "active", "archived", "invited", "expired",
)  # fmt: skip
COMPANY_KEYS = (
    "name", "email", "phone", "website", "address", "link_days", "language", "color", "logo", "logo_bytes", "cap",
    "active", "invited", "places_left",
)  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


def test_departments_are_listed_with_who_is_in_them(house: House, host: Host) -> None:
    """The list counts people and invitations, as a table and as JSON with the promised keys."""
    house.register("bo@example.com", department="Sales")
    house.invite("cy@example.com", department="Sales")
    ran = host("departments", "list", "--json")
    assert [tuple(row) for row in ran.json] == [DEPARTMENT_KEYS] * 2
    assert ran.json[0] | {"id": 0} == {
        "id": 0, "name": "Sales", "active": 1, "archived": 0, "invited": 1, "expired": 0,
    }  # fmt: skip
    table = host("departments", "list", "sal")
    assert table.out.splitlines()[1].split() == ["Sales", "1", "0", "1", "0"]
    assert table.err == "1 department.\n"
    assert [row["name"] for row in host("departments", "list", "is:empty", "--json").json] == ["Support"]


@sqlite_only
def test_a_department_lives_by_command(house: House, host: Host) -> None:
    """Added, renamed without regard to case, found under the new name, and removed."""
    added = host("departments", "add", " Stores ", "--json").json
    assert (tuple(added), added["name"]) == (DEPARTMENT_KEYS, "Stores")
    assert host("departments", "rename", "stores", "Depot").out == "stores is called Depot now.\n"
    assert host("departments", "rename", "Depot", "Depot").out == "It is called Depot already.\n"
    removed = host("departments", "remove", "DEPOT", "--yes", "--json").json
    assert (removed["id"], removed["removed"]) == (added["id"], True)
    assert host("departments", "remove", "Depot").code == 1


@sqlite_only
def test_what_is_not_empty_is_not_removed(house: House, host: Host) -> None:
    """The refusal ends with 1, says what stands in the way and has a code for scripts."""
    house.register("bo@example.com", department="Sales", groups=["Night shift"])
    for command, name in (("departments", "Sales"), ("groups", "Night shift")):
        ran = host(command, "remove", name, "--json")
        assert (ran.code, ran.json["error"]) == (1, "place_in_use")
        assert "it has 1 active person" in host(command, "remove", name).err


def test_a_merge_is_planned_done_and_taken_back(house: House, host: Host) -> None:
    """Preview writes nothing, the merge answers with the promised keys, and undo brings the department back."""
    house.register("bo@example.com", department="Sales")
    plan = host("departments", "merge", "sales", "support", "--preview", "--json").json
    assert (plan["done"], plan["preview"], plan["batch"]) == (1, True, None)
    ran = host("departments", "merge", "sales", "support")
    assert ran.out.splitlines()[:2] == ["Sales is merged into Support.", "  1  Sales → Support"]
    assert [row["name"] for row in host("departments", "list", "--json").json] == ["Support"]
    batch = ran.err.rpartition(" ")[2].strip()
    assert host("undo", batch, "--yes").code == 0
    assert [row["active"] for row in host("departments", "list", "--json").json] == [1, 0]


@sqlite_only
def test_a_learning_group_lives_by_command(house: House, host: Host) -> None:
    """Added with a size, edited, filled, merged into another one."""
    added = host("groups", "add", "Mentors", "--description", "Ask them.", "--max", "1", "--json").json
    assert (tuple(added), added["room"]) == (GROUP_KEYS, 1)
    host("invite", "bo@example.com", "--group", "Mentors")
    assert [row["name"] for row in host("groups", "list", "is:full", "--json").json] == ["Mentors"]
    refused = host("groups", "merge", "Night shift", "mentors", "--json")
    assert refused.json["done"] == 0
    assert host("groups", "edit", "Mentors", "--max", "none", "--description", "").out == "Saved: Mentors.\n"
    assert host("groups", "rename", "mentors", "Guides", "--json").json["max_size"] is None
    merged = host("groups", "merge", "Guides", "Q3 onboarding", "--yes", "--json").json
    assert merged["done"] == 1
    assert [row["name"] for row in host("groups", "list", "--json").json] == ["Q3 onboarding"]


@sqlite_only
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("groups", "add", "Mentors", "--max", "few"), 2),
        (("groups", "edit", "Night shift"), 2),
        (("groups", "edit", "Nobody", "--max", "1"), 1),
        (("departments", "merge", "Sales", "Sales"), 2),
        (("departments", "add", "sales"), 1),
        (("departments", "list", "is:round"), 2),
        (("company", "set", "shape=round"), 2),
        (("company", "set", "name"), 2),
        (("company", "set", "cap=many"), 2),
        (("company", "set", "cap=0"), 2),
        (("company", "set", "cap=5", "CAP=6"), 2),
        (("departments", "add", "None"), 2),
        (("groups", "rename", "Night shift", "none"), 2),
        (("company", "set", "logo=/no/such/file"), 2),
        (("company", "set", "language=none"), 2),
    ],
)
def test_what_cannot_be_done_ends_with_its_code(
    house: House, host: Host, words: tuple[str, ...], code: int
) -> None:
    """What cannot be meant is a matter of usage, what does not exist or is taken is refused."""
    ran = host(*words, "--json")
    assert ran.code == code
    assert set(ran.json) == {"error", "message"}


def test_the_company_is_shown_and_set(house: House, host: Host) -> None:
    """Fields, the maximum and the logo are set in one go, and shown with the promised keys."""
    first = host("company", "--json").json
    assert tuple(first) == COMPANY_KEYS
    ran = host("company", "set", "name=Engine & Sons", "cap=3", "color=#0550AE", "link_days=14", "--json")
    assert (ran.code, ran.json["cap"], ran.json["places_left"]) == (0, 3, 2)
    assert (ran.json["name"], ran.json["color"], ran.json["link_days"]) == ("Engine & Sons", "#0550ae", 14)
    assert "cap           3" in host("company").out
    assert host("company", "set", "cap=none", "--json").json["cap"] is None


@sqlite_only
def test_all_of_it_is_set_or_nothing(house: House, host: Host) -> None:
    """One wrong field leaves every other one as it was."""
    ran = host("company", "set", "name=Other Works", "cap=9", "color=#ffff00", "--json")
    assert (ran.code, ran.json["error"]) == (2, "invalid")
    after = host("company", "--json").json
    assert (after["name"], after["cap"]) == ("Engine Works", None)


@sqlite_only
def test_a_maximum_below_what_is_held_is_said(house: House, host: Host) -> None:
    """A maximum that is reached already is set, and the command says what that means."""
    house.register("bo@example.com")
    ran = host("company", "set", "cap=1")
    assert (ran.code, "nobody new" in ran.err) == (0, True)
    assert host("invite", "cy@example.com", "--json").json["error"] == "cap_reached"


@sqlite_only
def test_a_logo_comes_from_a_file_or_a_pipe(house: House, host: Host, tmp_path: Path) -> None:
    """A PNG is taken by its first bytes, anything else is refused, none takes it away."""
    good, bad = tmp_path / "logo.png", tmp_path / "logo.svg"
    good.write_bytes(PNG)
    bad.write_text("<svg/>")
    set_ = host("company", "set", f"logo={good}", "--json").json
    assert (set_["logo"], set_["logo_bytes"]) == ("image/png", len(PNG))
    with house.core.operator_look() as look:
        assert look.db.scalars(select(Company.logo)).one() == PNG
    refused = host("company", "set", f"logo={bad}", "--json")
    assert (refused.code, "PNG or a JPEG" in refused.json["message"]) == (2, True)
    assert host("company", "set", "logo=-", typed="GIF89a").code == 2
    empty = host("company", "set", "logo=-", "--json")
    assert (empty.code, empty.json["error"]) == (2, "usage")
    assert host("company", "--json").json["logo_bytes"] == len(PNG)
    assert host("company", "set", "logo=none", "--json").json["logo"] == ""
