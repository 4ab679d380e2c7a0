"""Changing people from the command line: role, place, archive, reactivate, edit."""

from __future__ import annotations

from core.reading import users
from core.reading.users import UserRow
from core.roles import Role
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import House

KEYS = {"batch", "preview", "done", "skipped", "failed", "rows"}


def person(house: House, user_id: int) -> UserRow:
    """Return one person as lists show them."""
    with house.core.operator_look() as look:
        return users.rows(look, [user_id])[0]


def crew(house: House) -> tuple[int, int]:
    """Register a learner in Sales and a trainer in Support; return their ids."""
    bo = house.register("bo@example.com", department="Sales")
    return bo, house.register("cy@example.com", Role.TRAINER, first_name="Cy", department="Support")


def test_a_role_is_given_to_everybody_a_filter_finds(house: House, host: Host) -> None:
    """Who has the role already is skipped, the rest gets it in one batch, and the JSON has the promised keys."""
    bo, cy = crew(house)
    ran = host("role", "-role:company-admin", "--to", "trainer", "--json")
    assert ran.code == 0
    assert set(ran.json) >= KEYS
    assert (ran.json["done"], ran.json["skipped"], ran.json["failed"]) == (1, {"unchanged": 1}, {})
    assert ran.json["rows"] == [{"id": cy, "address": "cy@example.com", "code": "unchanged"}]
    assert person(house, bo).role is Role.TRAINER
    assert {row["batch"] for row in host("log", f"batch:{ran.json['batch']}", "--json").json} == {
        ran.json["batch"]
    }


@sqlite_only
def test_a_preview_says_what_would_happen_and_writes_nothing(house: House, host: Host) -> None:
    """With --preview the counts before and after are told, and everybody stays as they were."""
    bo, _cy = crew(house)
    ran = host("role", "dept:sales", "--to", "trainer", "--preview")
    assert (ran.code, ran.out.splitlines()[0]) == (
        0,
        "Preview, nothing was written: role: Trainer for 1 person.",
    )
    assert "  1  Learner → Trainer" in ran.out.splitlines()
    told = host("role", "dept:sales", "--to", "trainer", "--preview", "--json").json
    assert (told["preview"], told["batch"], told["done"]) == (True, None, 1)
    assert told["effects"]["moves"] == [{"field": "role", "old": "Learner", "new": "Trainer", "people": 1}]
    assert person(house, bo).role is Role.LEARNER


@sqlite_only
def test_no_filter_never_means_everybody(house: House, host: Host) -> None:
    """Without words each verb is refused as usage; the word `everybody` is what means everybody."""
    bo, cy = crew(house)
    for command in (
        ("role", "--to", "trainer"),
        ("place", "--department", "none"),
        ("archive",),
        ("reactivate",),
    ):
        ran = host(*command)
        assert (ran.code, "Say whom" in ran.err) == (2, True)
        assert host(*command, " ").code == 2
        assert "stands alone" in host(*command, "everybody", "dept:sales").err
    assert host("place", "everybody", "--department", "none", "--json").json["done"] == 2
    assert {person(house, each).department for each in (bo, cy)} == {""}


@sqlite_only
def test_a_whole_address_means_that_person_alone(house: House, host: Host) -> None:
    """An address is not searched for inside of others, and an unknown one refuses the whole run."""
    bo = house.register("bo@example.com")
    jumbo = house.register("jumbo@example.com", first_name="Jumbo")
    assert host("role", "bo@example.com", "--to", "trainer", "--json").json["done"] == 1
    assert (person(house, bo).role, person(house, jumbo).role) == (Role.TRAINER, Role.LEARNER)
    ran = host("archive", "bo@example.com", "nobody@example.com", "--json")
    assert (ran.code, ran.json["error"]) == (1, "missing")
    assert person(house, bo).status == "active"


@sqlite_only
def test_people_change_places(house: House, host: Host) -> None:
    """Departments and learning groups go by name, `none` is out of any, and an unknown name lists what there is."""
    bo, _cy = crew(house)
    assert host("place", "dept:sales", "--department", "support", "--group", "night shift").code == 0
    assert (person(house, bo).department, person(house, bo).groups) == ("Support", ("Night shift",))
    assert host("place", "bo@example.com", "--department", "NONE", "--leave-group", "Night shift").code == 0
    assert (person(house, bo).department, person(house, bo).groups) == ("", ())
    missing = host("place", "bo@example.com", "--department", "Sels")
    assert (missing.code, "There is no department Sels. There is: Sales, Support." in missing.err) == (
        1,
        True,
    )
    assert host("place", "bo@example.com").code == 2


def test_people_leave_and_come_back(house: House, host: Host) -> None:
    """Archiving takes a filter of active people, reactivating one of archived people."""
    bo, cy = crew(house)
    assert host("archive", "dept:sales", "--yes", "--json").json["done"] == 1
    assert (person(house, bo).status, person(house, cy).status) == ("archived", "active")
    back = host("reactivate", "bo", "--json")
    assert (back.code, back.json["done"]) == (0, 1)
    assert person(house, bo).status == "active"


@sqlite_only
def test_the_rules_hold_for_commands_too(house: House, host: Host) -> None:
    """Operator is never given, the exit code tells partly from refused, and sentences say what to do."""
    crew(house)
    ran = host("role", "bo@example.com", "--to", "operator", "--json")
    assert (ran.code, ran.json["error"]) == (1, "role_not_below_own")
    nobody = host("archive", "nobodyatall")
    assert (nobody.code, nobody.out) == (0, "Nobody is found by that. Nothing was changed.\n")
    wrong = host("archive", "dept:sels", "--json")
    assert (wrong.code, wrong.json["error"]) == (2, "invalid_filter")


def test_one_person_is_edited_field_by_field(house: House, host: Host) -> None:
    """Fields are set and cleared by name, a wrong value is named and nothing of the edit is kept."""
    bo, _cy = crew(house)
    ran = host(
        "edit", "BO@example.com", "--set", "phone=+49 30 1234", "--set", "department=Support", "--json"
    )
    assert (ran.code, ran.json["done"]) == (0, 1)
    assert person(house, bo).department == "Support"
    assert host("show", "bo@example.com", "--json").json["phone"] == "+49 30 1234"
    wrong = host("edit", "bo@example.com", "--set", "phone=x", "--set", "last_name=Neu", "--json")
    assert (wrong.code, wrong.json["error"]) == (2, "invalid")
    assert person(house, bo).last_name == "Berg"
    assert host("edit", "bo@example.com", "--set", "nonsense").code == 2
    assert "There is no field shoe" in host("edit", "bo@example.com", "--set", "shoe=44").err
    twice = host("edit", "bo@example.com", "--set", "phone=1234567", "--set", "Phone=7654321")
    assert (twice.code, "phone is set twice" in twice.err) == (2, True)
    assert host("edit", "bo@example.com", "--set", "department=none").code == 0
    assert person(house, bo).department == ""


@sqlite_only
def test_an_edit_can_be_previewed(house: House, host: Host) -> None:
    """With --preview the fields are told and nothing is kept."""
    bo, _cy = crew(house)
    ran = host("edit", "bo@example.com", "--set", "last_name=Neu", "--preview")
    assert (ran.code, ran.out) == (0, "Preview, nothing was written: last name of bo@example.com.\n")
    assert person(house, bo).last_name == "Berg"
    assert host("edit", "bo@example.com", "--set", "last_name=Berg").out.endswith("nothing changes.\n")


def test_every_bulk_change_is_taken_back(house: House, host: Host) -> None:
    """The last change comes first, a preview takes nothing back, and who was changed since is left alone and told."""
    bo, cy = crew(house)
    di = house.register("di@example.com", first_name="Di")
    role = host("role", "role:learner", "--to", "trainer", "--json").json["batch"]
    host("place", "everybody", "--department", "none")
    host("archive", "cy@example.com")
    assert host("undo", "--json").json["done"] == 1
    assert person(house, cy).status == "active"
    plan = host("undo", "--preview", "--json").json
    assert (plan["done"], plan["preview"], person(house, bo).department) == (2, True, "")
    assert host("undo").out.startswith("Taken back: 2 of “department: none” for 2 rows, done by operator ")
    assert (person(house, bo).department, person(house, cy).department) == ("Sales", "Support")
    host("role", "di@example.com", "--to", "content-manager")
    ran = host("undo", role, "--json")
    assert (ran.code, ran.json["done"], ran.json["undone"]) == (3, 1, role)
    assert [(row["id"], row["code"]) for row in ran.json["rows"]] == [(di, "changed_since")]
    assert (person(house, bo).role, person(house, di).role) == (Role.LEARNER, Role.CONTENT_MANAGER)
