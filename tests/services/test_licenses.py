"""What was bought: recorded, edited, resized and removed on the host, and told with what is used, free and waited for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from core.core import Core
from core.errors import (
    EditConflict,
    Invalid,
    InvalidFilter,
    LicenseInUse,
    Missing,
    NameTaken,
    PermissionNeeded,
    SeatsInUse,
)
from core.filter_keys import parse_licenses, parse_users
from core.models import AuditEvent, Course, License, OutboxMail, Seat, SeatWaiter, User
from core.reading import licenses, users
from core.reading.completion import complete
from core.reading.licenses import FormerSeat, LicenseRow, bar
from core.reading.lists import Sort
from core.selection import license_named
from core.services.licenses import add_license, edit_license, remove_license, resize_license
from core.services.people import Archive, Reactivate, change_people
from core.services.signing_in import sign_in
from core.services.waiting import keep_waiting_list
from core.targets import Target
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.learners import bought, hold
from tests.people import House

SALES = "Premium Sales"
WRONG = (
    ("seats", "0", "whole number from 1 to 1,000,000"),
    ("seats", "1000001", "whole number from 1 to 1,000,000"),
    ("seats", "5.5", "whole number"),
    ("seats", "٣", "whole number"),
    ("until", "31.12.2026", "Write the date as 2026-12-31"),
    ("until", "2026-02-30", "no day 2026-02-30 in the calendar"),
    ("name", " ", "Enter the license's name."),
    ("name", "None", "means no license at all"),
    ("courses", ["x" * 201], "200 characters or fewer"),
    ("courses", ["Selling"], "Selling is a learning path. Name it as one, and once only."),
    ("paths", ["new"], "New is a course"),
)


def row_of(house: House, license_id: int) -> LicenseRow:
    """Return a license as the admin sees it."""
    with house.core.look(house.admin) as look:
        return licenses.one(look, license_id)


def wait_for(house: House, license_id: int, *user_ids: int) -> None:
    """Let people wait for a seat, the first of them the longest."""
    with house.core.operator() as work:
        rows = [
            {"license_id": license_id, "user_id": each, "since": work.now + timedelta(minutes=place)}
            for place, each in enumerate(user_ids)
        ]
        work.db.execute(insert(SeatWaiter), rows)


def trail(core: Core, action: str) -> list[dict[str, object]]:
    """Return the details of the events of one action, oldest first."""
    with core.operator_look() as look:
        found = select(AuditEvent.details).where(AuditEvent.action == action).order_by(AuditEvent.id)
        return list(look.db.scalars(found))


def test_a_license_lives_from_purchase_to_removal(company: House) -> None:
    """Added, edited, resized and removed, each step with old and new in the trail; unknown courses are made once."""
    core = company.core
    one = bought(company, f"  {SALES} ", ["Negotiating", "negotiating "], seats=5, paths=["Selling"])
    assert row_of(company, one) == LicenseRow(
        one, SALES, 5, 0, None, None, ("Negotiating",), ("Selling",), waiting_list=False, waiting=0
    )
    with core.operator() as work:
        saved = edit_license(
            work,
            one,
            {"name": "Sales", "until": "2026-12-31", "courses": 'NEGOTIATING, "Sales, part 2"', "paths": ""},
        )
        assert (saved.changed, resize_license(work, one, " 7 ").changed) == (True, True)
        assert edit_license(work, one, {"courses": '"SALES, part 2", Negotiating'}).changed is False
    after = row_of(company, one)
    assert (after.name, after.total, after.until, after.paths) == ("Sales", 7, date(2026, 12, 31), ())
    assert trail(core, "license.edited")[0] == {
        "name": {"old": SALES, "new": "Sales"},
        "until": {"old": "", "new": "2026-12-31"},
        "courses": {"old": "Negotiating", "new": 'Negotiating, "Sales, part 2"'},
        "paths": {"old": "Selling", "new": ""},
    }
    assert trail(core, "license.resized") == [{"seats": {"old": "5", "new": "7"}}]
    with core.operator() as work:
        assert edit_license(work, one, {"name": "Sales", "until": " 2026-12-31"}).changed is False
        assert resize_license(work, one, 7).changed is False
        remove_license(work, one)
        with pytest.raises(Missing):
            resize_license(work, one, 9)
        assert set(work.db.scalars(select(Course.name))) >= {"Negotiating", "Sales, part 2", "Selling"}
    assert trail(core, "license.removed")[0]["seats"] == {"old": "7"}


def test_a_license_never_shrinks_below_what_is_in_use(company: House) -> None:
    """D8: as many as are held may stay, one less is refused, and what is held keeps the license from removal."""
    one = bought(company, SALES, seats=3)
    hold(company, one, company.admin_id, company.register("bo@example.com"))
    with company.core.operator() as work:
        assert resize_license(work, one, 2).changed
    with pytest.raises(SeatsInUse) as small, company.core.operator() as work:
        resize_license(work, one, "1")
    assert "2 are in use. Keep 2 or more, or revoke seats first." in small.value.message
    with pytest.raises(LicenseInUse, match="2 seats are in use"), company.core.operator() as work:
        remove_license(work, one)
    assert row_of(company, one).total == 2


@sqlite_only
def test_what_cannot_be_a_license_is_told_by_field(company: House) -> None:
    """Every wrong value is refused with its field and a sentence, and nothing is recorded."""
    bought(company, "Other", paths=["Selling"])
    for field, value, sentence in WRONG:
        wanted: dict[str, Any] = {"name": SALES, "seats": 5, "courses": ["New"]} | {field: value}
        with pytest.raises(Invalid) as wrong, company.core.operator() as work:
            add_license(work, **wanted)
        assert sentence in wrong.value.fields[field]
    with company.core.operator_look() as look:
        assert list(look.db.scalars(select(License.name))) == ["Other"]
        assert list(look.db.scalars(select(Course.name))) == ["Selling"]


def test_names_are_told_apart_without_regard_to_case(company: House) -> None:
    """A second license of the name is refused, whether added or renamed; its own name may be spelled anew."""
    one, two = bought(company, SALES), bought(company, "Pilot")
    for name in ("premium  SALES", "Premium Sales"):
        with pytest.raises(NameTaken, match="A license named"), company.core.operator() as work:
            add_license(work, name, seats=1)
        with pytest.raises(NameTaken), company.core.operator() as work:
            edit_license(work, two, {"name": name})
    with company.core.operator() as work:
        edit_license(work, one, {"name": "PREMIUM sales"})
        assert license_named(work.db, "premium sales") == one
        with pytest.raises(Missing, match="There is: Pilot, PREMIUM sales"):
            license_named(work.db, "gold")


@sqlite_only
def test_two_operators_do_not_overwrite_each_other(company: House) -> None:
    """What was changed since it was looked at is refused with both values; another field goes through."""
    one = bought(company, SALES, seats=5)
    with company.core.operator() as work:
        resize_license(work, one, 8)
    crossed = pytest.raises(EditConflict, match="Seats was “5” when you looked and is “8” now")
    with crossed, company.core.operator() as work:
        resize_license(work, one, 6, seen={"seats": "5"})
    with company.core.operator() as work:
        assert edit_license(work, one, {"name": "Sales"}, seen={"name": SALES, "until": ""}).changed


@sqlite_only
def test_only_the_operator_records_licenses(company: House) -> None:
    """S14: a Company Admin distributes what was bought and changes nothing of it."""
    one = bought(company, SALES)
    for verb in (
        lambda work: add_license(work, "Gold", seats=1),
        lambda work: edit_license(work, one, {"name": "Gold"}),
        lambda work: resize_license(work, one, 2),
        lambda work: remove_license(work, one),
    ):
        with pytest.raises(PermissionNeeded), company.core.work(company.admin) as work:
            verb(work)


def test_a_larger_or_longer_license_serves_who_waits(company: House, clock: MovableClock) -> None:
    """New seats, and seats in force again, go to who has waited longest; removing the license ends the waiting."""
    people = [company.register(f"p{number}@example.com") for number in range(4)]
    one = bought(company, SALES, seats=1, until=date(2026, 3, 10))
    with company.core.work(company.admin) as work:
        keep_waiting_list(work, one, on=True)
    hold(company, one, people[0])
    wait_for(company, one, *people[1:])
    assert row_of(company, one).closed is None
    with company.core.operator() as work:
        assert resize_license(work, one, 2).passed_on == 1
    clock.move(days=20)
    with company.core.operator() as work:
        assert resize_license(work, one, 3).passed_on == 0
        assert edit_license(work, one, {"until": "2026-03-22"}).passed_on == 1
    with company.core.look(company.admin) as look:
        assert [waiter.user_id for waiter in licenses.waiters(look, one)] == [people[3]]
        assert set(look.db.scalars(select(Seat.user_id))) == set(people[:3])
        mails = select(func.count()).where(OutboxMail.kind == "seat_granted")
        assert look.db.scalar(mails) == 2
        assert [row.address for row in users.first(look, parse_users("waits:premium"))] == ["p3@example.com"]
    with company.core.operator() as work:
        work.db.query(Seat).delete()
        remove_license(work, one)
        assert work.db.scalar(select(func.count()).select_from(SeatWaiter)) == 0
    assert len(trail(company.core, "seat.wait_ended")) == 1


def test_the_list_tells_use_end_and_what_stands_in_the_way(company: House, clock: MovableClock) -> None:
    """S16: seats, days left and state in every column's order, words that narrow down, and the sentence of a closed one."""
    full = bought(company, "Full", ["Selling"], seats=1, until=date(2026, 4, 1))
    over = bought(company, "Over", seats=3, until=date(2026, 3, 1))
    last = bought(company, "Last day", seats=1000, until=date(2026, 3, 2), paths=["Leading"])
    ever = bought(company, "Ever", seats=2)
    hold(company, full, company.admin_id)
    hold(company, last, company.admin_id)
    with company.core.look(company.admin) as look:

        def found(words: str, sort: str = "name", *, down: bool = False) -> list[str]:
            return [row.name for row in licenses.first(look, parse_licenses(words), Sort(sort, down))]

        assert found("") == ["Ever", "Full", "Last day", "Over"]
        assert found("", "until") == ["Over", "Last day", "Full", "Ever"]
        assert found("", "total", down=True)[0] == "Last day"
        assert (found("", "free")[0], found("", "percent", down=True)[0]) == ("Full", "Full")
        assert found("", "used", down=True)[:2] == ["Last day", "Full"]
        for words, names in (
            ("is:full", ["Full"]),
            ("is:unused -is:expired", ["Ever"]),
            ("is:expired", ["Over"]),
            ("is:expiring", ["Full", "Last day"]),
            ("until<7d until>=2026-03-02", ["Last day"]),
            ("until:none", ["Ever"]),
            ("course:selling course:leading", ["Full", "Last day"]),
            ("course:none", ["Ever", "Over"]),
            ("is:waiting", []),
            ("last", ["Last day"]),
        ):
            assert found(words) == names, words
        with pytest.raises(InvalidFilter, match="full, free, unused"):
            found("is:round")
        with pytest.raises(InvalidFilter, match="There is: Leading, Selling"):
            found("course:cooking")
        rows = {row.id: row for row in licenses.rows(look, [over, full, last, ever, 99])}
        told = [
            (row.state, row.days_left, row.percent, row.closed and row.closed.code) for row in rows.values()
        ]
        assert told == [
            ("expired", -1, 0, "license_expired"),
            ("expires soon", 30, 100, "no_seat_left"),
            ("expires soon", 0, 1, None),
            ("in force", None, 0, None),
        ]
        bars = [bar(row, 5) for row in rows.values()]
        assert bars == ["▱▱▱▱▱ 0/3", "▰▰▰▰▰ 1/1", "▰▱▱▱▱ 1/1,000", "▱▱▱▱▱ 0/2"]
        assert bar(rows[full], 3, plain=True) == "### 1/1"
        assert [offer.word for offer in complete(look, "licenses", "is:fr")] == ["is:free"]
        assert next(offer.word for offer in complete(look, "users", "waits:")) == "waits:Ever"


def test_idle_seats_and_leavers_are_found(company: House, clock: MovableClock) -> None:
    """A seat is idle when it was held that long and its holder was silent that long or never came at all."""
    core, one = company.core, bought(company, SALES)
    never, silent, new = (company.register(f"{name}@example.com") for name in ("never", "silent", "new"))
    sign_in(core, "silent@example.com", company.password, source="tests", surface="platform")
    hold(company, one, company.admin_id, never, silent)
    clock.move(days=100)
    company.admin = company.sign_in()
    hold(company, one, new)
    with core.operator() as work:
        work.db.get_one(User, new).leaves_on = date(2026, 7, 1)
    with core.look(company.admin) as look:

        def people(words: str) -> list[str]:
            return [row.address.partition("@")[0] for row in users.first(look, parse_users(words))]

        [row] = licenses.unused(look, 90)
        assert (row.held, row.never_signed_in, row.silent, row.total) == (4, 1, 1, 2)
        assert sorted(people("unused:90d")) == sorted(people("unused:2026-03-03")) == ["never", "silent"]
        assert sorted(people("-unused:90d")) == ["ada", "new"]
        assert people("leaves:any") == people("leaves<30d") == people("leaves:2026-07-01") == ["new"]
        assert people("leaves>30d") == people("leaves<2026-07-01") == []
        assert "new" not in people("leaves:none")
        with pytest.raises(InvalidFilter, match="a date such as"):
            people("unused:long")


def test_what_was_lost_by_the_last_archiving_is_known(company: House) -> None:
    """R46: license by license with people and room; who is active again and what they lost before count no more."""
    core, one, two = company.core, bought(company, SALES, seats=2), bought(company, "Pilot", seats=1)
    bo, cy = company.register("bo@example.com"), company.register("cy@example.com")
    target = Target(ids=[bo, cy])
    hold(company, two, bo)
    for change in (Archive(), Reactivate()):
        with core.work(company.admin) as work:
            change_people(work, target, change)
    hold(company, one, bo, cy)
    with core.work(company.admin) as work:
        change_people(work, target, Archive())
    hold(company, one, company.admin_id)
    with core.look(company.admin) as look:
        former = licenses.former_seats(look, [bo, cy, company.admin_id])
        assert former == [FormerSeat(one, SALES, people=2, free=1, in_force=True)]
        held = licenses.seats_of(look, company.admin_id)
        assert [(seat.name, seat.in_force) for seat in held] == [(SALES, True)]
    with core.work(company.admin) as work:
        change_people(work, Target(ids=[cy]), Reactivate())
        [left] = licenses.former_seats(work, [bo, cy])
        assert left.people == 1
