"""People come, leave and return, and their seats with them, in any order: every invariant holds after each step.

Every verb of core that changes people, invitations, seats or licenses takes part. A plan is the run without its end, a
refusal changes nothing, and each change has one row in the trail (R39-R47, R57, R60, D6-D9).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, func, select

from core.core import Core
from core.errors import Problem
from core.models import Base, Batch, Group, Invitation, License, Seat, User
from core.models.invitations import OPEN
from core.reading import past
from core.roles import Role
from core.services.accepting import accept
from core.services.company import set_cap
from core.services.deleting import delete_person
from core.services.editing import Edit, edit
from core.services.inviting import Line, Offer, invite, invite_many, renew, withdraw
from core.services.learning import issue_certificate, record_lesson, record_progress
from core.services.leaving import archive_leavers
from core.services.licenses import add_license, edit_license, resize_license
from core.services.merging import merge_groups
from core.services.people import (
    Archive,
    Change,
    GiveRole,
    GiveSeat,
    Leave,
    Place,
    Reactivate,
    SetJobTitle,
    TakeSeat,
    change_people,
)
from core.services.seats import allocate_listed, revoke_listed
from core.services.undoing import undo
from core.services.waiting import keep_waiting_list, leave_waiting_list
from core.tally import Tally
from core.targets import Target
from core.work import Work
from tests.clock import MovableClock
from tests.people import PASSWORD, House
from tests.properties.effort import effort
from tests.properties.snapshot import Snapshot, Step
from tests.properties.sound import assert_all_sound
from tests.services import rows
from tests.services.changes import add_people

LEARNERS, FEWEST, NOBODY = 6, 4, 999_999
ADDRESSES = st.sampled_from([f"{name}@example.com" for name in "abc"] + ["LEARNER00001@example.com"])
LISTED = st.sampled_from(
    ["a@example.com", "nobody@example.com", "no address", *(f"learner{n:05}@example.com" for n in range(4))]
)
FORM = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}
DAYS = st.sampled_from([1, 2, 10, 40])


class PeopleComeAndGo(RuleBasedStateMachine):
    """A company with few seats, two of its three licenses nearly full and one with a waiting list."""

    def __init__(self, core: Core, clock: MovableClock) -> None:
        """Start with a fresh company in the database that is there."""
        super().__init__()
        with core.operator() as work:
            for table in reversed(Base.metadata.sorted_tables):
                work.db.execute(delete(table))
        self.core, self.clock = core, clock
        self.days: dict[date, dict[int, tuple[int, str, frozenset[str]]]] = {}
        self.house = House.set_up(core)
        rows.add_admin(core, "peer@example.com", "x")
        learners = add_people(core, LEARNERS)
        today = clock.now().date()
        with core.operator() as work:
            self.licenses = [
                add_license(work, "Premium Sales", seats=2, courses=["Selling"]),
                add_license(work, "Leadership", seats=1, paths=["Leading"]),
                add_license(work, "Pilot", seats=3, until=today + timedelta(days=12)),
            ]
            keep_waiting_list(work, self.licenses[1], True)
        night_shift = (self.house.groups["Night shift"],)
        self.other_changes: tuple[Change, ...] = (
            GiveRole(Role.LEARNER),
            GiveRole(Role.CONTENT_MANAGER, take_over=True),
            GiveRole(Role.COMPANY_ADMIN),
            Place(None, join=night_shift),
            Place(leave=night_shift),
            SetJobTitle("Guide"),
        )
        self.admins = [self.house.admin, rows.open_sign_in(core, "peer@example.com")]
        with core.operator() as work:
            for bought, held in zip(self.licenses, (learners[:2], learners[:3], learners[2:4]), strict=True):
                change_people(work, Target(ids=held), GiveSeat(bought))

    # --- coming -------------------------------------------------------------------------------------------------

    @rule(data=st.data(), addresses=st.lists(ADDRESSES, min_size=1, max_size=3), renewing=st.booleans())
    def invite(self, data: st.DataObject, addresses: list[str], *, renewing: bool) -> None:
        """Invite one address, or import a few."""
        lines = [Line(number, address) for number, address in enumerate(addresses, 1)]
        if len(addresses) == 1:
            self._do(data, lambda work: invite(work, addresses[0], Offer(Role.TRAINER)))
        else:
            self._do(data, lambda work: invite_many(work, lines, Offer(), renew=renewing))

    @precondition(lambda self: rows.count(self.core, Invitation) > 0)
    @rule(data=st.data(), renewing=st.booleans())
    def withdraw_or_renew(self, data: st.DataObject, *, renewing: bool) -> None:
        """Withdraw or renew some invitations."""
        ids = self._ids(data, Invitation)
        self._do(data, lambda work: (renew if renewing else withdraw)(work, ids))

    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        """Send the form of an open link."""
        opened = rows.all_of(self.core, select(Invitation.id).where(Invitation.state == OPEN))
        if opened:
            chosen = data.draw(st.sampled_from(sorted(row.id for row in opened)), "link")
            self._step(lambda: accept(self.core, self.house.token_of(chosen), FORM))

    @rule(data=st.data())
    def sign_in(self, data: st.DataObject) -> None:
        """Somebody active signs in with the role of that moment."""
        active = rows.all_of(self.core, select(User.address_key).where(User.status == "active"))
        if active:
            chosen = data.draw(st.sampled_from(sorted(row.address_key for row in active)), "who")
            rows.open_sign_in(self.core, chosen)

    # --- what they hold -----------------------------------------------------------------------------------------

    @rule(data=st.data(), all_or_none=st.booleans())
    def allocate(self, data: st.DataObject, *, all_or_none: bool) -> None:
        """Give seats in the order of the list."""
        change = GiveSeat(data.draw(st.sampled_from(self.licenses)), all_or_none)
        self._change(data, change, data.draw(st.none() | st.just(self._everybody()), "all"))

    @rule(data=st.data(), names=st.lists(LISTED, min_size=1, max_size=4), gives=st.booleans())
    def allocate_listed(self, data: st.DataObject, names: list[str], *, gives: bool) -> None:
        """Give or take the seats of a pasted list, with a line twice, one unknown and one that is no address."""
        bought = data.draw(st.sampled_from(self.licenses))
        lines = [Line(number, name) for number, name in enumerate(names, 1)]
        self._do(data, lambda work: (allocate_listed if gives else revoke_listed)(work, bought, lines))

    @rule(data=st.data(), unused=st.none() | st.just(5))
    def revoke(self, data: st.DataObject, unused: int | None) -> None:
        """Take seats away, of everybody marked or of those who do not use them."""
        bought = data.draw(st.sets(st.sampled_from(self.licenses), min_size=1), "licenses")
        self._change(data, TakeSeat(tuple(sorted(bought)), unused))

    @rule(data=st.data(), seats=st.integers(1, 3))
    def resize(self, data: st.DataObject, seats: int) -> None:
        """Buy more seats, or fewer where they are not in use."""
        bought = data.draw(st.sampled_from(self.licenses))
        self._on_host(lambda work: resize_license(work, bought, seats))

    @rule(data=st.data(), days=st.none() | DAYS)
    def extend(self, data: st.DataObject, days: int | None) -> None:
        """Let a license end on another day, or never."""
        until = (self.clock.now() + timedelta(days=days)).date().isoformat() if days else ""
        bought = data.draw(st.sampled_from(self.licenses))
        self._on_host(lambda work: edit_license(work, bought, {"until": until}))

    @rule(data=st.data(), turn=st.sampled_from(["on", "on", "off", "leave"]))
    def change_waiting_list(self, data: st.DataObject, turn: str) -> None:
        """Turn a waiting list on or off, or take people off it."""
        bought = data.draw(st.sampled_from(self.licenses))
        if turn == "leave":
            ids = self._ids(data, User)
            self._do(data, lambda work: leave_waiting_list(work, bought, ids))
        else:
            self._do(data, lambda work: keep_waiting_list(work, bought, turn == "on"))

    # --- leaving and returning ----------------------------------------------------------------------------------

    @rule(data=st.data(), take_over=st.booleans())
    def archive(self, data: st.DataObject, *, take_over: bool) -> None:
        """Archive people."""
        self._change(data, Archive(take_over))

    @rule(data=st.data())
    def reactivate(self, data: st.DataObject) -> None:
        """Bring people back, with seats that were ticked."""
        ticked = tuple(sorted(data.draw(st.sets(st.sampled_from(self.licenses)), "ticked")))
        only_former = data.draw(st.booleans(), "to those who lost one")
        self._change(data, Reactivate(former=ticked) if only_former else Reactivate(ticked))

    @rule(data=st.data(), days=st.none() | DAYS)
    def set_leaving(self, data: st.DataObject, days: int | None) -> None:
        """Set the day on which people leave, or take it back."""
        self._change(data, Leave((self.clock.now() + timedelta(days=days)).date() if days else None))

    @precondition(lambda self: rows.count(self.core, User) > FEWEST)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete somebody for good, mostly somebody with a seat."""
        everybody = select(User.id, User.address)
        seated = everybody.join(Seat, Seat.user_id == User.id)
        people = [*rows.all_of(self.core, seated), *rows.all_of(self.core, everybody)]
        chosen = data.draw(st.sampled_from(people), "whom")
        self._do(data, lambda work: delete_person(work, chosen.id, confirm=chosen.address))

    # --- other changes ------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def change_otherwise(self, data: st.DataObject) -> None:
        """Give a role, a place or a job title in bulk."""
        self._change(data, data.draw(st.sampled_from(self.other_changes), "change"))

    @rule(data=st.data(), name=st.sampled_from(["Zoë", "Kim"]), role=st.sampled_from(["trainer", "learner"]))
    def edit(self, data: st.DataObject, name: str, role: str) -> None:
        """Edit one person."""
        user_id = self._ids(data, User)[0]
        self._do(data, lambda work: edit(work, Edit(user_id, {"first_name": name, "role": role}, {})))

    @rule(data=st.data(), kind=st.sampled_from(["lesson", "progress", "certificate"]))
    def learn(self, data: st.DataObject, kind: str) -> None:
        """The platform reports a lesson, progress or a certificate; archived people keep theirs."""
        user_id = self._ids(data, User)[0]

        def report() -> None:
            with self.core.system("platform") as work:
                if kind == "lesson":
                    record_lesson(work, user_id, "Selling", "Lesson 1")
                elif kind == "progress":
                    record_progress(work, user_id, "Selling", 40)
                else:
                    issue_certificate(work, user_id, "Selling", f"S-{user_id}")

        self._step(report)

    @precondition(lambda self: rows.count(self.core, Group) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        """Merge the learning groups; undo may take it back."""
        source, into = (self.house.groups[name] for name in ("Night shift", "Q3 onboarding"))
        self._do(data, lambda work: merge_groups(work, source, into))

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """Take back one of the last runs, also the taking back of one."""
        newest = select(Batch.name).order_by(Batch.id.desc()).limit(4)
        names = [row.name for row in rows.all_of(self.core, newest)]
        if names:
            chosen = data.draw(st.sampled_from(names), "run")
            self._do(data, lambda work: undo(work, chosen))

    @rule(room=st.none() | st.integers(0, 2))
    def set_cap(self, room: int | None) -> None:
        """Set the company's maximum, with little room left."""
        active = len(rows.all_of(self.core, select(User.id).where(User.status == "active")))
        self._on_host(lambda work: set_cap(work, None if room is None else active + room))

    @rule(days=st.sampled_from([1, 6, 30]))
    def time_passes(self, days: int) -> None:
        """Let days go by, so that links and licenses reach their end; then whoever was to leave is archived."""
        self.days[self.clock.now().date()] = self._standing()
        self.clock.move(days=days)

        def run() -> Tally:
            with self.core.system("leavers") as work:
                return archive_leavers(work)

        self._step(run)

    def teardown(self) -> None:
        """Ask for each day that went by how it ended: for whoever is still there it is as it was."""
        there = self._everybody()
        with self.core.operator_look() as look:
            for day, stood in self.days.items():
                told = past.rows(look, past.as_of(look, day), [each for each in there if each in stood])
                found = {row.id: (int(row.role), row.status, frozenset(row.seats)) for row in told}
                assert found == {each: stood[each] for each in there if each in stood}, day

    # --- inside -------------------------------------------------------------------------------------------------

    def _change(self, data: st.DataObject, change: Change, ids: list[int] | None = None) -> None:
        """Plan and run a change of people, and hold the two and what happened against each other."""
        target = Target(ids=self._ids(data, User) if ids is None else ids)
        door = self._door(data)
        planned: list[Tally] = []

        def plan() -> None:
            with self.core.plan(door) if door else self.core.operator() as work:
                planned.append(change_people(work, target, change, preview=True))

        def run() -> Tally:
            with self._opened(door) as work:
                expect = planned[0].done if planned else None
                return change_people(work, target, change, expect=expect)

        self._step(plan, changes=False)
        tally = self._step(run)
        assert (tally is None) == (not planned)
        if tally is not None:
            [wanted] = planned
            assert (wanted.verdicts, wanted.effects) == (tally.verdicts, tally.effects)
            assert list(wanted.done_ids) == list(tally.done_ids)

    def _do(self, data: st.DataObject, verb: Callable[[Work], Any]) -> None:
        """Run a verb as the host or as an admin who may be one no longer."""
        door = self._door(data)

        def run() -> Any:
            with self._opened(door) as work:
                return verb(work)

        self._step(run)

    def _on_host(self, verb: Callable[[Work], Any]) -> None:
        def run() -> Any:
            with self.core.operator() as work:
                return verb(work)

        self._step(run)

    def _step(self, run: Callable[[], Any], *, changes: bool = True) -> Any:
        """Do something, look what happened, and return its answer; None where it was refused."""
        before = Snapshot.of(self.core)
        try:
            answer = run()
        except Problem:
            answer, changes = None, False
        step = Step(self.core, before)
        if not changes:
            step.assert_nothing_happened()
            return answer
        step.assert_told()
        if isinstance(answer, Tally) and answer.effects is not None:
            self._compare(answer, step)
        assert_all_sound(self.core)
        return answer

    def _compare(self, tally: Tally, step: Step) -> None:
        """What a run tells is what it did."""
        told = tally.effects
        assert told is not None
        number = step.number
        assert told.seats_given + told.seats_back + told.seats_passed_on == number["seat.given"]
        assert told.seats_freed == number["seat.revoked"]
        assert told.seats_waiting + told.places_back == number["seat.awaited"]
        assert told.mails == sum(step.mails.values())
        used = select(func.count()).where(Seat.license_id == License.id).correlate(License)
        held = dict(rows.all_of(self.core, select(License.name, used.scalar_subquery())))
        assert all(room.after == held[room.name] for room in told.rooms if room.kind == "seats")

    def _standing(self) -> dict[int, tuple[int, str, frozenset[str]]]:
        """Return everybody's role, status and licenses."""
        held: dict[int, set[str]] = {}
        seats = select(Seat.user_id, License.name).join(License, License.id == Seat.license_id)
        for row in rows.all_of(self.core, seats):
            held.setdefault(row.user_id, set()).add(row.name)
        people = rows.all_of(self.core, select(User.id, User.role, User.status))
        return {row.id: (row.role, row.status, frozenset(held.get(row.id, ()))) for row in people}

    def _everybody(self) -> list[int]:
        return sorted(row.id for row in rows.all_of(self.core, select(User.id)))

    def _door(self, data: st.DataObject) -> Any:
        return data.draw(st.sampled_from([None, None, *self.admins]), "actor")

    def _opened(self, door: Any) -> AbstractContextManager[Work]:
        return self.core.operator() if door is None else self.core.work(door)

    def _ids(self, data: st.DataObject, model: type[User | Invitation]) -> list[int]:
        """Return some ids, from either end, at times with one that nobody has."""
        there = [*sorted(row.id for row in rows.all_of(self.core, select(model.id))), NOBODY]
        chosen = data.draw(st.integers(1, 2 ** len(there) - 1), "which")
        ids = [each for place, each in enumerate(there) if chosen >> place & 1]
        return ids[::-1] if data.draw(st.booleans(), "from the end") else ids


def test_people_come_and_go_and_every_seat_is_accounted_for(core: Core, clock: MovableClock) -> None:
    """Whatever is done by whomever in whatever order, what always holds, holds after each step."""

    class Run(PeopleComeAndGo):
        """The machine on this test's core."""

        def __init__(self) -> None:
            super().__init__(core, clock)

    run_state_machine_as_test(Run, settings=effort(6, 8, steps=30))
