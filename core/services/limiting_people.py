"""Changing people, the limits: the company's maximum and the sizes of learning groups, by position (D9, R50, S30)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)

from core.facts import PlaceFacts
from core.models import Group, GroupMember, User
from core.models.people import ACTIVE
from core.rules import GROUP_PLACES, NO_LIMIT, PLACES, Rules, all_hold, refusal_of
from core.selection import active_users
from core.services.judging_people import DOABLE, Plan
from core.services.places import held_by
from core.services.planning import PLANNED, PLANNED_GROUPS, STATUS, P, old
from core.tally import Room


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit the run touches, and who held a place before it."""

    name: str
    most: int
    before: int
    takes: ColumnElement[int]
    frees: ColumnElement[int]
    rules: Rules

    def room_after(self, plan: Plan) -> Room:
        """Return who counts against the limit before and after the rows that may be written."""
        delta = select(func.coalesce(func.sum(self.takes - self.frees), 0)).where(DOABLE)
        after = self.before + int(plan.work.db.scalar(delta) or 0)
        return Room(self.name, self.most, self.before, after, "group" if self.name else "users")


def apply_limits(plan: Plan) -> list[Limit]:
    """Label rows for which no place is left, group by group and then under the cap; return what was touched."""
    limits = [*_group_limits(plan), *_cap(plan)]
    for limit in limits:
        _apply(plan, limit)
    return limits


def _apply(plan: Plan, limit: Limit) -> None:
    db, actor = plan.work.db, plan.work.actor
    room = max(0, limit.most - limit.before)
    takers = db.scalar(select(func.count()).where(DOABLE, limit.takes == 1)) or 0
    if refusal_of(limit.rules, actor, PlaceFacts(1, takers, room)) is None:
        return
    places = (
        select(
            P.id,
            limit.takes.label("takes_place"),
            func.row_number().over(order_by=plan.order).label("position"),
            literal(room).label("room"),
        )
        .join(User, User.id == P.id)
        .where(DOABLE, limit.takes == 1)
        .subquery()
    )
    [rule] = limit.rules
    those = select(places.c.id).where(not_(all_hold(limit.rules, actor, places.c)))
    db.execute(update(PLANNED).where(P.id.in_(those)).values(code=rule.refusal.code, detail=limit.name))


def _cap(plan: Plan) -> Iterator[Limit]:
    """Yield the company's maximum number of users: at this door active users count (D9)."""
    if STATUS in plan.fields and plan.company.user_cap != NO_LIMIT:
        before = plan.work.db.scalar(active_users()) or 0
        takes, frees = _flag(plan.reactivates), _flag(plan.archives)
        yield Limit("", plan.company.user_cap, before, takes, frees, PLACES)


def _group_limits(plan: Plan) -> Iterator[Limit]:
    """Yield the learning groups with a maximum size that somebody joins, leaves or comes back to (S30)."""
    if not plan.run.groups and STATUS not in plan.fields:
        return
    for group in plan.work.db.scalars(_limited_groups(plan)).all():
        takes, frees = _group_flags(plan, group.id)
        before = held_by(plan.work, (group.id,))
        yield Limit(group.name, group.max_size or 0, before, takes, frees, GROUP_PLACES)


def _limited_groups(plan: Plan) -> Select[Group]:
    touched = []
    if plan.run.groups:
        touched.append(exists().where(PLANNED_GROUPS.c.group_id == Group.id))
    if STATUS in plan.fields:
        held = and_(GroupMember.group_id == Group.id, GroupMember.user_id == P.id)
        touched.append(exists().where(held, or_(plan.reactivates, plan.archives)))
    return select(Group).where(Group.max_size.is_not(None), or_(*touched)).order_by(Group.id)


def _group_flags(plan: Plan, group_id: int) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return 1 where a row takes a place in the group, and 1 where it frees one; archived people hold none."""

    def planned(joins: int) -> ColumnElement[bool]:
        found = exists().where(
            PLANNED_GROUPS.c.user_id == P.id,
            PLANNED_GROUPS.c.group_id == group_id,
            PLANNED_GROUPS.c.joins == joins,
        )
        return found if plan.run.groups else false()

    member = exists().where(GroupMember.group_id == group_id, GroupMember.user_id == P.id)
    was_active = old(STATUS) == ACTIVE
    takes = or_(and_(planned(1), plan.stays_active), and_(plan.reactivates, member, not_(planned(0))))
    frees = or_(and_(planned(0), was_active), and_(plan.archives, member, not_(planned(0))))
    return _flag(takes), _flag(frees)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
