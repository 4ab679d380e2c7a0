"""Taking back a bulk change of people: the inverse out of the audit trail, through the same judge and writer (R60).

Whoever is no longer as the change left them is told as `changed_since` and left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    MetaData,
    Subquery,
    Table,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from core.dialects import json_date, json_items, load_rows
from core.errors import AddressTaken, ChangedSince
from core.models import AuditEvent, Batch, Department, Group, GroupMember, User
from core.registration import MASTER_DATA
from core.roles import Permission, Role
from core.selection import temporary
from core.services.carrying_out import How, Run, carry_out
from core.services.planning import LEAVES_ON, PLANNED, PLANNED_GROUPS, P, new, stage
from core.services.restoring import restore_invitations
from core.services.seat_runs import BACK_WITH_PEOPLE
from core.services.texts import DERIVED, NAMING, columns_of
from core.services.undoing_seats import plan_seats_back
from core.tally import Tally
from core.values import Address, search_key, sort_key
from core.work import Work

ARCHIVED_EVENT, REACTIVATED_EVENT = "user.archived", "user.reactivated"
ACTIONS = (
    "user.role_changed",
    "user.placed",
    "user.leaving_set",
    ARCHIVED_EVENT,
    REACTIVATED_EVENT,
    "user.edited",
)
_INVERSE = {ARCHIVED_EVENT: REACTIVATED_EVENT, REACTIVATED_EVENT: ARCHIVED_EVENT}
_TOLD = (*MASTER_DATA, "role", "department", "groups", "status", LEAVES_ON, "address")
_DETAILS: Any = AuditEvent.details.expression  # columns of this type say what is in them only when asked
_SLUGS = {role.slug: int(role) for role in Role}
# Made once: a statement on the same table object is compiled once and then found in SQLAlchemy's cache.
_DERIVING = Table(
    "deriving",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    *(Column(name, getattr(User, name).type) for name in ("address_key", *DERIVED)),
    prefixes=["TEMPORARY"],
)


def take_back_people(work: Work, row: Batch, summary: str, how: How) -> Tally:
    """Give everybody back what a run took from them, as far as the rules allow and nobody changed them since."""
    work.require(Permission.MANAGE_PEOPLE)
    inverse = _Inverse.of(work, row.name)
    run = Run(
        verb="undo",
        summary=summary,
        action=_INVERSE.get(inverse.action, inverse.action),
        fields=inverse.columns,
        groups="groups" in inverse.fields,
        seats=BACK_WITH_PEOPLE if inverse.action == ARCHIVED_EVENT else None,
        undoes=row.name,
        refusals={
            ChangedSince.code: lambda _actor, facts: ChangedSince(facts.address),
            AddressTaken.code: lambda _actor, facts: AddressTaken(facts.detail),
        },
    )
    tally = carry_out(work, run, inverse.fill, how)
    return restore_invitations(work, row.name, tally)


@dataclass(frozen=True, slots=True)
class _Inverse:
    """What a run did, read from its trail: which kind of event, and which fields it told of."""

    batch: str
    action: str
    fields: tuple[str, ...]
    today: date

    @classmethod
    def of(cls, work: Work, batch: str) -> _Inverse:
        """Read what is the same for all rows, in one statement."""
        told = [func.max(case((_tells(name), 1), else_=0)).label(name) for name in _TOLD]
        row = work.db.execute(
            select(func.min(AuditEvent.action).label("action"), *told).where(_events(batch))
        ).one()
        fields = tuple(name for name in _TOLD if getattr(row, name))
        return cls(batch, row.action or "", fields, work.now.date())

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of `users` behind the fields; whoever is archived again has no day of leaving."""
        columns = columns_of(self.fields)
        if self.action == REACTIVATED_EVENT and LEAVES_ON not in columns:
            return (*columns, LEAVES_ON)
        return columns

    def fill(self, db: Session) -> None:
        """Stage the inverse; called under the company's lock."""
        stored = [name for name in self.columns if name not in {"address_key", *DERIVED}]
        rows = self._rows(db, stored)
        values: dict[str, ColumnElement[Any]] = {name: rows.c[f"to_{name}"] for name in stored}
        if LEAVES_ON in stored:
            values[LEAVES_ON] = self._day_of_leaving(values[LEAVES_ON])
        stage(db, rows, self.columns, values)
        if set(NAMING) & set(self.fields):
            _derive(db, self.columns)
        if "groups" in self.fields:
            self._plan_groups(db)
        if self.action == ARCHIVED_EVENT:
            plan_seats_back(db, self.batch)

    def _day_of_leaving(self, before: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the day as it was, where it is still to come and the person is not archived again."""
        kind = User.leaves_on.type
        if self.action == REACTIVATED_EVENT:
            return literal(None, kind)
        return case((before > literal(self.today, kind), before), else_=literal(None, kind))

    def _rows(self, db: Session, stored: Sequence[str]) -> Subquery:
        """Return the run's people with what they had before, and a code where somebody changed them since."""
        person = aliased(User)
        values = {name: _value(db, name, "old", getattr(person, name)) for name in stored}
        changed = [
            and_(_tells(_field_of(name)), _set_to(db, name).is_distinct_from(getattr(person, name)))
            for name in stored
        ]
        if self.action == ARCHIVED_EVENT:  # archived once more, by another run
            changed.append(person.archived_at.is_distinct_from(AuditEvent.at))
        if "department_id" in stored:
            changed.append(_department_gone())
        if "groups" in self.fields:
            changed.append(_groups_changed(db))
        code = case((person.id.is_(None), ""), (or_(false(), *changed), ChangedSince.code), else_="")
        return (
            select(
                AuditEvent.subject_id.label("id"),
                AuditEvent.id.label("position"),
                code.label("code"),
                *(value.label(f"to_{name}") for name, value in values.items()),
            )
            .select_from(AuditEvent)
            .outerjoin(person, person.id == AuditEvent.subject_id)
            .where(_events(self.batch))
            .subquery()
        )

    def _plan_groups(self, db: Session) -> None:
        for word, joins in (("joined", 0), ("left", 1)):
            item = json_items(db, _DETAILS, "groups", word)
            group_id = cast(item.c.value, BigInteger)
            rows = (
                select(AuditEvent.subject_id, group_id, literal(joins))
                .select_from(AuditEvent, item)
                .where(_events(self.batch), AuditEvent.subject_id.in_(select(P.id).where(P.code == "")))
            )
            db.execute(insert(PLANNED_GROUPS).from_select(["user_id", "group_id", "joins"], rows))


def _events(batch: str) -> ColumnElement[bool]:
    return and_(AuditEvent.batch == batch, AuditEvent.subject_kind == "user", AuditEvent.action.in_(ACTIONS))


def _field_of(column: str) -> str:
    return "department" if column == "department_id" else column


def _tells(name: str) -> ColumnElement[bool]:
    """Return the condition that an event tells of a field, whatever its values."""
    told: ColumnElement[bool] = _DETAILS[name].as_string().is_not(None)
    return told


def _value(db: Session, column: str, side: str, otherwise: Any) -> ColumnElement[Any]:
    """Return what an event tells of a column on one side; `otherwise` where it does not tell of it."""
    return case((_tells(_field_of(column)), _read(db, column, side)), else_=otherwise)


def _set_to(db: Session, column: str) -> ColumnElement[Any]:
    return _read(db, column, "new")


def _read(db: Session, column: str, side: str) -> ColumnElement[Any]:
    if column == "department_id":
        department_id: ColumnElement[int] = _DETAILS[("department", f"{side}_id")].as_integer()
        return department_id
    written: ColumnElement[str] = _DETAILS[(column, side)].as_string()
    if column == "role":
        return case(_SLUGS, value=written)
    return json_date(db, written) if column in {"born_on", LEAVES_ON} else written


def _department_gone() -> ColumnElement[bool]:
    """Return the condition that the department to go back to does not exist any more."""
    before = _DETAILS[("department", "old_id")].as_integer()
    there = exists().where(Department.id == before).correlate(AuditEvent)
    return and_(before.is_not(None), not_(there))


def _groups_changed(db: Session) -> ColumnElement[bool]:
    """Return the condition that somebody left what they had joined, or is again in what they had left, or it is gone."""

    def member(group_id: Any) -> ColumnElement[bool]:
        same = and_(GroupMember.user_id == AuditEvent.subject_id, GroupMember.group_id == group_id)
        return exists().where(same).correlate_except(GroupMember)

    joined = json_items(db, _DETAILS, "groups", "joined")
    left = json_items(db, _DETAILS, "groups", "left")
    joined_id, left_id = cast(joined.c.value, BigInteger), cast(left.c.value, BigInteger)
    there = exists().where(Group.id == left_id).correlate_except(Group)
    out_again = select(literal(1)).select_from(joined).where(not_(member(joined_id))).correlate(AuditEvent)
    in_again = (
        select(literal(1)).select_from(left).where(or_(member(left_id), not_(there))).correlate(AuditEvent)
    )
    return or_(out_again.exists(), in_again.exists())


def _derive(db: Session, columns: Sequence[str]) -> None:
    """Compute what follows from names and addresses, and label addresses that somebody else has by now."""

    def after(name: str) -> ColumnElement[Any]:
        return (new(name) if name in columns else getattr(User, name)).label(name)

    found = db.execute(
        select(P.id, after("first_name"), after("last_name"), after("address")).join(User, User.id == P.id)
    ).all()
    with temporary(db, _DERIVING):
        load_rows(db, _DERIVING, (_derived(row) for row in found))
        names = [name for name in ("address_key", *DERIVED) if name in columns]
        values: Mapping[str, Any] = {f"new_{name}": _DERIVING.c[name] for name in names}
        db.execute(update(PLANNED).where(P.id == _DERIVING.c.id).values(values))
    if "address" in columns:
        other = exists().where(User.address_key == new("address_key"), User.id != P.id).correlate(PLANNED)
        taken = {"code": AddressTaken.code, "detail": new("address")}
        db.execute(update(PLANNED).where(P.code == "", other).values(taken))


def _derived(row: Any) -> Sequence[Any]:
    key = Address.parse(row.address).key
    names = (key, row.first_name, row.last_name)
    return row.id, key, search_key(*names), sort_key(*names)
