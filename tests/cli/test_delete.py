"""`academy delete` and `academy db clean`: the loss first, the address typed, the records exported, nothing left."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest

from core.roles import Role
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.people import ADMIN_ADDRESS, House

KEYS = (
    "id", "address", "name", "role", "status", "lessons", "courses_in_progress", "certificates", "seats", "groups",
    "waits_for", "invitations_sent", "invitations_withdrawn", "sign_ins", "views", "stays_in_company", "export",
)  # fmt: skip


def test_deleting_says_the_loss_exports_and_leaves_nothing(house: House, host: Host, tmp_path: Path) -> None:
    """The loss is said, the records go to a private file, the person is gone, and cleaning up says what it did."""
    house.register("bo@example.com", groups=["Night shift"])
    house.register("cy@example.com", Role.TRAINER)
    file = tmp_path / "bo.zip"
    ran = host("delete", "bo@example.com", "--confirm", "BO@Example.com", "--export", str(file))
    assert (ran.code, ran.out) == (
        0,
        f"The records are in {file}, which only you can read.\nbo@example.com is deleted.\n",
    )
    assert "Deleting Bo Berg, bo@example.com, Learner, active, loses for good:\n  0 lessons done\n" in ran.err
    assert "  1 learning group: Night shift\n" in ran.err
    assert "academy db clean" in ran.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("data.json"))["people"][0]["address"] == "bo@example.com"
    told = host("delete", "cy@example.com", "--confirm", "cy@example.com", "--json").json
    assert tuple(told) == KEYS
    assert (told["role"], told["groups"], told["export"]) == ("trainer", [], None)
    assert [each["address"] for each in host("users", "status:any", "--json").json] == [ADMIN_ADDRESS]
    assert [each["action"] for each in host("log", "--json").json[:4]] == [
        "user.deleted", "user.deleted", "user.exported", "user.registered",
    ]  # fmt: skip
    cleaned = host("db", "clean", "--json")
    assert cleaned.code == 0
    assert cleaned.json.keys() == {"before", "after", "files"}
    assert "written anew" in host("db", "clean").out


@sqlite_only
@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("nobody@example.com", "--confirm", "nobody@example.com"), 1, "missing"),
        (("bo@example.com", "--confirm", "cy@example.com"), 2, "invalid"),
        (("bo@example.com",), 2, "usage"),
        (("bo@example.com", "--confirm", "bo@example.com", "--export", "{there}"), 2, "invalid"),
        (("bo@example.com", "--confirm", "bo@example.com", "--export", ""), 2, "usage"),
        (("bo@example.com", "--confirm", "bo@example.com", "--export", "{folder}"), 2, "invalid"),
        (("bo@example.com", "--confirm", "bo@example.com", "--export=~nobody_there/x"), 2, "invalid"),
    ],
)
def test_what_stops_a_deletion_has_its_code(
    house: House, host: Host, tmp_path: Path, *, arguments: tuple[str, ...], code: int, error: str
) -> None:
    """Nobody there, another address typed, none typed, no file, one that is there or a folder: nothing is deleted."""
    house.register("bo@example.com")
    there = tmp_path / "there.zip"
    there.write_text("mine")
    ran = host(
        "delete",
        *(each.replace("{there}", str(there)).replace("{folder}", str(tmp_path)) for each in arguments),
        "--json",
    )
    assert (ran.code, ran.json["error"]) == (code, error)
    assert there.read_text() == "mine"
    assert len(host("users", "--json").json) == 2
