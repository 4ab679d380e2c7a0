"""A company whose people are changed in any order agrees at every step with a plain model (R34, R38, R39, D7, D9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, func, select, update

from core.core import Core
from core.errors import PermissionNeeded, RoleNotBelowOwn
from core.filter_keys import parse_users
from core.models import AuditEvent, Base, Group, GroupMember, Seat, SignIn, User
from core.roles import Role
from core.services.people import (
    KEEP,
    Archive,
    Change,
    GiveRole,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
    change_people,
)
from core.tally import Tally
from core.targets import Target
from tests.people import House
from tests.properties.effort import effort
from tests.properties.people_model import ADMIN, LEARNER, OPERATOR, PeopleModel, Person
from tests.services import rows
from tests.services.changes import add_license, add_people, assert_sound, give_seat

LEARNERS, NOBODY = 4, 999
ROLES = (LEARNER, 20, 30, ADMIN)
HOST = 0


class PeopleInUse(RuleBasedStateMachine):
    """The company and its model side by side; each step is done in both and told by both alike."""

    def __init__(self, core: Core) -> None:
        """Start with a fresh company in the database that is there: two admins and some others."""
        super().__init__()
        with core.operator() as work:
            for table in reversed(Base.metadata.sorted_tables):
                work.db.execute(delete(table))
        self.core = core
        self.house = House.set_up(core)
        peer = rows.add_admin(core, "peer@example.com", "x")
        others = [each for each in add_people(core, LEARNERS) if each not in {self.house.admin_id, peer}]
        self.model = PeopleModel({each: Person(LEARNER) for each in others})
        self.model.people |= {self.house.admin_id: Person(ADMIN, sign_ins=[ADMIN]), peer: Person(ADMIN)}
        self.ids = sorted(self.model.people)
        self.departments = [*self.house.departments.values(), None, KEEP]
        self.groups = sorted(self.house.groups.values())
        self.license = add_license(core, seats=100)

    # --- steps --------------------------------------------------------------------------------------------------

    @rule(data=st.data(), role=st.sampled_from(ROLES))
    def give_role(self, data: st.DataObject, role: int) -> None:
        """Give a role."""
        self._change(data, GiveRole(Role(role)))

    @rule(data=st.data())
    def place(self, data: st.DataObject) -> None:
        """Set a department, join and leave learning groups."""
        department = data.draw(st.sampled_from(self.departments), "department")
        join = data.draw(st.sets(st.sampled_from(self.groups)), "join")
        leave = data.draw(st.sets(st.sampled_from(self.groups)), "leave") - join
        if department == KEEP and not join | leave:
            return
        self._change(data, Place(department, tuple(sorted(join)), tuple(sorted(leave))))

    @rule(data=st.data(), wanted=st.sampled_from([Archive(), Archive(take_over=True), Reactivate()]))
    def archive_or_reactivate(self, data: st.DataObject, wanted: Change) -> None:
        """Archive or bring back."""
        self._change(data, wanted)

    @rule(data=st.data(), text=st.sampled_from(["", "de"]), title=st.booleans())
    def edit(self, data: st.DataObject, text: str, *, title: bool) -> None:
        """Set the language or the job title."""
        self._change(data, SetJobTitle(text) if title else SetLanguage(text))

    @rule(data=st.data())
    def sign_in(self, data: st.DataObject) -> None:
        """Somebody active signs in with the role of that moment."""
        user_id = data.draw(st.sampled_from(self.ids))
        person = self.model.people[user_id]
        if person.active:
            rows.open_sign_in(self.core, rows.person(self.core, user_id).address_key)
            person.sign_ins.append(person.role)

    @rule(data=st.data())
    def give_seat(self, data: st.DataObject) -> None:
        """Somebody active gets a seat."""
        user_id = data.draw(st.sampled_from(self.ids))
        person = self.model.people[user_id]
        if person.active and not person.seats:
            give_seat(self.core, self.license, user_id)
            person.seats.add(self.license)

    @rule(data=st.data(), room=st.none() | st.integers(0, 2))
    def set_limits(self, data: st.DataObject, room: int | None) -> None:
        """Set the company's maximum and that of one group, each with little room left."""
        self.model.cap = None if room is None else max(1, self.model.active + room)
        rows.set_cap(self.core, self.model.cap)
        group = data.draw(st.sampled_from(self.groups))
        self.model.sizes.pop(group, None)
        with self.core.operator() as work:
            work.db.execute(update(Group).where(Group.id == group).values(max_size=None))
        if room is not None:
            members = sum(each.active and group in each.groups for each in self.model.people.values())
            self.model.sizes[group] = max(1, members + room)
            rows.set_group_size(self.core, group, self.model.sizes[group])

    # --- what holds at any time ---------------------------------------------------------------------------------

    @invariant()
    def the_company_is_sound(self) -> None:
        """No open sign-in outranks its user, nobody archived is signed in or seated, no limit is exceeded."""
        assert_sound(self.core)

    @invariant()
    def people_are_as_the_model_says(self) -> None:
        """Everybody is as they should be, and each change of each person left one event."""
        for user_id, wanted in self.model.people.items():
            wanted.sign_ins.sort()
            assert self._found(user_id) == wanted
        counted = select(AuditEvent.subject_id, func.count()).where(
            AuditEvent.batch.is_not(None), AuditEvent.subject_kind == "user", AuditEvent.action.like("user.%")
        )
        found = rows.all_of(self.core, counted.group_by(AuditEvent.subject_id))
        assert Counter(dict(tuple(row) for row in found)) == self.model.events

    # --- inside -------------------------------------------------------------------------------------------------

    def _change(self, data: st.DataObject, wanted: Change) -> None:
        actor_id, sign_in_id, role = self._actor(data)
        target, ids = self._target(data)
        if role < ADMIN:
            with pytest.raises(PermissionNeeded):
                self._run(sign_in_id, target, wanted, preview=False)
            return
        if isinstance(wanted, GiveRole) and wanted.role >= role:
            with pytest.raises(RoleNotBelowOwn):
                self._run(sign_in_id, target, wanted, preview=False)
            return
        done = self.model.change((actor_id, role), ids, wanted, write=False)
        plan = self._run(sign_in_id, target, wanted, preview=True)
        self.people_are_as_the_model_says()
        self.model.change((actor_id, role), ids, wanted, write=True)
        tally = self._run(sign_in_id, target, wanted, preview=False)
        assert (plan.verdicts, plan.effects) == (tally.verdicts, tally.effects)
        told = {verdict.id: verdict.code for verdict in tally.verdicts}
        assert {each: told.get(each, "") for each in ids} == done.codes
        assert sorted(tally.done_ids) == sorted(each for each, code in done.codes.items() if not code)
        assert tally.done == len(tally.done_ids)
        assert tally.effects is not None
        found = (tally.effects.sign_ins_lowered, tally.effects.sign_ins_closed, tally.effects.seats_freed)
        assert found == (done.lowered, done.closed, done.freed)

    def _run(self, sign_in_id: UUID | None, target: Target, wanted: Change, *, preview: bool) -> Tally:
        door = self.core.operator() if sign_in_id is None else self.core.work(sign_in_id)
        with door as work:
            return change_people(work, target, wanted, preview=preview)

    def _actor(self, data: st.DataObject) -> tuple[int, UUID | None, int]:
        """Return id, sign-in and role of somebody who acts: the host, or whoever is signed in."""
        opened = [tuple(row) for row in rows.all_of(
            self.core,
            select(SignIn.user_id, SignIn.id, SignIn.role).where(SignIn.closed_at.is_(None)).order_by(SignIn.opened_at, SignIn.role),
        )]  # fmt: skip
        place = data.draw(st.integers(0, len(opened)), "actor")
        if place == len(opened):
            return HOST, None, OPERATOR
        user_id, sign_in_id, role = opened[place]
        return user_id, sign_in_id, role

    def _target(self, data: st.DataObject) -> tuple[Target, Sequence[int]]:
        """Return marks in any order with somebody who is gone, or a filter whose people come in the order of the list."""
        if data.draw(st.booleans(), "by filter"):
            listed = select(User.id).order_by(User.sort_key, User.id)
            return Target(chosen=parse_users("status:any")), [
                each for (each,) in rows.all_of(self.core, listed)
            ]
        ids = data.draw(st.lists(st.sampled_from([*self.ids, NOBODY]), unique=True), "marked")
        return Target(ids=ids), ids

    def _found(self, user_id: int) -> Person:
        """Return a person as they stand in the tables."""
        user = rows.person(self.core, user_id)
        opened = select(SignIn.role).where(SignIn.user_id == user_id, SignIn.closed_at.is_(None))
        groups = select(GroupMember.group_id).where(GroupMember.user_id == user_id)
        seats = select(Seat.license_id).where(Seat.user_id == user_id)
        return Person(
            user.role,
            user.status == "active",
            user.department_id,
            {each for (each,) in rows.all_of(self.core, groups)},
            user.language,
            user.job_title,
            sorted(each for (each,) in rows.all_of(self.core, opened)),
            {each for (each,) in rows.all_of(self.core, seats)},
            user.version,
        )


def test_changing_people_agrees_with_a_plain_model(core: Core) -> None:
    """Whatever is changed by whomever in whatever order, codes, numbers and people are those of the model."""

    class Run(PeopleInUse):
        """The machine on this test's core."""

        def __init__(self) -> None:
            super().__init__(core)

    run_state_machine_as_test(Run, settings=effort(10, 15, steps=12))
