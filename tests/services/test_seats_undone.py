"""Taking back what was done to seats, and what leaving and coming back does to them (R39, R43, R46, R60, D8), on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from core.core import Core
from core.models import License, Seat
from core.services.people import Archive, GiveSeat, Leave, Reactivate, TakeSeat
from core.services.undoing import last_undoable, undo
from core.tally import Tally
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
    counted,
    effects_of,
    holders,
    resize,
    seats_of,
)

pytestmark = pytest.mark.slow


def take_back(house: House, batch: str | None, *, preview: bool = False) -> Tally:
    """Undo a bulk change as the admin."""
    with house.core.work(house.admin) as work:
        return undo(work, batch or "", preview=preview)


def seats(core: Core) -> list[tuple[int, int, object]]:
    """Return every seat with the moment since which it is held."""
    return sorted(
        tuple(row) for row in rows.all_of(core, select(Seat.license_id, Seat.user_id, Seat.held_since))
    )


# --- of giving and revoking -------------------------------------------------------------------------------------


def test_taking_an_allocation_back_takes_exactly_those_seats(
    company: House, core: Core, clock: MovableClock
) -> None:
    """A seat held since another moment is told and stays; mails that have not left are dropped, and redo gives again."""
    ids = add_people(core, 3)
    license_id = add_license(core)
    clock.move(minutes=1)
    given = change(company, ids, GiveSeat(license_id))
    before = seats(core)
    change(company, ids[1:], TakeSeat((license_id,)))
    clock.move(minutes=1)
    change(company, ids[2:], GiveSeat(license_id))
    plan = take_back(company, given.batch, preview=True)
    undone = take_back(company, given.batch)
    assert (list(undone.done_ids), effects_of(undone)) == (list(plan.done_ids), effects_of(plan))
    assert (list(undone.done_ids), codes(undone)) == (
        ids[:1],
        {ids[1]: "changed_since", ids[2]: "changed_since"},
    )
    assert effects_of(undone).seats_freed == 1
    assert (holders(core, license_id), len(rows.events(core, "seat.revoked"))) == ({ids[2]}, 3)
    states = {(one.user_id, one.batch == given.batch): one.state for one in rows.mails(core, "seat_granted")}
    assert (states[ids[0], True], states[ids[2], False]) == ("dropped", "waiting")
    again = take_back(company, undone.batch)
    assert (list(again.done_ids), effects_of(again).seats_back, effects_of(again).mails) == (ids[:1], 1, 0)
    assert before[0] in seats(core)
    assert take_back(company, again.batch).done == 1
    assert holders(core, license_id) == {ids[2]}


def test_revoked_seats_come_back_as_far_as_there_is_room(
    company: House, core: Core, clock: MovableClock
) -> None:
    """They are held since the same moment again; who finds none, is archived by now or has one again is told."""
    ids = add_people(core, 5)
    first, second = add_license(core, "A", seats=4), add_license(core, "B")
    change(company, ids[:4], GiveSeat(first))
    change(company, ids[:1], GiveSeat(second))
    before = seats(core)
    clock.move(minutes=1)
    revoked = change(company, ids[:4], TakeSeat((first, second)))
    with core.look(company.admin) as look:
        assert last_undoable(look) == revoked.batch
    plan = take_back(company, revoked.batch, preview=True)
    assert (plan.done, effects_of(plan).seats_back, effects_of(plan).seats_not_back) == (4, 5, 0)
    change(company, [ids[1], ids[4]], GiveSeat(first))
    change(company, [ids[2]], Archive())
    change(company, [ids[4]], GiveSeat(second))
    resize(core, first, 2)
    undone = take_back(company, revoked.batch)
    assert (list(undone.done_ids), codes(undone)) == (
        ids[:1],
        {ids[1]: "seat_held", ids[2]: "archived_no_seat", ids[3]: "no_seat_left"},
    )
    assert (effects_of(undone).seats_back, effects_of(undone).seats_not_back) == (1, 4)
    assert "No seat of A is left for 2 of 4 people who held one." in effects_of(undone).notes
    assert next(each for each in before if each[0] == second) in seats(core)
    assert_sound(core)


@sqlite_only
def test_seats_of_a_license_that_is_gone_do_not_come_back(company: House, core: Core) -> None:
    """Whoever held nothing else is told as changed since; the number of such seats is told."""
    ids = add_people(core, 2)
    first, second = add_license(core, "A"), add_license(core, "B")
    change(company, ids, GiveSeat(first))
    change(company, ids[:1], GiveSeat(second))
    revoked = change(company, ids, TakeSeat((first, second)))
    with core.operator() as work:
        work.db.execute(delete(License).where(License.id == first))
    undone = take_back(company, revoked.batch)
    assert (list(undone.done_ids), codes(undone)) == (ids[:1], {ids[1]: "changed_since"})
    assert "Seats of licenses that are gone and cannot be given back: 2." in effects_of(undone).notes


@sqlite_only
def test_only_seats_of_those_who_come_back_are_missed(company: House, core: Core) -> None:
    """Seats of licenses that are gone are told in one sentence, and not those of people who stay away."""
    ids = add_people(core, 2)
    gone = [add_license(core, name) for name in "AB"]
    for each in gone:
        change(company, ids, GiveSeat(each))
    left = change(company, ids, Archive())
    change(company, ids[:1], Reactivate())
    with core.operator() as work:
        work.db.execute(delete(License))
    told = effects_of(take_back(company, left.batch))
    assert (told.seats_not_back, told.notes) == (
        2,
        ("Seats of licenses that are gone and cannot be given back: 2.",),
    )


def test_who_was_archived_once_more_does_not_come_back_by_the_first_archiving(
    company: House, core: Core, clock: MovableClock
) -> None:
    """Neither the person nor a seat that was revoked in between, although they stand archived as they were left (R60)."""
    [anna] = add_people(core, 1)
    license_id = add_license(core)
    change(company, [anna], GiveSeat(license_id))
    first = change(company, [anna], Archive())
    clock.move(minutes=1)
    change(company, [anna], Reactivate(former=(license_id,)))
    change(company, [anna], TakeSeat((license_id,)))
    second = change(company, [anna], Archive())
    assert codes(take_back(company, first.batch)) == {anna: "changed_since"}
    assert (take_back(company, second.batch).done, seats(core)) == (1, [])


# --- of leaving and coming back ---------------------------------------------------------------------------------


def test_anna_comes_back_and_ben_has_her_seat(company: House, core: Core) -> None:
    """Archived people come back without the seats that others hold by now, and the plan says so license by license (R46)."""
    anna, ben = add_people(core, 2)
    first, second = add_license(core, "A", seats=1), add_license(core, "B", seats=1)
    for each in (first, second):
        change(company, [anna], GiveSeat(each))
    left = change(company, [anna], Archive())
    assert effects_of(left).seats_freed == 2
    change(company, [ben], GiveSeat(first))
    plan = take_back(company, left.batch, preview=True)
    told = effects_of(plan)
    assert (plan.done, told.seats_back, told.seats_not_back) == (1, 1, 1)
    assert "No seat of A is left for 1 of 1 person who held one." in told.notes
    assert effects_of(take_back(company, left.batch)) == told
    assert (seats_of(core, anna), seats_of(core, ben)) == ({second}, {first})
    assert_sound(core)


def test_taking_a_reactivation_back_takes_its_seats_and_mails(company: House, core: Core) -> None:
    """The ticked seats are free again, and nobody is told of them; another undo brings both back."""
    ids = add_people(core, 2)
    license_id = add_license(core)
    change(company, ids, Archive())
    back = change(company, ids, Reactivate((license_id,)))
    undone = take_back(company, back.batch)
    assert (undone.done, effects_of(undone).seats_freed, holders(core, license_id)) == (2, 2, set())
    assert {mail.state for mail in rows.mails(core, "seat_granted")} == {"dropped"}
    again = take_back(company, undone.batch)
    assert (effects_of(again).seats_back, holders(core, license_id)) == (2, set(ids))
    assert_sound(core)


# --- a day of leaving -------------------------------------------------------------------------------------------


def test_a_day_of_leaving_is_set_and_taken_back(company: House, core: Core, clock: MovableClock) -> None:
    """People below one's own role leave on a coming day; it is told, and stays what it was where it is undone (R39)."""
    ids = add_people(core, 2)
    day = clock.now().date() + timedelta(days=30)
    set_day = change(company, [*ids, company.admin_id], Leave(day))
    assert (list(set_day.done_ids), codes(set_day)) == (ids, {company.admin_id: "own_account"})
    [move] = effects_of(set_day).moves
    assert (move.field, move.new, move.people) == ("leaves_on", day.isoformat(), 2)
    assert effects_of(set_day).notes == (
        f"The account is archived by itself when {day} begins, in UTC; until then nothing changes.",
    )
    assert rows.person(core, ids[0]).leaves_on == day
    written = rows.events(core, "user.leaving_set")
    assert written[0].details == {"leaves_on": {"old": None, "new": day.isoformat()}}
    assert codes(change(company, ids[:1], Leave(day))) == {ids[0]: "unchanged"}
    other = change(company, ids[:1], Leave(day + timedelta(days=1)))
    undone = take_back(company, set_day.batch)
    assert (list(undone.done_ids), codes(undone)) == (ids[1:], {ids[0]: "changed_since"})
    take_back(company, other.batch)
    assert [rows.person(core, each).leaves_on for each in ids] == [day, None]
    assert change(company, ids[:1], Leave(None)).done == 1
    assert rows.person(core, ids[0]).leaves_on is None


def test_archiving_ends_a_day_of_leaving_and_undo_brings_it_back_while_it_is_to_come(
    company: House, core: Core, clock: MovableClock
) -> None:
    """Nobody comes back with a day of leaving that is over; archived people have none, however they got there."""
    ids = add_people(core, 2)
    soon, late = (clock.now().date() + timedelta(days=each) for each in (2, 40))
    change(company, ids[:1], Leave(soon))
    change(company, ids[1:], Leave(late))
    archived = change(company, ids, Archive())
    assert [rows.person(core, each).leaves_on for each in ids] == [None, None]
    assert codes(change(company, ids, Leave(late))) == dict.fromkeys(ids, "already_archived")
    clock.move(days=2)
    company.admin = company.sign_in()
    assert take_back(company, archived.batch).done == 2
    assert [rows.person(core, each).leaves_on for each in ids] == [None, late]
    change(company, ids, Archive())
    back = change(company, ids, Reactivate())
    assert [rows.person(core, each).leaves_on for each in ids] == [None, None]
    change(company, ids, Leave(date(2026, 12, 31)))
    assert take_back(company, back.batch).done == 2
    assert [rows.person(core, each).leaves_on for each in ids] == [None, None]


# --- cost -------------------------------------------------------------------------------------------------------


def test_statements_of_undoing_do_not_grow_with_the_people(company: House, core: Core) -> None:
    """Taking back what was done to the seats of forty takes as many statements as of two."""
    ids = add_people(core, 42)
    licenses = add_license(core, "A", seats=100), add_license(core, "B", seats=100)

    def statements(chosen: list[int]) -> list[int]:
        numbers = []
        for wanted in (GiveSeat(licenses[0]), TakeSeat(licenses), Archive()):
            change(company, chosen, GiveSeat(licenses[1]))
            done = change(company, chosen, wanted)
            with counted(core) as told:
                take_back(company, done.batch)
            numbers.append(len(told))
        return numbers

    assert statements(ids[:2]) == statements(ids[2:])
