"""Changing many people at once: role, place, state, language, job title (R33, R35, R38-R45, D6, D7).

plan = change_people(work, Target(chosen=found), GiveRole(Role.TRAINER), preview=True)
...
name = begin_run(work, change.verb, summary_of(work, change))
tally = change_people(work, target, change, expect=plan.done, batch=name)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Final

from sqlalchemy import ColumnElement, exists, insert, literal, select
from sqlalchemy.orm import Session

from core.errors import Invalid, Missing
from core.facts import RoleFacts
from core.models import Department, Group, GroupMember, User
from core.models.people import ACTIVE, ARCHIVED
from core.registration import LANGUAGES, TITLE_MOST
from core.roles import Permission, Role
from core.rules import BELOW_OWN, check
from core.selection import lock_company
from core.services.carrying_out import How, Run, carry_out
from core.services.planning import DEPARTMENT, PLANNED_GROUPS, ROLE, STATUS, P, stage_people
from core.services.staging_invitations import Tell
from core.tally import Tally, Verdict
from core.targets import Target, people_of
from core.values import short_text
from core.work import Look, Work

KEEP: Final = 0  # no department has this number


@dataclass(frozen=True, slots=True)
class Names:
    """How departments and learning groups are called, by id."""

    departments: Mapping[int, str]
    groups: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class GiveRole:
    """R33: another role; open invitations that the person could no longer send are withdrawn or taken over (D6)."""

    verb: ClassVar[str] = "role"
    action: ClassVar[str] = "user.role_changed"
    role: Role
    take_over: bool = False

    def describe(self, _names: Names) -> str:
        """Return the change in a few words."""
        return f"role: {self.role.label}"


@dataclass(frozen=True, slots=True)
class Place:
    """R35: another department (None: out of any), and learning groups to join and to leave."""

    verb: ClassVar[str] = "place"
    action: ClassVar[str] = "user.placed"
    department_id: int | None = KEEP
    join: tuple[int, ...] = ()
    leave: tuple[int, ...] = ()

    def describe(self, names: Names) -> str:
        """Return the change in a few words."""
        parts = []
        if self.department_id is None:
            parts.append("department: none")
        elif self.department_id != KEEP:
            parts.append(f"department: {names.departments.get(self.department_id, '?')}")
        if self.join:
            parts.append(f"join: {', '.join(names.groups.get(each, '?') for each in self.join)}")
        if self.leave:
            parts.append(f"leave: {', '.join(names.groups.get(each, '?') for each in self.leave)}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Archive:
    """R39-R43: sign-in stops at once, seats are freed, what was learned is kept; invitations as in `GiveRole`."""

    verb: ClassVar[str] = "archive"
    action: ClassVar[str] = "user.archived"
    take_over: bool = False

    def describe(self, _names: Names) -> str:
        """Return the change in a few words."""
        return "archive"


@dataclass(frozen=True, slots=True)
class Reactivate:
    """R45: back with the role they had, as far as there is room; seats do not come back by themselves (R46)."""

    verb: ClassVar[str] = "reactivate"
    action: ClassVar[str] = "user.reactivated"

    def describe(self, _names: Names) -> str:
        """Return the change in a few words."""
        return "reactivate"


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """R36: the language of the page and of mails; empty for the company's."""

    verb: ClassVar[str] = "language"
    action: ClassVar[str] = "user.edited"
    language: str

    def describe(self, _names: Names) -> str:
        """Return the change in a few words."""
        return f"language: {LANGUAGES.get(self.language, self.language) or 'the company’s'}"


@dataclass(frozen=True, slots=True)
class SetJobTitle:
    """R36: the job title; empty for none."""

    verb: ClassVar[str] = "job_title"
    action: ClassVar[str] = "user.edited"
    job_title: str

    def describe(self, _names: Names) -> str:
        """Return the change in a few words, without the title: that is a person's own data."""
        return "job title" if self.job_title else "job title: none"


Change = GiveRole | Place | Archive | Reactivate | SetLanguage | SetJobTitle


def summary_of(look: Look, change: Change) -> str:
    """Return a change in a few words that name nobody, such as "role: Trainer"."""
    look.require(Permission.SEE_PEOPLE)
    if not isinstance(change, Place):
        return change.describe(Names({}, {}))
    departments = select(Department.id, Department.name).where(
        Department.id == (change.department_id or KEEP)
    )
    groups = select(Group.id, Group.name).where(Group.id.in_((*change.join, *change.leave)))
    return change.describe(Names(_pairs(look.db, departments), _pairs(look.db, groups)))


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
        RoleNotBelowOwn: before anything else (R7). Missing: no such department or group. Invalid: fields `language`,
        `job_title`, `place`, `filter`. PlanChanged: not `expect` people; nothing was written.
    """
    work.require(Permission.MANAGE_PEOPLE)
    lock_company(work.db)
    change = _checked(work, change)
    run = Run(
        verb=change.verb,
        summary=summary_of(work, change),
        action=change.action,
        fields=tuple(_values(change)),
        groups=isinstance(change, Place) and bool(change.join or change.leave),
        take_over=isinstance(change, GiveRole | Archive) and change.take_over,
        by_name=target.ids is None,
    )
    how = How(preview, expect, batch, each_refused, progress)
    return carry_out(work, run, partial(_fill, work=work, target=target, change=change), how)


# --- inside -----------------------------------------------------------------------------------------------------


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
            values = {STATUS: ARCHIVED}
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


def _plan_groups(db: Session, group_ids: Iterable[int], *, joins: bool) -> None:
    for group_id in group_ids:
        member = exists().where(GroupMember.group_id == group_id, GroupMember.user_id == P.id)
        rows = select(P.id, literal(group_id), literal(int(joins))).where(
            ~member if joins else member, P.old_role > 0
        )
        db.execute(insert(PLANNED_GROUPS).from_select(["user_id", "group_id", "joins"], rows))


def _pairs(db: Session, statement: Any) -> dict[int, str]:
    return {row.id: row.name for row in db.execute(statement)}
