"""What holds for every company at any time, seats and their trail included (R39, R43, R47, R57, R60, D8, D9)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Select, exists, func, select

from core.core import Core
from core.models import AuditEvent, Invitation, License, Seat, SeatWaiter, SignIn, User
from core.models.invitations import OPEN
from core.models.people import ARCHIVED
from core.selection import license_in_force
from tests.services import rows
from tests.services.changes import assert_sound

GIVEN, REVOKED = "seat.given", "seat.revoked"


def assert_all_sound(core: Core) -> None:
    """Hold the database against every invariant that does not depend on what was done."""
    assert_sound(core)
    for said, query in _never().items():
        assert not rows.all_of(core, query), said
    today = core.ports.clock.now().date()
    idle = (
        select(SeatWaiter.license_id)
        .join(License, License.id == SeatWaiter.license_id)
        .where(License.waiting_list.is_(True), license_in_force(today), License.seats_total > _used())
    )
    assert not rows.all_of(core, idle), "a seat is free and somebody waits for it"
    assert_trail_balances(core)


def assert_trail_balances(core: Core) -> None:
    """Hold each person's seats against the trail: given as often as revoked, once more where one is held."""
    balance: Counter[tuple[int, int | None]] = Counter()
    with core.operator_look() as look:
        told = look.db.execute(
            select(AuditEvent.action, AuditEvent.subject_id, AuditEvent.details)
            .where(AuditEvent.action.in_((GIVEN, REVOKED)))
            .order_by(AuditEvent.id)
        )
        for action, user_id, details in told:
            seat = (details["license"]["id"], user_id)
            balance[seat] += 1 if action == GIVEN else -1
            assert balance[seat] in {0, 1}, f"seat {seat} was {action} twice in a row"
        held = {
            (row.license_id, row.user_id) for row in look.db.execute(select(Seat.license_id, Seat.user_id))
        }
    assert {seat for seat, number in balance.items() if number} == held


def _never() -> dict[str, Select[Any]]:
    """Return queries that find nothing, each with what it would mean if they did."""
    twice = (
        select(Invitation.address_key)
        .where(Invitation.state == OPEN)
        .group_by(Invitation.address_key)
        .having(func.count() > 1)
    )
    gone = select(SignIn.user_id).where(~exists().where(User.id == SignIn.user_id))
    leaving = select(User.id).where(User.status == ARCHIVED, User.leaves_on.is_not(None))
    return {
        "an address is invited twice": twice,
        "somebody who is gone is signed in": gone,
        "somebody archived is still to leave": leaving,
    }


def _used() -> object:
    return select(func.count()).where(Seat.license_id == License.id).correlate(License).scalar_subquery()
