"""Taking back bulk changes of people out of the audit trail (R60), on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, event, insert, select, update

from core.core import Core
from core.errors import AlreadyUndone, Missing, NotUndoable, PlanChanged
from core.models import Department, Group, GroupMember, Invitation, InvitationGroup, License, Seat, User
from core.passwords import Password
from core.reading import batches
from core.roles import Role
from core.services.editing import Edit, edit, edit_people
from core.services.people import (
    Archive,
    Change,
    GiveRole,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
    change_people,
)
from core.services.runs import begin_run
from core.services.undoing import last_undoable, undo
from core.tally import Tally
from core.targets import Target
from tests.clock import MovableClock
from tests.people import House
from tests.services import rows

pytestmark = pytest.mark.slow


def change(house: House, ids: list[int], what: Change) -> str:
    """Change people as the admin and return the run's name."""
    with house.core.work(house.admin) as work:
        tally = change_people(work, Target(ids), what)
    assert tally.batch is not None
    return tally.batch


def take_back(
    house: House,
    batch: str | None,
    *,
    preview: bool = False,
    expect: int | None = None,
    by: UUID | None = None,
) -> Tally:
    """Undo a bulk change, as the admin unless another sign-in is given."""
    with house.core.work(by or house.admin) as work:
        return undo(work, batch or "", preview=preview, expect=expect)


def stands(house: House) -> dict[str, list[Any]]:
    """Return people, memberships and seats as they stand, but for the counter of changes."""
    columns = [
        column for column in User.__table__.columns if column.name not in {"version", "last_sign_in_at"}
    ]
    return {
        "users": rows.all_of(house.core, select(*columns).order_by(User.id)),
        "groups": sorted(rows.all_of(house.core, select(GroupMember.group_id, GroupMember.user_id))),
        "seats": sorted(rows.all_of(house.core, select(Seat.license_id, Seat.user_id, Seat.held_since))),
    }


def register_all(house: House, *names: str, **more: Any) -> list[int]:
    """Register several learners."""
    return [house.register(f"{name}@example.com", **more) for name in names]


def other_admin(house: House) -> UUID:
    """Appoint a second admin and sign them in."""
    rows.add_admin(house.core, "zz@example.com", house.core.ports.hasher.hash(Password.parse(house.password)))
    return house.sign_in("zz@example.com")


def clock(house: House) -> MovableClock:
    """Return the clock of the house."""
    moved = house.core.ports.clock
    assert isinstance(moved, MovableClock)
    return moved


@contextmanager
def counted(core: Core) -> Iterator[list[str]]:
    """Collect the statements that run in a block."""
    told: list[str] = []

    def note(*arguments: Any) -> None:
        told.append(arguments[2])

    event.listen(core._engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(core._engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "what",
    [
        GiveRole(Role.TRAINER),
        Place(2, join=(2,), leave=(1,)),
        Place(None),
        Archive(),
        SetLanguage("de"),
        SetJobTitle("Engineer"),
    ],
)
def test_every_verb_is_taken_back_for_everybody(company: House, what: Change) -> None:
    """After the undo everybody stands as before, in one batch with an event each, and the change cannot be undone again."""
    ids = register_all(company, "bo", "cy", department="Sales", groups=["Q3 onboarding"])
    ids += register_all(company, "di")
    before = stands(company)
    name = change(company, ids, what)
    assert stands(company) != before
    with company.core.work(company.admin) as work:
        assert last_undoable(work) == name
    plan = take_back(company, name, preview=True)
    undone = take_back(company, name, expect=plan.done)
    assert stands(company) == before
    assert (undone.done, list(undone.done_ids)) == (plan.done, list(plan.done_ids))
    written = [
        one for one in rows.events(company.core) if one.batch == undone.batch and one.subject_kind == "user"
    ]
    assert len(written) == undone.done
    with pytest.raises(AlreadyUndone):
        take_back(company, name)
    with company.core.look(company.admin) as look:
        row = batches.batch(look, undone.batch or "")
    assert (row.verb, row.undoes, row.done) == ("undo", name, undone.done)


def test_a_reactivation_is_taken_back(company: House) -> None:
    """Whoever was reactivated is archived again; the moment of archiving is that of the undo."""
    ids = register_all(company, "bo", "cy")
    change(company, ids, Archive())
    name = change(company, ids, Reactivate())
    clock(company).move(hours=1)
    assert take_back(company, name).done == 2
    found = rows.person(company.core, ids[0])
    assert (found.status, found.archived_at) == ("archived", clock(company).now())


def test_an_edit_of_every_field_is_taken_back(company: House) -> None:
    """Names, dates, places, role and address of an edit come back, with what they are found and sorted by."""
    bo = company.register("bo@example.com", department="Sales", groups=["Q3 onboarding"])
    with company.core.work(company.admin) as work:
        edit(work, Edit(bo, {"born_on": "1980-01-02", "phone": "030 901820"}))
    before = stands(company)
    values = {
        "first_name": "Zoë",
        "last_name": "Ångström",
        "phone": "",
        "postal_address": "Main Street 1\nBerlin",
        "born_on": "1990-03-27",
        "job_title": "Engineer",
        "language": "de",
        "role": "trainer",
        "department": "",
        "groups": "Night shift",
        "address": "zoe@example.com",
    }
    with company.core.work(company.admin) as work:
        tally = edit(work, Edit(bo, values))
    assert rows.person(company.core, bo).born_on == date(1990, 3, 27)
    take_back(company, tally.batch)
    assert stands(company) == before


def test_a_sheet_is_taken_back_field_by_field(company: House) -> None:
    """A field that the sheet did not touch keeps what somebody wrote meanwhile; the touched ones come back."""
    bo, cy = register_all(company, "bo", "cy")
    with company.core.work(company.admin) as work:
        tally = edit_people(work, [Edit(bo, {"first_name": "Bob"}), Edit(cy, {"phone": "030 901820"})])
    with company.core.work(company.admin) as work:
        edit(work, Edit(bo, {"phone": "030 999999"}))
    assert take_back(company, tally.batch).done == 2
    found = rows.person(company.core, bo)
    assert (found.first_name, found.phone, rows.person(company.core, cy).phone) == ("Bo", "030 999999", "")


def test_whoever_was_changed_since_is_told_and_left_alone(company: House) -> None:
    """A field that is no longer what the change set stays, and the person is listed; the others are taken back."""
    bo, cy, di = register_all(company, "bo", "cy", "di")
    name = change(company, [bo, cy, di], GiveRole(Role.TRAINER))
    change(company, [cy], GiveRole(Role.CONTENT_MANAGER))
    rows.delete_person(company.core, di)
    undone = take_back(company, name)
    assert (undone.done, dict(undone.failed)) == (1, {"changed_since": 1, "person_gone": 1})
    assert list(undone.refused_ids["changed_since"]) == [cy]
    assert "cy@example.com has been changed since" in undone.sentences["changed_since"]
    assert rows.person(company.core, bo).role == Role.LEARNER
    assert rows.person(company.core, cy).role == Role.CONTENT_MANAGER


def test_where_everybody_was_changed_since_nothing_is_undone(company: House) -> None:
    """An undo without anybody left writes nothing, and the change can be taken back once they are as it left them."""
    [bo] = register_all(company, "bo")
    name = change(company, [bo], GiveRole(Role.TRAINER))
    later = change(company, [bo], GiveRole(Role.CONTENT_MANAGER))
    assert (take_back(company, name).done, take_back(company, name).batch) == (0, None)
    take_back(company, later)
    assert take_back(company, name).done == 1
    assert rows.person(company.core, bo).role == Role.LEARNER


def test_groups_that_were_left_or_are_gone_count_as_changed(company: House) -> None:
    """Who has left a joined group, or came from a group or department that is gone, is told."""
    bo, cy = register_all(company, "bo", "cy", groups=["Q3 onboarding"])
    [di] = register_all(company, "di", department="Sales")
    name = change(company, [bo, cy, di], Place(company.departments["Support"], join=(2,), leave=(1,)))
    change(company, [bo], Place(leave=(2,)))
    with company.core.operator() as work:
        for model in (InvitationGroup, Invitation):
            work.db.execute(delete(model))
        work.db.execute(delete(Department).where(Department.name == "Sales"))
    plan = take_back(company, name, preview=True)
    assert (plan.done, dict(plan.failed)) == (1, {"changed_since": 2})
    with company.core.operator() as work:
        work.db.execute(delete(Group).where(Group.name == "Q3 onboarding"))
    plan = take_back(company, name, preview=True)
    assert (plan.done, dict(plan.failed)) == (0, {"changed_since": 3})


def test_an_undo_can_be_undone(company: House) -> None:
    """Taking back an undo of people does the change again, under a summary that says so."""
    ids = register_all(company, "bo", "cy", department="Sales")
    for what in (Archive(), GiveRole(Role.TRAINER), Place(None, join=(2,))):
        first = change(company, ids, what)
        changed = stands(company)
        second = take_back(company, first).batch
        third = take_back(company, second)
        assert [list(row)[:5] for row in stands(company)["users"]] == [
            list(row)[:5] for row in changed["users"]
        ]
        with company.core.look(company.admin) as look:
            assert batches.batch(look, third.batch or "").summary.startswith("redo ")
        take_back(company, third.batch)


def test_the_rules_hold_for_whoever_takes_back(company: House) -> None:
    """Somebody who may not change a person cannot take a change of theirs back either (R34)."""
    bo = company.register("bo@example.com", Role.CONTENT_MANAGER)
    with company.core.operator() as work:
        tally = change_people(work, Target([bo]), GiveRole(Role.COMPANY_ADMIN))
    undone = take_back(company, tally.batch)
    assert (undone.done, dict(undone.failed)) == (0, {"target_not_below_own": 1})
    with company.core.operator() as work:
        assert undo(work, tally.batch or "").done == 1


def test_archived_people_come_back_as_far_as_there_is_room(company: House) -> None:
    """The cap and full learning groups count for people who come back, in their order."""
    ids = register_all(company, "bo", "cy", "di", groups=["Night shift"])
    name = change(company, ids, Archive())
    rows.set_cap(company.core, 3)
    rows.set_group_size(company.core, company.groups["Night shift"], 1)
    plan = take_back(company, name, preview=True)
    assert (plan.done, sum(plan.failed.values())) == (1, 2)
    rows.set_group_size(company.core, company.groups["Night shift"], 9)
    undone = take_back(company, name)
    assert (list(undone.done_ids), dict(undone.failed)) == (ids[:2], {"cap_reached": 1})


def test_seats_come_back_as_far_as_there_is_room(company: House) -> None:
    """Who held a seat holds it again since the same moment, unless it is taken by now."""
    ids = register_all(company, "bo", "cy", "di")
    with company.core.operator() as work:
        columns = {"id": 1, "name": "Basics", "name_key": "basics", "seats_total": 2, "created_at": work.now}
        work.db.execute(insert(License).values(**columns))
        for user_id in ids[:2]:
            held = {
                "license_id": 1,
                "user_id": user_id,
                "held_since": work.now + timedelta(microseconds=user_id),
            }
            work.db.execute(insert(Seat).values(**held))
    before = stands(company)["seats"]
    name = change(company, ids[:2], Archive())
    assert stands(company)["seats"] == []
    plan = take_back(company, name, preview=True)
    assert plan.effects is not None
    assert plan.effects.seats_back == 2
    take_back(company, name)
    assert stands(company)["seats"] == before
    again = change(company, ids[:2], Archive())
    with company.core.operator() as work:
        work.db.execute(insert(Seat).values(license_id=1, user_id=ids[2], held_since=work.now))
    assert take_back(company, again).done == 2
    assert [row[:2] for row in stands(company)["seats"]] == [(1, ids[0]), (1, ids[2])]


def test_invitations_that_went_with_an_admin_come_back(company: House) -> None:
    """What archiving withdrew is open again and sent again; what was taken over goes back to its first sender."""
    other_admin(company)
    zz = rows.all_of(company.core, select(User.id).where(User.address == "zz@example.com"))[0].id
    one = company.invite("bo@example.com")
    with company.core.operator() as work:
        work.db.execute(
            update(Invitation).where(Invitation.id == one).values(invited_by=zz, by_operator=False)
        )
        archived = change_people(work, Target([zz]), Archive())
    assert rows.states(company.core)[one] == "withdrawn"
    with company.core.operator() as work:
        plan = undo(work, archived.batch or "", preview=True)
        assert plan.effects is not None
        assert "open again, with links that work: 1" in " ".join(plan.effects.notes)
        undo(work, archived.batch or "")
    assert rows.states(company.core)[one] == "open"
    assert {mail.state for mail in rows.mails(company.core)} == {"waiting"}
    with company.core.operator() as work:
        taken = change_people(work, Target([zz]), Archive(take_over=True))
    assert rows.invitation(company.core, one).by_operator
    with company.core.operator() as work:
        undo(work, taken.batch or "")
    given_back = rows.invitation(company.core, one)
    assert (given_back.invited_by, given_back.by_operator) == (zz, False)
    assert len(rows.events(company.core, "invitation.given_back")) == 1


def test_another_number_than_confirmed_writes_nothing(company: House) -> None:
    """Where somebody was changed since the plan, the undo stops; a begun run stays unfinished."""
    ids = register_all(company, "bo", "cy")
    name = change(company, ids, GiveRole(Role.TRAINER))
    with company.core.work(company.admin) as work:
        begun = begin_run(work, "undo", "undo role: Trainer")
    change(company, ids[:1], GiveRole(Role.CONTENT_MANAGER))
    with pytest.raises(PlanChanged), company.core.work(company.admin) as work:
        undo(work, name, expect=2, name=begun)
    assert rows.person(company.core, ids[1]).role == Role.TRAINER
    with company.core.look(company.admin) as look:
        assert [row.batch for row in batches.unfinished(look, company.admin_id)] == [begun]


def test_a_run_that_was_only_begun_cannot_be_taken_back(company: House) -> None:
    """Of a run that changed nothing there is nothing to take back; an unknown one is missing."""
    with company.core.work(company.admin) as work:
        name = begin_run(work, "role", "role: Trainer")
    with pytest.raises(NotUndoable):
        take_back(company, name)
    with pytest.raises(Missing):
        take_back(company, "nosuchname")


def test_statements_do_not_grow_with_the_people(company: House) -> None:
    """Taking back a change of forty people takes as many statements as one of two."""
    ids = register_all(company, *(f"p{number}" for number in range(42)), department="Sales")

    def statements(chosen: list[int], what: Change) -> int:
        name = change(company, chosen, what)
        with counted(company.core) as told:
            take_back(company, name)
        return len(told)

    for what in (GiveRole(Role.TRAINER), Place(None, join=(1,)), Archive()):
        assert statements(ids[:2], what) == statements(ids[2:], what)
