"""A company that is used in any order agrees at every step with a plain dictionary model (R8, R57, D9, R60)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Select, delete, func, select

from core.core import Core
from core.errors import Problem
from core.models import AuditEvent, Base, Invitation, OutboxMail, User
from core.models.outbox import WAITING
from core.reading.company import company
from core.services.accepting import accept
from core.services.inviting import Line, Offer, invite, invite_many, renew, withdraw
from core.tally import Tally
from tests.clock import MovableClock
from tests.people import ADMIN_ADDRESS, PASSWORD, House
from tests.properties.effort import effort
from tests.properties.model import ACTIVE, ARCHIVED, Model
from tests.services import rows

# Five people, each written in several ways.
KEYS = [f"{name}@example.com" for name in "abcde"]
ADDRESSES = st.sampled_from(
    [form(key) for key in KEYS for form in (str, str.upper, str.title, " {} ".format)]
)
FORM = {"first_name": "Bo", "last_name": "Berg", "password": PASSWORD}


class CompanyInUse(RuleBasedStateMachine):
    """The company and its model side by side; each step is done in both and told by both alike."""

    def __init__(self, core: Core, clock: MovableClock) -> None:
        """Start with a fresh company in the database that is there."""
        super().__init__()
        with core.operator() as work:
            for table in reversed(Base.metadata.sorted_tables):
                work.db.execute(delete(table))
        self.core, self.clock = core, clock
        self.house = House.set_up(core)
        self.model = Model(accounts={ADMIN_ADDRESS: ACTIVE})
        self.start = rows.actions(core)

    # --- steps --------------------------------------------------------------------------------------------------

    @rule(address=ADDRESSES, days=st.integers(1, 9))
    def invite(self, address: str, days: int) -> None:
        """Invite one address; whoever has an open invitation gets a new one."""
        key = address.strip().lower()
        plan = self.model.plan([key], self.clock.now(), renew=True)
        code = ""
        try:
            with self.core.work(self.house.admin) as work:
                invite(work, address, Offer(days=days))
        except Problem as problem:
            code = problem.code
        assert [code] == plan.codes
        self._take_over([key], plan.codes, days)

    @rule(addresses=st.lists(ADDRESSES, max_size=7), renewing=st.booleans(), preview=st.booleans())
    def invite_many(self, addresses: Sequence[str], *, renewing: bool, preview: bool) -> None:
        """Import a file, or only ask what would happen."""
        keys = [address.strip().lower() for address in addresses]
        plan = self.model.plan(keys, self.clock.now(), renew=renewing)
        lines = [Line(number, address) for number, address in enumerate(addresses, start=1)]
        with self.core.work(self.house.admin) as work:
            tally = invite_many(work, lines, Offer(), renew=renewing, preview=preview)
        told = {verdict.line: verdict.code for verdict in tally.verdicts}
        assert [told.get(line.number, "") for line in lines] == plan.codes
        assert (tally.done, tally.places_left) == (plan.codes.count(""), plan.places_left)
        if not preview:
            self._take_over(keys, plan.codes)

    @precondition(lambda self: self.model.invitations)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        """Renew some invitations, in the order of their ids."""
        ids = sorted(data.draw(self._some_ids()))
        keys = [self.model.invitations[each].key for each in ids]
        plan = self.model.plan(keys, self.clock.now(), renew=True)
        with self.core.work(self.house.admin) as work:
            tally = renew(work, ids)
        self._compare(tally, ids, plan.codes)
        assert tally.places_left == plan.places_left
        self._take_over(keys, plan.codes)

    @precondition(lambda self: self.model.invitations)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """Withdraw some invitations; closed ones are told."""
        ids = sorted(data.draw(self._some_ids()))
        codes = ["" if self.model.invitations[each].state == "open" else "invitation_closed" for each in ids]
        with self.core.work(self.house.admin) as work:
            self._compare(withdraw(work, ids), ids, codes)
        assert self.model.withdraw(ids) == codes.count("")

    @precondition(lambda self: self.model.invitations)
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        """Send the form of any link that was ever made."""
        chosen = data.draw(st.sampled_from(sorted(self.model.invitations)))
        code = ""
        try:
            accept(self.core, self.house.token_of(chosen), FORM)
        except Problem as problem:
            code = problem.code
        assert code == self.model.accept(chosen, self.clock.now())

    @rule(days=st.sampled_from([1, 3, 7]), seconds=st.sampled_from([-1, 0, 1]))
    def time_passes(self, days: int, seconds: int) -> None:
        """Let days go by, a second more or less."""
        self.clock.move(days=days, seconds=seconds)

    @rule(cap=st.none() | st.integers(1, 6))
    def change_cap(self, cap: int | None) -> None:
        """Set the maximum number of users, also below what is used."""
        rows.set_cap(self.core, cap)
        self.model.cap = cap

    @precondition(lambda self: len(self.model.accounts) > 1)
    @rule(data=st.data())
    def archive(self, data: st.DataObject) -> None:
        """Archive somebody who registered."""
        key = data.draw(st.sampled_from(sorted(set(self.model.accounts) - {ADMIN_ADDRESS})))
        with self.core.operator_look() as look:
            user_id = look.db.scalars(select(User.id).where(User.address_key == key)).one()
        rows.archive(self.core, user_id)
        self.model.accounts[key] = ARCHIVED

    # --- what is always true ------------------------------------------------------------------------------------

    @invariant()
    def tables_agree_with_the_model(self) -> None:
        """Accounts, invitations, events and mails are those of the model, and an address is open once at most."""
        now = self.clock.now()
        waiting = select(OutboxMail.invitation_id, func.count()).where(
            OutboxMail.state == WAITING, OutboxMail.invitation_id.is_not(None)
        )
        accounts = self._pairs(select(User.address_key, User.status))
        mails = self._pairs(waiting.group_by(OutboxMail.invitation_id))
        events = self._pairs(select(AuditEvent.action, func.count()).group_by(AuditEvent.action))
        columns = (Invitation.id, Invitation.address_key, Invitation.state, Invitation.expires_at)
        found = rows.all_of(self.core, select(*columns))
        with self.core.operator_look() as look:
            room = company(look)
        model = self.model
        assert accounts == model.accounts
        assert {row.id: (row.address_key, row.state, row.expires_at) for row in found} == {
            each: (one.key, one.state, one.expires_at) for each, one in model.invitations.items()
        }
        open_keys = [row.address_key for row in found if row.state == "open"]
        assert len(open_keys) == len(set(open_keys))
        assert mails == {
            each: one.waiting_mails for each, one in model.invitations.items() if one.waiting_mails
        }
        told = {action: times - self.start[action] for action, times in events.items()}
        assert {action: times for action, times in told.items() if times} == dict(model.events)
        assert (room.active_users, room.live_invitations) == (model.active, len(model.live(now)))

    # --- inside -------------------------------------------------------------------------------------------------

    def _pairs(self, statement: Select[*tuple[Any, ...]]) -> dict[Any, Any]:
        return {key: value for key, value in rows.all_of(self.core, statement)}  # noqa: C416 - rows are no tuples to mypy

    def _some_ids(self) -> st.SearchStrategy[set[int]]:
        return st.sets(st.sampled_from(sorted(self.model.invitations)), min_size=1, max_size=4)

    def _compare(self, tally: Tally, ids: Sequence[int], codes: Sequence[str]) -> None:
        told = {verdict.id: verdict.code for verdict in tally.verdicts}
        assert [told.get(each, "") for each in ids] == codes
        assert tally.done == list(codes).count("")

    def _take_over(self, keys: Sequence[str], codes: Sequence[str], days: int = 7) -> None:
        """Write into the model what was done, under the ids that the database gave in the order of the rows."""
        with self.core.operator_look() as look:
            newest = max(self.model.invitations, default=0)
            new_ids = look.db.scalars(
                select(Invitation.id).where(Invitation.id > newest).order_by(Invitation.id)
            ).all()
        done = list(itertools.compress(keys, (not code for code in codes)))
        assert len(new_ids) == len(done)
        for new_id, key in zip(new_ids, done, strict=True):
            self.model.invite(new_id, key, self.clock.now(), days)
        if done and self.model.cap is not None and set(done) - self._replaced_now(done):
            assert self.model.active + len(self.model.live(self.clock.now())) <= self.model.cap

    def _replaced_now(self, keys: Sequence[str]) -> set[str]:
        """Return the keys whose earlier invitation was still live, so that renewing took no new place."""
        now = self.clock.now()
        return {
            one.key
            for one in self.model.invitations.values()
            if one.key in keys and one.state == "replaced" and now < one.expires_at
        }


def test_a_company_in_use_agrees_with_its_model(core: Core, clock: MovableClock) -> None:
    """Whatever is done in whatever order, the verbs tell and the tables hold what the model says."""

    class Run(CompanyInUse):
        """The machine on this test's core."""

        def __init__(self) -> None:
            super().__init__(core, clock)

    run_state_machine_as_test(Run, settings=effort(8, 12, steps=20))
