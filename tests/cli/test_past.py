"""`academy users --as-of`: promised keys with what was, spreadsheets, and what is refused."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from core.core import Core
from core.ports import Hasher, Post
from core.roles import Role
from core.services.deleting import delete_person
from core.services.people import Archive, GiveRole, change_people
from core.settings import Settings
from core.targets import Target
from tests.cli.running import Host
from tests.cli.test_lists import USER_KEYS
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services.changes import add_license, give_seat

NOW = datetime.now(UTC)
DAY = f"{NOW - timedelta(days=10):%Y-%m-%d}"
NOT_KNOWN = {"department": None, "groups": None, "language": None, "last_sign_in": None}


@pytest.fixture
def since(settings: Settings, hasher: Hasher, post: Post) -> int:
    """Make a company in which Bo, ten days ago a trainer with a seat, is an archived learner by now; return Bo's id."""
    clock = MovableClock(NOW - timedelta(days=20))
    with Core.open(settings, clock=clock, hasher=hasher, post=post) as core:
        house = House.set_up(core)
        bo, cy = (house.register(f"{name}@example.com", Role.TRAINER) for name in ("bo", "cy"))
        give_seat(core, add_license(core), bo)
        clock.move(days=15)
        for change in (GiveRole(Role.LEARNER), Archive()):
            with core.work(house.admin) as work:
                change_people(work, Target([bo]), change)
        with core.work(house.admin) as work:
            delete_person(work, cy, confirm="cy@example.com")
    return bo


def test_people_as_of_a_day_have_the_promised_keys(since: int, host: Host) -> None:
    """Role, status and seats are those of that day, and what is not known of it is null."""
    ran = host("users", "--as-of", DAY, "seat:premium", "--json")
    [bo] = ran.json
    assert tuple(bo) == USER_KEYS
    assert bo["id"] == since
    assert (bo["role"], bo["status"], bo["seats"]) == ("trainer", "active", ["Premium Sales"])
    assert {name: bo[name] for name in NOT_KNOWN} == NOT_KNOWN
    assert ran.err == "1 person who was deleted since is not listed.\n"
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    [now] = host("users", "--as-of", today, "status:archived", "--json").json
    assert (now["role"], now["status"], now["seats"]) == ("learner", "archived", [])


@sqlite_only
def test_people_as_of_a_day_for_eyes_and_spreadsheets(since: int, host: Host) -> None:
    """The table says how many and of which day, and a spreadsheet gets the columns it gets for today."""
    plain = host("users", "--as-of", DAY, "role:trainer")
    assert [line.split() for line in plain.out.splitlines()] == [
        ["name", "address", "role", "status", "seats"],
        ["Bo", "Berg", "bo@example.com", "trainer", "active", "Premium", "Sales"],
    ]
    assert plain.err == f"1 person as of {DAY}.\n1 person who was deleted since is not listed.\n"
    rows = list(csv.DictReader(io.StringIO(host("users", "bo", "--as-of", DAY, "--csv").out)))
    assert [(row["id"], row["role"], row["department"]) for row in rows] == [(str(since), "trainer", "")]


@sqlite_only
@pytest.mark.usefixtures("since")
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("2999-12-31",), "invalid", "2999-12-31 has not come yet."),
        (("2001-01-01",), "invalid", "On 2001-01-01 there was no company here yet."),
        (("31.3.2026",), "invalid", "Write the date as 2026-12-31: year, month and day."),
        ((DAY, "dept:sales"), "invalid_filter", "The filter word dept:sales: what it asks for is not known"),
        ((DAY, "seat:gold"), "invalid_filter", f"The filter word seat:gold: on {DAY} there was no license gold."),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(
    host: Host, arguments: tuple[str, ...], code: str, sentence: str
) -> None:
    """Days that cannot be told and words that the past does not know are refused, as a sentence and as JSON."""
    told = host("users", "--as-of", *arguments, "--json")
    assert (told.code, told.json["error"]) == (2, code)
    assert told.json["message"].startswith(sentence)
    plain = host("users", "--as-of", *arguments)
    assert (plain.code, plain.out) == (2, "")
    assert plain.err.startswith(sentence)
