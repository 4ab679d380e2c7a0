"""Giving and revoking seats in bulk: limits by position, what is told, the trail (S17-S20, R43, R47, D8), on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from core.core import Core
from core.errors import Invalid, Missing, PlanChanged
from core.filter_keys import parse_users
from core.models import License, User
from core.services.people import (
    Archive,
    Change,
    GiveSeat,
    Leave,
    Reactivate,
    TakeSeat,
    change_people,
    summary_of,
)
from core.tally import Room
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
    change_target,
    codes,
    counted,
    effects_of,
    give_seat,
    holders,
    keep_waiting,
    seats_of,
)

pytestmark = pytest.mark.slow


def versions(core: Core) -> list[int]:
    """Return the counters of changes of everybody."""
    return [row.version for row in rows.all_of(core, select(User.version).order_by(User.id))]


# --- giving -----------------------------------------------------------------------------------------------------


def test_seats_go_in_the_order_of_the_list_until_none_is_left(company: House, core: Core) -> None:
    """The plan tells what the run does: who gets a seat, who finds none, and how many stay free (S19, D8)."""
    ids = add_people(core, 4)
    license_id = add_license(core, seats=3)
    give_seat(core, license_id, ids[0])
    before = versions(core)
    wanted = [ids[3], ids[0], ids[2], ids[1]]
    plan = change(company, wanted, GiveSeat(license_id), preview=True)
    assert (plan.done, list(plan.done_ids)) == (2, [ids[3], ids[2]])
    assert codes(plan) == {ids[0]: "seat_held", ids[1]: "no_seat_left"}
    assert (dict(plan.skipped), dict(plan.failed)) == ({"seat_held": 1}, {"no_seat_left": 1})
    told = effects_of(plan)
    assert told.rooms == (Room("Premium Sales", 3, 1, 3, "seats"),)
    assert told.notes == (
        "2 seats will be allocated, 0 remain free.",
        "Premium Sales is 1 seat short: 3 people, 2 free. They go in the order of the list.",
    )
    assert (told.seats_given, told.mails) == (2, 2)
    assert "No seat of Premium Sales is left." in plan.sentences["no_seat_left"]
    assert holders(core, license_id) == {ids[0]}
    tally = change(company, wanted, GiveSeat(license_id), expect=plan.done)
    assert (effects_of(tally), list(tally.done_ids), codes(tally)) == (told, list(plan.done_ids), codes(plan))
    assert holders(core, license_id) == {ids[0], ids[3], ids[2]}
    assert versions(core) == before
    written = rows.events(core, "seat.given")
    assert {(each.subject_kind, each.subject_id, each.batch) for each in written} == {
        ("user", ids[2], tally.batch),
        ("user", ids[3], tally.batch),
    }
    held_since = written[0].details["license"].pop("held_since")
    assert written[0].details == {"license": {"id": license_id, "name": "Premium Sales"}}
    assert held_since.startswith("2026-03-02")
    assert_sound(core)


def test_seats_of_a_filter_go_by_name(company: House, core: Core) -> None:
    """Whoever a filter finds is served in the order of the list of people, not of their accounts."""
    first = company.register("zoe@example.com", last_name="Zahn")
    last = company.register("bo@example.com", last_name="Abel")
    license_id = add_license(core, seats=1)
    found = Target(chosen=parse_users("role:learner"))
    tally = change_target(company, found, GiveSeat(license_id))
    assert (list(tally.done_ids), codes(tally)) == ([last], {first: "no_seat_left"})


def test_all_or_none_gives_nobody_a_seat_where_some_would_find_none(company: House, core: Core) -> None:
    """With too few seats everybody is refused, and nobody waits; with enough of them all are served (S19)."""
    ids = add_people(core, 3)
    license_id = add_license(core, seats=2)
    keep_waiting(core, license_id)
    tally = change(company, ids, GiveSeat(license_id, all_or_none=True))
    assert (tally.done, dict(tally.failed), tally.batch) == (0, {"no_seat_left": 3}, None)
    assert effects_of(tally).notes == (
        "0 seats will be allocated, 2 remain free.",
        "Premium Sales is 1 seat short: 3 people, 2 free. Nobody gets one.",
    )
    assert change(company, ids[:2], GiveSeat(license_id, all_or_none=True)).done == 2
    assert holders(core, license_id) == set(ids[:2])


def test_archived_people_and_expired_licenses_are_refused(
    company: House, core: Core, clock: MovableClock
) -> None:
    """Each is told why: archived people first, then the license and its last day, on which it still counts (R43, D8)."""
    ids = add_people(core, 2)
    license_id = add_license(core)
    last_day = clock.now().date()
    with core.operator() as work:
        work.db.execute(update(License).values(expires_on=last_day))
    change(company, ids[:1], Archive())
    tally = change(company, ids, GiveSeat(license_id))
    assert (codes(tally), tally.done) == ({ids[0]: "archived_no_seat"}, 1)
    assert "learner00000@example.com is archived" in tally.sentences["archived_no_seat"]
    change(company, ids[1:], TakeSeat((license_id,)))
    clock.move(days=1)
    company.admin = company.sign_in()
    tally = change(company, ids, GiveSeat(license_id))
    assert codes(tally) == {ids[0]: "archived_no_seat", ids[1]: "license_expired"}
    assert f"The license Premium Sales expired on {last_day}." in tally.sentences["license_expired"]
    assert_sound(core)


@sqlite_only
def test_anybody_may_hold_a_seat_and_the_gone_are_told(company: House, core: Core) -> None:
    """The admin's own account and people above get seats as well, since no account is edited (R34)."""
    peer = rows.add_admin(core, "peer@example.com", "x")
    license_id = add_license(core)
    tally = change(company, [company.admin_id, peer, 4711], GiveSeat(license_id))
    assert (tally.done, codes(tally)) == (2, {4711: "person_gone"})
    assert holders(core, license_id) == {company.admin_id, peer}


@sqlite_only
def test_a_seat_that_cannot_be_meant_is_refused_at_once(
    company: House, core: Core, clock: MovableClock
) -> None:
    """Unknown licenses are missing, no license and an odd number of days are mistakes; other numbers stop the run."""
    [one] = add_people(core, 1)
    license_id = add_license(core)
    for wanted in (GiveSeat(77), TakeSeat((license_id, 77)), Reactivate((77,))):
        with pytest.raises(Missing):
            change(company, [one], wanted)
    mistakes: tuple[tuple[Change, str], ...] = (
        (TakeSeat(()), "license"),
        (TakeSeat((license_id,), unused_days=0), "days"),
        (Leave(clock.now().date()), "date"),
    )
    for mistake, name in mistakes:
        with pytest.raises(Invalid) as wrong:
            change(company, [one], mistake)
        assert list(wrong.value.fields) == [name]
    with pytest.raises(PlanChanged):
        change(company, [one], GiveSeat(license_id), expect=2)
    assert holders(core, license_id) == set()


@sqlite_only
def test_changes_of_seats_say_themselves(company: House, core: Core) -> None:
    """The summary in the list of bulk changes names licenses, and no person."""
    first, second = add_license(core), add_license(core, "Safety")
    with core.look(company.admin) as look:
        told = [
            summary_of(look, each)
            for each in (
                GiveSeat(first),
                TakeSeat((second,)),
                TakeSeat((first, second), unused_days=90),
                Reactivate((second,)),
                Leave(date(2026, 12, 31)),
                Leave(None),
            )
        ]
    assert told == [
        "give a seat: Premium Sales",
        "revoke: Safety",
        "revoke unused: 2 licenses",
        "reactivate with Safety",
        "leaves on 2026-12-31",
        "stays",
    ]


# --- mails ------------------------------------------------------------------------------------------------------


def test_each_new_holder_gets_one_mail_that_waits_a_little(
    company: House, core: Core, clock: MovableClock
) -> None:
    """One mail for each person and run, in their language; one for several licenses too, and singles go first (S17)."""
    bo = company.register("bo@example.com", first_name="Bo", last_name="Berg")
    cy = company.register("cy@example.com")
    first, second = add_license(core), add_license(core, "Safety “at” work")
    tally = change(company, [bo], GiveSeat(first))
    [mail] = rows.mails(core, "seat_granted")
    assert (mail.to_address, mail.to_name, mail.user_id, mail.batch) == (
        "bo@example.com",
        "Bo Berg",
        bo,
        tally.batch,
    )
    assert mail.details == {"licenses": [{"id": first, "name": "Premium Sales"}]}
    assert (mail.state, mail.priority, mail.due_at) == ("waiting", 0, clock.now() + timedelta(seconds=10))
    change(company, [bo, cy], Archive())
    back = change(company, [bo, cy], Reactivate((first, second)))
    mails = [one for one in rows.mails(core, "seat_granted") if one.batch == back.batch]
    assert [(one.user_id, one.priority) for one in mails] == [(bo, 1), (cy, 1)]
    assert [each["name"] for each in mails[0].details["licenses"]] == ["Premium Sales", "Safety “at” work"]
    assert effects_of(back).mails == 2


# --- revoking ---------------------------------------------------------------------------------------------------


def test_revoking_takes_seats_and_nothing_else(company: House, core: Core, clock: MovableClock) -> None:
    """Seats of the named licenses are free at once; who holds none of them is skipped, people are not touched (S20)."""
    ids = add_people(core, 3)
    first, second, third = (add_license(core, name) for name in ("A", "B", "C"))
    change(company, ids[:2], GiveSeat(first))
    change(company, ids[:1], GiveSeat(second))
    change(company, ids[:1], GiveSeat(third))
    before = versions(core)
    plan = change(company, ids, TakeSeat((first, second)), preview=True)
    clock.move(minutes=5)
    tally = change(company, ids, TakeSeat((first, second)), expect=2)
    assert effects_of(tally) == effects_of(plan)
    assert (list(tally.done_ids), dict(tally.skipped)) == (ids[:2], {"no_seat_held": 1})
    assert tally.sentences["no_seat_held"] == "learner00002@example.com holds no seat of these 2 licenses."
    assert effects_of(tally).seats_freed == 3
    assert effects_of(tally).rooms == (Room("A", 10, 2, 0, "seats"), Room("B", 10, 1, 0, "seats"))
    assert (seats_of(core, ids[0]), seats_of(core, ids[1])) == ({third}, set())
    assert versions(core) == before
    written = rows.events(core, "seat.revoked")
    assert sorted((each.subject_id, each.details["license"]["name"]) for each in written) == [
        (ids[0], "A"),
        (ids[0], "B"),
        (ids[1], "A"),
    ]
    assert {each.batch for each in written} == {tally.batch}


def test_only_unused_seats_are_reclaimed(company: House, core: Core, clock: MovableClock) -> None:
    """Seats held for so long by people who have not signed in for so long go; later ones and used ones stay."""
    silent, busy, new, none = add_people(core, 4)
    license_id = add_license(core)
    change(company, [silent, busy], GiveSeat(license_id))
    clock.move(days=40)
    company.admin = company.sign_in()
    change(company, [new], GiveSeat(license_id))
    with core.operator() as work:
        work.db.execute(update(User).where(User.id == busy).values(last_sign_in_at=work.now))
        work.db.execute(
            update(User).where(User.id == silent).values(last_sign_in_at=work.now - timedelta(days=31))
        )
    tally = change(company, [silent, busy, new, none], TakeSeat((license_id,), unused_days=30))
    assert list(tally.done_ids) == [silent]
    assert codes(tally) == {busy: "seat_used", new: "seat_used", none: "no_seat_held"}
    assert "counts as used" in tally.sentences["seat_used"]
    assert holders(core, license_id) == {busy, new}


# --- coming back with seats (R46) -------------------------------------------------------------------------------


def test_ticked_seats_are_given_as_far_as_there_is_room(company: House, core: Core) -> None:
    """Everybody comes back; for whom no seat is left is told license by license (R45, R46)."""
    ids = add_people(core, 3)
    first, second = add_license(core, "A", seats=2), add_license(core, "B", seats=4)
    change(company, ids, Archive())
    plan = change(company, ids, Reactivate((first, second)), preview=True)
    tally = change(company, ids, Reactivate((first, second)))
    assert (tally.done, effects_of(tally)) == (3, effects_of(plan))
    told = effects_of(tally)
    assert (told.seats_given, told.seats_not_back, told.seats_back) == (5, 1, 0)
    assert told.notes == (
        "A: 2 seats will be allocated, 0 remain free.",
        "No seat of A is left for 1 person, who will be back without one.",
        "B: 3 seats will be allocated, 1 remains free.",
    )
    assert [seats_of(core, each) for each in ids] == [{first, second}, {first, second}, {second}]
    assert_sound(core)


def test_ticked_seats_of_an_expired_license_are_told(company: House, core: Core, clock: MovableClock) -> None:
    """No new seats on a license that is over; the people come back, and the plan says what they lack (D8, R46)."""
    ids = add_people(core, 2)
    license_id = add_license(core)
    change(company, ids, GiveSeat(license_id))
    change(company, ids, Archive())
    with core.operator() as work:
        work.db.execute(update(License).values(expires_on=clock.now().date() - timedelta(days=1)))
    told = effects_of(change(company, ids, Reactivate(former=(license_id,))))
    assert (told.seats_given, told.seats_not_back) == (0, 2)
    assert told.notes == (
        "The license Premium Sales has expired: no seat of it for 2 people, who will be back without one.",
    )
    assert holders(core, license_id) == set()


def test_former_seats_go_to_those_who_lost_them(company: House, core: Core) -> None:
    """A former seat comes with the person who lost it by their own last archiving, and with nobody else (R46)."""
    anna, ben = add_people(core, 2)
    license_id = add_license(core)
    change(company, [anna, ben], GiveSeat(license_id))
    change(company, [ben], TakeSeat((license_id,)))
    change(company, [anna, ben], Archive())
    told = effects_of(change(company, [anna, ben], Reactivate(former=(license_id,))))
    assert (told.seats_given, holders(core, license_id)) == (1, {anna})


@sqlite_only
def test_whoever_cannot_come_back_gets_no_ticked_seat(company: House, core: Core) -> None:
    """A person who finds no place under the cap takes no seat, so that the next one gets it (R50)."""
    ids = add_people(core, 2)
    license_id = add_license(core, seats=1)
    change(company, ids, Archive())
    rows.set_cap(core, 2)
    tally = change(company, list(reversed(ids)), Reactivate((license_id,)))
    assert (codes(tally), effects_of(tally).seats_given) == ({ids[0]: "cap_reached"}, 1)
    assert holders(core, license_id) == {ids[1]}


# --- cost -------------------------------------------------------------------------------------------------------


def test_statements_about_seats_do_not_grow_with_the_people(company: House, core: Core) -> None:
    """Giving, revoking, archiving and bringing back with seats take as many statements for forty as for two."""
    ids = add_people(core, 42)
    licenses = add_license(core, "A", seats=100), add_license(core, "B", seats=1)

    def statements(chosen: list[int]) -> list[int]:
        numbers = []
        changes: tuple[Change, ...] = (
            *(GiveSeat(each) for each in licenses),
            Archive(),
            Reactivate(licenses),
            TakeSeat(licenses),
        )
        for wanted in changes:
            with counted(core) as told, core.work(company.admin) as work:
                change_people(work, Target(chosen), wanted)
            numbers.append(len(told))
        return numbers

    assert statements(ids[:2]) == statements(ids[2:])
