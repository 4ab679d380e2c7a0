"""What a run on people does besides the values it changes: told in the plan, and written by the same conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, select

from core.losses import NO_ADMIN_LEFT
from core.models import Department, Group, Invitation, SignIn
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Role
from core.rules import BELOW_OWN, SENDER, all_hold
from core.selection import active_admins, live_invitation, role_to_invite_with
from core.services.judging_people import DOABLE, Plan
from core.services.limiting_people import Limit
from core.services.planning import (
    DEPARTMENT,
    LEAVES_ON,
    PLANNED,
    PLANNED_GROUPS,
    ROLE,
    STATUS,
    P,
    differs,
    named,
    new,
    old,
)
from core.services.seat_effects import SeatEffects, foresee_seats
from core.tally import Effects, Move

_GROUPED = (
    ROLE,
    STATUS,
    DEPARTMENT,
    "language",
)  # few values, so each step is told; of other fields the number
_HIGHER = "A higher role counts from the next sign-in: tell those people to sign out and in again."
_LOWER = "A lower role counts at once."
_ARCHIVING = "Archived people can no longer sign in. Lessons done, progress and certificates are kept."
_NO_SEATS_BACK = "Seats do not come back by themselves: give them anew where they are needed."


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What happens besides.

    Attributes:
        effects: to be told.
        withdrawn_rows, taken_over_rows: id and address of invitations that their senders could no longer send (D6).
        seats: what happens to them.
    """

    effects: Effects
    withdrawn_rows: Select[*tuple[Any, ...]]
    taken_over_rows: Select[*tuple[Any, ...]]
    seats: SeatEffects

    @property
    def withdrawn(self) -> int:
        """How many invitations are withdrawn."""
        return self.effects.invitations_withdrawn

    @property
    def taken_over(self) -> int:
        """How many invitations become the actor's."""
        return self.effects.invitations_taken_over


def foresee(plan: Plan, limits: Sequence[Limit]) -> Foreseen:
    """Count what the rows that may be written bring along."""
    taken_over = _orphaned(plan, taken_over=True)
    withdrawn = _orphaned(plan, taken_over=False)
    touches_invitations = bool({ROLE, STATUS} & set(plan.fields))
    moves = tuple(_moves(plan))
    seats = foresee_seats(plan)
    effects = Effects(
        moves=moves,
        sign_ins_lowered=_number(plan, select(SignIn.id).where(lowered())) if ROLE in plan.fields else 0,
        sign_ins_closed=_number(plan, select(SignIn.id).where(closed(plan))) if STATUS in plan.fields else 0,
        invitations_withdrawn=_number(plan, withdrawn) if touches_invitations else 0,
        invitations_taken_over=_number(plan, taken_over) if touches_invitations and plan.run.take_over else 0,
        rooms=(*(limit.room_after(plan) for limit in limits), *seats.rooms),
        **seats.numbers,
    )
    return Foreseen(_noted(plan, effects, seats.notes), withdrawn, taken_over, seats)


# --- conditions that the plan counts by and the writer writes by -------------------------------------------------


def lowered() -> ColumnElement[bool]:
    """Return the condition of sign-ins that outrank the new role (R38: a loss counts at once)."""
    return and_(SignIn.user_id == P.id, SignIn.closed_at.is_(None), SignIn.role > new(ROLE))


def closed(plan: Plan) -> ColumnElement[bool]:
    """Return the condition of sign-ins that end by archiving (R39)."""
    return and_(SignIn.user_id == P.id, SignIn.closed_at.is_(None), plan.archives)


def _orphaned(plan: Plan, *, taken_over: bool) -> Select[*tuple[Any, ...]]:
    """Return the live invitations whose sender could no longer send them: to be taken over, or to be withdrawn (D6)."""
    work = plan.work
    role = role_to_invite_with(plan.role_after, case((plan.stays_active, ACTIVE), else_=ARCHIVED))
    lost = not_(all_hold(SENDER, work.actor, SimpleNamespace(inviter_role=role, role=Invitation.role)))
    mine = all_hold(BELOW_OWN, work.actor, Invitation) if plan.run.take_over else false()
    return (
        select(Invitation.id, Invitation.address)
        .join(PLANNED, P.id == Invitation.invited_by)
        .where(DOABLE, live_invitation(work.now), lost, mine if taken_over else not_(mine))
    )


def _number(plan: Plan, found: Select[*tuple[Any, ...]]) -> int:
    counted = found.where(DOABLE).with_only_columns(func.count(), maintain_column_froms=True)
    return plan.work.db.scalar(counted) or 0


# --- from what to what ------------------------------------------------------------------------------------------


def _moves(plan: Plan) -> Iterator[Move]:
    for field in plan.fields:
        if field in _GROUPED:
            yield from _steps_of(plan, field)
    others = [
        field for field in plan.fields if field not in {*_GROUPED, "address_key", "search_key", "sort_key"}
    ]
    if others:
        yield from _changes_of(plan, others)
    if plan.run.groups:
        yield from _group_moves(plan)


def _steps_of(plan: Plan, field: str) -> Iterator[Move]:
    number = func.count()
    found = plan.work.db.execute(
        select(old(field), new(field), number)
        .where(DOABLE, differs(field))
        .group_by(old(field), new(field))
        .order_by(number.desc(), old(field), new(field))
    ).all()
    names = _department_names(plan) if field == DEPARTMENT and found else {}
    for before, after, people in found:
        yield Move(named(field), _shown(field, before, names), _shown(field, after, names), people)


def _department_names(plan: Plan) -> dict[int, str]:
    return {row.id: row.name for row in plan.work.db.execute(select(Department.id, Department.name))}


def _shown(field: str, value: Any, names: dict[int, str]) -> str:
    if value is None:
        return ""
    if field == ROLE:
        return Role(value).label
    return names.get(value, "") if field == DEPARTMENT else str(value)


def _changes_of(plan: Plan, fields: Sequence[str]) -> Iterator[Move]:
    """Yield one move for each field; its sides are told where they are the same for all."""
    columns: list[ColumnElement[Any]] = []
    for field in fields:
        changed = case((differs(field), 1))
        columns.append(func.count(changed))
        for side in (old(field), new(field)):
            one = case((changed == 1, side))
            columns += [func.min(one), func.max(one)]
    values = iter(plan.work.db.execute(select(*columns).where(DOABLE)).one())
    for field in fields:
        people, *ends = (next(values) for _ in range(5))
        sides = [str(ends[at] or "") if ends[at] == ends[at + 1] else "" for at in (0, 2)]
        if people:
            yield Move(field, sides[0], sides[1], people)


def _group_moves(plan: Plan) -> Iterator[Move]:
    joins = PLANNED_GROUPS.c.joins
    found = plan.work.db.execute(
        select(Group.name, joins, func.count())
        .join(PLANNED_GROUPS, PLANNED_GROUPS.c.group_id == Group.id)
        .join(PLANNED, P.id == PLANNED_GROUPS.c.user_id)
        .where(DOABLE)
        .group_by(Group.name, joins)
        .order_by(joins.desc(), Group.name)
    )
    for name, joined, people in found:
        yield Move("groups", "" if joined else name, name if joined else "", people)


# --- sentences --------------------------------------------------------------------------------------------------


def _noted(plan: Plan, effects: Effects, of_seats: Sequence[str]) -> Effects:
    fields = {move.field for move in effects.moves}
    notes = [*_role_notes(effects.moves)]
    if any(move.field == STATUS and move.new == ARCHIVED for move in effects.moves):
        notes.append(_ARCHIVING)
    if (
        any(move.field == STATUS and move.new != ARCHIVED for move in effects.moves)
        and plan.run.seats is None
    ):
        notes.append(_NO_SEATS_BACK)
    days = [move.new for move in effects.moves if move.field == LEAVES_ON and move.new]
    notes += [
        f"The account is archived by itself when {day} begins, in UTC; until then nothing changes."
        for day in days
    ]
    notes += of_seats
    if effects.invitations_withdrawn:
        notes.append(
            f"Open invitations that their senders could no longer send: {effects.invitations_withdrawn:,}. "
            "They are withdrawn; take them over to keep their links alive."
        )
    if {ROLE, STATUS} & fields and _no_admin_left(plan):
        notes.append(NO_ADMIN_LEFT)
    return Effects(**{name: getattr(effects, name) for name in Effects.__slots__} | {"notes": tuple(notes)})


def _role_notes(moves: Sequence[Move]) -> Iterator[str]:
    """Yield from when the new roles count; only what applies."""
    steps = {role.label: role for role in Role}
    ups = {steps[move.new] > steps[move.old] for move in moves if move.field == ROLE}
    if True in ups:
        yield _HIGHER
    if False in ups:
        yield _LOWER


def _no_admin_left(plan: Plan) -> bool:
    """Tell whether the run takes the last active Company Admins; only the operator can (D7)."""
    is_admin = and_(old(ROLE) == Role.COMPANY_ADMIN, old(STATUS) == ACTIVE)
    stays = and_(plan.role_after == Role.COMPANY_ADMIN, plan.stays_active)
    delta = case((and_(is_admin, not_(stays)), -1), (and_(not_(is_admin), stays), 1), else_=0)
    db = plan.work.db
    changed = int(db.scalar(select(func.coalesce(func.sum(delta), 0)).where(DOABLE)) or 0)
    return changed < 0 and (db.scalar(active_admins()) or 0) + changed <= 0
