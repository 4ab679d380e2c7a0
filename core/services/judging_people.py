"""Changing people, step two: every rule of a single row is asked about every row of the plan, in one statement."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

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
    true,
    update,
)

from core.dialects import analyze, read_ids
from core.errors import Invalid, Refused, RoleNotBelowOwn
from core.models import User
from core.models.people import ACTIVE, ARCHIVED
from core.roles import Actor, Role
from core.rules import (
    ARCHIVE,
    BELOW_OWN,
    CHANGED,
    EDIT_PERSON,
    GIVE_SEAT,
    GROUP_PLACES,
    PLACES,
    PRESENT,
    REACTIVATE,
    SEAT_PLACES,
    TAKE_SEAT,
    TOUCH_PERSON,
    Rules,
    all_hold,
    refusal_code,
    refusal_named,
)
from core.selection import LockedCompany, active_admins
from core.services.planning import (
    DEPARTMENT,
    LEAVES_ON,
    PLANNED,
    PLANNED_GROUPS,
    ROLE,
    STATUS,
    P,
    differs,
    new,
    old,
)
from core.services.seat_runs import SeatRun
from core.tally import Verdict
from core.work import Work

RULES = (
    *PRESENT,
    *EDIT_PERSON,
    *TOUCH_PERSON,
    *BELOW_OWN,
    *ARCHIVE,
    *REACTIVATE,
    *CHANGED,
    *GROUP_PLACES,
    *PLACES,
    *GIVE_SEAT,
    *SEAT_PLACES,
    *TAKE_SEAT,
)
DOABLE = P.code == ""
CHUNK = 2000
Told = Refused | Invalid
Step = tuple[ColumnElement[bool], Rules, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """What is the same for every row of a run.

    Attributes:
        verb, summary: for the list of bulk changes, such as `role` and "role: Trainer".
        action: of the audit event that each changed person gets.
        fields: which fields of `planning.FIELDS` it may change.
        groups: whether `planned_groups` is filled.
        seats: what becomes of those in `planned_seats`; None where it is not filled.
        take_over: open invitations that somebody could no longer send become the actor's (D6).
        listed: the rows are lines of a list; `position` is the number of the line, and those of nobody have ids below 0.
        by_name: places go in the order of the list of people and not in that of `position`.
        undoes: the name of the run that this one takes back.
        refusals: reason codes that the rows come with: what to tell of such a row.
    """

    verb: str
    summary: str
    action: str
    fields: tuple[str, ...] = ()
    groups: bool = False
    seats: SeatRun | None = None
    take_over: bool = False
    listed: bool = False
    by_name: bool = False
    undoes: str | None = None
    refusals: Mapping[str, Callable[[Actor, Any], Told]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """A run whose rows are staged, under the company's lock."""

    work: Work
    company: LockedCompany
    run: Run

    @property
    def fields(self) -> tuple[str, ...]:
        """Which fields the run may change."""
        return self.run.fields

    @property
    def archives(self) -> ColumnElement[bool]:
        """The condition of rows that archive somebody."""
        return and_(old(STATUS) == ACTIVE, new(STATUS) == ARCHIVED) if STATUS in self.fields else false()

    @property
    def reactivates(self) -> ColumnElement[bool]:
        """The condition of rows that bring somebody back."""
        return and_(old(STATUS) == ARCHIVED, new(STATUS) == ACTIVE) if STATUS in self.fields else false()

    @property
    def order(self) -> tuple[ColumnElement[Any], ...]:
        """The order in which places and seats are handed out, over `planned` and `User` joined."""
        return (User.sort_key.expression, P.id) if self.run.by_name else (P.position, P.id)

    @property
    def changes_people(self) -> bool:
        """Whether the people themselves are changed, and not only the seats they hold."""
        return bool(self.fields) or self.run.groups

    @property
    def status_after(self) -> ColumnElement[str]:
        """The status that each person has afterwards."""
        return new(STATUS) if STATUS in self.fields else old(STATUS)

    @property
    def stays_active(self) -> ColumnElement[bool]:
        """The condition of rows whose person is active afterwards."""
        return self.status_after == ACTIVE

    @property
    def role_after(self) -> ColumnElement[int]:
        """The role that each person has afterwards."""
        return new(ROLE) if ROLE in self.fields else old(ROLE)


# --- judging ----------------------------------------------------------------------------------------------------


def label_rows(plan: Plan) -> None:
    """Label each row with the first rule it breaks; rows that came with a label keep it."""
    db, actor = plan.work.db, plan.work.actor
    analyze(db, PLANNED)
    steps = _steps(plan)
    broken = [and_(when, not_(all_hold(rules, actor, facts))) for when, rules, facts in steps]
    codes = [refusal_code(rules, actor, facts) for _, rules, facts in steps]
    label = case(*zip(broken, codes, strict=True), else_="")
    db.execute(update(PLANNED).where(DOABLE, or_(*broken)).values(code=label))


def _steps(plan: Plan) -> list[Step]:
    """Return which rules are asked about which rows, in the order in which they are told."""
    facts = _facts(plan)
    steps: list[Step] = [(true(), PRESENT, facts)]
    if not plan.changes_people:
        return steps
    if STATUS in plan.fields:
        moves = true() if set(plan.fields) <= {STATUS, LEAVES_ON} else differs(STATUS)
        steps.append((and_(new(STATUS) == ARCHIVED, moves), ARCHIVE, facts))
        steps.append((and_(new(STATUS) == ACTIVE, moves), REACTIVATE, facts))
    elif LEAVES_ON in plan.fields:
        leaves = new(LEAVES_ON).is_not(None)
        steps.append((and_(leaves, differs(LEAVES_ON)), ARCHIVE, facts))
        steps.append((differs(LEAVES_ON), TOUCH_PERSON, facts))
    if ROLE in plan.fields:
        steps.append((differs(ROLE), TOUCH_PERSON, facts))
        steps.append((differs(ROLE), BELOW_OWN, SimpleNamespace(role=new(ROLE))))
    places = [differs(DEPARTMENT)] if DEPARTMENT in plan.fields else []
    if plan.run.groups:
        places.append(_changes_groups())
    if places:
        steps.append((or_(*places), TOUCH_PERSON, facts))
    own = [each for each in plan.fields if each not in {STATUS, LEAVES_ON, ROLE, DEPARTMENT}]
    if own:
        steps.append((differs(*own), EDIT_PERSON, facts))
    return [*steps, (true(), CHANGED, facts)]


def _facts(plan: Plan) -> SimpleNamespace:
    changes = [differs(*plan.fields)] if plan.fields else []
    if plan.run.groups:
        changes.append(_changes_groups())
    return SimpleNamespace(
        id=P.id,
        address=P.address,
        role=old(ROLE),
        status=old(STATUS),
        last_admin=_last_admin(plan),
        changes=case((or_(false(), *changes), 1), else_=0),
    )


def _last_admin(plan: Plan) -> ColumnElement[int]:
    """Return 1 for the last active Company Admin in a run after which they would be none (D7)."""
    if not {ROLE, STATUS} & set(plan.fields) or (plan.work.db.scalar(active_admins()) or 0) > 1:
        return literal(0)
    is_admin = and_(old(ROLE) == Role.COMPANY_ADMIN, old(STATUS) == ACTIVE)
    stays = and_(plan.role_after >= Role.COMPANY_ADMIN, plan.stays_active)
    return case((and_(is_admin, not_(stays)), 1), else_=0)


def _changes_groups() -> ColumnElement[bool]:
    return exists().where(PLANNED_GROUPS.c.user_id == P.id)


# --- telling ----------------------------------------------------------------------------------------------------


def doable(plan: Plan) -> int:
    """Return how many rows may be written."""
    return plan.work.db.scalar(select(func.count()).select_from(PLANNED).where(DOABLE)) or 0


def counts(plan: Plan) -> dict[str, int]:
    """Return reason code -> refused rows."""
    number = func.count().label("number")
    query = select(P.code, number).where(P.code != "").group_by(P.code).order_by(P.code)
    return {row.code: row.number for row in plan.work.db.execute(query)}


def verdicts(plan: Plan, *, most: int | None = None) -> Iterator[Verdict]:
    """Yield refused rows in order, the first `most` or all; take them all, until then the table is in use."""
    query = _refused().order_by(P.position, P.id).limit(most)
    for row in plan.work.db.execute(query.execution_options(yield_per=CHUNK)):
        line = row.position if plan.run.listed else None
        yield Verdict.of(_problem(plan, row), row.address, line=line, id=row.id if row.id > 0 else None)


def first_of_each(plan: Plan) -> dict[str, Told]:
    """Return reason code -> what is to be told of its first row."""
    place = func.row_number().over(partition_by=P.code, order_by=(P.position, P.id)).label("place")
    numbered = _refused().add_columns(place).subquery()
    found = plan.work.db.execute(select(numbered).where(numbered.c.place == 1))
    return {row.code: _problem(plan, row) for row in found}


def done_ids(plan: Plan) -> array[int]:
    """Return who may be written, in order."""
    return read_ids(plan.work.db, select(P.id).where(DOABLE).order_by(P.position, P.id))


def refused_ids(plan: Plan, codes: Sequence[str]) -> dict[str, array[int]]:
    """Return reason code -> who was refused, in order; lines of nobody have nobody to tell."""
    query = select(P.id).where(P.id > 0).order_by(P.position, P.id)
    return {code: read_ids(plan.work.db, query.where(P.code == code)) for code in codes}


def _refused() -> Select[Any]:
    columns = (P.id, P.position, P.address, P.code, P.detail, P.old_role, P.old_status, P.new_role)
    return select(*columns).where(P.code != "")


def _problem(plan: Plan, row: Any) -> Told:
    role = row.new_role if row.code == RoleNotBelowOwn.code else row.old_role
    facts = SimpleNamespace(
        id=row.id,
        address=row.address,
        role=role,
        status=row.old_status,
        group=row.detail,
        license=row.detail,
        detail=row.detail,
    )
    own = plan.run.refusals.get(row.code)
    return own(plan.work.actor, facts) if own else refusal_named(RULES, row.code, plan.work.actor, facts)
