"""Changing many people at once: role, place, state, language, job title, seats (R33, R35, R38-R47, D6-D8).

plan = change_people(work, Target(chosen=found), GiveRole(Role.TRAINER), preview=True)
...
name = begin_run(work, change.verb, summary_of(work, change))
tally = change_people(work, target, change, expect=plan.done, batch=name)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, exists, insert, literal, select
from sqlalchemy.orm import Session

from core.errors import Invalid, LicenseExpired, Missing
from core.facts import RoleFacts
from core.models import Department, Group, GroupMember, License, User
from core.models.people import ACTIVE, ARCHIVED
from core.registration import LANGUAGES, TITLE_MOST
from core.roles import Permission
from core.rules import BELOW_OWN, check
from core.selection import lock_company
from core.services.carrying_out import How, Run, carry_out
from core.services.changes import (
    KEEP,
    Archive,
    Change,
    GiveRole,
    GiveSeat,
    Leave,
    Names,
    Place,
    Reactivate,
    SetJobTitle,
    SetLanguage,
    TakeSeat,
    licenses_of,
)
from core.services.planning import (
    DEPARTMENT,
    LEAVES_ON,
    PLANNED_GROUPS,
    ROLE,
    STATUS,
    P,
    stage_people,
)
from core.services.planning_seats import check_seats, expired_refusal, plan_seats, seat_run
from core.services.staging_invitations import Tell
from core.tally import Tally, Verdict
from core.targets import Target, people_of
from core.values import short_text
from core.work import Look, Work

_MOST_DAYS = 3650

__all__ = [
    "KEEP",
    "Archive",
    "Change",
    "GiveRole",
    "GiveSeat",
    "Leave",
    "Names",
    "Place",
    "Reactivate",
    "SetJobTitle",
    "SetLanguage",
    "TakeSeat",
    "change_people",
    "summary_of",
]


def summary_of(look: Look, change: Change) -> str:
    """Return a change in a few words that name nobody, such as "role: Trainer"."""
    look.require(Permission.SEE_PEOPLE)
    return change.describe(Names(*_names(look.db, change)))


def change_people(
    work: Work,
    target: Target,
    change: Change,
    *,
    preview: bool = False,
    expect: int | None = None,
    batch: str | None = None,
    each_refused: Callable[[Verdict], None] | None = None,
    progress: Tell | None = None,
) -> Tally:
    """Change everybody in `target` whom the rules allow to be changed; the others are told with their reason.

    Args:
        work: the open transaction.
        target: whom.
        change: what they are to become.
        preview: judge only; the plan is the real run without its end.
        expect: the number of people that was confirmed.
        batch: the run's name from `begin_run`; without one a new one is made.
        each_refused: gets every refused row in order; the tally then holds the first hundred as examples.
        progress: hears of each step, such as "write 3/9"; whatever it raises stops the run and nothing is left of it.

    Raises:
        RoleNotBelowOwn: before anything else (R7). Missing: no such department, group or license. Invalid: fields
        `language`, `job_title`, `place`, `date`, `license`, `days`, `filter`. PlanChanged: not `expect` people; nothing was written.
    """
    work.require(Permission.MANAGE_PEOPLE)
    if licenses_of(change):
        work.require(Permission.ALLOCATE_SEATS)
    lock_company(work.db)
    change = _checked(work, change)
    run = Run(
        verb=change.verb,
        summary=summary_of(work, change),
        action=change.action,
        fields=tuple(_values(change)),
        groups=isinstance(change, Place) and bool(change.join or change.leave),
        seats=seat_run(work.db, change, work.now),
        take_over=isinstance(change, GiveRole | Archive) and change.take_over,
        by_name=target.ids is None,
        refusals={LicenseExpired.code: partial(expired_refusal, work.db)},
    )
    how = How(preview, expect, batch, each_refused, progress)
    return carry_out(work, run, partial(_fill, work=work, target=target, change=change), how)


# --- inside -----------------------------------------------------------------------------------------------------


def _names(db: Session, change: Change) -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Return how the departments, learning groups and licenses are called that a change is about."""
    departments: dict[int, str] = {}
    groups: dict[int, str] = {}
    if isinstance(change, Place):
        named = select(Department.id, Department.name).where(Department.id == (change.department_id or KEEP))
        departments = _pairs(db, named)
        groups = _pairs(db, select(Group.id, Group.name).where(Group.id.in_((*change.join, *change.leave))))
    seats = licenses_of(change)
    licenses = _pairs(db, select(License.id, License.name).where(License.id.in_(seats))) if seats else {}
    return departments, groups, licenses


def _checked(work: Work, change: Change) -> Change:
    """Return the change as it may be stored, refused where it could not be carried out on anybody."""
    match change:
        case GiveRole():
            check(BELOW_OWN, work.actor, RoleFacts(change.role))
        case Place():
            return _checked_place(work, change)
        case SetLanguage() if change.language and change.language not in LANGUAGES:
            raise Invalid({"language": f"Choose a language: {', '.join(LANGUAGES)}, or none."})
        case SetJobTitle():
            title = short_text(change.job_title, field="job_title", label="Job title", most=TITLE_MOST)
            return SetJobTitle(title)
        case Leave() if change.on and change.on <= work.now.date():
            raise Invalid({"date": "Choose a day after today, or archive at once."})
        case GiveSeat() | TakeSeat() | Reactivate():
            check_seats(work.db, change)
    return change


def _checked_place(work: Work, change: Place) -> Place:
    join, leave = tuple(dict.fromkeys(change.join)), tuple(dict.fromkeys(change.leave))
    if change.department_id == KEEP and not join and not leave:
        raise Invalid({"place": "Choose a department or a learning group."})
    if set(join) & set(leave):
        raise Invalid({"place": "A learning group cannot be joined and left at once."})
    if change.department_id and work.db.get(Department, change.department_id) is None:
        raise Missing("department", str(change.department_id))
    known = set(work.db.scalars(select(Group.id).where(Group.id.in_((*join, *leave)))))
    unknown = [each for each in (*join, *leave) if each not in known]
    if unknown:
        raise Missing("learning group", str(unknown[0]))
    return Place(change.department_id, join, leave)


def _values(change: Change) -> dict[str, ColumnElement[Any]]:
    """Return the fields the change is about and what they become."""
    values: dict[str, Any] = {}
    match change:
        case GiveRole():
            values = {ROLE: int(change.role)}
        case Archive():
            values = {STATUS: ARCHIVED, LEAVES_ON: None}
        case Leave():
            values = {LEAVES_ON: change.on}
        case Reactivate():
            values = {STATUS: ACTIVE}
        case SetLanguage():
            values = {"language": change.language}
        case SetJobTitle():
            values = {"job_title": change.job_title}
        case Place() if change.department_id != KEEP:
            values = {DEPARTMENT: change.department_id}
    return {field: literal(value, getattr(User, field).type) for field, value in values.items()}


def _fill(db: Session, *, work: Work, target: Target, change: Change) -> None:
    """Stage everybody in the target with what they are to become."""
    values = _values(change)
    with people_of(db, target, work.now) as source:
        stage_people(db, source, tuple(values), values)
    if isinstance(change, Place):
        _plan_groups(db, change.join, joins=True)
        _plan_groups(db, change.leave, joins=False)
    plan_seats(db, change, work.now)


def _plan_groups(db: Session, group_ids: Iterable[int], *, joins: bool) -> None:
    for group_id in group_ids:
        member = exists().where(GroupMember.group_id == group_id, GroupMember.user_id == P.id)
        rows = select(P.id, literal(group_id), literal(int(joins))).where(
            ~member if joins else member, P.old_role > 0
        )
        db.execute(insert(PLANNED_GROUPS).from_select(["user_id", "group_id", "joins"], rows))


def _pairs(db: Session, statement: Any) -> dict[int, str]:
    return {row.id: row.name for row in db.execute(statement)}
