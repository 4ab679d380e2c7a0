"""Warnings: what the console shows right now, and mails to Company Admins, once for each threshold."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select, update

from core.core import Core
from core.mail.parts import CAP_NEAR, LICENSE_EXPIRING, SEATS_USED
from core.models import License, Notice
from core.reading.warnings import warnings
from core.roles import Role
from core.services.mailing import Delivery, deliver_due
from core.services.warning import Warnings, send_warnings
from tests.clock import MovableClock
from tests.people import House
from tests.posts import ScriptedPost, mails_of
from tests.services import rows
from tests.services.test_seat_mails import crowd, hold, license_of, subjects, text_of

NOTHING = Warnings()


@pytest.fixture
def post() -> ScriptedPost:
    """Return the mail server of the test's core."""
    return ScriptedPost()


def look_around(core: Core) -> Warnings:
    """Do what the task does."""
    with core.system("warnings") as work:
        return send_warnings(work)


def texts(house: House) -> list[str]:
    """Return the warnings as the console shows them."""
    with house.core.look(house.admin) as look:
        return [each.text for each in warnings(look)]


def noted(core: Core) -> set[tuple[str, int]]:
    """Return kind and threshold of every notice."""
    return {tuple(row) for row in rows.all_of(core, select(Notice.kind, Notice.threshold))}


def change_license(core: Core, license_id: int, **values: object) -> None:
    """Change a license as the operator does."""
    with core.operator() as work:
        work.db.execute(update(License).where(License.id == license_id).values(**values))


def test_the_worst_stands_first(company: House, clock: MovableClock) -> None:
    """Expired licenses with seats, days left, seats and places in use are told in words, the worst first."""
    core = company.core
    people = crowd(core, 18)
    hold(core, license_of(core, "Gone", until=date(2026, 3, 1)), people[0])
    license_of(core, "Gone and free", until=date(2026, 3, 1))
    license_of(core, "Today", until=date(2026, 3, 2))
    license_of(core, "Soon", until=date(2026, 4, 1))
    license_of(core, "Later", until=date(2026, 5, 1))
    license_of(core, "Far", until=date(2026, 5, 2))
    hold(core, license_of(core, "Full", seats=2), *people[:2])
    hold(core, license_of(core, "Nearly", seats=20), *people)
    rows.set_cap(core, 21)
    assert texts(company) == [
        "Gone has expired, 1 seat is still held",
        "Today expires at the end of today",
        "Full: 2 of 2 seats in use",
        "Soon expires in 30 days",
        "19 of 21 places for users taken",
        "Nearly: 18 of 20 seats in use",
        "Later expires in 60 days",
    ]
    rows.set_cap(core, 19)
    clock.move(days=1)
    assert texts(company)[:3] == [
        "Gone has expired, 1 seat is still held",
        "19 of 19 places for users taken",
        "Full: 2 of 2 seats in use",
    ]


def test_each_threshold_is_mailed_once_to_every_company_admin(
    company: House, post: ScriptedPost, clock: MovableClock
) -> None:
    """A license passes 60, 30 and 7 days and its end: four mails to each admin, and not one more in between."""
    core = company.core
    rows.add_admin(core, "cy@example.com", "none")
    gone = rows.add_admin(core, "di@example.com", "none")
    rows.archive(core, gone)
    company.register("bo@example.com", Role.TRAINER)
    deliver_due(core)
    post.taken.clear()
    license_of(core, "Premium Sales", until=date(2026, 5, 30))
    hold(core, 1, company.admin_id)
    mailed: dict[str, int] = {}
    for days in (0, 28, 1, 29, 1, 22, 1, 7, 1, 300):
        clock.move(days=days)
        sent = look_around(core)
        assert look_around(core) == NOTHING
        if sent.warned:
            assert sent == Warnings(1, 2)
            mailed[clock.now().date().isoformat()] = sent.mails
            deliver_due(core)
    assert list(mailed) == ["2026-03-31", "2026-04-30", "2026-05-23", "2026-05-31"]
    assert len(post.taken) == 8
    assert {str(each["To"]) for each in post.taken} == {"ada@example.com", "cy@example.com"}
    assert subjects(post)[0] == "Premium Sales expires on Saturday, 30 May 2026"
    assert subjects(post)[-1] == "Premium Sales has expired"
    assert "Seats in use: 1 of 10." in text_of(post.taken[-1])


def test_only_the_sharpest_of_several_is_mailed(company: House, post: ScriptedPost) -> None:
    """Who passes several thresholds at once is warned of the sharpest, and never of the milder ones afterwards."""
    core = company.core
    people = crowd(core, 10)
    full = license_of(core, "Full", seats=10, until=date(2026, 3, 9))
    hold(core, full, *people)
    assert look_around(core) == Warnings(2, 2)
    assert noted(core) == {
        (LICENSE_EXPIRING, 60), (LICENSE_EXPIRING, 30), (LICENSE_EXPIRING, 7), (SEATS_USED, 90), (SEATS_USED, 100),
    }  # fmt: skip
    change_license(core, full, seats_total=11)
    assert look_around(core) == Warnings(1, 1)
    change_license(core, full, expires_on=date(2026, 4, 20))
    assert look_around(core) == Warnings(1, 1)
    change_license(core, full, seats_total=10)
    assert look_around(core) == NOTHING
    assert deliver_due(core) == Delivery(sent=2, dropped=2)
    assert subjects(post) == [
        "All seats of Full are in use",
        "Full expires on Monday, 20 April 2026",
    ]


def test_the_cap_is_warned_of_and_a_notice_that_is_over_is_dropped(
    company: House, post: ScriptedPost
) -> None:
    """Active users and open invitations count; who is no admin any more and what is over by then is not mailed."""
    core = company.core
    rows.set_cap(core, 2)
    company.invite("bo@example.com")
    deliver_due(core)
    post.taken.clear()
    assert look_around(core) == Warnings(1, 1)
    assert noted(core) == {(CAP_NEAR, 90), (CAP_NEAR, 100)}
    assert deliver_due(core) == Delivery(sent=1)
    assert subjects(post) == ["All places for users of Engine Works are taken"]
    assert "Users and open invitations of Engine Works: 2 of 2." in text_of(post.taken[0])
    rows.set_cap(core, 1)
    rows.add_admin(core, "cy@example.com", "none")
    assert look_around(core) == Warnings(1, 2)
    rows.archive(core, company.admin_id)
    rows.set_cap(core, 3)
    assert deliver_due(core) == Delivery(dropped=2)
    assert {each.last_error for each in mails_of(company_of_cy(company))[-2:]} == {
        "It was meant for a Company Admin, which the account is no longer.",
        "What it warned of is over.",
    }


def company_of_cy(company: House) -> House:
    """Return the company as another admin sees it."""
    company.admin = rows.open_sign_in(company.core, "cy@example.com")
    return company


def test_without_an_admin_nothing_is_noted(company: House) -> None:
    """Where nobody would be warned nothing counts as told, so that the first admin hears of it."""
    core = company.core
    license_of(core, "Premium Sales", until=date(2026, 3, 9))
    rows.archive(core, company.admin_id)
    assert look_around(core) == NOTHING
    rows.add_admin(core, "cy@example.com", "none")
    assert look_around(core) == Warnings(1, 1)
    assert rows.all_of(core, select(func.count()).select_from(Notice))[0][0] == 3
    [event] = rows.events(core, "warning.mailed")
    assert (event.subject_label, event.details["threshold"]) == ("Premium Sales", 7)
