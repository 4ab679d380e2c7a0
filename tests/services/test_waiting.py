"""The waiting list of a license: who gets on it, who is served when a seat is freed, and by what, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.core import Core
from core.errors import Missing, NotUndoable
from core.filter_keys import parse_users
from core.models import License, SeatWaiter
from core.reading import seats
from core.reading.why import why_person
from core.services.people import Archive, Change, GiveSeat, Reactivate, TakeSeat, change_people
from core.services.undoing import last_undoable, undo
from core.services.waiting import keep_waiting_list, leave_waiting_list, serve_waiting
from core.tally import Room, Tally
from core.targets import Target
from tests.clock import MovableClock
from tests.databases import sqlite_only
from tests.people import House
from tests.services import rows
from tests.services.changes import (
    add_license,
    add_people,
    assert_sound,
    change,
    codes,
    effects_of,
    holders,
    keep_waiting,
    resize,
    waiters,
)

pytestmark = pytest.mark.slow


@pytest.fixture
def line(company: House, core: Core, clock: MovableClock) -> tuple[int, list[int]]:
    """Return a license of two seats held by the first two of six people, for which the next three wait, last first."""
    ids = add_people(core, 6)
    license_id = add_license(core, seats=2)
    keep_waiting(core, license_id)
    change(company, ids[:2], GiveSeat(license_id))
    for each in reversed(ids[2:5]):
        clock.move(minutes=1)
        change(company, [each], GiveSeat(license_id))
    return license_id, ids


def served(house: House, license_ids: list[int] | None = None) -> int:
    """Serve those who wait as the operator of the host."""
    with house.core.operator() as work:
        return serve_waiting(work, license_ids)


def take_back(house: House, batch: str | None, *, preview: bool = False) -> Tally:
    """Undo a bulk change as the admin."""
    with house.core.work(house.admin) as work:
        return undo(work, batch or "", preview=preview)


# --- getting on it and off it -----------------------------------------------------------------------------------


def test_who_finds_no_seat_waits_where_the_license_keeps_a_list(company: House, core: Core) -> None:
    """They are skipped and told so, in the plan as in the run; without a list they are refused."""
    ids = add_people(core, 3)
    license_id = add_license(core, seats=1)
    keep_waiting(core, license_id)
    plan = change(company, ids, GiveSeat(license_id), preview=True)
    assert waiters(core, license_id) == []
    tally = change(company, ids, GiveSeat(license_id), expect=1)
    assert (effects_of(tally), codes(tally)) == (effects_of(plan), codes(plan))
    assert (dict(tally.skipped), dict(tally.failed)) == ({"waits_for_seat": 2}, {})
    told = effects_of(tally)
    assert (told.seats_given, told.seats_waiting, told.mails) == (1, 2, 1)
    assert (
        "No seat of Premium Sales is left for 2 people, who will wait for the next that is freed."
        in told.notes
    )
    assert waiters(core, license_id) == ids[1:]
    awaited = rows.events(core, "seat.awaited")
    assert {(each.subject_id, each.batch) for each in awaited} == {
        (ids[1], tally.batch),
        (ids[2], tally.batch),
    }
    with core.operator_look() as look:
        assert [fact.label for fact in why_person(look, ids[1])].count("Waits for Premium Sales") == 1
    keep_waiting(core, license_id, on=False)
    assert dict(change(company, ids[1:], GiveSeat(license_id)).failed) == {"no_seat_left": 2}
    assert_sound(core)


def test_a_run_that_only_lets_people_wait_is_written_down(company: House, core: Core) -> None:
    """It changes nobody and still leaves a trail; asking again changes nothing, and it can be taken back."""
    ids = add_people(core, 2)
    license_id = add_license(core, seats=1)
    keep_waiting(core, license_id)
    change(company, ids[:1], GiveSeat(license_id))
    tally = change(company, ids[1:], GiveSeat(license_id), expect=0)
    assert (tally.done, waiters(core, license_id)) == (0, ids[1:])
    assert tally.batch is not None
    [since] = rows.all_of(core, select(SeatWaiter.since, SeatWaiter.batch))
    again = change(company, ids[1:], GiveSeat(license_id))
    assert (again.batch, effects_of(again).seats_waiting) == (None, 0)
    assert rows.all_of(core, select(SeatWaiter.since, SeatWaiter.batch)) == [since]
    assert len(rows.events(core, "seat.awaited")) == 1
    with core.look(company.admin) as look:
        assert last_undoable(look) == tally.batch
    undone = take_back(company, tally.batch)
    assert (undone.done, waiters(core, license_id)) == (0, [])
    assert effects_of(undone).notes == ("Places on waiting lists that are given up: 1.",)
    with pytest.raises(NotUndoable):
        take_back(company, tally.batch)


@sqlite_only
def test_people_leave_the_list(company: House, core: Core, line: tuple[int, list[int]]) -> None:
    """Taken off, archived, or with a seat by another way nobody waits any more; each is in the trail (R60)."""
    license_id, ids = line
    assert waiters(core, license_id) == [ids[4], ids[3], ids[2]]
    with core.work(company.admin) as work:
        assert leave_waiting_list(work, license_id, [ids[4], ids[0]]) == 1
        with pytest.raises(Missing):
            leave_waiting_list(work, 77, ids)
        with pytest.raises(Missing):
            keep_waiting_list(work, 77, on=True)
    left = change(company, ids[3:4], Archive())
    assert effects_of(left).notes[-1] == "Places on waiting lists that are given up: 1."
    assert waiters(core, license_id) == ids[2:3]
    told = effects_of(take_back(company, left.batch, preview=True))
    assert (told.places_back, told.notes) == (1, ())
    assert [each.subject_id for each in rows.events(core, "seat.wait_ended")] == [ids[4], ids[3]]
    resize(core, license_id, 3)
    change(company, ids[2:3], GiveSeat(license_id))
    assert (waiters(core, license_id), holders(core, license_id)) == ([], set(ids[:3]))
    assert_sound(core)


def test_whom_one_run_lets_wait_is_served_in_the_order_of_its_list(
    company: House, core: Core, clock: MovableClock
) -> None:
    """The line goes on where the seats ran out: in the order of the marks, and by name where a filter found them (S19)."""
    ids = add_people(core, 4)
    license_id = add_license(core, seats=1)
    keep_waiting(core, license_id)
    change(company, ids[::-1], GiveSeat(license_id))
    assert waiters(core, license_id) == [ids[2], ids[1], ids[0]]
    change(company, ids[3:], TakeSeat((license_id,)))
    assert (holders(core, license_id), waiters(core, license_id)) == ({ids[2]}, [ids[1], ids[0]])
    clock.move(minutes=1)
    zoe, abel = (company.register(f"{name}@example.com", last_name=name) for name in ("Zoe", "Abel"))
    with core.work(company.admin) as work:
        change_people(work, Target(chosen=parse_users("example.com -learner")), GiveSeat(license_id))
    assert waiters(core, license_id)[2:] == [abel, company.admin_id, zoe]
    with core.look(company.admin) as look:
        assert [each.user_id for each in seats.waiters(look, license_id)] == waiters(core, license_id)


# --- being served -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [TakeSeat((1,)), Archive()], ids=["revoke", "archive"])
def test_a_freed_seat_goes_to_who_has_waited_longest(
    company: House, core: Core, line: tuple[int, list[int]], how: Change
) -> None:
    """The plan says how many are served, and they are, in the same run, with a mail each; the rest wait on."""
    license_id, ids = line
    plan = change(company, ids[:2], how, preview=True)
    tally = change(company, ids[:2], how)
    told = effects_of(tally)
    assert told == effects_of(plan)
    assert (told.seats_freed, told.seats_passed_on, told.mails) == (2, 2, 2)
    assert told.rooms == ((Room("Premium Sales", 2, 2, 2, "seats"),) if how == TakeSeat((1,)) else ())
    assert "Freed seats that go to those who wait, each told by mail: 2." in told.notes
    assert (holders(core, license_id), waiters(core, license_id)) == ({ids[3], ids[4]}, [ids[2]])
    given = [each for each in rows.events(core, "seat.given") if each.batch == tally.batch]
    assert sorted(each.subject_id or 0 for each in given) == ids[3:5]
    mails = [one for one in rows.mails(core, "seat_granted") if one.batch == tally.batch]
    assert [(one.user_id, one.priority) for one in mails] == [(ids[3], 1), (ids[4], 1)]
    assert mails[0].details == {"licenses": [{"id": license_id, "name": "Premium Sales"}]}
    back = take_back(company, tally.batch)
    assert effects_of(back).seats_not_back == 2
    assert holders(core, license_id) == {ids[3], ids[4]}
    assert_sound(core)


def test_nobody_is_served_whom_the_rules_would_refuse(
    company: House, core: Core, clock: MovableClock, line: tuple[int, list[int]]
) -> None:
    """While the license is over, or its list is turned off, seats stay free; turned on again, those who waited are served."""
    license_id, ids = line
    with core.operator() as work:
        work.db.execute(update(License).values(expires_on=clock.now().date() - timedelta(days=1)))
    tally = change(company, ids[:1], TakeSeat((license_id,)))
    assert (effects_of(tally).seats_passed_on, holders(core, license_id)) == (0, {ids[1]})
    with core.operator() as work:
        work.db.execute(update(License).values(expires_on=clock.now().date()))
        keep_waiting_list(work, license_id, on=False)
    assert (served(company), waiters(core, license_id)) == (0, [ids[4], ids[3], ids[2]])
    with core.work(company.admin) as work:
        assert keep_waiting_list(work, license_id, on=True) == 1
        assert keep_waiting_list(work, license_id, on=True) == 0
    assert (holders(core, license_id), waiters(core, license_id)) == ({ids[1], ids[4]}, [ids[3], ids[2]])
    changes = [each.details for each in rows.events(core, "license.edited")]
    assert changes[-1] == {"waiting_list": {"old": False, "new": True}}
    assert len(changes) == 3


@sqlite_only
def test_more_seats_serve_those_who_wait(company: House, core: Core, line: tuple[int, list[int]]) -> None:
    """Where an operator buys seats, as many are served; only of the licenses that were named."""
    license_id, ids = line
    resize(core, license_id, 4)
    assert (served(company, [license_id + 1]), served(company, [license_id])) == (0, 2)
    assert (holders(core, license_id), waiters(core, license_id)) == ({*ids[:2], *ids[3:5]}, [ids[2]])
    assert served(company) == 0
    assert_sound(core)


def test_taking_an_allocation_back_ends_the_waits_it_began(
    company: House, core: Core, clock: MovableClock, line: tuple[int, list[int]]
) -> None:
    """Its own people wait no more, so the seat it frees goes to the others who wait."""
    license_id, ids = line
    change(company, ids[:1], Archive())
    resize(core, license_id, 3)
    given = change(company, [ids[5], ids[3], ids[2]], GiveSeat(license_id))
    assert (list(given.done_ids), codes(given)) == (
        ids[5:],
        {ids[3]: "waits_for_seat", ids[2]: "waits_for_seat"},
    )
    plan = take_back(company, given.batch, preview=True)
    undone = take_back(company, given.batch)
    assert effects_of(undone) == effects_of(plan)
    assert effects_of(undone).seats_passed_on == 1
    assert (holders(core, license_id), waiters(core, license_id)) == ({ids[1], ids[4], ids[3]}, [ids[2]])
    clock.move(minutes=1)
    own = change(company, ids[5:], GiveSeat(license_id))
    assert waiters(core, license_id) == [ids[2], ids[5]]
    assert own.batch is not None
    clock.move(minutes=1)
    back = change(company, ids[:1], Reactivate((license_id,)))
    assert (effects_of(back).seats_waiting, waiters(core, license_id)) == (1, [ids[2], ids[5], ids[0]])
    assert_sound(core)


def test_waits_of_an_allocation_end_with_it(company: House, core: Core) -> None:
    """Where somebody got a seat and others wait, taking it back leaves neither."""
    ids = add_people(core, 3)
    license_id = add_license(core, seats=1)
    keep_waiting(core, license_id)
    given = change(company, ids, GiveSeat(license_id))
    undone = take_back(company, given.batch)
    assert (undone.done, effects_of(undone).seats_passed_on) == (1, 0)
    assert (holders(core, license_id), waiters(core, license_id)) == (set(), [])
    assert len(rows.events(core, "seat.wait_ended")) == 2


def test_who_comes_back_by_an_undo_stands_in_line_as_before(
    company: House, core: Core, clock: MovableClock, line: tuple[int, list[int]]
) -> None:
    """Since when they waited counts, so a free seat is theirs at once; redo ends the wait, a list turned off has no place."""
    license_id, ids = line
    other = add_license(core, "Leadership", seats=1)
    keep_waiting(core, other)
    change(company, ids[4:1:-1], GiveSeat(other))
    standing = select(
        SeatWaiter.license_id, SeatWaiter.user_id, SeatWaiter.since, SeatWaiter.place, SeatWaiter.batch
    ).order_by(SeatWaiter.license_id, SeatWaiter.user_id)
    before = rows.all_of(core, standing)
    clock.move(minutes=1)
    left = change(company, [ids[2], ids[3]], Archive())
    assert (waiters(core, license_id), waiters(core, other)) == ([ids[4]], [])
    clock.move(minutes=1)
    plan = take_back(company, left.batch, preview=True)
    back = take_back(company, left.batch)
    assert effects_of(back) == effects_of(plan)
    assert (effects_of(back).places_back, effects_of(back).seats_passed_on) == (4, 0)
    assert rows.all_of(core, standing) == before
    assert [each.batch for each in rows.events(core, "seat.awaited")].count(back.batch) == 4
    redone = take_back(company, back.batch)
    assert (redone.done, waiters(core, license_id), waiters(core, other)) == (2, [ids[4]], [])
    assert_sound(core)
    keep_waiting(core, other, on=False)
    change(company, ids[4:5], Archive())
    resize(core, license_id, 3)
    plan = take_back(company, redone.batch, preview=True)
    again = take_back(company, redone.batch)
    told = effects_of(again)
    assert told == effects_of(plan)
    assert (told.places_back, told.seats_passed_on, told.mails) == (2, 1, 1)
    assert told.notes[-2:] == (
        "Places on waiting lists that are gone or turned off, and cannot be given back: 2.",
        "Free seats that go to those who wait, each told by mail: 1.",
    )
    assert (holders(core, license_id), waiters(core, license_id)) == ({*ids[:2], ids[3]}, [ids[2]])
    both = change(company, [ids[0], ids[2]], Archive())
    told = effects_of(take_back(company, both.batch))
    assert (told.seats_back, told.places_back, told.seats_passed_on) == (1, 1, 0)
    assert told.rooms[-1] == Room("Premium Sales", 3, 2, 3, "seats")
    assert (holders(core, license_id), waiters(core, license_id)) == ({*ids[:2], ids[3]}, [ids[2]])
    assert_sound(core)
