"""`academy show`: seats, what was learned, and for each course why it does or does not open."""

from __future__ import annotations

from datetime import date, timedelta

from core.services.learning import issue_certificate, record_lesson, record_progress
from tests.cli.running import Host
from tests.databases import sqlite_only
from tests.learners import bought, hold
from tests.people import House

BO, COURSE = "bo@example.com", "Closing deals"


def test_show_tells_seats_records_and_what_opens(house: House, host: Host) -> None:
    """Each seat says whether it gives access, each record when, each course why not and with which command it would."""
    bo = house.register(BO)
    sales = bought(house, "Premium Sales", [COURSE], until=date.today() + timedelta(days=9))  # noqa: DTZ011 - nine or ten
    pilot = bought(house, "Pilot 2024", ["Welding"], until=date(2024, 12, 31))
    bought(house, "Lead on", ["Coaching"], paths=["First weeks"])
    hold(house, sales, bo)
    hold(house, pilot, bo)
    with house.core.system("platform") as work:
        record_lesson(work, bo, COURSE, "Lesson 1")
        record_progress(work, bo, COURSE, 40)
        issue_certificate(work, bo, COURSE, "2026-1")
    facts = host("show", BO, "--json").json
    assert facts["seats"] == ["Pilot 2024", "Premium Sales"]
    assert [(each["license"], each["until"] > "2025", each["in_force"]) for each in facts["held_seats"]] == [
        ("Pilot 2024", False, False),
        ("Premium Sales", True, True),
    ]
    assert (facts["lessons"], facts["certificates"], facts["leaves_on"], facts["former_seats"]) == (
        1,
        1,
        None,
        [],
    )
    told = {name: [tuple(each) for each in rows] for name, rows in facts["records"].items()}
    assert told == {
        "lessons": [("course", "lesson", "at")],
        "progress": [("course", "percent", "started", "updated")],
        "certificates": [("course", "number", "issued")],
    }
    assert facts["records"]["progress"][0]["percent"] == 40
    assert {each["course"]: (each["kind"], each["opens"], each["code"]) for each in facts["courses"]} == {
        COURSE: ("course", True, ""),
        "Coaching": ("course", False, "seat_needed"),
        "First weeks": ("path", False, "seat_needed"),
        "Welding": ("course", False, "no_license_in_force"),
    }
    commands = [each["command"] for course in facts["courses"] for each in course["why"] if each["command"]]
    assert commands == [
        "academy seats allocate 'Lead on' bo@example.com",
        "academy seats allocate 'Lead on' bo@example.com",
        "academy license edit 'Pilot 2024' --until DATE",
    ]


@sqlite_only
def test_show_is_read_by_people_too(house: House, host: Host) -> None:
    """In plain text seats, records, courses and the reasons against one stand under headings, for archived people what they lost."""
    bo = house.register(BO)
    hold(house, bought(house, "Premium Sales", [COURSE]), bo)
    bought(house, "Lead on", ["Coaching"])
    with house.core.system("platform") as work:
        record_progress(work, bo, COURSE, 40)
    told = host("show", BO).out
    assert "seats held\n  Premium Sales: without an end, held since " in told
    assert "progress\n  Closing deals: 40 %\ncourses\n  ok    Closing deals\n  no    Coaching\n" in told
    assert "why not Coaching\n  no    Seat: bo@example.com holds no seat of a license that includes" in told
    assert host("archive", BO, "--on", "2999-12-31").code == 0
    assert "\nleaves on       2999-12-31\n" in host("show", BO).out
    assert host("archive", BO).code == 0
    archived = host("show", BO)
    assert "former seats\n  Premium Sales: one is free now\n" in archived.out
    assert "why not" not in archived.out
    assert host("show", BO, "--json").json["former_seats"] == [
        {"license": "Premium Sales", "free": 5, "in_force": True, "room": "one is free now"}
    ]
